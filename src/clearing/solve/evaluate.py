"""What a schedule costs, part by part, and which soft limits it breaks."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats, Ints
from clearing.case.award_terms import carried
from clearing.case.awarded import counted_mw
from clearing.case.case import Case
from clearing.case.reserve_demand import shortfall_steps
from clearing.case.reserve_offers import as_curves
from clearing.case.result import Costs, Violation
from clearing.case.schedule import Schedule
from clearing.case.units import Units
from clearing.formulation.curves import cut_at
from clearing.formulation.regulation import held_speed, required_speed, speed_products
from clearing.formulation.reserves import net_load_mw, requirements
from clearing.grid.monitored import FAMILY, Grid
from clearing.rules.rules import Penalties, Rules, Steps
from clearing.solve import joint_limits
from clearing.solve.elastic_load import bid_costs
from clearing.solve.evaluate_starts import start_violations
from clearing.solve.network_rows import excess, own_prices
from clearing.solve.pumped import mode_violations, pumped_cost

SMALLEST_MW = 1e-6
"""Smaller shortfalls are the solver's tolerance, not violations."""


def offline_minutes(units: Units, on: np.ndarray, period_minutes: int) -> Ints:
    """Minutes a unit has been off just before each period (N, T), time before the horizon included; 0 where on."""
    count, periods = on.shape
    here = np.arange(periods)
    last_on = np.maximum.accumulate(np.where(on == 1, here, -1), axis=1)
    before = np.concatenate([np.full((count, 1), -1), last_on[:, :-1]], axis=1)
    spent = (here - before - 1) * period_minutes
    initial = np.where(units.initial_on, 0, units.initial_minutes)[:, None]
    return np.asarray(np.where(before < 0, spent + initial, spent))


def start_rows(case: Case, schedule: Schedule) -> tuple[Ints, Ints, Ints]:
    """Every start: unit (S), period (S) and its row in the start-cost table (S), −1 where the unit has none."""
    costs = case.units.start_costs
    unit, period = np.nonzero(schedule.start)
    offline = offline_minutes(case.units, schedule.on, case.horizon.period_minutes)[unit, period]
    row = np.full(len(unit), -1, dtype=np.int64)
    for k in range(len(costs.unit) if len(unit) else 0):
        applies = np.where(costs.inclusive[k], offline >= costs.after_minutes[k], offline > costs.after_minutes[k])
        row[(unit == costs.unit[k]) & applies] = k
    return unit, period, row


def commitment_costs(case: Case, schedule: Schedule) -> tuple[Floats, Floats, Floats]:
    """No-load, start and stop cost by unit and period, each (N, T), money."""
    units = case.units
    no_load = units.no_load_cost_per_hour[:, None] * case.horizon.hours * schedule.on
    start = np.zeros(schedule.on.shape)
    unit, period, row = start_rows(case, schedule)
    known = row >= 0
    start[unit[known], period[known]] = units.start_costs.cost[row[known]]
    return no_load, start, units.stop_cost[:, None] * schedule.stop


def energy_costs(case: Case, schedule: Schedule) -> tuple[Floats, Floats]:
    """Energy cost of units (N, T) and of renewables (R, T), money: area under the curve up to the output."""
    hours = case.horizon.hours
    unit = cut_at(case.units.offers, schedule.dispatch_mw, schedule.dispatch_mw).floor_cost_per_hour * hours
    site = cut_at(case.renewables.offers, schedule.renewable_mw, schedule.renewable_mw).floor_cost_per_hour * hours
    return unit, site


def reserve_costs(case: Case, schedule: Schedule) -> Floats:
    """Cost of awards by unit (N, T), money: area under the offers of each pair up to its award, and of regulating."""
    count, periods = schedule.on.shape
    product, unit, curves = as_curves(case.reserve_offers, count, periods)
    award = schedule.reserve_mw[product, unit]
    total = np.zeros((count, periods))
    np.add.at(total, unit, cut_at(curves, award, award).floor_cost_per_hour * case.horizon.hours)
    bands = case.regulation_bands
    if len(bands.unit):
        total[bands.unit] += bands.cost_per_hour * schedule.regulating[bands.unit] * case.horizon.hours
    return total


def stepped(amount: Floats, steps: Steps) -> Floats:
    """Money an hour for a violation of `amount` MW under stepped penalties."""
    money, left = np.zeros(amount.shape), amount.copy()
    for width, price in steps:
        part = np.minimum(left, width)
        money += part * price
        left -= part
    return money


def violations(
    case: Case, rules: Rules, penalties: Penalties, grid: Grid, schedule: Schedule, flow: Floats
) -> tuple[Violation, ...]:
    """Every soft limit the schedule breaks; flow (E, T) of the monitored elements."""
    hours = case.horizon.hours
    found: list[Violation] = []

    def note(family: str, subjects: tuple[str, ...], amount: Floats, steps: Steps, weight: float = hours) -> None:
        paid = stepped(amount, steps) * weight
        for s, t in zip(*np.nonzero(amount > SMALLEST_MW), strict=True):
            found.append(Violation(family, subjects[s], int(t), float(amount[s, t]), float(paid[s, t])))

    note("shortage", grid.islands.id, grid.islands.total(schedule.shed_mw), penalties.shortage)
    note("surplus", grid.islands.id, schedule.surplus_mw, penalties.surplus)
    over, kind = excess(grid.monitored, flow), grid.monitored.kind
    own = own_prices(case, grid.monitored)
    for code, steps in enumerate(2 * (penalties.branch, penalties.interface)):
        chosen = np.flatnonzero((kind == code) & np.isnan(own))
        broken = chosen[(over[chosen] > SMALLEST_MW).any(axis=1)]
        note(FAMILY[code], tuple(grid.monitored.id[e] for e in broken.tolist()), over[broken], steps)
        for e in np.flatnonzero((kind == code) & np.isfinite(own)):
            note(FAMILY[code], (grid.monitored.id[e],), over[[e]], ((np.inf, float(own[e])),))
    awarded = counted_mw(case, schedule)
    short = carried(case.award_terms, case.reserves.requirement_mw - awarded)
    curves = shortfall_steps(case.reserve_demand, len(short), penalties.product)
    for q, (product, curve) in enumerate(zip(case.reserves.product_id, curves, strict=True)):
        note("product", (product,), short[[q]], curve)
    fast = speed_products(case)
    slow = required_speed(case) - held_speed(case, schedule)
    note("regulation_speed", tuple(case.reserves.product_id[q] for q in fast), slow[fast], penalties.product)
    for family, short in _system_shortfalls(case, rules, schedule):
        note(family, ("system",), short[None, :], penalties.system_reserve)
    for limit in joint_limits.priced_limits(case, schedule):
        weight = 1.0 if limit.energy else hours
        own = limit.price if limit.price is not None else np.full(len(limit.subjects), np.nan)
        plain = np.where(np.isnan(own)[:, None], limit.excess, 0.0)
        note(limit.family, limit.subjects, plain, penalties.joint_limit, weight)
        for row in np.flatnonzero(np.isfinite(own)):
            steps = ((np.inf, float(own[row])),)
            note(limit.family, (limit.subjects[row],), limit.excess[[row]], steps, weight)
    on_line = joint_limits.group_on(case, schedule)
    note(on_line.family, on_line.subjects, on_line.excess, penalties.group_on)
    found += start_violations(case, rules, schedule)
    found += mode_violations(case, rules, schedule)
    return tuple(found)


def _system_shortfalls(case: Case, rules: Rules, schedule: Schedule) -> list[tuple[str, Floats]]:
    least, most, negative = requirements(case, rules.reserves)
    found = []
    if least is not None:
        found.append(("system_positive_min", least - joint_limits.held_reserve(case, rules, schedule)))
    if most is not None:
        found.append(("system_positive_max", joint_limits.room_on_line(case, schedule) - most))
    if negative is not None:
        floor = (schedule.on * case.units.p_min_mw).sum(axis=0) + case.renewables.min_mw.sum(axis=0)
        found.append(("system_negative_min", floor - (net_load_mw(case) - negative)))
    return found


def costs(case: Case, schedule: Schedule, broken: tuple[Violation, ...]) -> Costs:
    """Objective of a schedule by parts."""
    no_load, start, stop = commitment_costs(case, schedule)
    unit, site = energy_costs(case, schedule)
    storage, hours = case.storage, case.horizon.hours
    trade = storage.discharge_price_per_mwh * schedule.discharge_mw - storage.charge_price_per_mwh * schedule.charge_mw
    offered, demand = bid_costs(case, schedule)
    return Costs(
        energy=float(unit.sum() + site.sum()) + offered,
        no_load=float(no_load.sum()),
        start=float(start.sum()),
        stop=float(stop.sum()),
        storage=float(trade.sum() * hours) + pumped_cost(case, schedule),
        penalty=float(sum(v.penalty for v in broken)),
        demand=demand,
        reserve=float(reserve_costs(case, schedule).sum()),
    )
