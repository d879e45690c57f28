"""All units at given prices, in parallel: the two compiled entries to the kernels."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numba
import numpy as np

from clearing.case.arrays import Bools, Flags, Ints
from clearing.solve.decomposition.data import Prices, Units
from clearing.solve.decomposition.free import keeps_ramps, solve_free
from clearing.solve.decomposition.plan import Plan
from clearing.solve.decomposition.ramped import solve_ramped

KERNELS = ("data", "local", "paths", "plan", "free", "convex", "ramped", "oracle")
"""Modules whose code is compiled into the entries."""

Entry = Callable[[Units, Prices, Plan, Ints, Flags], None]


def solve_units(units: Units, prices: Prices, plan: Plan, *, exact: bool) -> Bools:
    """Write every unit's best schedule. Returns which ones are the best with their ramps (N).

    exact False: ramps are left out, the values are bounds from below. True: units whose schedule breaks a ramp then are
    solved again with their ramps.
    """
    good = np.zeros(len(units.min_up), dtype=np.int8)
    _free(units, prices, plan, np.arange(len(good)), good)
    if exact:
        again = np.flatnonzero(good == 0)
        # Neighbours in a table are alike, so the threads take turns.
        _ramped(units, prices, plan, np.concatenate([again[k::2] for k in range(2)]), good)
    return np.asarray(good == 1)


def _digest() -> str:
    folder = Path(__file__).parent
    return hashlib.sha256(b"".join((folder / f"{name}.py").read_bytes() for name in KERNELS)).hexdigest()


def _entries(sources: str) -> tuple[Entry, Entry]:
    """Entries whose compiled code is kept on disk by what all kernels say: numba alone looks at this file only, and
    would go on with code compiled from others as they were. So nothing below the entries is kept by itself."""

    @numba.njit(cache=True, parallel=True)
    def free(units: Units, prices: Prices, plan: Plan, order: Ints, good: Flags) -> None:
        for k in numba.prange(len(order)):
            i = order[k]
            solve_free(units, prices, i, plan)
            good[i] = 1 if not units.ramped[i] or keeps_ramps(units, i, plan) else 0
        assert len(sources) > 0

    @numba.njit(cache=True, parallel=True)
    def ramped(units: Units, prices: Prices, plan: Plan, order: Ints, good: Flags) -> None:
        for k in numba.prange(len(order)):
            solve_ramped(units, prices, order[k], plan)
            good[order[k]] = 1
        assert len(sources) > 0

    return free, ramped


_free, _ramped = _entries(_digest())
