"""The cutting-plane model of the Lagrangian: where its next multipliers come from."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from clearing.case.arrays import Floats, Ints
from clearing.milp.columns import Columns
from clearing.milp.highs import Highs, Limits, Watch
from clearing.milp.outcome import Condition
from clearing.milp.problem import Problem
from clearing.solve.decomposition.lagrangian import Lagrangian, Point

MOST = 1e9
"""What a group's part of the model is at most before it has a cut, in the model's own unit."""

THOUSAND = 1e3
"""MW of a GW: rows are counted in GW, and prices in `money`, so that coefficients are near 1."""


class Master:
    """max Σ side·y + Σ_groups θ_g + Σ_side columns w_j over multipliers in a box, as one linear problem that grows.

    θ_g ≤ value of the group's units at a schedule + slope·y, a cut for every schedule met; w_j ≤ bound·(reduced cost of
    side column j) for both bounds, so side columns are modelled whole. Side columns that are alike are one.
    group (N): units whose cuts are added up. money: size of a multiplier. Inside, prices are counted in it and rows in
    thousands, so that the solver meets coefficients near 1.
    """

    low: Floats
    high: Floats

    def __init__(
        self, of: Lagrangian, group: Ints, threads: int, seed: int, money: float, tolerance: float | None = None
    ) -> None:
        """tolerance: of the solver, in the model's unit; None = its own."""
        self.money, self.unit = money, money * THOUSAND
        self.of, self.group, self.groups = of, group, int(group.max(initial=-1)) + 1
        self._split()
        side = _Side(of)
        count = len(self.row) + self.groups + side.terms
        cost = np.zeros(count)
        # The solver minimises.
        cost[: len(self.row)] = -(self.value + side.slope[self.row]) / THOUSAND
        cost[len(self.row) :] = -1.0
        lower, upper = np.full(count, -np.inf), np.full(count, np.inf)
        low, high = side.low, side.high
        lower[: len(self.row)] = np.maximum(self.low, low[self.row])
        upper[: len(self.row)] = np.minimum(self.high, high[self.row])
        self.low, self.high = lower[: len(self.row)].copy(), upper[: len(self.row)].copy()
        upper[len(self.row) : len(self.row) + self.groups] = MOST
        self.constant = side.constant
        matrix, top = self._side_rows(side)
        problem = Problem(
            cost, self._scaled(lower), self._scaled(upper), np.zeros(count, dtype=np.bool_), matrix,
            np.full(len(top), -np.inf), top / self.unit, Columns(), {},
        )  # fmt: skip
        self._highs = Highs(problem, threads=threads, seed=seed)
        if tolerance is not None:
            for kind in ("primal", "dual"):
                self._highs.option(f"{kind}_feasibility_tolerance", tolerance)
        self._first_cut = len(top)
        self.cuts: list[tuple[Ints, int]] = []  # groups of the cuts of a round, and the round
        in_units = np.unique(sp.coo_array(of.matrix[:, of.unit_of >= 0]).coords[0])
        self.boxed = np.flatnonzero(np.isin(self.row, in_units)).astype(np.int64)
        self.row_dual: Floats | None = None
        self._terms()

    def _scaled(self, bound: Floats) -> Floats:
        """Bounds of multipliers in the model's unit."""
        out = bound.copy()
        out[: len(self.row)] /= self.money
        return out

    def _split(self) -> None:
        """Columns of multipliers: one a row, two where both of its sides are finite and not equal."""
        low, high = self.of.lower, self.of.upper
        least, most = np.isfinite(low), np.isfinite(high)
        equal = least & most & (low == high)
        here = np.arange(len(low))
        self.row = np.concatenate([here[least], here[most & ~equal]])
        self.value = np.concatenate([low[least], high[most & ~equal]])
        self.low = np.concatenate([np.where(equal, -np.inf, 0.0)[least], np.full(int((most & ~equal).sum()), -np.inf)])
        self.high = np.concatenate([np.full(int(least.sum()), np.inf), np.zeros(int((most & ~equal).sum()))])

    def _by_variable(self, matrix: sp.csr_array) -> sp.csr_array:
        """A matrix over rows (…, D) as one over the columns of multipliers."""
        return sp.csr_array(sp.csc_array(matrix)[:, self.row]) / THOUSAND

    def _side_rows(self, side: _Side) -> tuple[sp.csr_array, Floats]:
        """w_j + bound·a·y ≤ bound·c by bound; a·y ≤ c of columns without an upper bound."""
        own = self._by_variable(side.matrix)
        groups = sp.csr_array((own.shape[0], self.groups))
        terms = sp.csr_array(
            (np.ones(int((side.term >= 0).sum())), (np.flatnonzero(side.term >= 0), side.term[side.term >= 0])),
            shape=(own.shape[0], side.terms),
        )
        return sp.csr_array(sp.hstack([own, groups, terms])), side.right

    def _terms(self) -> None:
        """Nonzeros of the priced rows in the columns of units, with the group of each."""
        part = sp.coo_array(self.of.matrix)
        row, column = part.coords
        unit = self.of.unit_of[column]
        mine = unit >= 0
        self._column, self._weight = column[mine], part.data[mine]
        self._place = self.group[unit[mine]] * len(self.of.row) + row[mine]

    def add(self, point: Point, round_: int) -> None:
        """The cuts of a point, one a group."""
        rows = len(self.of.row)
        slope = np.bincount(
            self._place, weights=self._weight * point.x[self._column], minlength=self.groups * rows
        ).reshape(self.groups, rows)
        # value(y') ≤ value + slope·(y − y'): what a row gets from the units is taken off their cost.
        right = np.bincount(self.group, weights=point.unit_value, minlength=self.groups) + slope @ point.y
        matrix = sp.hstack([self._by_variable(sp.csr_array(slope)), sp.eye_array(self.groups), self._nothing()])
        self._highs.add_rows(sp.csr_array(matrix), np.full(self.groups, -np.inf), right / self.unit)
        self.cuts.append((np.arange(self.groups), round_))

    def _nothing(self) -> sp.csr_array:
        return sp.csr_array((self.groups, len(self._highs.problem.cost) - len(self.row) - self.groups))

    def best(self, centre: Floats, width: Floats, limits: Limits, watch: Watch) -> tuple[Floats, float] | None:
        """Multipliers (D) that the model likes best within `width` (D) of the centre, and what it promises there."""
        at = centre[self.row]
        both = (self.low == 0.0) | (self.high == 0.0)
        at = np.where(both & (self.low == 0.0), np.maximum(at, 0.0), np.where(both, np.minimum(at, 0.0), at))
        b = self.boxed
        span = width[self.row[b]]
        low, high = np.maximum(self.low[b], at[b] - span), np.minimum(self.high[b], at[b] + span)
        self._highs.set_bounds(b, low / self.money, np.maximum(low, high) / self.money)
        outcome = self._highs.run(limits, watch)
        if outcome.condition is not Condition.OPTIMAL or outcome.x is None or outcome.objective is None:
            return None
        own = np.clip(outcome.x[: len(self.row)] * self.money, self.low, self.high)
        y = np.zeros(len(self.of.row))
        np.add.at(y, self.row, own)
        self.row_dual = outcome.row_dual
        return y, self.constant - outcome.objective * self.unit

    def weights(self) -> list[tuple[int, Floats]]:
        """Of the last solution: weight of every group's schedule (groups) by round; they add up to 1."""
        if self.row_dual is None:
            return []
        found, first = [], self._first_cut
        for groups, round_ in self.cuts:
            if first + len(groups) > len(self.row_dual):
                break  # the last cuts came behind the last solution
            found.append((round_, np.maximum(0.0, -self.row_dual[first : first + len(groups)])))
            first += len(groups)
        return found


class _Side:
    """Side columns as the master needs them; those with equal cost and coefficients are one.

    slope (D), constant     what columns give that are linear: held ones, and lower bounds of those without an upper
    low, high (D)           bounds of multipliers from unbounded columns that stand in one row only
    matrix, right, term     rows of the master; term −1: no w in it
    """

    def __init__(self, of: Lagrangian) -> None:
        problem, j = of.model.problem, of.side
        cost, lower, upper = problem.cost[j], problem.lower[j], problem.upper[j]
        a = sp.csr_array(of.by_column[j])
        held, open_ = lower == upper, ~np.isfinite(upper)
        linear = held | open_
        at = np.where(linear, lower, 0.0)
        self.constant = float((cost * at).sum())
        self.slope = -np.asarray(a.T @ at)
        count = len(of.row)
        self.low, self.high = np.full(count, -np.inf), np.full(count, np.inf)
        sizes = np.diff(a.indptr)
        single = open_ & (sizes == 1)
        k = a.indptr[:-1][single]
        row, value = a.indices[k], a.data[k]
        bound = cost[single] / value
        np.minimum.at(self.high, row[value > 0.0], bound[value > 0.0])
        np.maximum.at(self.low, row[value < 0.0], bound[value < 0.0])
        boxed = np.flatnonzero(~linear & (sizes > 0))
        alone = ~linear & (sizes == 0)
        self.constant += float(np.minimum(cost[alone] * lower[alone], cost[alone] * upper[alone]).sum())
        first, low, high = _alike(a, cost, lower, upper, boxed)
        self.terms = len(first)
        several = np.flatnonzero(open_ & (sizes > 1))
        parts, right, term = [], [], []
        for bounds in (low, high):
            parts.append(sp.diags_array(bounds) @ a[first])
            right.append(bounds * cost[first])
            term.append(np.arange(len(first)))
        parts.append(a[several])
        right.append(cost[several])
        term.append(np.full(len(several), -1))
        self.matrix = sp.csr_array(sp.vstack(parts))
        self.right, self.term = np.concatenate(right), np.concatenate(term)


def _alike(a: sp.csr_array, cost: Floats, lower: Floats, upper: Floats, chosen: Ints) -> tuple[Ints, Floats, Floats]:
    """One column of every kind among the chosen, and the sums of bounds of all columns of its kind."""
    place: dict[tuple[float, bytes, bytes], int] = {}
    first: list[int] = []
    low: list[float] = []
    high: list[float] = []
    for j in chosen.tolist():
        part = slice(a.indptr[j], a.indptr[j + 1])
        key = (float(cost[j]), a.indices[part].tobytes(), a.data[part].tobytes())
        k = place.setdefault(key, len(first))
        if k == len(first):
            first.append(j)
            low.append(0.0)
            high.append(0.0)
        low[k] += float(lower[j])
        high[k] += float(upper[j])
    return np.array(first, dtype=np.int64), np.array(low), np.array(high)
