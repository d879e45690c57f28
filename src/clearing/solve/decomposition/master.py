"""The cutting-plane model of the Lagrangian: where its next multipliers come from."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from clearing.case.arrays import Bools, Floats, Ints
from clearing.milp.columns import Columns
from clearing.milp.highs import Highs, Limits, Watch
from clearing.milp.outcome import Condition
from clearing.milp.problem import Problem
from clearing.milp.standing import BASIC, LOWER, UPPER, Standing
from clearing.solve.decomposition.lagrangian import Lagrangian, Met
from clearing.solve.decomposition.sides import sides
from clearing.solve.decomposition.waiting import Waiting

THOUSAND = 1e3
"""MW of a GW: rows are counted in GW, and prices in `money`, so that coefficients are near 1."""

AGED, MANY = 3, 1000
"""Solutions in which a schedule had no weight after which it may be taken out, and how many make that worth it."""

TOLERANCE = 1e-7
"""Of the solver, in its units, where no other is asked for."""

PRIMAL = 4
"""The solver's number of the primal simplex."""


class Cut(NamedTuple):
    """Schedules of a round: the groups (n) that they are of, their columns (n), and since how many solutions each has
    had no weight (n)."""

    round: int
    groups: Ints
    column: Ints
    age: Ints


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
        self, of: Lagrangian, group: Ints, threads: int, seed: int, money: float, tolerance: float | None = None,
        near: Floats | None = None,
    ) -> None:  # fmt: skip
        """tolerance: of the solver, in the model's unit; None = its own. near (D): multipliers where side columns that
        are clear wait outside until they are not (waiting.py); None = all stand in the problem."""
        self.of, self.group, self.groups = of, group, int(group.max(initial=-1)) + 1
        self.money, self.unit = money, money * THOUSAND
        self._added = sp.eye_array(len(of.row), format="csr") if of.stores is None else of.stores.alike(len(of.row))
        self._matrix, self.rows = sp.csr_array(self._added @ of.matrix), self._added.shape[0]
        # rows that stand in units are never added up, so each is one of the Lagrangian's
        self._own = np.asarray(sp.csr_array(self._added).indices[self._added.indptr[:-1]], dtype=np.int64)
        self.sides = sides(of, self._added)
        owned = self._matrix[:, of.unit_of >= 0]
        self.boxed = np.flatnonzero(np.diff(sp.csr_array(owned).indptr)).astype(np.int64)
        lower, upper = (self._added @ side - self.sides.given for side in (of.lower, of.upper))
        near = None if near is None else near[self._own]
        self.waiting = Waiting(self.sides, near, money, self.boxed, (lower, upper))
        self.constant = self.sides.constant + float(self.sides.cost @ self.waiting.rest)
        self._slack = (TOLERANCE if tolerance is None else tolerance) * self.money
        kinds, boxes = len(self.waiting.first), len(self.boxed)
        self._box = kinds + np.arange(2 * boxes)
        self._highs = Highs(self._problem(), threads=threads, seed=seed)
        self._count = kinds + 2 * boxes
        if tolerance is not None:
            for kind in ("primal", "dual"):
                self._highs.option(f"{kind}_feasibility_tolerance", tolerance)
        self._cuts: list[Cut] = []
        self._x: Floats | None = None
        self._terms()

    def _problem(self) -> Problem:
        """Side columns that do not wait, the box, and one weight of each group to give away; no schedule yet."""
        rows, boxes, first = self.rows, len(self.boxed), self.waiting.first
        box = sp.csr_array((np.ones(boxes), (self.boxed, np.arange(boxes))), shape=(rows, boxes))
        coupling = sp.hstack([sp.csr_array(self.sides.matrix[first].T) / THOUSAND, box, -box])
        one, nothing, columns = np.ones(self.groups), np.zeros(2 * boxes), len(first) + 2 * boxes
        low, high = self.waiting.room(first)
        given = self.sides.given + self.sides.matrix.T @ self.waiting.rest
        return Problem(
            np.concatenate([self.sides.cost[first] / self.unit, nothing]),
            np.concatenate([low, nothing]), np.concatenate([high, np.full(2 * boxes, np.inf)]),
            np.zeros(columns, dtype=np.bool_),
            sp.csr_array(sp.vstack([coupling, sp.csr_array((self.groups, columns))])),
            np.concatenate([(self._added @ self.of.lower - given) / THOUSAND, one]),
            np.concatenate([(self._added @ self.of.upper - given) / THOUSAND, one]),
            Columns(), {},
        )  # fmt: skip

    def _enter(self, kinds: Ints) -> None:
        """Side columns that waited stand in the problem from now on."""
        low, high = self.waiting.room(kinds)
        none = sp.csr_array((self.groups, len(kinds)))
        matrix = sp.csc_array(sp.vstack([sp.csr_array(self.sides.matrix[kinds].T) / THOUSAND, none]))
        self._highs.add_columns(self.sides.cost[kinds] / self.unit, low, high, matrix)
        self.waiting.column[kinds] = self._count + np.arange(len(kinds))
        self._count += len(kinds)

    def _terms(self) -> None:
        """Nonzeros of the priced rows in the columns of units, with the group of each."""
        part = sp.coo_array(self._matrix)
        row, column = part.coords
        unit = self.of.unit_of[column]
        mine = unit >= 0
        self._column, self._weight = column[mine], part.data[mine]
        self._place = self.group[unit[mine]] * self.rows + row[mine]

    def add(self, met: Met, round_: int, groups: Ints | None = None) -> None:
        """The schedules of a point, one column a group; groups: of so many only, in order."""
        rows, x = self.rows, met.x(len(self.of.unit_of))
        groups = np.arange(self.groups) if groups is None else groups
        slope = np.bincount(self._place, weights=self._weight * x[self._column], minlength=self.groups * rows).reshape(
            self.groups, rows
        )[groups]
        # what a schedule costs by itself: its reduced cost, and what the rows gave for it
        own = np.bincount(self.group, weights=met.unit_value, minlength=self.groups)[groups]
        one = sp.csr_array((np.ones(len(groups)), (groups, np.arange(len(groups)))), shape=(self.groups, len(groups)))
        matrix = sp.csc_array(sp.vstack([sp.csc_array(slope.T) / THOUSAND, one]))
        nothing, most = np.zeros(len(groups)), np.full(len(groups), np.inf)
        self._highs.add_columns((own + slope @ met.y[self._own]) / self.unit, nothing, most, matrix)
        self._cuts.append(Cut(round_, groups, self._count + np.arange(len(groups)), np.zeros(len(groups), np.int64)))
        self._count += len(groups)

    def prune(self) -> None:
        """Take out schedules that have had no weight for long, where they are many: every step of the simplex goes
        over all of them."""
        aged = np.concatenate([np.zeros(0, np.int64), *(cut.column[cut.age >= AGED] for cut in self._cuts)])
        was = self._highs.standing() if len(aged) > MANY else None
        drop = aged[:0] if was is None else np.sort(aged[was.column[aged] != BASIC])
        if was is None or len(drop) <= MANY:
            return
        kept = np.ones(self._count, dtype=np.bool_)
        kept[drop] = False
        place = np.cumsum(kept) - 1
        self._highs.drop_columns(drop)
        self._highs.stand(Standing(was.column[kept], was.row))
        self._count = int(kept.sum())
        self._x = None if self._x is None else self._x[kept[: len(self._x)]]
        inside = self.waiting.column >= 0
        self.waiting.column[inside] = place[self.waiting.column[inside]]
        cuts = [Cut(c.round, *(part[kept[c.column]] for part in (c.groups, c.column, c.age))) for c in self._cuts]
        self._cuts = [cut._replace(column=place[cut.column]) for cut in cuts if len(cut.groups)]

    def standing(self) -> Standing | None:
        """How it stands; None where it has not been solved."""
        return self._highs.standing()

    def needed(self, was: Standing, last: int) -> list[tuple[int, Ints]]:
        """Rounds and groups whose schedules a master that follows needs: those in the basis, and of the last rounds."""
        late = len(self._cuts) - last
        found = [
            (cut.round, cut.groups if k >= late else cut.groups[was.column[cut.column] == BASIC])
            for k, cut in enumerate(self._cuts)
        ]
        return [(round_, groups) for round_, groups in found if len(groups)]

    def follow(self, before: Master, was: Standing) -> None:
        """Begin where a master of this one's first rows and of schedules that these are among stands, the others out of
        the basis; further rows are basic.

        A kind of side columns that the new rows take apart leaves its place to the first of its parts.
        """
        stood, again = self._places(before)
        stands = np.where(again & (was.column[stood] == BASIC), LOWER, was.column[stood])
        self._enter(np.flatnonzero((stood >= 0) & (self.waiting.column < 0) & (stands == BASIC)))
        column = np.full(self._count, LOWER, dtype=np.int8)
        inside = np.flatnonzero(self.waiting.column >= 0)
        at = self.waiting.column[inside]
        column[at] = np.where(self.waiting.upper[inside], UPPER, LOWER)
        known = stood[inside] >= 0
        column[at[known]] = stands[inside[known]]
        box = np.full((2, len(self.boxed)), LOWER)
        box[:, np.searchsorted(self.boxed, before.boxed)] = was.column[before._box].reshape(2, -1)
        column[self._box] = box.ravel()
        its = {cut.round: cut for cut in before._cuts}
        for mine in self._cuts:
            old = its[mine.round]
            column[mine.column] = was.column[old.column[np.searchsorted(old.groups, mine.groups)]]
        fresh = np.full(self.rows - before.rows, BASIC)
        row = np.concatenate([was.row[: before.rows], fresh, was.row[before.rows :]]).astype(np.int8)
        self._highs.stand(Standing(column, row))

    def _places(self, before: Master) -> tuple[Ints, Bools]:
        """Column (m) that a kind had in a master before, −1 where it had none; and which an earlier part has."""
        old = np.full(len(self.sides.at), -1, dtype=np.int64)
        old[before.sides.joined] = before.waiting.column[before.sides.kind]
        parts, first = np.unique(self.sides.kind, return_index=True)
        found = np.full(len(self.sides.cost), -1, dtype=np.int64)
        found[parts] = old[self.sides.joined[first]]
        again = np.ones(len(found), dtype=np.bool_)
        again[np.unique(found, return_index=True)[1]] = False
        return found, again

    def best(self, centre: Floats, width: Floats, limits: Limits, watch: Watch) -> tuple[Floats, float] | None:
        """Multipliers (D) that the model likes best within `width` (D) of the centre, and what it promises there."""
        least = np.where(np.isfinite(self.of.upper), -np.inf, 0.0)
        most = np.where(np.isfinite(self.of.lower), np.inf, 0.0)
        b = self._own[self.boxed]
        low, high = np.maximum(least[b], centre[b] - width[b]), np.minimum(most[b], centre[b] + width[b])
        self._highs.set_costs(self._box, np.concatenate([np.maximum(low, high), -low]) / self.money)
        ends = None if limits.seconds is None else time.monotonic() + limits.seconds
        while True:
            outcome = self._highs.run(limits, watch)
            if outcome.condition is not Condition.OPTIMAL or outcome.x is None:
                return None
            assert outcome.row_dual is not None
            assert outcome.objective is not None
            self._highs.option("simplex_strategy", PRIMAL)  # from now on there is a feasible basis
            priced = outcome.row_dual[: self.rows] * self.money
            wrong = self.waiting.wrong(priced, self._slack)
            if not len(wrong):
                break
            self._enter(wrong)
            limits = replace(limits, seconds=None if ends is None else max(0.0, ends - time.monotonic()))
        self._x = outcome.x
        for cut in self._cuts:
            cut.age[:] = np.where(outcome.x[cut.column] > 0.0, 0, cut.age + 1)
        y = np.clip(self._added.T @ priced, least, most)
        return y, self.constant + outcome.objective * self.unit

    def weights(self) -> list[tuple[int, Floats]]:
        """Of the last solution: weight of every group's schedule (groups) by round; they add up to 1."""
        if self._x is None:
            return []
        found = []
        for cut in self._cuts:
            if cut.column[-1] < len(self._x):  # the last ones may have come behind the last solution
                weight = np.zeros(self.groups)
                weight[cut.groups] = np.maximum(0.0, self._x[cut.column])
                found.append((cut.round, weight))
        return found

    def side_values(self) -> Floats | None:
        """Of the last solution: values of the side columns; None before the first."""
        return None if self._x is None else self.sides.spread(self.waiting.values(self._x))
