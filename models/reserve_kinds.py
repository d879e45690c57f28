"""Kinds of reserve products (family 5): speed of regulation, flexible ramping, non-spinning off line, storage."""

from __future__ import annotations

from math import inf, isinf

import numpy as np
import pyomo.environ as pyo

from clearing.case.arrays import Floats
from clearing.case.reserve_kinds import ProductKind
from clearing.case.reserves import Direction
from clearing.case.schedule import Schedule
from clearing.case.units import Fuel, StartState
from clearing.rules.rules import Penalties, RampSharing
from models import award_terms
from models.data import Data, rows_of
from models.soft import violation


def kind(d: Data, q: int) -> int:
    """Kind of a product; one without a row is spinning reserve."""
    table = d.case.reserve_kinds
    return next(
        (int(k) for p, k in zip(table.product, table.kind, strict=True) if p == q and k), int(ProductKind.SPINNING)
    )


def rate(d: Data, q: int, i: int) -> float:
    """Ramp of a unit in the direction of a product, MW/min."""
    units, up = d.case.units, d.case.reserves.direction[q] == Direction.UP
    return float((units.ramp_up_mw_per_minute if up else units.ramp_down_mw_per_minute)[i])


def most(d: Data, q: int, i: int) -> float:
    """Least of the unit's own limit and ramp rate · response time; flexible ramping: a period at most, and p_max."""
    reserves, length = d.case.reserves, d.case.horizon.period_minutes
    own, response = float(reserves.unit_max_mw[q, i]), float(reserves.response_minutes[q])
    if kind(d, q) == ProductKind.FLEXIBLE_RAMPING:
        return min(own, rate(d, q, i) * min(response, length), float(d.case.units.p_max_mw[i].max()))
    return min(own, rate(d, q, i) * response)


def columns(m: pyo.ConcreteModel, d: Data) -> None:
    """award_offline (quick pairs, T), award_storage (holders, T); awards of flexible ramping that may not be held."""
    table, reserves, units = d.case.reserve_kinds, d.case.reserves, d.case.units
    said = award_terms.stated(d)
    quick = [
        (q, i) for q, i in m.ELIGIBLE if (_may_state(d, q) and said[q, i] > 0 if (q, i) in said else _quick(d, q, i))
    ]

    def offline_bounds(_: pyo.ConcreteModel, q: int, i: int, t: int) -> tuple[float, float]:
        if (q, i) in said:
            return 0, said[q, i]
        return 0, min(float(reserves.unit_max_mw[q, i]), reach(d, i, t)) * _may_be_on(d, i, t)

    m.award_offline = pyo.Var(quick, d.periods, bounds=offline_bounds)
    held = {
        (int(q), int(g)): float(mw)
        for q, g, mw in zip(table.storage_product, table.storage, table.storage_max_mw, strict=True)
        if reserves.covers_bus[q, d.case.storage.bus[g]] and mw > 0
    }
    m.award_storage = pyo.Var(list(held), d.periods, bounds=lambda _, q, g, t: (0, held[q, g]))
    for q, i in m.ELIGIBLE:
        for t in d.periods[:-1] if kind(d, q) == ProductKind.FLEXIBLE_RAMPING else ():
            up = reserves.direction[q] == Direction.UP
            falls, rises = (
                units.p_max_mw[i, t + 1] < units.p_max_mw[i, t],
                units.p_min_mw[i, t + 1] > units.p_min_mw[i, t],
            )
            if falls if up else rises:
                m.award[q, i, t].setub(0)


def counted(m: pyo.ConcreteModel, d: Data, q: int, t: int, better: list[int]) -> object:
    """Σ of the awards off line and of storage, of a product and of those that serve it, at buses that it covers."""
    covers, units, storage = d.case.reserves.covers_bus[q], d.case.units, d.case.storage
    off = [m.award_offline[p, i, s] for p, i, s in m.award_offline if s == t and p in better and covers[units.bus[i]]]
    held = [
        m.award_storage[p, g, s] for p, g, s in m.award_storage if s == t and p in better and covers[storage.bus[g]]
    ]
    return sum(off) + sum(held)


def reach(d: Data, i: int, t: int) -> float:
    """Output that a start brings a unit to: the start-up limit, not below p_min nor above p_max."""
    units = d.case.units
    low, high = float(units.p_min_mw[i, t]), float(units.p_max_mw[i, t])
    return min(max(float(units.startup_limit_mw[i]), low), high)


def _may_state(d: Data, q: int) -> bool:
    """Non-spinning, upward: what units off line may hold by statement."""
    return kind(d, q) == ProductKind.NON_SPINNING and d.case.reserves.direction[q] == Direction.UP


def _quick(d: Data, q: int, i: int) -> bool:
    """Non-spinning, and every start state of the unit has a lead time within the response."""
    units, rules, stated = d.case.units, d.rules.starts, d.case.start_leads.minutes
    up = d.case.reserves.direction[q] == Direction.UP
    climbs = i in d.case.startup_curves.unit or i in d.case.shutdown_curves.unit
    by_state = {
        int(StartState.HOT): rules.lead_hot_minutes,
        int(StartState.WARM): rules.lead_warm_minutes,
        int(StartState.COLD): rules.lead_cold_minutes,
    }
    leads = []
    for row in rows_of(units.start_costs.unit, d.units)[i]:
        if len(stated) and stated[row] >= 0:
            leads.append(float(stated[row]))
            continue
        own = None if units.fuel[i] in (Fuel.NUCLEAR, Fuel.HYDRO) else by_state.get(int(units.start_costs.state[row]))
        leads.append(inf if own is None else float(own))
    within = max(leads, default=inf) <= float(d.case.reserves.response_minutes[q])
    return kind(d, q) == ProductKind.NON_SPINNING and up and within and not climbs


def _may_be_on(d: Data, i: int, t: int) -> bool:
    """Not kept off: no must-off, no output held at 0, the initial down time is over."""
    units = d.case.units
    at_zero = any(
        f == i and s == t and mw == 0 and units.p_min_mw[i, t] > 0 and not units.on_min[i, t]
        for f, s, mw in zip(units.fixed_unit, units.fixed_period, units.fixed_mw, strict=True)
    )
    left = 0 if units.initial_on[i] else d.whole_periods(int(units.min_down_minutes[i]) - int(units.initial_minutes[i]))
    return bool(units.on_max[i, t]) and not at_zero and t >= left


def rows(m: pyo.ConcreteModel, d: Data, penalties: Penalties) -> None:
    """All rows beside award_cap and product."""
    _speed(m, d, penalties)
    _flexible(m, d)
    _offline(m, d)
    _storage(m, d)


def brings(d: Data, q: int, i: int) -> float:
    """MW/min that a MW awarded to a unit brings: speed over cap; nothing where one of them has no limit."""
    table = d.case.reserve_kinds
    own = dict(zip(table.speed_unit.tolist(), table.speed_mw_per_minute.tolist(), strict=True))
    speed, cap = float(own.get(i, rate(d, q, i))), most(d, q, i)
    return 0.0 if isinf(speed) or isinf(cap) or cap == 0 else speed / cap


def held_speed(d: Data, schedule: Schedule) -> Floats:
    """MW/min that the awards of a schedule bring (Q, T)."""
    speed = np.zeros(d.speed_requirement.shape)
    for q in d.products:
        speed[q] = sum(brings(d, q, i) * schedule.reserve_mw[q, i] for i in d.units)
        speed[q] += schedule.storage_reserve_mw[q].sum(axis=0) / float(d.case.reserves.response_minutes[q])
    return speed


def _speed(m: pyo.ConcreteModel, d: Data, penalties: Penalties) -> None:
    response = d.case.reserves.response_minutes
    asked = [q for q in d.products if kind(d, q) == ProductKind.REGULATION]
    short = violation(m, d, "regulation_speed_short", penalties.product, asked, d.periods)

    @m.Constraint(asked, d.periods)
    def regulation_speed(m, q, t):
        """Σ_i s_i/cap_qi·r_qit + Σ_g r_qgt/response_q ≥ speed_qt, soft."""
        of_units = sum(brings(d, q, i) * m.award[p, i, t] for p, i in m.ELIGIBLE if p == q)
        of_storage = sum(
            m.award_storage[p, g, s] / float(response[q]) for p, g, s in m.award_storage if (p, s) == (q, t)
        )
        return of_units + of_storage + short(q, t) >= float(d.speed_requirement[q, t])


def _flexible(m: pyo.ConcreteModel, d: Data) -> None:
    units, length, last = d.case.units, d.case.horizon.period_minutes, d.periods[-1]
    pairs = [(q, i) for q, i in m.ELIGIBLE if kind(d, q) == ProductKind.FLEXIBLE_RAMPING]
    way = {q: Direction(int(d.case.reserves.direction[q])) for q in d.products}
    holders = {side: sorted({i for q, i in pairs if way[q] == side}) for side in (Direction.UP, Direction.DOWN)}

    def after(t: int) -> int:
        """The next period; the last one leans on its own limits."""
        return min(t + 1, last)

    def held(side: Direction, i: int, t: int, chosen: list[tuple[int, int]]) -> object:
        return sum(m.award[q, i, t] for q, k in chosen if k == i and way[q] == side)

    def sharing() -> list[tuple[int, int]]:
        """Awards that share the ramp of a period: in form PGLIB all of the unit's."""
        return list(m.ELIGIBLE) if d.rules.reserves.ramp_sharing is RampSharing.PGLIB else pairs

    @m.Constraint(pairs, d.periods[:-1])
    def flexible_next(m, q, i, t):
        """r_qit ≤ cap_qi·on_i,t+1."""
        return m.award[q, i, t] <= most(d, q, i) * m.on[i, t + 1]

    @m.Constraint(holders[Direction.UP], d.periods)
    def flexible_up(m, i, t):
        """P_it + Σ_{up q} r_qit ≤ p_max_i,t+1·on_it; none where p_max falls."""
        room = float(units.p_max_mw[i, after(t)])
        if room < units.p_max_mw[i, t]:
            return pyo.Constraint.Skip
        return m.output[i, t] + held(Direction.UP, i, t, list(m.ELIGIBLE)) <= room * m.on[i, t]

    @m.Constraint(holders[Direction.DOWN], d.periods)
    def flexible_down(m, i, t):
        """P_it − Σ_{down q} r_qit ≥ p_min_i,t+1·on_it; none where p_min rises."""
        floor = float(units.p_min_mw[i, after(t)])
        if floor > units.p_min_mw[i, t]:
            return pyo.Constraint.Skip
        return m.output[i, t] - held(Direction.DOWN, i, t, list(m.ELIGIBLE)) >= floor * m.on[i, t]

    @m.Constraint([i for i in holders[Direction.UP] if not isinf(units.ramp_up_mw_per_minute[i])], d.periods)
    def flexible_ramp_up(m, i, t):
        """Σ_{flexible up q} r_qit ≤ RU_i·on_it; form PGLIB: all up q."""
        return held(Direction.UP, i, t, sharing()) <= float(units.ramp_up_mw_per_minute[i]) * length * m.on[i, t]

    @m.Constraint([i for i in holders[Direction.DOWN] if not isinf(units.ramp_down_mw_per_minute[i])], d.periods)
    def flexible_ramp_down(m, i, t):
        """Σ_{flexible down q} r_qit ≤ RD_i·on_it; form PGLIB: all down q."""
        return held(Direction.DOWN, i, t, sharing()) <= float(units.ramp_down_mw_per_minute[i]) * length * m.on[i, t]


def _offline(m: pyo.ConcreteModel, d: Data) -> None:
    said = award_terms.stated(d)
    quick = sorted({i for q, i, _ in m.award_offline if (q, i) not in said})

    @m.Constraint(quick, d.periods)
    def offline(m, i, t):
        """Σ_q o_qit ≤ SU_it·(1 − on_it − Σ_{k = t−DT_i+1 … t} stop_ik): off, rested, free to start."""
        rest = max(1, d.whole_periods(int(d.case.units.min_down_minutes[i])))
        stopped = sum(m.stop[i, k] for k in range(max(0, t - rest + 1), t + 1))
        own = [at for at in m.award_offline if at[1:] == (i, t) and at[:2] not in said]
        held = sum(m.award_offline[at] for at in own)
        return held <= reach(d, i, t) * (1 - m.on[i, t] - stopped)


def _storage(m: pyo.ConcreteModel, d: Data) -> None:
    storage, way = d.case.storage, d.case.reserves.direction
    lasts = d.rules.reserves.storage_minutes / 60
    up = sorted({g for q, g, _ in m.award_storage if way[q] == Direction.UP})
    down = sorted({g for q, g, _ in m.award_storage if way[q] == Direction.DOWN})

    def held(side: Direction, g: int, t: int) -> object:
        return sum(m.award_storage[q, k, s] for q, k, s in m.award_storage if (k, s) == (g, t) and way[q] == side)

    @m.Constraint(up, d.periods)
    def storage_up(m, g, t):
        """Σ_{up q} r_qgt + d_gt − c_gt ≤ discharge_max_gt."""
        net = m.discharge[g, t] - m.charge[g, t]
        return held(Direction.UP, g, t) + net <= float(storage.discharge_max_mw[g, t])

    @m.Constraint(down, d.periods)
    def storage_down(m, g, t):
        """Σ_{down q} r_qgt + c_gt − d_gt ≤ charge_max_gt."""
        net = m.charge[g, t] - m.discharge[g, t]
        return held(Direction.DOWN, g, t) + net <= float(storage.charge_max_mw[g, t])

    @m.Constraint(up, d.periods)
    def storage_up_energy(m, g, t):
        """Σ_{up q} r_qgt ≤ (E_gt − energy_min_g)·η_d / H."""
        stored = m.energy[g, t] - float(storage.energy_min_mwh[g, t])
        return held(Direction.UP, g, t) <= stored * float(storage.discharge_efficiency[g, t]) / lasts

    @m.Constraint(down, d.periods)
    def storage_down_energy(m, g, t):
        """Σ_{down q} r_qgt ≤ (energy_max_g − E_gt) / (η_c·H)."""
        room = float(storage.energy_max_mwh[g, t]) - m.energy[g, t]
        return held(Direction.DOWN, g, t) <= room / (float(storage.charge_efficiency[g, t]) * lasts)
