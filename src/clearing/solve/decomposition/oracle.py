"""All units at given prices, on all threads: the two compiled entries to the kernels."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numba
import numpy as np

from clearing.case.arrays import Bools, Flags, Ints
from clearing.solve.decomposition.data import Prices, Units
from clearing.solve.decomposition.free import keeps_ramps, solve_free
from clearing.solve.decomposition.plan import Plan, empty_plan
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
    _spread(_free, units, prices, plan, np.arange(len(good)), good)
    if exact:
        _spread(_ramped, units, prices, plan, np.flatnonzero(good == 0), good)
    return np.asarray(good == 1)


def _spread(entry: Entry, units: Units, prices: Prices, plan: Plan, order: Ints, good: Flags) -> None:
    """Run an entry on all threads; each writes the rows of its own units only, so the order makes no difference.

    Neighbours in a table are alike, so the threads take turns. Threads of our own: the compiler's would need its
    parallel mode, which takes half as long again to compile, and would keep a core busy while they wait.
    """
    threads = min(numba.get_num_threads(), len(order))
    parts = [np.ascontiguousarray(order[k::threads]) for k in range(threads)]
    if threads == 1:
        entry(units, prices, plan, parts[0], good)
    elif threads:
        with ThreadPoolExecutor(threads) as pool:
            for done in [pool.submit(entry, units, prices, plan, part, good) for part in parts]:
                done.result()


def warm_up() -> None:
    """Compile, or load what was compiled: on a unit that is off."""
    one, many = np.zeros(1, dtype=np.int64), np.zeros((1, 1))
    flags, yes, first = np.zeros((1, 1), dtype=np.int8), np.zeros(1, dtype=np.bool_), np.zeros(2, dtype=np.int64)
    units = Units(
        on_min=flags, on_max=flags, start_max=flags, stop_max=flags, was_on=yes, first_start=yes[None, :].copy(),
        min_up=one + 1, min_down=one + 1, top=np.zeros((4, 1, 1)), room=np.zeros((4, 1, 1)), least=many,
        before=np.zeros(1), rise=many, fall=many, ramped=~yes, segment_first=first, segment_of=one, width=many,
        award_first=first, award_of=one, cap=many, sharing=one, arc_first=first, arc_of=one, short=one, long=one,
        wait=one, arc_first_start=yes[None, :].copy(), cold_wait=one, cold_first_start=yes[None, :].copy(),
    )  # fmt: skip
    prices = Prices(*(many.copy() for _ in Prices._fields))
    solve_units(units, prices, empty_plan(units), exact=True)
    _ramped(units, prices, empty_plan(units), one, np.zeros(1, dtype=np.int8))


def _digest() -> str:
    folder = Path(__file__).parent
    return hashlib.sha256(b"".join((folder / f"{name}.py").read_bytes() for name in KERNELS)).hexdigest()


def _entries(sources: str) -> tuple[Entry, Entry]:
    """Entries whose compiled code is kept on disk by what all kernels say: numba alone looks at this file only, and
    would go on with code compiled from others as they were. So nothing below the entries is kept by itself."""

    @numba.njit(cache=True, nogil=True)
    def free(units: Units, prices: Prices, plan: Plan, order: Ints, good: Flags) -> None:
        for k in range(len(order)):
            i = order[k]
            solve_free(units, prices, i, plan)
            good[i] = 1 if not units.ramped[i] or keeps_ramps(units, i, plan) else 0
        assert len(sources) > 0

    @numba.njit(cache=True, nogil=True)
    def ramped(units: Units, prices: Prices, plan: Plan, order: Ints, good: Flags) -> None:
        for k in range(len(order)):
            solve_ramped(units, prices, order[k], plan)
            good[order[k]] = 1
        assert len(sources) > 0

    return free, ramped


_free, _ramped = _entries(_digest())
