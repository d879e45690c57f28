"""What a unit's recursion needs (unit_bound.py), derived from the raw tables: windows, limits, costs at multipliers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from clearing.case.arrays import Bools, Flags, Floats, Ints
from clearing.case.case import Case
from clearing.case.reserve_kinds import ProductKind
from clearing.case.reserves import Direction
from clearing.checks.curve import block_starts
from clearing.checks.kinds import of_kind
from clearing.checks.output_curves import shutdown_curve, startup_curve
from clearing.checks.starts import may_start_first
from clearing.checks.unit_bound import NEVER, least_cost
from clearing.rules.rules import RampSharing, Rules


class Besides(NamedTuple):
    """What is worth something beside output and awards (N, T), money: being on, a MW on a curve, a start, a stop."""

    on: Floats
    curve: Floats
    start: Floats
    stop: Floats


def units_least(case: Case, rules: Rules, energy: Floats, award: Floats, besides: Besides | None = None) -> Floats:
    """Least reduced cost (N) at multipliers of a MW of energy (N, T) and of a MW of every product (Q, N, T), money."""
    besides = Besides(*(np.zeros(energy.shape) for _ in range(4))) if besides is None else besides
    return np.array(
        [
            _unit(case, rules, i, energy[i], award[:, i], Besides(*(worth[i] for worth in besides)))
            for i in range(len(case.units.id))
        ]
    )


def _unit(case: Case, rules: Rules, i: int, energy: Floats, award: Floats, besides: Besides) -> float:
    units, minutes, periods = case.units, case.horizon.period_minutes, case.horizon.periods
    hours, shares = case.horizon.hours, rules.reserves.ramp_sharing is RampSharing.PGLIB
    p_min, p_max = units.p_min_mw[i], units.p_max_mw[i]
    shift = np.diff(p_min, prepend=p_min[:1])
    up, down = units.ramp_up_mw_per_minute[i] * minutes, units.ramp_down_mw_per_minute[i] * minutes
    reach = max(p_max.max() - p_min.min(), p_max.max() - units.initial_mw[i], units.initial_mw[i] - p_min.min())
    wide = 2.0 * (p_max.max() + abs(units.initial_mw[i])) + 1.0
    low, limits, rooms = _limits(case, i, shares)
    blocks = np.flatnonzero(units.offers.resource == i)
    begin, width = block_starts(units.offers)[blocks], np.asarray(units.offers.width_mw)[blocks]
    price = np.asarray(units.offers.price_per_mwh)[blocks] * hours
    below = np.clip(np.minimum(begin + width, p_min) - begin, 0.0, None)
    inside = np.clip(begin + width, p_min, p_max) - np.clip(begin, p_min, p_max)
    on = units.no_load_cost_per_hour[i] * hours + (below * price).sum(axis=0) - energy * p_min - besides.on
    for mode in range(4):
        limits[mode] = np.minimum(limits[mode], inside.sum(axis=0))
    caps, gains, shared = _awards(case, i, award, shares)
    may_start = np.ones(periods, dtype=np.bool_) if units.initial_on[i] else may_start_first(case, rules, i)
    start, first = _starts(case, i, besides, may_start)
    windows = _windows(case, i, may_start)
    turns = np.array(
        [units.initial_on[i], _whole(units.min_up_minutes[i], minutes), _whole(units.min_down_minutes[i], minutes)]
    )
    return float(
        least_cost(
            windows.astype(np.int64), turns.astype(np.int64), float(units.initial_mw[i] - p_min[0]), limits, rooms, low,
            min(up, wide) - shift, min(down, wide) + shift, bool(min(up, down) < reach), np.stack([on, -energy]),
            np.ascontiguousarray(inside), np.ascontiguousarray(price), caps, gains, shared, start, first,
            _stops(case, i, besides.curve) - besides.stop,
        )
    )  # fmt: skip


def _whole(minutes: int, of: int) -> int:
    return max(1, -(-int(minutes) // of))


def may_be_on(case: Case) -> Floats:
    """1 where a unit may be on, whatever its lead time (N, T)."""
    shape, anywhere = case.units.p_max_mw.shape, np.ones(case.horizon.periods, dtype=np.bool_)
    return np.array([_windows(case, i, anywhere)[1] for i in range(shape[0])], dtype=np.float64).reshape(shape)


def _windows(case: Case, i: int, may_start: Bools) -> Flags:
    """On at least, on at most, may stop at the beginning of the period (3, T). may_start (T): first starts."""
    units, minutes, periods = case.units, case.horizon.period_minutes, case.horizon.periods
    least, most = np.array(units.on_min[i]), np.array(units.on_max[i])
    mine = units.fixed_unit == i
    for t, mw in zip(units.fixed_period[mine], units.fixed_mw[mine], strict=True):
        if mw > 0.0:
            least[t] = 1
        elif units.p_min_mw[i, t] > 0.0 and least[t] == 0:
            most[t] = 0
    spent = units.initial_minutes[i]
    stop = np.ones(periods, dtype=np.int8)
    for t in range(periods):
        if units.initial_on[i]:
            fallen = units.initial_mw[i] - (units.ramp_down_mw_per_minute[i] * minutes * t if t else 0.0)
            if spent + t * minutes < units.min_up_minutes[i] or fallen > units.shutdown_limit_mw[i] + 1e-9:
                least[t] = 1
        elif spent + t * minutes < units.min_down_minutes[i]:
            most[t] = 0
    most = np.where(np.logical_or.accumulate(may_start), most, 0)
    stop[0] = units.initial_on[i] and units.initial_mw[i] <= units.shutdown_limit_mw[i] + 1e-9
    return np.stack([np.minimum(least, most), most, stop])


def _limits(case: Case, i: int, shares: bool) -> tuple[Floats, Floats, Floats]:
    """Least output above p_min (T); greatest, and with up awards (4, T): midst, first, last, only period of a run."""
    units = case.units
    p_min, p_max = units.p_min_mw[i], units.p_max_mw[i]
    first = np.clip(units.startup_limit_mw[i], p_min, p_max) - p_min
    last = np.clip(units.shutdown_limit_mw[i], p_min, p_max) - p_min
    room = np.stack([p_max - p_min, first, last, np.minimum(first, last)])
    low, top = np.zeros(len(p_min)), room.copy()
    mine = units.fixed_unit == i
    for t, mw in zip(units.fixed_period[mine], units.fixed_mw[mine], strict=True):
        low[t] = max(0.0, mw - p_min[t])
        top[:, t] = np.minimum(top[:, t], low[t])
    return low, top, room if shares else np.stack([p_max - p_min] * 4)


def _awards(case: Case, i: int, award: Floats, shares: bool) -> tuple[Floats, Floats, Floats]:
    """caps, gains (2, K, T) by rank of awards that hold room only; gain (2, T) of the one that shares the ramp.

    Awards that share ramps and are capped are held by the room alone: less than they must keep, and a bound all the
    same.
    """
    reserves, units, (count, periods) = case.reserves, case.units, award.shape
    gain, cap = np.zeros((2, count, periods)), np.zeros((2, count, periods))
    rates = (units.ramp_up_mw_per_minute[i], units.ramp_down_mw_per_minute[i])
    for q in range(count):
        side = 0 if reserves.direction[q] == Direction.UP else 1
        rate, within = rates[side], reserves.response_minutes[q]
        most = rate * within if np.isfinite(rate) and np.isfinite(within) else np.inf
        cap[side, q] = min(reserves.unit_max_mw[q, i], most, 1e6)
        gain[side, q] = np.where(cap[side, q] > 0.0, np.maximum(0.0, award[q]), 0.0)
    ramp = shares & _uncapped(case, i, cap)[:, None]
    alone = np.where(ramp[:, None], 0.0, gain)
    order = np.argsort(-alone, axis=1, kind="stable")
    caps, gains = np.take_along_axis(cap, order, axis=1), np.take_along_axis(alone, order, axis=1)
    return np.where(gains > 0.0, caps, 0.0), gains, np.where(ramp, gain.max(axis=1, initial=0.0), 0.0)


def _uncapped(case: Case, i: int, cap: Floats) -> Bools:
    """Directions (2) in which every award that a unit may hold can take all of its range: then the best one does."""
    units = case.units
    spinning = case.reserves.covers_bus[:, units.bus[i]] & ~of_kind(case, ProductKind.FLEXIBLE_RAMPING)
    held = np.where(spinning, cap[:, :, 0], 0.0)
    return np.asarray(((held <= 0.0) | (held >= (units.p_max_mw[i] - units.p_min_mw[i]).max())).all(axis=1))


def _starts(case: Case, i: int, besides: Besides, may_start: Bools) -> tuple[Floats, Floats]:
    """Cost of a start after k whole periods off in a period (T + 1, T), and of the first start of a unit that was off
    before (T); less what it is worth, and what the MW of its start-up curve are worth in the periods before it."""
    worth = besides.curve
    minutes, periods = case.horizon.period_minutes, case.horizon.periods
    here, spent = np.arange(periods + 1) * minutes, int(case.units.initial_minutes[i])
    again = _start_cost(case, i, here)[:, None] - besides.start
    first = np.where(may_start, _start_cost(case, i, here[:-1] + spent) - besides.start, NEVER)
    if i in case.startup_curves.unit:
        for t in range(periods):
            for k in range(periods + 1):
                again[k, t] -= _climbed(startup_curve(case, i, k * minutes), worth, t)
            first[t] -= _climbed(startup_curve(case, i, spent + t * minutes), worth, t) if may_start[t] else 0.0
    return again, first


def _start_cost(case: Case, i: int, off: Ints) -> Floats:
    """Cost (n) of a start after so many minutes off (n): that of the last state that applies, at least the first."""
    costs, found = case.units.start_costs, np.zeros(len(off))
    for k, row in enumerate(np.flatnonzero(costs.unit == i)):
        applies = off >= costs.after_minutes[row] if costs.inclusive[row] else off > costs.after_minutes[row]
        found = np.where(applies | (k == 0), costs.cost[row], found)
    return found


def _climbed(curve: list[float], worth: Floats, start: int) -> float:
    """What the steps of a curve that ends where a unit starts are worth, as far as they are in the horizon."""
    steps = enumerate(reversed(curve), start=1)
    return float(sum(mw * worth[start - back] for back, mw in steps if start - back >= 0))


def _stops(case: Case, i: int, worth: Floats) -> Floats:
    """Cost of a stop at the beginning of a period (T), less what the MW of its shut-down curve are worth."""
    periods = case.horizon.periods
    curve = shutdown_curve(case, i) if i in case.shutdown_curves.unit else []
    down = [sum(mw * worth[t + k] for k, mw in enumerate(curve) if t + k < periods) for t in range(periods)]
    return float(case.units.stop_cost[i]) - np.array(down, dtype=np.float64).reshape(periods)
