"""What would be short or broken if a unit were not on line, all others staying as they are."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Floats
from clearing.case.awarded import counted_mw
from clearing.case.case import Case
from clearing.case.reserve_sharing import serves
from clearing.case.reserves import Direction
from clearing.case.schedule import Schedule
from clearing.explain.setting import Setting
from clearing.formulation.awards import online_pairs
from clearing.formulation.reserves import requirements
from clearing.rules.rules import Rules
from clearing.solve.joint_limits import held_reserve

NEAR_MW = 1e-4
"""Less than this is the solver's tolerance."""


def network_need(table: Setting, unit: int, periods: slice) -> tuple[Bools, str]:
    """Periods (n) in which a limit of the network would be broken if the cheapest others took over, and the worst one.

    What nobody could take over is left out of the island's load at its reference, which moves no flow.
    """
    monitored, bus = table.grid.monitored, int(table.case.units.bus[unit])
    mw, island = table.schedule.dispatch_mw[unit, periods], table.grid.islands.of_bus[bus, periods]
    buses, taken = table.stack.replaced_at(unit, island, mw, periods)
    flow, upper, lower = table.flow[:, periods], monitored.upper[:, periods], monitored.lower[:, periods]
    change = np.zeros(table.grid.islands.of_bus.shape)
    change[bus, periods] -= mw
    change[buses, periods] += taken
    outputs = np.zeros(table.schedule.dispatch_mw.shape)
    outputs[unit, periods] -= mw
    gone = table.grid.security.lost_mw(outputs, np.zeros(table.schedule.hvdc_mw.shape))
    without = flow + table.grid.of_elements(table.grid.driven(change), gone)[:, periods]
    worse = _excess(without, lower, upper) - _excess(flow, lower, upper)
    broken = worse > np.maximum(NEAR_MW, 1e-6 * np.abs(flow))
    if not broken.any():
        return np.zeros(flow.shape[1], dtype=np.bool_), ""
    return np.asarray(broken.any(axis=0)), monitored.id[int(np.argmax(np.where(broken, worse, 0.0).max(axis=1)))]


def _excess(flow: Floats, lower: Floats, upper: Floats) -> Floats:
    return np.asarray(np.maximum(0.0, np.maximum(flow - upper, lower - flow)))


def reserve_need(table: Setting, unit: int, periods: slice) -> tuple[Bools, str]:
    """Periods (n) in which a reserve would be short without the unit; its name: a product's id, or the system's."""
    case, schedule = table.case, table.schedule
    needed = np.zeros(len(range(*periods.indices(case.horizon.periods))), dtype=np.bool_)
    name = ""
    slack = positive_slack(case, table.rules, schedule)
    if slack is not None:
        alone = slack[periods] < case.units.p_max_mw[unit, periods] - NEAR_MW
        if alone.any():
            needed, name = needed | alone, "system_positive_min"
    if not len(case.reserves.product_id):
        return needed, name
    spare = product_spare(case, schedule)
    counts = serves(case.reserves, case.reserve_sharing, case.units.bus)
    own = np.einsum("qp,pt->qt", counts[:, :, unit], schedule.reserve_mw[:, unit, periods], optimize=True)
    awarded = counted_mw(case, schedule)[:, periods]
    elsewhere = spare[:, :, periods].sum(axis=1) - spare[:, unit, periods]
    short = (own > NEAR_MW) & (awarded - own + elsewhere < case.reserves.requirement_mw[:, periods] - NEAR_MW)
    if short.any():
        name = name or case.reserves.product_id[int(np.argmax(short.sum(axis=1)))]
    return needed | short.any(axis=0), name


def positive_slack(case: Case, rules: Rules, schedule: Schedule) -> Floats | None:
    """Capacity on line above what the system's positive reserve asks for (T), MW; None without such a reserve."""
    least, _, _ = requirements(case, rules.reserves)
    if least is None:
        return None
    return held_reserve(case, rules, schedule) - least


def product_spare(case: Case, schedule: Schedule) -> Floats:
    """MW (Q, N, T) that units on line could hold of each product on top of their awards, each product by itself."""
    units, reserves = case.units, case.reserves
    up = (reserves.direction == Direction.UP)[:, None, None]
    held_up = np.where(up, schedule.reserve_mw, 0.0).sum(axis=0)
    held_down = np.where(up, 0.0, schedule.reserve_mw).sum(axis=0)
    room_up = units.p_max_mw - schedule.dispatch_mw - held_up
    room_down = schedule.dispatch_mw - units.p_min_mw - held_down
    product, unit, most = online_pairs(case)
    cap = np.zeros(reserves.unit_max_mw.shape)
    cap[product, unit] = most
    room = np.minimum(np.where(up, room_up, room_down), cap[:, :, None] - schedule.reserve_mw)
    return np.where(schedule.on == 1, np.maximum(room, 0.0), 0.0)


def spare_up(case: Case, schedule: Schedule) -> Floats:
    """Room of units on line above their output and up awards (N, T), MW."""
    up = (case.reserves.direction == Direction.UP)[:, None, None]
    held = np.where(up, schedule.reserve_mw, 0.0).sum(axis=0)
    return np.asarray(
        np.maximum(0.0, np.where(schedule.on == 1, case.units.p_max_mw - schedule.dispatch_mw - held, 0.0))
    )


def capacity_need(table: Setting, unit: int, periods: slice) -> Floats:
    """MW (n) of the unit that nobody on line could take over, ramps and network aside."""
    case, schedule, of_bus = table.case, table.schedule, table.grid.islands.of_bus
    island = of_bus[case.units.bus[unit], periods]
    room = spare_up(case, schedule)[:, periods]
    room[unit] = 0.0
    total = (room * (of_bus[case.units.bus, periods] == island)).sum(axis=0)
    sites, storage = case.renewables, case.storage
    unused = (sites.forecast_mw - schedule.renewable_mw)[:, periods]
    total = total + (unused * (of_bus[sites.bus, periods] == island)).sum(axis=0)
    idle = (storage.discharge_max_mw - schedule.discharge_mw + schedule.charge_mw)[:, periods]
    total = total + (idle * (of_bus[storage.bus, periods] == island)).sum(axis=0)
    return np.asarray(np.maximum(0.0, schedule.dispatch_mw[unit, periods] - total))


def replacement_value(table: Setting, unit: int, periods: slice) -> Floats:
    """Money (n) of each period that others on line would charge more for the unit's MW than it costs to run it."""
    case, hours = table.case, table.case.horizon.hours
    island = table.grid.islands.of_bus[case.units.bus[unit], periods]
    mw = table.schedule.dispatch_mw[unit, periods]
    dearest = table.rules.clearing_penalties.shortage[0][1]
    elsewhere = table.stack.replaced(unit, island, mw, dearest, periods)
    own = (table.money.energy_cost + table.money.no_load)[unit, periods]
    return np.asarray(elsewhere * hours - own)
