"""Columns that no row and no cost can tell apart, as one: the solver's presolve finds them too, but takes seconds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from clearing.milp.problem import Problem
from clearing.milp.reduced import Reduced

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Together(Reduced):
    """A part of a problem with one column for each kind of its own.

    part, kind     the part with all columns, and the kind of each of them
    """

    part: Reduced
    kind: Ints

    def whole(self, x: Floats) -> Floats:
        """A solution of the whole problem: every column takes the same part of its own range."""
        of = self.part.problem
        return self.part.whole(spread(x, self.kind, (of.lower, of.upper), (self.problem.lower, self.problem.upper)))


def together(part: Reduced) -> Together:
    """A part with columns of equal cost and equal coefficients as one; whole numbers stay by themselves."""
    problem = part.problem
    a = sp.csr_array(sp.csr_array(problem.matrix).T)
    closed = np.isfinite(problem.lower) & np.isfinite(problem.upper) & ~problem.integer
    first, kind = kinds(a, problem.cost, np.arange(len(problem.cost)), closed)
    low, high = np.zeros(len(first)), np.zeros(len(first))
    np.add.at(low, kind, problem.lower)
    np.add.at(high, kind, problem.upper)
    made = Problem(
        problem.cost[first], low, high, problem.integer[first], sp.csr_array(sp.csc_array(problem.matrix)[:, first]),
        problem.row_lower, problem.row_upper, problem.columns, problem.rows,
    )  # fmt: skip
    return Together(made, part.columns[first], part.rows, part.lower, part.offset, part, kind)


def spread(value: Floats, kind: Ints, bounds: tuple[Floats, Floats], summed: tuple[Floats, Floats]) -> Floats:
    """Values (n) of columns from those of their kinds (m): each takes the same part of its own range.

    kind (n), bounds (n) of the columns, and summed (m), those of the kinds.
    """
    (lower, upper), (low, high) = bounds, summed
    span = high - low
    closed = np.isfinite(span) & (span > 0.0)
    part = np.where(closed, (value - low) / np.where(closed, span, 1.0), 0.0)[kind]
    count = np.bincount(kind, minlength=len(value))
    return np.where(closed[kind], lower + part * np.where(closed[kind], upper - lower, 0.0), (value / count)[kind])


def kinds(a: sp.csr_array, cost: Floats, chosen: Ints, closed: Bools) -> tuple[Ints, Ints]:
    """One column of every kind among the chosen (p), and the kind (p) of each: equal cost, equal coefficients a.

    Equal ones are found by a random weight of the rows, and then compared; a column that only shares the weight, or is
    not closed, is a kind by itself.
    """
    weight = np.asarray(a @ np.random.default_rng(0).random(a.shape[1]))
    key = np.stack([weight[chosen], cost[chosen], np.where(closed[chosen], -1.0, chosen)])
    _, first, kind = np.unique(key, axis=1, return_index=True, return_inverse=True)
    kind = kind.ravel()
    own, alike = sp.csr_array(a[chosen]), sp.csr_array(a[chosen[first]])
    differs = np.diff(sp.csr_array(own != sp.csr_array(alike[kind])).indptr) > 0
    if differs.any():
        stray = np.flatnonzero(differs)
        kind[stray] = len(first) + np.arange(len(stray))
        first = np.concatenate([first, stray])
    return chosen[first], kind
