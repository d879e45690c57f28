"""The least reduced cost of one unit, by the auditor's own plain recursion.

All runs first … last are costed backward, from every end by itself: the cost of what is left of a run is a convex
function of the output, held as its values at breakpoints. Then a shortest path over runs and times off. Nothing is
dropped on the way, and nothing is shared with the search. Compiled, in one file: it is kept on disk by this file alone.
"""

from __future__ import annotations

import numba
import numpy as np

from clearing.case.arrays import Floats, Ints

NEVER = 1e300
"""Cost of what cannot be."""
NEAR = 1e-9


@numba.njit(cache=False)
def _local(p: float, floor: Floats, widths: Floats, prices: Floats, caps: Floats, gains: Floats, room: float) -> float:
    """Reduced cost of a period at output p above p_min: floor = (on, money a MW of output); segments in order of price;
    caps, gains: (up, down) by rank, the best first, of awards that hold room alone."""
    cost, left = floor[0] + floor[1] * p, p
    for k in range(len(widths)):
        cost += min(left, widths[k]) * prices[k]
        left = max(0.0, left - widths[k])
    for side in range(2):
        left = p if side == 1 else max(0.0, room - p)
        for k in range(caps.shape[1]):
            held = min(left, caps[side, k])
            cost -= held * gains[side, k]
            left -= held
    return float(cost)


@numba.njit(cache=False)
def _kinks(widths: Floats, caps: Floats, room: float, top: float, out: Floats) -> int:
    """Outputs strictly within (0, top) at which `_local` may bend, sorted; how many."""
    count, total = 0, 0.0
    for k in range(len(widths)):
        total += widths[k]
        out[count] = total
        count += 1
    total = down = 0.0
    for k in range(caps.shape[1]):
        total += caps[0, k]
        down += caps[1, k]
        out[count], out[count + 1] = room - total, down
        count += 2
    out[:count].sort()
    kept = 0
    for k in range(count):
        if 0.0 < out[k] < top:
            out[kept] = out[k]
            kept += 1
    return kept


@numba.njit(cache=False)
def _at(n: int, x: Floats, v: Floats, p: float, k: int) -> float:
    """Value at p of a function with breakpoints x[0 … n − 1], looked for from place k on."""
    while k + 2 < n and x[k + 1] < p:
        k += 1
    if n == 1 or x[k + 1] <= x[k]:
        return float(v[k])
    return float(v[k] + (v[k + 1] - v[k]) * (p - x[k]) / (x[k + 1] - x[k]))


@numba.njit(cache=False)
def _back(n: int, x: Floats, v: Floats, rise: float, fall: float, y: Floats, w: Floats) -> int:
    """min over p of f(p), q − fall ≤ p ≤ q + rise, as a function of the output q of the period before."""
    best = 0
    for k in range(1, n):
        if v[k] < v[best]:
            best = k
    for k in range(best + 1):
        y[k], w[k] = x[k] - rise, v[k]
    for k in range(best, n):
        y[k + 1], w[k + 1] = x[k] + fall, v[k]
    return n + 1


@numba.njit(cache=False)
def _held_by_ramp(
    n: int, y: Floats, w: Floats, up: float, room: float, rise: float, down: float, fall: float, x: Floats, v: Floats
) -> int:
    """Add −up·min(room, rise + q) − down·min(0, fall − q): what an award that shares the ramp gets of it."""
    bends = (min(room - rise, fall), max(room - rise, fall))
    m = 0
    for k in range(n):
        if k > 0:
            for bend in bends:
                if max(y[k - 1], x[m - 1]) < bend < y[k]:
                    x[m], v[m] = bend, _at(n, y, w, bend, k - 1)
                    m += 1
        x[m], v[m] = y[k], w[k]
        m += 1
    for k in range(m):
        v[k] -= up * min(room, rise + x[k]) + down * min(0.0, fall - x[k])
    return m


@numba.njit(cache=True)
def least_cost(  # noqa: PLR0912, PLR0915  # one recursion, plain on purpose
    windows: Ints, times: Ints, first_mw: float, limits: Floats, rooms: Floats, low: Floats, rise: Floats, fall: Floats,
    ramped: bool, floor: Floats, widths: Floats, prices: Floats, caps: Floats, gains: Floats, shared: Floats,
    start: Floats, start_first: Floats, stop: Floats,
) -> float:  # fmt: skip
    """Least reduced cost of a unit over T periods.

    windows (3, T)           on at least, on at most, may stop at the beginning of the period: 0/1
    times (3)                on before, min up, min down (periods)
    first_mw                 output above p_min of the first period, just before the horizon
    limits, rooms (4, T)     greatest output above p_min, and with up awards: in the midst of a run, in its first, its
                             last, its only period
    low, rise, fall (T)      least output above p_min; greatest change, of the outputs above p_min
    ramped                   whether rise and fall can bind
    floor (2, T)             reduced cost of being on, and of a MW of output, awards that share ramps apart
    widths, prices (S, T)    segments in order
    caps, gains (2, K, T)    awards that hold room only, the best first
    shared (2, T)            gain of the award that shares the ramp, up and down
    start (T + 1, T)         cost of a start after so many periods off, by period; start_first (T) of one that was off
                             before, NEVER where it may not be
    stop (T)                 cost of a stop at the beginning of a period
    """
    periods = windows.shape[1]
    on_before, min_up, min_down = times[0] == 1, times[1], times[2]
    run = np.full((periods + 1, periods), NEVER)  # first period (T: on before the horizon), last period
    most = 2 * (len(widths) + 2 * caps.shape[1] + 4) * (periods + 2)
    bends = np.empty(most)
    x, v, y, w = np.empty(most), np.empty(most), np.empty(most), np.empty(most)
    for last in range(periods):
        if windows[1, last] == 0 or (last + 1 < periods and (windows[0, last + 1] == 1 or windows[2, last + 1] == 0)):
            continue
        n = 0  # breakpoints of what the run costs behind a period; none yet
        total = 0.0
        for t in range(last, -1, -1):
            if windows[1, t] == 0:
                break
            ends = t == last and last + 1 < periods
            for begins in (True, False):
                mode = (3 if ends else 1) if begins else (2 if ends else 0)
                if begins and (last < periods - 1 and last - t + 1 < min_up):
                    continue
                top, room = limits[mode, t], rooms[mode, t]
                if low[t] > top + NEAR:
                    if not begins:
                        n = -1
                    continue
                # The curve of the period, added to what is behind.
                count = _kinks(widths[:, t], caps[:, :, t], room, top, bends)
                left = min(low[t], top)
                right = top
                if n > 0:
                    left, right = max(left, x[0]), min(right, x[n - 1])
                if left > right + NEAR:
                    if not begins:
                        n = -1
                    continue
                right = max(left, right)
                m, k, j, at = 0, 0, 0, left
                gain_up, gain_down = shared[0, t], shared[1, t]
                while True:
                    value = _local(at, floor[:, t], widths[:, t], prices[:, t], caps[:, :, t], gains[:, :, t], room)
                    value += (gain_up - gain_down) * at
                    if n > 0:
                        value += _at(n, x, v, at, 0 if j == 0 else j - 1)
                    y[m], w[m] = at, value
                    m += 1
                    if at >= right:
                        break
                    while k < count and bends[k] <= at:
                        k += 1
                    after = bends[k] if k < count else right
                    while n > 0 and j < n and x[j] <= at:
                        j += 1
                    if n > 0 and j < n:
                        after = min(after, x[j])
                    at = min(after, right)
                if begins:
                    # No ramp leads into it: an award that shares one has all the room.
                    lowest = w[0]
                    for k in range(1, m):
                        lowest = min(lowest, w[k])
                    run[t, last] = lowest - gain_up * room + total
                elif ramped:
                    # y, w → x, v: a period back, by the ramps, with what they leave of shared awards.
                    count = _back(m, y, w, rise[t], fall[t], x, v)
                    y[:count], w[:count] = x[:count], v[:count]
                    n = _held_by_ramp(count, y, w, gain_up, room, rise[t], gain_down, fall[t], x, v)
                else:
                    lowest = w[0]
                    for k in range(1, m):
                        lowest = min(lowest, w[k])
                    total += lowest - gain_up * room
                    n = 0
            if n < 0:
                break
            if t == 0 and on_before:
                if not ramped:
                    run[periods, last] = total
                elif x[0] - NEAR <= first_mw <= x[n - 1] + NEAR:
                    run[periods, last] = _at(n, x, v, min(max(first_mw, x[0]), x[n - 1]), 0)
    return _shortest(windows, on_before, min_down, run, start, start_first, stop)


def warm_up() -> None:
    """Compile, or load what was compiled: on a unit that is off."""
    none, one, four, pair = np.zeros((0, 1)), np.zeros(1), np.zeros((4, 1)), np.zeros((2, 1))
    least_cost(
        np.zeros((3, 1), dtype=np.int64), np.ones(3, dtype=np.int64), 0.0, four, four, one, one, one, True, pair,
        none, none, np.zeros((2, 0, 1)), np.zeros((2, 0, 1)), pair, np.zeros((2, 1)), one, one,
    )  # fmt: skip


@numba.njit(cache=False)
def _shortest(
    windows: Ints, on_before: bool, min_down: int, run: Floats, start: Floats, start_first: Floats, stop: Floats
) -> float:
    """Least cost of a way through the horizon: off, runs, off."""
    periods = windows.shape[1]
    must = np.zeros(periods + 1)  # periods before t in which it must be on
    for t in range(periods):
        must[t + 1] = must[t] + windows[0, t]
    # off[t]: least cost of all before t of a unit that stops at the beginning of t; begun[t]: of one that starts there.
    off, begun = np.full(periods, NEVER), np.full(periods, NEVER)
    if on_before and windows[2, 0] == 1:
        off[0] = stop[0]
    best = NEVER
    for last in range(periods):
        if not on_before and must[last] == 0.0:
            begun[last] = start_first[last]
        for since in range(last - min_down + 1):
            if off[since] < NEVER and must[last] == must[since]:
                begun[last] = min(begun[last], off[since] + start[last - since, last])
        least = run[periods, last]
        for first in range(last + 1):
            if begun[first] < NEVER and run[first, last] < NEVER:
                least = min(least, begun[first] + run[first, last])
        if last == periods - 1:
            best = least
        elif least < NEVER:
            off[last + 1] = min(off[last + 1], least + stop[last + 1])
    for since in range(periods):
        if off[since] < NEVER and must[since] == must[periods]:
            best = min(best, off[since])
    return min(best, 0.0) if not on_before and must[periods] == 0.0 else best
