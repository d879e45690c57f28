"""All units at given prices, in parallel."""

from __future__ import annotations

import numba
import numpy as np

from clearing.case.arrays import Bools, Flags, Ints
from clearing.solve.decomposition.data import Prices, Units
from clearing.solve.decomposition.free import keeps_ramps, solve_free
from clearing.solve.decomposition.plan import Plan
from clearing.solve.decomposition.ramped import solve_ramped


def solve_units(units: Units, prices: Prices, plan: Plan, *, exact: bool) -> Bools:
    """Write every unit's best schedule. Returns which ones are the best with their ramps (N).

    exact False: ramps are left out, the values are bounds from below. True: units whose schedule breaks a ramp then are
    solved again with their ramps.
    """
    good = np.zeros(len(units.min_up), dtype=np.int8)
    _free(units, prices, plan, good)
    if exact:
        again = np.flatnonzero(good == 0)
        # Neighbours in a table are alike, so the threads take turns.
        order = np.concatenate([again[k::2] for k in range(2)])
        _ramped(units, prices, plan, order)
        good[again] = 1
    return np.asarray(good == 1)


@numba.njit(cache=True, parallel=True)
def _free(units: Units, prices: Prices, plan: Plan, good: Flags) -> None:
    for i in numba.prange(len(good)):
        solve_free(units, prices, i, plan)
        good[i] = 1 if not units.ramped[i] or keeps_ramps(units, i, plan) else 0


@numba.njit(cache=True, parallel=True)
def _ramped(units: Units, prices: Prices, plan: Plan, order: Ints) -> None:
    for k in numba.prange(len(order)):
        solve_ramped(units, prices, order[k], plan)
