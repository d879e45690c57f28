"""The cutting-plane model of the Lagrangian: where its next multipliers come from."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from clearing.case.arrays import Floats, Ints
from clearing.milp.columns import Columns
from clearing.milp.highs import Highs, Limits, Watch
from clearing.milp.outcome import Condition
from clearing.milp.problem import Problem
from clearing.milp.standing import BASIC, LOWER, UPPER, Standing
from clearing.solve.decomposition.lagrangian import Lagrangian, Met
from clearing.solve.decomposition.sides import sides

THOUSAND = 1e3
"""MW of a GW: rows are counted in GW, and prices in `money`, so that coefficients are near 1."""

PRIMAL = 4
"""The solver's number of the primal simplex."""


class Master:
    """min cost of side columns and of convex combinations of the groups' schedules, over the priced rows.

    Its row duals are the multipliers that the cutting-plane model (its dual) likes best, and its optimum is what that
    promises: a schedule met is a cut there and a column here, and new columns leave the last basis feasible. Side
    columns are modelled whole, those of alike stores as one store. The box of the multipliers is a pair of columns a
    row, what leaves the row and enters it at the box's ends; rows that only side columns stand in need none.

    rows: how many it has, some of them sums of priced rows of stores that are alike.

    group (N): units whose schedules are added up. money: size of a multiplier. Inside, prices are counted in it and
    rows in thousands, so that the solver meets coefficients near 1.
    """

    def __init__(
        self, of: Lagrangian, group: Ints, threads: int, seed: int, money: float, tolerance: float | None = None
    ) -> None:
        """tolerance: of the solver, in the model's unit; None = its own."""
        self.of, self.group, self.groups = of, group, int(group.max(initial=-1)) + 1
        self.money, self.unit = money, money * THOUSAND
        self._added = sp.eye_array(len(of.row), format="csr") if of.stores is None else of.stores.alike(len(of.row))
        self._matrix, self.rows = sp.csr_array(self._added @ of.matrix), self._added.shape[0]
        self.sides = sides(of, self._added)
        owned = self._matrix[:, of.unit_of >= 0]
        self.boxed = np.flatnonzero(np.diff(sp.csr_array(owned).indptr)).astype(np.int64)
        kinds, boxes, rows = len(self.sides.cost), len(self.boxed), self.rows
        self._box = kinds + np.arange(2 * boxes)
        self._first_cut = kinds + 2 * boxes
        box = sp.csr_array((np.ones(boxes), (self.boxed, np.arange(boxes))), shape=(rows, boxes))
        coupling = sp.hstack([sp.csr_array(self.sides.matrix.T) / THOUSAND, box, -box])
        one = np.ones(self.groups)
        problem = Problem(
            np.concatenate([self.sides.cost / self.unit, np.zeros(2 * boxes)]),
            np.concatenate([self.sides.low, np.zeros(2 * boxes)]),
            np.concatenate([self.sides.high, np.full(2 * boxes, np.inf)]),
            np.zeros(self._first_cut, dtype=np.bool_),
            sp.csr_array(sp.vstack([coupling, sp.csr_array((self.groups, self._first_cut))])),
            np.concatenate([(self._added @ of.lower - self.sides.given) / THOUSAND, one]),
            np.concatenate([(self._added @ of.upper - self.sides.given) / THOUSAND, one]),
            Columns(), {},
        )  # fmt: skip
        self._highs = Highs(problem, threads=threads, seed=seed)
        if tolerance is not None:
            for kind in ("primal", "dual"):
                self._highs.option(f"{kind}_feasibility_tolerance", tolerance)
        # rows that stand in units are never added up, so each is one of the Lagrangian's
        self._own = np.asarray(sp.csr_array(self._added).indices[self._added.indptr[:-1]], dtype=np.int64)
        self._rounds: list[int] = []
        self._x: Floats | None = None
        self._terms()

    def _terms(self) -> None:
        """Nonzeros of the priced rows in the columns of units, with the group of each."""
        part = sp.coo_array(self._matrix)
        row, column = part.coords
        unit = self.of.unit_of[column]
        mine = unit >= 0
        self._column, self._weight = column[mine], part.data[mine]
        self._place = self.group[unit[mine]] * self.rows + row[mine]

    def add(self, met: Met, round_: int) -> None:
        """The schedules of a point, one column a group."""
        rows, x = self.rows, met.x(len(self.of.unit_of))
        slope = np.bincount(self._place, weights=self._weight * x[self._column], minlength=self.groups * rows).reshape(
            self.groups, rows
        )
        # what a schedule costs by itself: its reduced cost, and what the rows gave for it
        cost = np.bincount(self.group, weights=met.unit_value, minlength=self.groups) + slope @ met.y[self._own]
        matrix = sp.csc_array(sp.vstack([sp.csc_array(slope.T) / THOUSAND, sp.eye_array(self.groups)]))
        self._highs.add_columns(cost / self.unit, np.zeros(self.groups), np.full(self.groups, np.inf), matrix)
        self._rounds.append(round_)

    def follow(self, before: Master) -> None:
        """Begin where a master of the same schedules and this one's first rows stands; further rows are basic.

        A kind of side columns that the new rows take apart leaves its place to the first of its parts.
        """
        was = before._highs.standing()
        if was is None:
            return
        old = np.full(len(self.sides.at), -1, dtype=np.int64)
        old[before.sides.joined] = before.sides.kind
        parts, first = np.unique(self.sides.kind, return_index=True)
        of = np.full(len(self.sides.cost), -1, dtype=np.int64)
        of[parts] = old[self.sides.joined[first]]
        kind = np.where((self.sides.cost > 0.0) | np.isinf(self.sides.high), LOWER, UPPER)
        kind[of >= 0] = was.column[of[of >= 0]]
        again = np.ones(len(of), dtype=np.bool_)
        again[np.unique(of, return_index=True)[1]] = False
        kind[again & (kind == BASIC)] = LOWER
        box = np.full((2, len(self.boxed)), LOWER)
        box[:, np.searchsorted(self.boxed, before.boxed)] = was.column[before._box].reshape(2, -1)
        fresh = np.full(self.rows - before.rows, BASIC)
        column = np.concatenate([kind, box.ravel(), was.column[before._first_cut :]]).astype(np.int8)
        row = np.concatenate([was.row[: before.rows], fresh, was.row[before.rows :]]).astype(np.int8)
        self._highs.stand(Standing(column, row))

    def best(self, centre: Floats, width: Floats, limits: Limits, watch: Watch) -> tuple[Floats, float] | None:
        """Multipliers (D) that the model likes best within `width` (D) of the centre, and what it promises there."""
        least = np.where(np.isfinite(self.of.upper), -np.inf, 0.0)
        most = np.where(np.isfinite(self.of.lower), np.inf, 0.0)
        b = self._own[self.boxed]
        low, high = np.maximum(least[b], centre[b] - width[b]), np.minimum(most[b], centre[b] + width[b])
        self._highs.set_costs(self._box, np.concatenate([np.maximum(low, high), -low]) / self.money)
        outcome = self._highs.run(limits, watch)
        if outcome.condition is not Condition.OPTIMAL or outcome.row_dual is None or outcome.objective is None:
            return None
        self._highs.option("simplex_strategy", PRIMAL)  # from now on there is a feasible basis
        self._x = outcome.x
        y = np.clip(self._added.T @ outcome.row_dual[: self.rows] * self.money, least, most)
        return y, self.sides.constant + outcome.objective * self.unit

    def weights(self) -> list[tuple[int, Floats]]:
        """Of the last solution: weight of every group's schedule (groups) by round; they add up to 1."""
        if self._x is None:
            return []
        part = self._x[self._first_cut :]
        count = len(part) // max(1, self.groups)  # the last columns may have come behind the last solution
        return [
            (round_, np.maximum(0.0, weight))
            for round_, weight in zip(self._rounds, part.reshape(count, -1), strict=False)
        ]

    def side_values(self) -> Floats | None:
        """Of the last solution: values of the side columns; None before the first."""
        return None if self._x is None else self.sides.spread(self._x[: len(self.sides.cost)])
