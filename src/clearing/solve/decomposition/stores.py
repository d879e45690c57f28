"""Stores of a Lagrangian by themselves: their best schedules, and multipliers of the rows that they alone have.

A store's energy rows join its periods, and they are most of the priced rows of a large problem. Here they are met
exactly, and their multipliers follow from those of the others: the master need not find them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from clearing.case.arrays import Bools, Floats, Ints
from clearing.milp.columns import ABSENT
from clearing.milp.problem import Problem
from clearing.solve.decomposition.store_walk import walk

COLUMNS = ("charge", "discharge", "energy", "deliverable")
"""What belongs to a store alone; the last block, and its rows, are there where a system reserve counts stores."""

SMALL, DIGITS = 1e-6, 3
"""MW below which a store is none; digits of coefficients and hours up to which two stores are alike."""

PARTS = 4
"""Parts by cost that alike stores are taken apart into: of a province's 68 stores one part a kind leaves the bound 8e-4
short, four 3e-4, eight 2e-4 and the rounds twice as long."""


@dataclass(frozen=True, slots=True)
class Stores:
    """S stores of a problem over T periods.

    column (4, S, T)      columns in the order of COLUMNS, ABSENT where there are none
    row (2, S, T)         rows of energy and of what is deliverable among the priced ones, −1 where there are none
    limits (S, 7, T), terms (S, 6, T)   as `walk` reads them
    cost (S)              mean money of a MW discharged over a period
    """

    column: Ints
    row: Ints
    limits: Floats
    terms: Floats
    cost: Floats

    @property
    def count(self) -> int:
        """S."""
        return int(self.column.shape[1])

    def completed(self, y: Floats, cost: Callable[[Floats], Floats]) -> Floats | None:
        """Multipliers y (D) with those of the stores' own rows as they are best; None where a store has no schedule.

        cost: reduced cost of every column at multipliers. The schedules' optimality is not relied on: the bound is what
        the multipliers prove.
        """
        at = self.row >= 0
        out = y.copy()
        out[self.row[at]] = 0.0
        reduced, periods = cost(out), self.column.shape[2]
        prices = np.where(self.column == ABSENT, 0.0, reduced[self.column])
        prices[3] = np.maximum(-prices[3], 0.0)
        prices = np.ascontiguousarray(prices.transpose(1, 0, 2))
        slope, length = (np.zeros((periods, 3 * periods + 3)) for _ in range(2))
        base, found = np.zeros((periods, 2)), np.zeros((self.count, 6, periods))
        for g in range(self.count):
            if not walk(prices[g], self.limits[g], self.terms[g], found[g], slope, length, base):
                return None
        out[self.row[at]] = -found[:, 4:].transpose(1, 0, 2)[at]
        return out

    def own(self, rows: int) -> Bools:
        """Which of so many priced rows are the stores' own."""
        found = np.zeros(rows, dtype=np.bool_)
        found[self.row[self.row >= 0]] = True
        return found

    def alike(self, rows: int) -> sp.csr_array:
        """(fewer, rows): which priced rows a model adds up: those of stores with the same coefficients and hours, and
        about the same cost.

        A sum of schedules keeps a sum of rows. What it forgets, that each store has limits of its own, is in the values
        that the model learns from, because those are of every store by itself.
        """
        hours = (self.limits[:, 5] - self.limits[:, 4]).max(axis=1) / np.maximum(self.limits[:, 3].max(axis=1), SMALL)
        key = np.concatenate([self.terms[:, [0, 1, 2, 4]].reshape(self.count, -1), hours[:, None]], axis=1)
        kind = np.unique(np.round(key, DIGITS), axis=0, return_inverse=True)[1].ravel()
        first = np.zeros(self.count, dtype=np.int64)
        for k in range(kind.max() + 1):
            mine = np.flatnonzero(kind == k)
            for part in np.array_split(mine[np.argsort(self.cost[mine], kind="stable")], min(PARTS, len(mine))):
                first[part] = part.min()
        group = np.arange(rows)
        for own in self.row:
            if own.min(initial=0) >= 0:
                group[own] = own[first]
        place = np.unique(group, return_inverse=True)[1].ravel()
        return sp.csr_array((np.ones(rows), (place, np.arange(rows))))


def stores_of(problem: Problem, place: Ints) -> Stores | None:
    """The stores of a problem; None where it has none, or theirs are not as `walk` knows them.

    place (rows): where a row of the problem stands among the priced ones, −1 where it is not priced.
    """
    if "storage_energy" not in problem.rows or not problem.rows["storage_energy"].size:
        return None
    rows, columns = problem.rows["storage_energy"], problem.columns
    held = columns["deliverable"] if "deliverable" in columns else np.full(rows.shape, ABSENT, dtype=np.int64)
    column = np.stack([*(columns[name] for name in COLUMNS[:3]), held])
    of_held = place[problem.rows["deliverable"]] if held[0, 0] != ABSENT else np.full_like(rows, -1)
    row = np.stack([place[rows], of_held])
    terms = _terms(problem, column, rows)
    if (terms[:, :3] <= 0.0).any() or (row[0] < 0).any() or (held[0, 0] != ABSENT and (row[1] < 0).any()):
        return None
    sides = [side[column[k]] for k in range(3) for side in (problem.lower, problem.upper)]
    most = np.where(held == ABSENT, 0.0, problem.upper[held])
    limits = np.ascontiguousarray(np.stack([*sides, most], axis=1))
    return Stores(column, row, limits, terms, problem.cost[column[1]].mean(axis=1))


def _terms(problem: Problem, column: Ints, rows: Ints) -> Floats:
    """Coefficients of the stores' own rows (S, 6, T)."""
    matrix, out = sp.csr_array(problem.matrix), np.zeros((rows.shape[0], 6, rows.shape[1]))

    def entry(row: Ints, of: Ints) -> Floats:
        return np.asarray(matrix[row.ravel(), of.ravel()]).reshape(row.shape)

    charge, discharge, energy, held = column
    out[:, 0], out[:, 0, 1:] = 1.0, -entry(rows[:, 1:], energy[:, :-1])
    out[:, 1], out[:, 2], out[:, 3] = -entry(rows, charge), entry(rows, discharge), problem.row_lower[rows]
    if held[0, 0] != ABSENT:
        within = problem.rows["deliverable"]
        out[:, 4] = share = -entry(within, energy)
        out[:, 5] = -problem.row_upper[within] / np.where(share > 0.0, share, 1.0)
    return out


def warm_up() -> None:
    """Compile, or load what was compiled."""
    none, one = np.zeros((4, 1)), np.ones((6, 1))
    walk(none, np.zeros((7, 1)), one, np.zeros((6, 1)), np.zeros((1, 6)), np.zeros((1, 6)), np.zeros((1, 2)))
