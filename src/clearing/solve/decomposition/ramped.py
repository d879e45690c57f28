"""Best schedule of a unit with its ramps: Frangioni & Gentile 2006, runs forward in time with value functions.

The value of a run up to a period is a convex piecewise-linear function of its output; a period more is an infimal
convolution with what the ramps allow (convex.ramp) and the curve of the period (local.curve). An award that shares the
up ramp stays separable: −μ·min(X − p_t, RU + p_{t−1} − p_t) = μ·p_t − μ·min(X, RU + p_{t−1}); downward
min(p_t, RD − p_{t−1} + p_t) = p_t + min(0, RD − p_{t−1}). All runs that began in different periods move on together,
and one that another run beats at every output, and that may not end earlier, is dropped: few are left at any time.
"""

from __future__ import annotations

import numba
import numpy as np

from clearing.case.arrays import Floats, Ints
from clearing.solve.decomposition.convex import add_curve, below, lowest, ramp, shared_ramp
from clearing.solve.decomposition.data import Prices, Units
from clearing.solve.decomposition.local import END, INFINITE, MID, ONLY, START, curve, gains, hold, scratch
from clearing.solve.decomposition.paths import close, may_end, start_from
from clearing.solve.decomposition.plan import Plan, clear, write_end, write_run

NEAR = 1e-13
"""Relative difference by which a run may be above another one and still be dropped for it."""


@numba.njit(cache=False)
def _bend(
    units: Units, prices: Prices, i: int, t: int, mode: int
) -> tuple[tuple[float, float, float], tuple[float, float]]:
    """What shared_ramp needs of a period."""
    up, down = gains(units, prices, i, t)
    return (up, units.room[mode, i, t], units.rise[i, t]), (down, units.fall[i, t])


@numba.njit(cache=False)
def _first(
    units: Units, i: int, t: int, mode: int, bend: tuple[tuple[float, float, float], tuple[float, float]],
    own: tuple[float, float, int, float], place: Floats, change: Floats, spare: tuple[Floats, Floats],
    x: Floats, s: Floats,
) -> tuple[int, float]:  # fmt: skip
    """The function of a run's first period: no ramp, but the start-up limit, in `room` and `top`."""
    low, top = units.least[i, t], own[3]
    if low > top + 1e-9:
        return -1, INFINITE
    y, r = spare
    y[0] = min(low, top)
    n = 0
    if top > y[0]:
        y[1], r[0], n = top, 0.0, 1
    return add_curve(n, y, r, -bend[0][0] * bend[0][1], own, place, change, x, s)


@numba.njit(cache=False)
def _step(
    units: Units, i: int, t: int, bend: tuple[tuple[float, float, float], tuple[float, float]],
    own: tuple[float, float, int, float], place: Floats, change: Floats,
    n: int, x: Floats, s: Floats, value: float, spare: tuple[Floats, Floats, Floats, Floats],
    x_out: Floats, s_out: Floats,
) -> tuple[int, float, float]:  # fmt: skip
    """One period more: pieces (−1: it cannot be), value at the first breakpoint, best output of the period before."""
    y, r, z, w = spare
    if bend[0][0] > 0.0 or bend[1][0] > 0.0:
        m, v = shared_ramp(n, x, s, value, bend[0], bend[1], y, r)
        m, v, q = ramp(m, y, r, v, units.fall[i, t], units.rise[i, t], units.least[i, t], own[3], z, w)
    else:
        m, v, q = ramp(n, x, s, value, units.fall[i, t], units.rise[i, t], units.least[i, t], own[3], z, w)
    if m < 0:
        return m, v, q
    m, v = add_curve(m, z, w, v, own, place, change, x_out, s_out)
    return m, v, q


@numba.njit(cache=False)
def solve_ramped(units: Units, prices: Prices, i: int, plan: Plan) -> None:  # noqa: PLR0912, PLR0915  # one recursion
    """Write schedule and value of unit i."""
    periods = units.on_min.shape[1]
    work = scratch(units, i)
    place, change = work[0], work[1]
    most = 8 + periods * (len(place) + 4)
    began = np.empty(periods + 1, dtype=np.int64)  # runs that go on: first period, −1 = on before the horizon
    pieces, value = np.empty(periods + 1, dtype=np.int64), np.empty(periods + 1)
    x, s = np.empty((periods + 1, most)), np.empty((periods + 1, most))
    x_new, s_new = np.empty(most), np.empty(most)
    spare = (np.empty(most), np.empty(most), np.empty(most), np.empty(most))
    best_before = np.zeros((periods + 1, periods))  # by first period + 1, period: best output of the period before
    ended, end_began = np.full(periods, INFINITE), np.full(periods, -1)
    end_output, end_before = np.zeros(periods), np.zeros(periods)
    start, before, arc = np.full(periods, INFINITE), np.full(periods, -1), np.full(periods, -1)
    runs = 0
    if units.was_on[i]:
        began[0], pieces[0], value[0], x[0, 0], runs = -1, 0, 0.0, units.before[i], 1
    for t in range(periods):
        start[t], before[t], arc[t] = start_from(units, prices, i, t, ended)
        if units.on_max[i, t] == 0:
            runs = 0
            continue
        if t < periods - 1 and may_end(units, i, t):
            bend, own = _bend(units, prices, i, t, END), curve(units, prices, i, t, END, True, work)
            stop = prices.stop[i, t + 1]
            for j in range(runs):
                if began[j] >= 0 and t - began[j] + 1 < units.min_up[i]:
                    continue
                n, v, q = _step(
                    units, i, t, bend, own, place, change, pieces[j], x[j], s[j], value[j], spare, x_new, s_new
                )
                if n < 0:
                    continue
                v, p = lowest(n, x_new, s_new, v)
                if v + stop < ended[t]:
                    ended[t], end_began[t], end_output[t], end_before[t] = v + stop, began[j], p, q
            if units.min_up[i] <= 1 and start[t] < INFINITE:
                bend, own = _bend(units, prices, i, t, ONLY), curve(units, prices, i, t, ONLY, True, work)
                n, v = _first(units, i, t, ONLY, bend, own, place, change, (spare[0], spare[1]), x_new, s_new)
                if n >= 0:
                    v, p = lowest(n, x_new, s_new, v)
                    if start[t] + v + stop < ended[t]:
                        ended[t], end_began[t], end_output[t] = start[t] + v + stop, t, p
        if runs:
            bend, own = _bend(units, prices, i, t, MID), curve(units, prices, i, t, MID, True, work)
            kept = 0
            for j in range(runs):
                n, v, q = _step(
                    units, i, t, bend, own, place, change, pieces[j], x[j], s[j], value[j], spare, x_new, s_new
                )
                if n < 0:
                    continue
                best_before[began[j] + 1, t] = q
                began[kept], pieces[kept], value[kept] = began[j], n, v
                x[kept, : n + 1] = x_new[: n + 1]
                s[kept, :n] = s_new[:n]
                kept += 1
            runs = kept
        if start[t] < INFINITE:
            bend, own = _bend(units, prices, i, t, START), curve(units, prices, i, t, START, True, work)
            n, v = _first(units, i, t, START, bend, own, place, change, (spare[0], spare[1]), x[runs], s[runs])
            if n >= 0:
                began[runs], pieces[runs], value[runs] = t, n, start[t] + v
                runs += 1
        if runs > 1 and t < periods - 1:
            runs = _drop(units.min_up[i], t, runs, began, pieces, value, x, s)
    running, running_began, running_output = INFINITE, -1, 0.0
    for j in range(runs):
        v, p = lowest(pieces[j], x[j], s[j], value[j])
        if v < running:
            running, running_began, running_output = v, began[j], p
    plan.value[i], end = close(units, prices, i, ended, running)
    clear(units, i, plan)
    if plan.value[i] >= INFINITE:
        return
    while end >= 0:
        last = end < periods - 1
        h, p = (end_began[end], end_output[end]) if last else (running_began, running_output)
        q = end_before[end] if last else best_before[h + 1, end]
        write_run(i, h, end, arc[h] if h >= 0 else -1, plan)
        _write_output(units, prices, i, h, end, p, q, best_before[h + 1], plan, work)
        if h < 0:
            break
        end = before[h]
        write_end(i, end, plan)


@numba.njit(cache=False)
def _drop(min_up: int, t: int, runs: int, began: Ints, pieces: Ints, value: Floats, x: Floats, s: Floats) -> int:
    """Drop runs that another one beats; how many are left. Runs stand in order of their first period."""
    gone = np.zeros(runs, dtype=np.bool_)
    for j in range(runs):
        near = NEAR * (1.0 + abs(value[j]))
        for k in range(runs):
            if k == j or gone[k]:
                continue
            ends_first = k < j or t + 2 - began[k] >= min_up
            if ends_first and below(pieces[k], x[k], s[k], value[k], pieces[j], x[j], s[j], value[j], near):
                gone[j] = True
                break
    kept = 0
    for j in range(runs):
        if not gone[j]:
            if kept != j:
                n = pieces[j]
                began[kept], pieces[kept], value[kept] = began[j], n, value[j]
                x[kept, : n + 1] = x[j, : n + 1]
                s[kept, :n] = s[j, :n]
            kept += 1
    return kept


@numba.njit(cache=False)
def _write_output(
    units: Units, prices: Prices, i: int, first: int, end: int, output: float, before: float, best_before: Floats,
    plan: Plan, work: tuple[Floats, Floats, Floats, Floats],
) -> None:  # fmt: skip
    """Outputs and awards of a run, from its end back."""
    periods = units.on_min.shape[1]
    for t in range(end, max(first, 0) - 1, -1):
        last = end < periods - 1 and t == end
        mode = (ONLY if last else START) if t == first else (END if last else MID)
        room = units.room[mode, i, t]
        plan.above[i, t] = output
        up, down, previous = room - output, output, output
        if t > first:
            if t == 0:
                previous = units.before[i]
            else:
                q = before if t == end else best_before[t]
                previous = min(max(q, output - units.rise[i, t]), output + units.fall[i, t])
            up = min(room, units.rise[i, t] + previous) - output
            down = output + min(0.0, units.fall[i, t] - previous)
        hold(units, prices, i, t, mode, output, (up, down), True, work, plan.award)
        output = previous
