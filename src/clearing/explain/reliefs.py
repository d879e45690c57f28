"""Which resources would relieve a broken limit, and by how much."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats, Ids
from clearing.case.explanations import BrokenLimits, ReliefAction, Reliefs
from clearing.case.reserves import Direction
from clearing.explain.needs import NEAR_MW
from clearing.explain.setting import Setting
from clearing.formulation.awards import online_pairs
from clearing.grid.monitored import FAMILY

MOST = 3
"""Resources named for a limit."""

Move = tuple[str, ReliefAction, float, float]
"""Resource, action, MW it can move, effect on the limit."""


def reliefs(table: Setting, broken: BrokenLimits) -> Reliefs:
    """For every broken limit, in the period in which it is broken most: the resources with the greatest effect."""
    found: list[tuple[int, Move]] = []
    for row in _worst_rows(broken):
        moves = sorted(_moves(table, broken, row), key=lambda m: (-m[3], m[1], m[0]))[:MOST]
        found += [(row, move) for move in moves]
    return Reliefs(
        broken=np.array([row for row, _ in found], dtype=np.int64),
        resource=tuple(move[0] for _, move in found),
        action=np.array([move[1] for _, move in found], dtype=np.int64),
        mw=np.array([move[2] for _, move in found], dtype=np.float64),
        effect=np.array([move[3] for _, move in found], dtype=np.float64),
    )


def _worst_rows(broken: BrokenLimits) -> list[int]:
    worst: dict[tuple[str, str], int] = {}
    for row, key in enumerate(zip(broken.family, broken.subject, strict=True)):
        if key not in worst or broken.amount[row] > broken.amount[worst[key]]:
            worst[key] = row
    return list(worst.values())


def _moves(table: Setting, broken: BrokenLimits, row: int) -> list[Move]:
    """Every single move that helps, its effect capped at what is missing."""
    family, subject, t = broken.family[row], broken.subject[row], int(broken.period[row])
    case, of_bus = table.case, table.grid.islands.of_bus
    up, buses = broken.attained[row] < broken.limit[row], len(case.network.bus_id)
    if family in FAMILY:
        e = next(
            k
            for k, (kind, name) in enumerate(zip(table.grid.monitored.kind, table.grid.monitored.id, strict=True))
            if name == subject and FAMILY[kind] == family
        )
        weight = table.grid.sensitivity(np.array([e]), np.array([t]))[0] * (1.0 if up else -1.0)
    elif family in ("shortage", "surplus"):
        inside = of_bus[:, t] == table.grid.islands.id.index(subject)
        weight = np.where(inside, 1.0 if family == "shortage" else -1.0, 0.0)
    elif family.startswith("system_"):
        return _capped(_switched(table, t, family), float(broken.amount[row]))
    elif family == "product":
        return _capped(_for_product(table, t, case.reserves.product_id.index(subject)), float(broken.amount[row]))
    elif family in ("group_output", "group_on"):
        return _capped(_for_group(table, t, family, subject, up), float(broken.amount[row]))
    else:
        return []
    assert len(weight) == buses
    return _capped(_by_bus(table, t, weight), float(broken.amount[row]))


def _capped(moves: list[Move], amount: float) -> list[Move]:
    return [(name, action, mw, min(effect, amount)) for name, action, mw, effect in moves if effect > NEAR_MW]


def _listed(ids: Ids, action: ReliefAction, mw: Floats, effect: Floats) -> list[Move]:
    helps = np.flatnonzero((effect > NEAR_MW) & (mw > NEAR_MW))
    return [(ids[i], action, float(mw[i]), float(effect[i])) for i in helps.tolist()]


def _by_bus(table: Setting, t: int, weight: Floats) -> list[Move]:
    """Moves that help where a MW injected at bus k mends `weight` (K) MW; the reference makes it up."""
    case, schedule = table.case, table.schedule
    units, sites, storage = case.units, case.renewables, case.storage
    on, output = schedule.on[:, t] == 1, schedule.dispatch_mw[:, t]
    most, least = units.p_max_mw[:, t], units.p_min_mw[:, t]
    here = weight[units.bus]
    raised, lowered = np.where(on, most - output, 0.0), np.where(on, output - least, 0.0)
    started = np.where(~on & (units.on_max[:, t] == 1), most, 0.0)
    found = _listed(units.id, ReliefAction.RAISE, raised, raised * here)
    found += _listed(units.id, ReliefAction.LOWER, lowered, -lowered * here)
    found += _listed(units.id, ReliefAction.START, started, started * here)
    site_up = sites.forecast_mw[:, t] - schedule.renewable_mw[:, t]
    site_down = schedule.renewable_mw[:, t] - sites.min_mw[:, t]
    found += _listed(sites.id, ReliefAction.RAISE, site_up, site_up * weight[sites.bus])
    found += _listed(sites.id, ReliefAction.LOWER, site_down, -site_down * weight[sites.bus])
    net = schedule.discharge_mw[:, t] - schedule.charge_mw[:, t]
    more, fewer = storage.discharge_max_mw[:, t] - net, net + storage.charge_max_mw[:, t]
    found += _listed(storage.id, ReliefAction.RAISE, more, more * weight[storage.bus])
    return found + _listed(storage.id, ReliefAction.LOWER, fewer, -fewer * weight[storage.bus])


def _switched(table: Setting, t: int, family: str) -> list[Move]:
    """Starts for a positive reserve that is short; stops for one that is too great, or a negative one that is short."""
    units, schedule = table.case.units, table.schedule
    on = schedule.on[:, t] == 1
    if family == "system_positive_min":
        free = np.where(~on & (units.on_max[:, t] == 1), units.p_max_mw[:, t], 0.0)
        return _listed(units.id, ReliefAction.START, free, free)
    may = on & (units.on_min[:, t] == 0)
    room = units.p_min_mw if family == "system_negative_min" else units.p_max_mw - schedule.dispatch_mw
    effect = np.where(may, room[:, t], 0.0)
    return _listed(units.id, ReliefAction.STOP, np.where(may, schedule.dispatch_mw[:, t], 0.0), effect)


def _for_product(table: Setting, t: int, q: int) -> list[Move]:
    """Units on line that could make room by moving away from the limit, and eligible units that are off."""
    case, schedule = table.case, table.schedule
    product, pair_unit, pair_cap = online_pairs(case)
    mine = product == q
    unit, cap = pair_unit[mine], pair_cap[mine]
    units, on = case.units, schedule.on[unit, t] == 1
    output = schedule.dispatch_mw[unit, t]
    up = case.reserves.direction[q] == Direction.UP
    way = output - units.p_min_mw[unit, t] if up else units.p_max_mw[unit, t] - output
    more = np.where(on, np.minimum(cap - schedule.reserve_mw[q, unit, t], way), 0.0)
    range_mw = units.p_max_mw[unit, t] - units.p_min_mw[unit, t]
    started = np.where(~on & (units.on_max[unit, t] == 1), np.minimum(cap, range_mw), 0.0)
    ids = tuple(units.id[i] for i in unit.tolist())
    moved = _listed(ids, ReliefAction.LOWER if up else ReliefAction.RAISE, more, more)
    return moved + _listed(ids, ReliefAction.START, started, started)


def _for_group(table: Setting, t: int, family: str, subject: str, up: bool) -> list[Move]:
    """Members of a unit group."""
    case, schedule = table.case, table.schedule
    groups, units = case.unit_groups, case.units
    unit = groups.member_unit[groups.member_group == groups.id.index(subject)]
    ids = tuple(units.id[i] for i in unit.tolist())
    on, output = schedule.on[unit, t] == 1, schedule.dispatch_mw[unit, t]
    most, least = units.p_max_mw[unit, t], units.p_min_mw[unit, t]
    may_start, may_stop = ~on & (units.on_max[unit, t] == 1), on & (units.on_min[unit, t] == 0)
    if family == "group_on":
        action, may = (ReliefAction.START, may_start) if up else (ReliefAction.STOP, may_stop)
        return _listed(ids, action, np.where(may, most, 0.0), may.astype(np.float64))
    if up:
        room, started = np.where(on, most - output, 0.0), np.where(may_start, most, 0.0)
        return _listed(ids, ReliefAction.RAISE, room, room) + _listed(ids, ReliefAction.START, started, started)
    room, stopped = np.where(on, output - least, 0.0), np.where(may_stop, output, 0.0)
    return _listed(ids, ReliefAction.LOWER, room, room) + _listed(ids, ReliefAction.STOP, stopped, stopped)
