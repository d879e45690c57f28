"""A model and the rows that join it as they break: of the network, and of plants."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from clearing.case.arrays import Bools, Flags, Floats, Ints
from clearing.case.bound_proof import NETWORK, PROVEN
from clearing.formulation.model import Model
from clearing.solve.decomposition.proof import NONE_JOINED, Joined, behind, of_rows
from clearing.solve.decomposition.restricted import held
from clearing.solve.dispatch import Dispatch
from clearing.solve.network_rows import Growing, NetworkRows
from clearing.solve.search import Search

OF_PLANTS = ("start_spacing", "stop_spacing", "switching", "switched")
OF_MODES = ("charge_mode", "discharge_mode")
WITHOUT = (*OF_PLANTS, *OF_MODES)
"""Rows that are many and seldom worth anything: left out of the bound, kept by the branch and bound. Those of plants
join the bound one by one, as a relaxed solution breaks them."""

LATER = -2
"""Family of a row of the network until it is asked for: rows are made before the elements are told."""

LATE = 1e-4
"""Starts or stops by which a relaxed solution breaks a row of a plant that joins."""


class Grown(Growing):
    """A model and the network rows met so far, as one problem."""

    def __init__(self, search: Search, model: Model) -> None:
        super().__init__()
        self._base = model
        self.rows = NetworkRows(model, search.grid, self, search.rules.solve)
        self._all_of_plants = _of_plants(model)
        self._of_plants = self._all_of_plants
        self._joined = NONE_JOINED
        self._rules = search.rules

    def meet(self, search: Search, done: Dispatch | None, x: Floats) -> int:
        """Rows that a dispatch has paid for, and those that a relaxed solution breaks; how many are new."""
        self.rows.follow(search.grid)
        added = 0 if done is None else self.rows.add(done.network_dual != 0.0)
        added += self.rows.add_broken(x) + self._add_of_plants(x)
        search.meet(self.rows.grid, self.rows.active)
        return added

    def know(self, search: Search) -> bool:
        """Rows that a search began with; whether there are any."""
        self.rows.follow(search.grid)
        return search.active is not None and self.rows.add(search.active) > 0

    def clashing(self, on: Flags, around: int) -> Bools:
        """Unit-periods (N, T) near the switches of units that break a row of a plant together."""
        problem, periods = self._base.problem, on.shape[1]
        rows = self._all_of_plants
        matrix = sp.csr_array(problem.matrix)[rows]
        x = held(self._base, on, np.zeros(on.shape, dtype=np.bool_))[0]
        value = matrix @ x
        late = (value > problem.row_upper[rows] + LATE) | (value < problem.row_lower[rows] - LATE)
        inside = np.zeros(len(problem.cost), dtype=np.bool_)
        inside[sp.csr_array(matrix[late]).indices] = True
        found = np.zeros(on.shape, dtype=np.bool_)
        for name in ("start", "stop"):
            found |= inside[problem.columns[name]]
        unit, period = np.nonzero(found)
        for step in range(-around - 1, around + 1):
            found[unit, np.clip(period + step, 0, periods - 1)] = True
        return found

    def _add_of_plants(self, x: Floats) -> int:
        problem, rows = self._base.problem, self._of_plants
        if not len(rows):
            return 0
        matrix, lower, upper = sp.csr_array(problem.matrix)[rows], problem.row_lower[rows], problem.row_upper[rows]
        value = matrix @ x[: matrix.shape[1]]
        late = (value > upper + LATE) | (value < lower - LATE)
        self._of_plants = rows[~late]
        if late.any():
            super().add_rows(sp.csr_array(matrix[late]), lower[late], upper[late])
            self._joined = behind(self._joined, of_rows(self._base, self._rules, rows[late]))
        return int(late.sum())

    def add_rows(self, matrix: sp.csr_array, lower: Floats, upper: Floats) -> None:
        """Rows of the network."""
        super().add_rows(matrix, lower, upper)
        unnamed = np.full(matrix.shape[0], LATER)
        self._joined = behind(self._joined, Joined(unnamed, ("",) * len(unnamed), unnamed))

    def joined(self) -> Joined:
        """What the rows are to the audit, in their order."""
        known, element, found = self.rows.grid.monitored, self.rows.element, self._joined
        own = found.family == LATER
        family, period, subject = found.family.copy(), found.period.copy(), np.array(found.subject, dtype=object)
        family[own] = np.array([PROVEN.index(name) for name in NETWORK])[known.kind[element]]
        period[own], subject[own] = self.rows.period, [known.id[e] for e in element.tolist()]
        return Joined(family, tuple(subject), period)

    def model(self) -> Model:
        """The model with the rows as its last block."""
        return replace(self._base, problem=self.grown(self._base.problem))


def _of_plants(model: Model) -> Ints:
    named = [model.problem.rows[name].ravel() for name in OF_PLANTS if name in model.problem.rows]
    return np.concatenate([np.zeros(0, np.int64), *named])
