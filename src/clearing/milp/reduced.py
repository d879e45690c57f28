"""A problem with some columns held, without what that settles: held columns, rows that cannot be broken any more.

The solver's own presolve finds the same and more, but on a large model only after minutes; this takes milliseconds, so
that what a search has decided need not be handed over again and again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from clearing.milp.columns import Columns
from clearing.milp.problem import Problem

PASSES = 20
"""Passes over all rows; each but the last settled something."""

SAME = 1e-9
"""Bounds nearer to each other than this are one."""

KEPT = 1e-7
"""A row counts as impossible only when it is broken by more than this times max(1, |side|)."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Reduced:
    """What is left of a problem.

    problem      over the columns that are still open; its layout has no names
    columns      their places in the whole problem
    rows         places of the rows that stand
    lower        value of every column of the whole that is not open (elsewhere its lower bound)
    offset       cost of what is settled
    """

    problem: Problem
    columns: Ints
    rows: Ints
    lower: Floats
    offset: float

    @property
    def settled(self) -> bool:
        """Whether nothing is open any more; there is nothing to hand to a solver then."""
        return not len(self.columns)

    def whole(self, x: Floats) -> Floats:
        """A solution of the whole problem from one of the reduced."""
        out = self.lower.copy()
        out[self.columns] = x
        return out


def reduced(problem: Problem, lower: Floats, upper: Floats) -> Reduced | None:
    """The problem within tighter bounds; None = no solution keeps them.

    Every solution of the result is one of the problem. Only bounds that settle a column or come from a row with a
    single open column are moved, so that no bound stands twice.
    """
    low, high = lower.astype(np.float64), upper.astype(np.float64)
    matrix = problem.matrix
    dropped = np.zeros(len(problem.row_lower), dtype=np.bool_)
    for _ in range(PASSES):
        changed = _settle(
            matrix.indptr, matrix.indices, matrix.data, problem.row_lower, problem.row_upper, problem.integer, low,
            high, dropped,
        )  # fmt: skip
        if changed < 0:
            return None
        if changed == 0:
            break
    open_ = high - low > SAME
    columns, rows = np.flatnonzero(open_), np.flatnonzero(~dropped)
    held = np.where(open_, 0.0, low)
    kept = sp.csr_array(matrix[rows])
    given = kept @ held
    return Reduced(
        Problem(
            cost=problem.cost[columns],
            lower=low[columns],
            upper=high[columns],
            integer=problem.integer[columns],
            matrix=sp.csr_array(kept[:, columns]),
            row_lower=problem.row_lower[rows] - given,
            row_upper=problem.row_upper[rows] - given,
            columns=Columns(),
            rows={},
        ),
        columns,
        rows,
        low,
        float(problem.cost @ held),
    )


def warm_up() -> None:
    """Compile, or load what was compiled."""
    one, matrix = (
        np.ones(1),
        sp.csr_array((np.ones(1), np.zeros(1, np.int32), np.array([0, 1], np.int32)), shape=(1, 1)),
    )
    none = np.zeros(1, dtype=np.bool_)
    reduced(Problem(one, one, one, none, matrix, one, one, Columns(), {}), one, one)


@numba.njit(cache=True)
def _settle(
    first: NDArray[np.int32], column: NDArray[np.int32], value: Floats, row_lower: Floats, row_upper: Floats,
    integer: NDArray[np.bool_], low: Floats, high: Floats, dropped: NDArray[np.bool_],
) -> int:  # fmt: skip
    """One pass over the rows that stand; how many rows or columns it settled, −1 = a row cannot be kept."""
    changed = 0
    for r in range(len(row_lower)):
        if dropped[r]:
            continue
        below, above = row_lower[r], row_upper[r]
        least, most, size, open_, only = _activity(
            column[first[r] : first[r + 1]], value[first[r] : first[r + 1]], low, high
        )
        near = KEPT * max(size, _size(below), _size(above))
        if least > above + near or most < below - near:
            return -1
        at_least, at_most = least >= above - SAME * size, most <= below + SAME * size
        if open_ == 1 and not (least >= below - SAME * size and most <= above + SAME * size):
            k = first[r] + only
            if not _bound(column[k], value[k], least, most, below, above, integer, low, high):
                return -1
        elif open_ > 1 and (at_least or at_most):
            _force(column[first[r] : first[r + 1]], value[first[r] : first[r + 1]], at_least, low, high)
        elif open_ > 1 and not (least >= below - SAME * size and most <= above + SAME * size):
            continue
        dropped[r] = True
        changed += 1
    return changed


@numba.njit(cache=True)
def _activity(
    column: NDArray[np.int32], value: Floats, low: Floats, high: Floats
) -> tuple[float, float, float, int, int]:
    """Least and most that a row can be, size of its held part, count of its open columns and place of the last."""
    least, most, size, open_, only = 0.0, 0.0, 1.0, 0, -1
    for k in range(len(column)):
        j, a = column[k], value[k]
        if high[j] - low[j] > SAME:
            open_ += 1
            only = k
        else:
            size = max(size, abs(a * low[j]))
        least += a * low[j] if a > 0.0 else a * high[j]
        most += a * high[j] if a > 0.0 else a * low[j]
    return least, most, size, open_, only


@numba.njit(cache=True)
def _size(side: float) -> float:
    return abs(side) if np.isfinite(side) else 1.0


@numba.njit(cache=True)
def _force(column: NDArray[np.int32], value: Floats, at_least: bool, low: Floats, high: Floats) -> None:
    """Hold every column of a row at the bound that makes the row least, or most."""
    for k in range(len(column)):
        j = column[k]
        if high[j] - low[j] > SAME:
            if (value[k] > 0.0) == at_least:
                high[j] = low[j]
            else:
                low[j] = high[j]


@numba.njit(cache=True)
def _bound(
    j: int, a: float, least: float, most: float, below: float, above: float, integer: NDArray[np.bool_], low: Floats,
    high: Floats,
) -> bool:  # fmt: skip
    """A row with one open column as a bound of it; False = no value of the column keeps the row."""
    # the activity without the column: least less its own part, as far as that is finite
    own_least, own_most = (a * low[j], a * high[j]) if a > 0.0 else (a * high[j], a * low[j])
    rest = least - own_least if np.isfinite(own_least) else most - own_most
    up = (above - rest) / a if a > 0.0 else (below - rest) / a
    down = (below - rest) / a if a > 0.0 else (above - rest) / a
    if integer[j]:
        up, down = np.floor(up + 1e-6), np.ceil(down - 1e-6)
    up, down = min(high[j], up), max(low[j], down)
    if down > up + KEPT * max(1.0, abs(down)):
        return False
    low[j], high[j] = min(down, up), up
    return True
