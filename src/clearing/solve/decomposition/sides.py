"""Side columns of the master: those that the priced rows cannot tell apart are one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from clearing.case.arrays import Floats, Ints
from clearing.milp.alike import kinds, spread
from clearing.milp.problem import FAR
from clearing.solve.decomposition.lagrangian import Lagrangian


@dataclass(frozen=True, slots=True)
class Sides:
    """Side columns (n) of a Lagrangian, and the kinds (m) that stand for them.

    at (n)                  where a column stands that no row sees or that is held
    joined                  places (p) of the columns that make the kinds, kind (p) of each
    cost, low, high (m)     of a kind: cost of one, sums of the bounds
    matrix (m, D')          coefficients of one in the rows
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
        out, j = self.at.copy(), self.joined
        out[j] = spread(value, self.kind, (self.lower[j], self.upper[j]), (self.low, self.high))
        return out


def sides(of: Lagrangian, added: sp.csr_array) -> Sides:
    """The side columns of a Lagrangian by kind, in rows that are sums (D', D) of its own."""
    problem, j = of.model.problem, of.side
    cost, lower, upper = problem.cost[j], problem.lower[j], problem.upper[j]
    a = sp.csr_array(of.by_column[j] @ added.T)
    joined = np.flatnonzero((lower < upper) & (np.diff(a.indptr) > 0))
    at = np.where(cost > 0.0, lower, np.clip(upper, -FAR, FAR))
    at = np.where(cost == 0.0, np.clip(0.0, lower, upper), at)
    outside = np.ones(len(j), dtype=np.bool_)
    outside[joined] = False
    first, kind = kinds(a, cost, joined, np.isfinite(upper) & np.isfinite(lower))
    low, high = np.zeros(len(first)), np.zeros(len(first))
    np.add.at(low, kind, lower[joined])
    np.add.at(high, kind, upper[joined])
    return Sides(
        at, lower, upper, joined, kind, cost[first], low, high, sp.csr_array(a[first]),
        np.asarray(a[outside].T @ at[outside]), float((cost * at)[outside].sum()),
    )  # fmt: skip
