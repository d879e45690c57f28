"""Why units are off: the tests of docs/explanations.md, in their order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, Ints
from clearing.case.explanations import Parts, UnitReason
from clearing.explain import joint, pulls
from clearing.explain.needs import NEAR_MW
from clearing.explain.on_line import CENT, NEAR
from clearing.explain.setting import Setting, start_cost_after
from clearing.explain.spells import Stretch, equal_runs, forced_off, parts, runs
from clearing.formulation.curves import cut_at
from clearing.formulation.reserves import net_load_mw, requirements


@dataclass(frozen=True, slots=True)
class Run:
    """The best run on line within a stretch off: first and last period, and what it would earn, money."""

    first: int
    last: int
    margin: float


def off_parts(table: Setting) -> Parts:
    """Every period off in a part of one reason."""
    forced = forced_off(table.case, table.rules, table.schedule)
    found: list[Stretch] = [
        (int(i), int(a), int(b), UnitReason(int(forced[i, a])), 0.0, "")
        for i, a, b in zip(*equal_runs(forced), strict=True)
    ]
    bus = table.case.units.bus
    prices = table.prices
    at_bus = best_margin(table, prices.bus_price[bus])
    at_system = best_margin(table, (prices.bus_price - prices.bus_congestion)[bus])
    lossless = best_margin(table, (prices.bus_price - prices.bus_loss)[bus])
    joint_value = table.group_value + table.window_value + table.linear_value
    with_joint = best_margin(table, prices.bus_price[bus] + joint_value)
    for i, a, b in zip(*runs((table.schedule.on == 0) & (forced == 0)), strict=True):
        found.append(_judged(table, int(i), int(a), int(b), (at_bus, at_system, lossless, with_joint)))
    return parts(found)


def best_margin(table: Setting, price: Floats) -> Floats:
    """The most a unit could earn on line in each period at these prices (N, T), energy only, money of the period.

    h_it = dt·max over P in [p_min, p_max] of price·P − offers − no-load.
    """
    units = table.case.units
    curve = cut_at(units.offers, units.p_min_mw, units.p_max_mw)
    gain = price * units.p_min_mw - curve.floor_cost_per_hour - units.no_load_cost_per_hour[:, None]
    above = np.maximum(0.0, price[curve.resource] - curve.price_per_mwh) * curve.width_mw
    np.add.at(gain, curve.resource, above)
    return np.asarray(gain * table.case.horizon.hours)


def _judged(table: Setting, i: int, a: int, b: int, margins: tuple[Floats, ...]) -> Stretch:
    """The tests of a stretch off that nothing forces."""
    at_bus, at_system, lossless, with_joint = (_best_run(table, i, a, b, value[i, a : b + 1]) for value in margins)
    reason, subject = UnitReason.UNEXPLAINED, ""
    near = max(CENT, NEAR * float(np.abs(margins[0][i, a : b + 1]).sum()))
    if at_bus.margin <= near:
        reason = UnitReason.NOT_IN_THE_MONEY
        if at_system.margin > near:
            reason, subject = UnitReason.NETWORK, _against(table, i, slice(at_system.first, at_system.last + 1))
        elif lossless.margin > near:
            reason = UnitReason.LOSSES
    else:
        reason, subject = _kept_off(table, i, a, b, at_bus, with_joint.margin <= near)
    return i, a, b, reason, at_bus.margin, subject


def _kept_off(table: Setting, i: int, a: int, b: int, run: Run, joint_limits_bind: bool) -> tuple[UnitReason, str]:
    """Why a unit that is in the money at these prices is off."""
    held = _held_off(table, i, a, b, run)
    if held is not None:
        return held
    group = joint.full_group(table, i, run.first, run.last)
    if group or joint_limits_bind:
        periods = slice(run.first, run.last + 1)
        if not group and np.any(table.window_value[i, periods] < 0.0):
            return UnitReason.ENERGY_WINDOW, ""
        if not group and np.any(table.linear_value[i, periods] < 0.0):
            return UnitReason.LINEAR_LIMIT, joint.own_linear(table, i, run.first, run.last, against=True)
        return UnitReason.GROUP, group or joint.own_group(table, i, run.first, run.last)
    reserve = _reserve_against(table, i, run)
    if reserve:
        return UnitReason.RESERVE, reserve
    left = UnitReason.GIVEN if table.given else UnitReason.UNEXPLAINED
    return (UnitReason.DISPLACEMENT if _displaces(table, i, a, run) else left), ""


def _held_off(table: Setting, i: int, a: int, b: int, run: Run) -> tuple[UnitReason, str] | None:
    """What forbids the run: min down time, then limits on starts and stops."""
    schedule, down = table.schedule, table.min_down[i]
    gone, back = np.flatnonzero(schedule.stop[i, : a + 1]), np.flatnonzero(schedule.start[i, b + 1 :])
    stop = int(gone[-1]) if len(gone) else -down - 1
    start = b + 1 + int(back[0]) if len(back) else table.case.horizon.periods + down
    if stop < run.first < stop + down or start - down <= run.last < start - 1:
        return UnitReason.MIN_DOWN, ""
    on_before = stop == a or (a == 0 and bool(table.case.units.initial_on[i]))
    blocked = "" if on_before and run.first == a else joint.no_start(table, run.first, i)
    if not blocked and run.last < b:
        blocked = joint.no_stop(table, run.last + 1, i)
    return (UnitReason.START_LIMITS, blocked) if blocked else None


def _best_run(table: Setting, i: int, a: int, b: int, value: Floats) -> Run:
    """The run within a … b that earns most after its start and stop, at least min up time long where it can be.

    Also: from a on where the unit is on before, up to b where it is on behind, and all of it where both are.
    """
    case, periods = table.case, table.case.horizon.periods
    before = bool(table.schedule.on[i, a - 1]) if a else bool(case.units.initial_on[i])
    behind = b < periods - 1 and bool(table.schedule.on[i, b + 1])
    stop, count = float(case.units.stop_cost[i]), len(value)
    sums = np.concatenate([[0.0], np.cumsum(value)])
    start = _start_costs(table, i, a, np.arange(count + 1))
    found = [_inner_run(sums, start[:-1], stop, min(int(table.min_up[i]), count), b == periods - 1)]
    if before:
        k = int(np.argmax(sums[1:]))
        found.append(Run(0, k, float(sums[k + 1])))
    if behind:
        k = int(np.argmin(sums[:-1]))
        found.append(Run(k, count - 1, float(sums[-1] - sums[k])))
    if before and behind:
        found.append(Run(0, count - 1, float(sums[-1] + stop + start[-1])))
    elif before and b == periods - 1:
        found.append(Run(0, count - 1, float(sums[-1]) + stop))
    best = max(found, key=lambda run: run.margin)
    return Run(a + best.first, a + best.last, best.margin)


def _inner_run(sums: Floats, start: Floats, stop: float, least: int, to_end: bool) -> Run:
    """The best run with a start of its own; a stop of its own unless it reaches the end of the horizon."""
    count = len(start)
    end = np.arange(count)
    closed = to_end & (end == count - 1)
    latest = np.where(closed, end, end - least + 1)
    opening = -(sums[:-1] + start)
    gain = np.where(
        latest >= 0, sums[1:] + np.maximum.accumulate(opening)[latest] - np.where(closed, 0.0, stop), -np.inf
    )
    last = int(np.argmax(gain))
    return Run(int(np.argmax(opening[: latest[last] + 1])), last, float(gain[last]))


def _start_costs(table: Setting, i: int, a: int, after: Ints) -> Floats:
    """Money (n) of starts so many periods into the stretch off that begins in a."""
    units, on_before = table.case.units, np.flatnonzero(table.schedule.on[i, :a])
    begun = int(on_before[-1]) + 1 if len(on_before) else 0
    earlier = 0 if len(on_before) or units.initial_on[i] else int(units.initial_minutes[i])
    return start_cost_after(table.case, i, earlier + (a - begun + after) * table.case.horizon.period_minutes)


def _against(table: Setting, unit: int, periods: slice) -> str:
    """The limit of the network that takes most off the price of the unit's bus."""
    pull = pulls.at_bus(table, int(table.case.units.bus[unit]))[:, periods].sum(axis=1)
    return pulls.greatest(table, -pull)[1]


def _reserve_against(table: Setting, i: int, run: Run) -> str:
    """The system reserve that one more unit on line would break; '' = none."""
    case, schedule, units = table.case, table.schedule, table.case.units
    _, most, negative = requirements(case, table.rules.reserves)
    periods = slice(run.first, run.last + 1)
    if negative is not None:
        floor = (schedule.on * units.p_min_mw).sum(axis=0) + case.renewables.min_mw.sum(axis=0)
        slack = net_load_mw(case) - negative - floor
        if np.any(slack[periods] < units.p_min_mw[i, periods] - NEAR_MW):
            return "system_negative_min"
    if most is not None:
        room = (schedule.on * units.p_max_mw - schedule.dispatch_mw).sum(axis=0)
        if np.any((most - room)[periods] < units.p_max_mw[i, periods] - NEAR_MW):
            return "system_positive_max"
    return ""


def _displaces(table: Setting, i: int, a: int, run: Run) -> bool:
    """Whether at every output the unit would cost more than the running MW it pushes down.

    Penalties of load and reserves that are short in these periods count as saved, all of them.
    """
    case, periods = table.case, slice(run.first, run.last + 1)
    units, hours = case.units, case.horizon.hours
    island = table.grid.islands.of_bus[units.bus[i], periods]
    curve = cut_at(units.offers, units.p_min_mw, units.p_max_mw)
    mine = np.flatnonzero(curve.resource == i)
    output = units.p_min_mw[i, periods].copy()
    cost = curve.floor_cost_per_hour[i, periods] + units.no_load_cost_per_hour[i]
    best = table.stack.displaced(i, island, output, periods) - cost
    for m in mine:
        output = output + curve.width_mw[m, periods]
        cost = cost + curve.width_mw[m, periods] * curve.price_per_mwh[m, periods]
        best = np.maximum(best, table.stack.displaced(i, island, output, periods) - cost)
    on_before = bool(table.schedule.on[i, a - 1]) if a else bool(units.initial_on[i])
    start = 0.0 if on_before and run.first == a else float(_start_costs(table, i, a, np.array([run.first - a]))[0])
    return bool(best.sum() * hours + table.mendable[periods].sum() - start <= CENT)
