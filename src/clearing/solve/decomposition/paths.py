"""When a unit is on: what both kernels know of starts, stops and times off."""

from __future__ import annotations

import numba

from clearing.case.arrays import Floats
from clearing.solve.decomposition.data import Prices, Units
from clearing.solve.decomposition.local import INFINITE, state_cost

BEFORE = -1
"""A start: the unit was off before the horizon. A run: it was on."""
STOPPED_FIRST = -2
"""A start: the unit was on before the horizon and stopped in the first period."""


@numba.njit(cache=False, inline="always")
def may_end(units: Units, i: int, t: int) -> bool:
    """Whether period t may be the last one on: the next is off."""
    return bool(units.on_min[i, t + 1] == 0 and units.stop_max[i, t + 1] == 1)


@numba.njit(cache=False, inline="always")
def best_start(units: Units, prices: Prices, i: int, t: int, ended: Floats) -> tuple[float, int, int]:
    """Least cost of all up to a start in t, that of the start included: (cost, end of the run before, arc).

    ended (T): least cost of all up to a run that ends in a period, its stop included.
    """
    best, before, arc = INFINITE, BEFORE, -1
    if units.on_max[i, t] == 0 or units.start_max[i, t] == 0:
        return best, before, arc
    # No calls in here: it is the one loop over pairs of periods.
    on_min, min_down, arc_of, save = units.on_min[i], units.min_down[i], units.arc_of, prices.save
    wait, short, long = units.wait, units.short, units.long
    first_arc, last_arc, cold_wait = units.arc_first[i], units.arc_first[i + 1], units.cold_wait[i]
    for end in range(t - 2, -1, -1):
        if on_min[end + 1] == 1:
            break
        off = t - end - 1
        if off < min_down or ended[end] >= INFINITE:
            continue
        own, chosen = (0.0, -1) if off >= cold_wait else (INFINITE, -1)
        for k in range(first_arc, last_arc):
            a = arc_of[k]
            if off <= long[a] and short[a] <= long[a] and off >= wait[a] and save[a, t] < own:
                own, chosen = save[a, t], a
        if ended[end] + own < best:
            best, before, arc = ended[end] + own, end, chosen
    if units.was_on[i] and units.stop_max[i, 0] == 1 and t >= max(1, min_down) and may_be_off(units, i, t):
        own, chosen = state_cost(units, prices, i, t, t)
        if prices.stop[i, 0] + own < best:
            best, before, arc = prices.stop[i, 0] + own, STOPPED_FIRST, chosen
    if best < INFINITE:
        best += prices.start[i, t]
    return best, before, arc


@numba.njit(cache=False, inline="always")
def may_be_off(units: Units, i: int, t: int) -> bool:
    """Whether a unit may be off from the first period up to t, without t."""
    most = 0
    for s in range(t):
        most = max(most, units.on_min[i, s])
    return most == 0


@numba.njit(cache=False, inline="always")
def start_from(units: Units, prices: Prices, i: int, t: int, ended: Floats) -> tuple[float, int, int]:
    """`best_start`, with a first start of a unit that was off before."""
    best, before, arc = best_start(units, prices, i, t, ended)
    allowed = units.on_max[i, t] == 1 and units.start_max[i, t] == 1 and units.first_start[i, t]
    if not units.was_on[i] and allowed and may_be_off(units, i, t):
        own, a = state_cost(units, prices, i, t, -1)
        own += prices.start[i, t]
        if own < best:
            best, before, arc = own, BEFORE, a
    return best, before, arc


@numba.njit(cache=False)
def close(units: Units, prices: Prices, i: int, ended: Floats, running: float) -> tuple[float, int]:
    """Least cost of the horizon, and the last run's end: T − 1 = on at the end (`running`), else as `best_start`."""
    periods = units.on_min.shape[1]
    best, last = running, periods - 1
    for end in range(periods - 2, -1, -1):
        if units.on_min[i, end + 1] == 1:
            return best, last
        if ended[end] < best:
            best, last = ended[end], end
    if periods and units.on_min[i, 0] == 0:
        if not units.was_on[i] and best > 0.0:
            best, last = 0.0, BEFORE
        elif units.was_on[i] and units.stop_max[i, 0] == 1 and prices.stop[i, 0] < best:
            best, last = prices.stop[i, 0], STOPPED_FIRST
    return best, last
