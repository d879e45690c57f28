"""Why units are on line: the tests of docs/explanations.md, in their order."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Floats, Ints
from clearing.case.explanations import OnSpells, Parts, UnitReason
from clearing.explain import joint, needs, pulls
from clearing.explain.setting import Setting
from clearing.explain.spells import Stretch, equal_runs, forced_on, parts, runs
from clearing.explain.stretch_money import Free, cash, switching

NEAR = 1e-6
"""Money that counts as nothing, relative to the revenue and costs it is the difference of; at least CENT."""
CENT = 0.01
SHALLOW = 0.01
"""A valley that loses less than this share of its energy cost is none."""


def on_parts(table: Setting) -> Parts:
    """Every period on line in a part of one reason."""
    forced = forced_on(table.case, table.schedule)
    running = table.money.running
    found: list[Stretch] = [
        (int(i), int(a), int(b), UnitReason(int(forced[i, a])), float(running[i, a : b + 1].sum()), "")
        for i, a, b in zip(*equal_runs(forced), strict=True)
    ]
    for i, a, b in zip(*runs((table.schedule.on == 1) & (forced == 0)), strict=True):
        found += _judged(table, _free(table, int(i), int(a), int(b)))
    return parts(found)


def on_spells(table: Setting, cut: Parts) -> OnSpells:
    """Spells with their money; the reason of each is the one that holds most of its periods, of two the earlier."""
    unit, first, last = runs(table.schedule.on == 1)
    money = table.money

    def total(series: Floats) -> Floats:
        sums = np.concatenate([np.zeros((len(series), 1)), np.cumsum(series, axis=1)], axis=1)
        return np.asarray(sums[unit, last + 1] - sums[unit, first])

    stops = np.concatenate([money.stop, np.zeros((len(money.stop), 1))], axis=1)
    return OnSpells(
        unit=unit,
        first_period=first,
        last_period=last,
        reason=_main_reasons(unit, first, last, cut),
        energy_revenue=total(money.energy_revenue),
        reserve_revenue=total(money.reserve_revenue),
        energy_cost=total(money.energy_cost + money.reserve_cost),
        no_load_cost=total(money.no_load),
        start_cost=money.start[unit, first],
        stop_cost=stops[unit, last + 1],
    )


def _main_reasons(unit: Ints, first: Ints, last: Ints, cut: Parts) -> Ints:
    found = np.zeros(len(unit), dtype=np.int64)
    length = cut.last_period - cut.first_period + 1
    for k in range(len(unit)):
        inside = (cut.unit == unit[k]) & (cut.first_period >= first[k]) & (cut.last_period <= last[k])
        reason, start = np.unique(cut.reason[inside], return_index=True)
        held = np.array([length[inside][cut.reason[inside] == r].sum() for r in reason])
        best = np.lexsort((start, -held))[0] if len(reason) else None
        found[k] = UnitReason.UNEXPLAINED if best is None else reason[best]
    return found


def _free(table: Setting, i: int, a: int, b: int) -> Free:
    on, ends = table.schedule.on[i], b == table.case.horizon.periods - 1
    before = bool(on[a - 1]) if a else bool(table.case.units.initial_on[i])
    return Free(i, a, b, before, not ends and bool(on[b + 1]), ends)


def _judged(table: Setting, free: Free) -> list[Stretch]:
    """The tests of a stretch that nothing forces."""
    i, periods = free.unit, free.periods
    running = table.money.running[i, periods]
    near = _near(table, free)
    total, saved = float(running.sum()), switching(table, free)
    if total < -near <= total + saved + near and saved > 0.0:
        return [_as(free, UnitReason.START_AVOIDED, total + saved)]
    saved = 0.0 if free.before_on or free.behind_on else saved
    worth = total + saved
    if worth >= -near:
        reason, subject = _earning(table, free, saved, near)
        return _with_valleys(table, free, running, reason, subject)
    return _losing(table, free, running, worth, near)


def _earning(table: Setting, free: Free, saved: float, near: float) -> tuple[UnitReason, str]:
    """ECONOMICS, unless it is so only with reserve revenue, or only with congestion or losses in its price."""
    i, periods, money = free.unit, free.periods, table.money
    if float(money.running_without_reserve[i, periods].sum()) + saved < -near:
        by_product = money.product_revenue[:, i, periods].sum(axis=1)
        return UnitReason.RESERVE, table.case.reserves.product_id[int(np.argmax(by_product))]
    if float(money.running_at_system_price[i, periods].sum()) + saved < -near:
        return UnitReason.NETWORK, _pulling(table, i, periods)
    if float(money.running_without_losses[i, periods].sum()) + saved < -near:
        return UnitReason.LOSSES, ""
    return UnitReason.ECONOMICS, ""


def _pulling(table: Setting, unit: int, periods: slice) -> str:
    """The limit of the network that adds most to what the unit earns."""
    earned = pulls.at_bus(table, int(table.case.units.bus[unit])) * table.schedule.dispatch_mw[unit]
    return pulls.greatest(table, earned[:, periods].sum(axis=1))[1]


def _losing(table: Setting, free: Free, running: Floats, worth: float, near: float) -> list[Stretch]:
    """A stretch that the prices do not pay for: what would go wrong, or cost more, without it."""
    i, a, b = free.unit, free.first, free.last
    for reason, (needed, subject) in (
        (UnitReason.RESERVE, needs.reserve_need(table, i, free.periods)),
        (UnitReason.NETWORK, needs.network_need(table, i, free.periods)),
    ):
        if needed.any():
            return _with_valleys(table, free, _never(running, needed), reason, subject)
    group = joint.least_group(table, i, a, b)
    own = table.schedule.dispatch_mw[i, free.periods] * table.case.horizon.hours
    by_group = float((table.group_value[i, free.periods] * own).sum())
    by_window = float((table.window_value[i, free.periods] * own).sum())
    if group or (by_group > 0.0 and worth + by_group >= -near):
        return [_as(free, UnitReason.GROUP, worth, group or joint.own_group(table, i, a, b))]
    if by_window > 0.0 and worth + by_window >= -near:
        return [_as(free, UnitReason.ENERGY_WINDOW, worth)]
    by_linear = float((table.linear_value[i, free.periods] * own).sum())
    if by_linear > 0.0 and worth + by_linear >= -near:
        return [_as(free, UnitReason.LINEAR_LIMIT, worth, joint.own_linear(table, i, a, b))]
    held = _held(table, free, a, b)
    if held is not None:
        return [_as(free, held[0], worth, held[1])]
    return _for_others(table, free, running, worth, near)


def _for_others(table: Setting, free: Free, running: Floats, worth: float, near: float) -> list[Stretch]:
    """Last tests: others on line could not take over, or would charge more."""
    missing = needs.capacity_need(table, free.unit, free.periods)
    if np.any(missing > needs.NEAR_MW):
        return _with_valleys(table, free, _never(running, missing > needs.NEAR_MW), UnitReason.CAPACITY, "")
    elsewhere = needs.replacement_value(table, free.unit, free.periods)
    saved = 0.0 if free.before_on or free.behind_on else switching(table, free)
    if float(elsewhere.sum()) + saved >= -near:
        return _with_valleys(table, free, elsewhere, UnitReason.REPLACEMENT, "")
    left = UnitReason.GIVEN if table.given else UnitReason.UNEXPLAINED
    return [_as(free, left, worth)]


def _with_valleys(table: Setting, free: Free, value: Floats, reason: UnitReason, subject: str) -> list[Stretch]:
    """The stretch with its deepest valley cut out and judged itself, and so on with the rest. value (n) by period."""
    at = _valley(value)
    if at is None:
        return [_as(free, reason, cash(table, free), subject)]
    a, b = free.first + at[0], free.first + at[1]
    before_on, behind_on = at[0] > 0 or free.before_on, b < free.last or free.behind_on
    valley = Free(free.unit, a, b, before_on, behind_on, b == free.last and free.ends)
    why = _valley_reason(table, valley, float(value[at[0] : at[1] + 1].sum()))
    if why is None:
        return [_as(free, reason, cash(table, free), subject)]
    left = Free(free.unit, free.first, a - 1, free.before_on, True, False)
    right = Free(free.unit, b + 1, free.last, True, free.behind_on, free.ends)
    before = _with_valleys(table, left, value[: at[0]], reason, subject) if at[0] else []
    behind = _with_valleys(table, right, value[at[1] + 1 :], reason, subject) if b < free.last else []
    return [*before, *why, *behind]


def _valley(value: Floats) -> tuple[int, int] | None:
    """First and last position of the contiguous periods with the least sum; None where it is not below 0, or all."""
    sums = np.concatenate([[0.0], np.cumsum(value)])
    depth = sums[1:] - np.maximum.accumulate(sums[:-1])
    end = int(np.argmin(depth))
    begin = int(np.argmax(sums[: end + 1]))
    return None if not depth[end] < -CENT or (begin == 0 and end == len(value) - 1) else (begin, end)


def _valley_reason(table: Setting, valley: Free, total: float) -> list[Stretch] | None:
    """Why it is not off in a valley of its stretch; None: it belongs to the stretch, to ramp up or down at its ends.

    total: what the valley is worth, < 0.
    """
    near = _near(table, valley)
    if total >= -max(near, SHALLOW * float(table.money.energy_cost[valley.unit, valley.periods].sum())):
        return None
    stays = total + switching(table, valley)
    if stays >= -near:
        return [_as(valley, UnitReason.START_AVOIDED, stays)]
    held = _held(table, valley, valley.first, valley.last)
    if held is not None:
        return [_as(valley, held[0], stays, held[1])]
    if not (valley.before_on and valley.behind_on) and _ramps(table, valley):
        return None
    running = table.money.running[valley.unit, valley.periods]
    return _losing(table, valley, running, stays, near)


def _ramps(table: Setting, valley: Free) -> bool:
    """Whether a ramp limit of the unit has a price in the valley or next to it."""
    near = slice(max(0, valley.first - 1), valley.last + 2)
    return bool(table.ramp_pull[valley.unit, near].any())


def _held(table: Setting, free: Free, a: int, b: int) -> tuple[UnitReason, str] | None:
    """What forbids to be off from a to b, the unit being on before: times, then limits on starts and stops."""
    i = free.unit
    if not free.before_on:
        return None
    start = _started(table, i, a)
    if start is not None and a < start + table.min_up[i]:
        return UnitReason.MIN_UP, ""
    switched = "" if start is None else joint.switching(table, i, start, a)
    if switched:
        return UnitReason.START_LIMITS, switched
    if free.behind_on:
        if b - a + 1 < table.min_down[i]:
            return UnitReason.MIN_DOWN, ""
        end = _ended(table, i, b)
        if end is not None and end - b < table.min_up[i]:
            return UnitReason.MIN_UP, ""
    blocked = joint.no_stop(table, a, i) if free.behind_on or free.ends else ""
    blocked = blocked or (joint.no_start(table, b + 1, i) if free.behind_on else "")
    return (UnitReason.START_LIMITS, blocked) if blocked else None


def _started(table: Setting, unit: int, period: int) -> int | None:
    """Period of the start of the spell that a period belongs to; None where it began before the horizon."""
    begun = np.flatnonzero(table.schedule.start[unit, : period + 1])
    return int(begun[-1]) if len(begun) else None


def _ended(table: Setting, unit: int, period: int) -> int | None:
    """Last period of the spell that a period belongs to; None where it goes on behind the horizon."""
    gone = np.flatnonzero(table.schedule.stop[unit, period:])
    return period + int(gone[0]) - 1 if len(gone) else None


def _near(table: Setting, free: Free) -> float:
    money, i, periods = table.money, free.unit, free.periods
    size = np.abs(money.energy_revenue[i, periods]).sum() + np.abs(money.energy_cost[i, periods]).sum()
    return float(max(CENT, NEAR * size))


def _never(value: Floats, needed: Bools) -> Floats:
    """Values that no valley can hold the needed periods of."""
    return np.where(needed, np.abs(value).sum() + 1.0, value)


def _as(free: Free, reason: UnitReason, margin: float, subject: str = "") -> Stretch:
    return (free.unit, free.first, free.last, reason, margin, subject)
