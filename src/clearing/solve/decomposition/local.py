"""What one period on line costs a unit, by output above p_min: a convex piecewise-linear function."""

from __future__ import annotations

import numba
import numpy as np

from clearing.case.arrays import Floats
from clearing.solve.decomposition.data import Mode, Prices, Sharing, Units

INFINITE = 1e300
"""Cost of what a unit cannot do."""

MID, START, END, ONLY = (int(m) for m in Mode)
UP, DOWN, UP_RAMP, DOWN_RAMP, NOTHING = (int(s) for s in Sharing)


@numba.njit(cache=False)
def scratch(units: Units, i: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Room for the kinks of a unit: place and change of slope, and for the pieces that are sorted on the way."""
    most = 2 + (units.segment_first[i + 1] - units.segment_first[i])
    most += 2 * (units.award_first[i + 1] - units.award_first[i])
    return np.empty(most), np.empty(most), np.empty(most), np.empty(most)


@numba.njit(cache=False, inline="always")
def gains(units: Units, prices: Prices, i: int, t: int) -> tuple[float, float]:
    """What a MW of the best product that shares the up ramp brings, and of the best that shares the down ramp."""
    up = down = 0.0
    for k in range(units.award_first[i], units.award_first[i + 1]):
        a = units.award_of[k]
        if units.sharing[a] == UP_RAMP:
            up = max(up, -prices.award[a, t])
        elif units.sharing[a] == DOWN_RAMP:
            down = max(down, -prices.award[a, t])
    return up, down


@numba.njit(cache=False, inline="always")
def _sorted(count: int, gain: Floats, size: Floats) -> None:
    """Pieces by falling gain."""
    for j in range(1, count):
        g, s, k = gain[j], size[j], j
        while k > 0 and gain[k - 1] < g:
            gain[k], size[k] = gain[k - 1], size[k - 1]
            k -= 1
        gain[k], size[k] = g, s


@numba.njit(cache=False, inline="always")
def _pieces(units: Units, prices: Prices, i: int, t: int, up: bool, ramped: bool, gain: Floats, size: Floats) -> int:
    """Awards one way that bring something and are not left to the ramp, by falling gain; how many."""
    kind, with_ramp = (UP, UP_RAMP) if up else (DOWN, DOWN_RAMP)
    count = 0
    for k in range(units.award_first[i], units.award_first[i + 1]):
        a = units.award_of[k]
        mine = units.sharing[a] == kind or (not ramped and units.sharing[a] == with_ramp)
        if mine and prices.award[a, t] < 0.0 and units.cap[a, t] > 0.0:
            gain[count], size[count] = -prices.award[a, t], units.cap[a, t]
            count += 1
    _sorted(count, gain, size)
    return count


@numba.njit(cache=False, inline="always")
def curve(  # noqa: PLR0912  # three sums, one after the other
    units: Units, prices: Prices, i: int, t: int, mode: int, ramped: bool, work: tuple[Floats, Floats, Floats, Floats]
) -> tuple[float, float, int, float]:
    """Value and slope at output 0, number of kinks (place and change of slope in `work`), greatest output.

    energy + the best use of the room left for awards. ramped: awards that share ramps are counted as if the ramp
    did not hold them: +gain for a MW of output up, −gain down; what the ramp takes of it is in the step to the period.
    """
    place, change, gain, size = work
    room, top = units.room[mode, i, t], units.top[mode, i, t]
    value, slope, kinks = prices.on[i, t], prices.above[i, t], 0
    for k in range(units.award_first[i], units.award_first[i + 1]):
        a = units.award_of[k]
        if units.sharing[a] == NOTHING:
            value += min(0.0, prices.award[a, t]) * units.cap[a, t]
    # Energy: cheapest segment first.
    count = 0
    for k in range(units.segment_first[i], units.segment_first[i + 1]):
        m = units.segment_of[k]
        if units.width[m, t] > 0.0:
            gain[count], size[count] = -prices.segment[m, t], units.width[m, t]
            count += 1
    _sorted(count, gain, size)
    end = 0.0
    for k in range(count):
        if k == 0:
            slope -= gain[0]
        else:
            place[kinks], change[kinks] = end, gain[k - 1] - gain[k]
            kinks += 1
        end += size[k]
    top = min(top, end)
    # Awards up: room not taken by output, the best first; output takes from the least first.
    count = _pieces(units, prices, i, t, True, ramped, gain, size)
    held, last = 0.0, 0.0
    for k in range(count):
        value -= gain[k] * min(size[k], max(0.0, room - held))
        held += size[k]
    for k in range(count - 1, -1, -1):
        if held >= room:
            if held - size[k] < room:
                slope += gain[k]
        else:
            place[kinks], change[kinks] = room - held, gain[k] - last
            kinks += 1
        last = gain[k]
        held -= size[k]
    # Awards down: as much as there is output, the best first.
    count = _pieces(units, prices, i, t, False, ramped, gain, size)
    held = 0.0
    for k in range(count):
        if k == 0:
            slope -= gain[0]
        held += size[k]
        place[kinks], change[kinks] = held, gain[k] - (gain[k + 1] if k + 1 < count else 0.0)
        kinks += 1
    if ramped:
        up, down = gains(units, prices, i, t)
        slope += up - down
    for j in range(1, kinks):
        p, c, k = place[j], change[j], j
        while k > 0 and place[k - 1] > p:
            place[k], change[k] = place[k - 1], change[k - 1]
            k -= 1
        place[k], change[k] = p, c
    return value, slope, kinks, top


@numba.njit(cache=False)
def least(
    value: float, slope: float, kinks: int, place: Floats, change: Floats, low: float, top: float
) -> tuple[float, float]:
    """Least value of a curve on [low, top], and where; INFINITE where that is empty."""
    if low > top + 1e-9:
        return INFINITE, 0.0
    at, k = 0.0, 0
    while True:
        end = min(place[k], top) if k < kinks else top
        if end > at:
            if end <= low or slope < 0.0:
                value += slope * (end - at)
                at = end
            elif at < low:
                value += slope * (low - at)
                at = low
        if k >= kinks or place[k] >= top or (slope >= 0.0 and at >= low):
            return value, at
        slope += change[k]
        k += 1


@numba.njit(cache=False, inline="always")
def state_cost(units: Units, prices: Prices, i: int, t: int, off: int) -> tuple[float, int]:
    """What the state of a start adds after `off` periods off (−1: since before the horizon); its arc, −1 = coldest."""
    first = off < 0
    cold = units.cold_first_start[i, t] if first else off >= units.cold_wait[i]
    best, arc = (0.0, -1) if cold else (INFINITE, -1)
    for k in range(units.arc_first[i], units.arc_first[i + 1]):
        a = units.arc_of[k]
        if first:
            applies = units.arc_first_start[a, t]
        else:
            applies = units.wait[a] <= off <= units.long[a] and units.short[a] <= units.long[a]
        if applies and prices.save[a, t] < best:
            best, arc = prices.save[a, t], a
    return best, arc


@numba.njit(cache=False, inline="always")
def hold(
    units: Units, prices: Prices, i: int, t: int, mode: int, output: float, shared: tuple[float, float], ramped: bool,
    work: tuple[Floats, Floats, Floats, Floats], award: Floats,
) -> None:  # fmt: skip
    """Write the awards (P, T) that go with an output; shared: MW of the best products that share ramps, up and down."""
    for up in (True, False):
        left = units.room[mode, i, t] - output if up else output
        left = max(0.0, left)
        kind, with_ramp = (UP, UP_RAMP) if up else (DOWN, DOWN_RAMP)
        while True:
            best, chosen = 0.0, -1
            for k in range(units.award_first[i], units.award_first[i + 1]):
                a = units.award_of[k]
                mine = units.sharing[a] == kind or (not ramped and units.sharing[a] == with_ramp)
                if mine and award[a, t] == 0.0 and units.cap[a, t] > 0.0 and -prices.award[a, t] > best:
                    best, chosen = -prices.award[a, t], a
            if chosen < 0 or left <= 0.0:
                break
            award[chosen, t] = min(left, units.cap[chosen, t])
            left -= award[chosen, t]
        best, chosen = 0.0, -1
        for k in range(units.award_first[i], units.award_first[i + 1]):
            a = units.award_of[k]
            if ramped and units.sharing[a] == with_ramp and -prices.award[a, t] > best:
                best, chosen = -prices.award[a, t], a
        if chosen >= 0:
            award[chosen, t] = max(0.0, shared[0] if up else shared[1])
    for k in range(units.award_first[i], units.award_first[i + 1]):
        a = units.award_of[k]
        if units.sharing[a] == NOTHING and prices.award[a, t] < 0.0:
            award[a, t] = units.cap[a, t]
