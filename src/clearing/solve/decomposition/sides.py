"""Side columns of the master: those that the priced rows cannot tell apart are one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from clearing.case.arrays import Bools, Floats, Ints
from clearing.milp.problem import FAR
from clearing.solve.decomposition.lagrangian import Lagrangian


@dataclass(frozen=True, slots=True)
class Sides:
    """Side columns (n) of a Lagrangian, and the kinds (m) that stand for them.

    at (n)                  where a column stands that no row sees or that is held
    joined                  places (p) of the columns that make the kinds, kind (p) of each
    cost, low, high (m)     of a kind: cost of one, sums of the bounds
    matrix (m, D)           coefficients of one in the priced rows
    given (D), constant     what the columns outside the kinds give to rows and cost
    """

    at: Floats
    lower: Floats
    upper: Floats
    joined: Ints
    kind: Ints
    cost: Floats
    low: Floats
    high: Floats
    matrix: sp.csr_array
    given: Floats
    constant: float

    def spread(self, value: Floats) -> Floats:
        """Values of all side columns (n) from those of the kinds (m): each takes the same part of its own range."""
        out, k = self.at.copy(), self.kind
        span = self.high - self.low
        closed = np.isfinite(span) & (span > 0.0)
        part = np.where(closed, (value - self.low) / np.where(closed, span, 1.0), 0.0)[k]
        low, high = self.lower[self.joined], self.upper[self.joined]
        count = np.bincount(k, minlength=len(value))
        out[self.joined] = np.where(closed[k], low + part * np.where(closed[k], high - low, 0.0), (value / count)[k])
        return out


def sides(of: Lagrangian) -> Sides:
    """The side columns of a Lagrangian by kind."""
    problem, j = of.model.problem, of.side
    cost, lower, upper = problem.cost[j], problem.lower[j], problem.upper[j]
    a = sp.csr_array(of.by_column[j])
    joined = np.flatnonzero((lower < upper) & (np.diff(a.indptr) > 0))
    at = np.where(cost > 0.0, lower, np.clip(upper, -FAR, FAR))
    at = np.where(cost == 0.0, np.clip(0.0, lower, upper), at)
    outside = np.ones(len(j), dtype=np.bool_)
    outside[joined] = False
    first, kind = _kinds(a, cost, joined, np.isfinite(upper) & np.isfinite(lower))
    low, high = np.zeros(len(first)), np.zeros(len(first))
    np.add.at(low, kind, lower[joined])
    np.add.at(high, kind, upper[joined])
    return Sides(
        at, lower, upper, joined, kind, cost[first], low, high, sp.csr_array(a[first]),
        np.asarray(a[outside].T @ at[outside]), float((cost * at)[outside].sum()),
    )  # fmt: skip


def _kinds(a: sp.csr_array, cost: Floats, chosen: Ints, closed: Bools) -> tuple[Ints, Ints]:
    """One column of every kind among the chosen (p), and the kind (p) of each: equal cost, equal coefficients.

    Equal ones are found by a random weight of the rows, and then compared; a column that only shares the weight, or has
    an open bound, is a kind by itself.
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
