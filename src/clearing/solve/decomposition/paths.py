"""When a unit is on: what both kernels know of starts, stops and times off."""

from __future__ import annotations

import numba

from clearing.case.arrays import Floats
from clearing.solve.decomposition.data import Prices, Units
from clearing.solve.decomposition.local import INFINITE, start_cost

BEFORE = -1
"""A start: the unit was off before the horizon. A run: it was on."""
STOPPED_FIRST = -2
"""A start: the unit was on before the horizon and stopped in the first period."""


@numba.njit(cache=True)
def may_end(units: Units, i: int, t: int) -> bool:
    """Whether period t may be the last one on: the next is off."""
    return bool(units.on_min[i, t + 1] == 0 and units.stop_max[i, t + 1] == 1)


@numba.njit(cache=True)
def best_start(units: Units, prices: Prices, i: int, t: int, ended: Floats) -> tuple[float, int, int]:
    """Least cost of all up to a start in t, that of the start included: (cost, end of the run before, arc).

    ended (T): least cost of all up to a run that ends in a period, its stop included.
    """
    best, before, arc = INFINITE, BEFORE, -1
    if units.on_max[i, t] == 0 or units.start_max[i, t] == 0:
        return best, before, arc
    end = t - 2
    while end >= -2:
        if end == BEFORE:
            end -= 1
            continue
        if end == STOPPED_FIRST:
            off = t
            stops = units.was_on[i] and units.stop_max[i, 0] == 1 and units.on_min[i, 0] == 0
            cost = prices.stop[i, 0] if stops and t > 0 else INFINITE
        else:
            off = t - end - 1
            if units.on_min[i, end + 1] == 1:
                return best, before, arc  # it must be on in between, whichever run was before
            cost = ended[end]
        if cost < INFINITE and off >= units.min_down[i]:
            own, a = start_cost(units, prices, i, t, off)
            if cost + own < best:
                best, before, arc = cost + own, end, a
        end -= 1
    return best, before, arc


@numba.njit(cache=True)
def never_on_before(units: Units, i: int, t: int) -> bool:
    """Whether a unit may be off from the first period up to t, without t."""
    for s in range(t):
        if units.on_min[i, s] == 1:
            return False
    return True


@numba.njit(cache=True)
def start_from(units: Units, prices: Prices, i: int, t: int, ended: Floats) -> tuple[float, int, int]:
    """`best_start`, with a first start of a unit that was off before."""
    best, before, arc = best_start(units, prices, i, t, ended)
    allowed = units.on_max[i, t] == 1 and units.start_max[i, t] == 1 and units.first_start[i, t]
    if not units.was_on[i] and allowed and never_on_before(units, i, t):
        own, a = start_cost(units, prices, i, t, -1)
        if own < best:
            best, before, arc = own, BEFORE, a
    return best, before, arc


@numba.njit(cache=True)
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

