"""Production's SCUC with all its network rows, and its rows told in the columns of the specification."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from clearing.case.case import Case
from clearing.formulation.limits import footroom_units
from clearing.formulation.model import Model
from clearing.formulation.modes import three_modes
from clearing.formulation.network import network
from clearing.formulation.reserves import capped
from clearing.formulation.scuc import scuc
from clearing.formulation.variables import load_buses
from clearing.grid.islands import islands
from clearing.grid.monitored import BRANCH, FAMILY, Grid, grid
from clearing.milp.columns import Columns, column_block
from clearing.milp.elastic import elastic
from clearing.milp.problem import Problem, matrix_of
from clearing.rules.rules import Rules
from tests.oracle.compiled import Name


@dataclass(frozen=True)
class Whole:
    """The fields of a problem with network rows behind the rows and columns of its own."""

    cost: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    integer: np.ndarray
    matrix: sp.csr_array
    row_lower: np.ndarray
    row_upper: np.ndarray


def whole(model: Model, grid_: Grid) -> Whole:
    """A problem of production with every branch and interface row that it could ever add."""
    problem, monitored = model.problem, grid_.monitored
    columns = Columns(first=problem.columns.count)
    blocks = []
    for kind, family in enumerate(FAMILY):
        element, period = np.nonzero((monitored.kind == kind)[:, None] & np.ones(monitored.upper.shape, dtype=bool))
        rows = network(family, monitored, element, period, model.injections, model.fixed_injection)
        steps = model.penalties.branch if kind == BRANCH else model.penalties.interface
        blocks.append(elastic(rows, steps, model.case.horizon.hours, columns))
    added = [*columns.blocks, column_block("none", (0,))]

    def joined(own: np.ndarray, field: str) -> np.ndarray:
        return np.concatenate([own, *(np.ravel(getattr(block, field)) for block in added)])

    own = sp.csr_array((problem.matrix.data, problem.matrix.indices, problem.matrix.indptr),
                       shape=(len(problem.row_lower), columns.count))  # fmt: skip
    return Whole(
        joined(problem.cost, "cost"),
        joined(problem.lower, "lower"),
        joined(problem.upper, "upper"),
        np.concatenate([problem.integer, np.zeros(columns.count - problem.columns.count, dtype=bool)]),
        sp.csr_array(sp.vstack([own, matrix_of(blocks, columns.count)])),
        np.concatenate([problem.row_lower, *(block.lower for block in blocks)]),
        np.concatenate([problem.row_upper, *(block.upper for block in blocks)]),
    )


def production(case: Case, rules: Rules) -> tuple[Model, Grid]:
    """Production's SCUC and the grid it is limited by."""
    grid_ = grid(case, islands(case))
    return scuc(case, rules, grid_.islands), grid_


Line = tuple[dict[Name, float], float, float]
"""({column of the specification: coefficient}, lower, upper)."""


@dataclass(frozen=True)
class Told:
    """Rows of production's SCUC in the columns of the specification.

    above_it stands for output_it − p_min_it·on_it, the blocks of a renewable above its least output for
    renewable_rt − min_rt; every other column has one namesake.
    """

    case: Case
    model: Model

    @property
    def problem(self) -> Problem:
        return self.model.problem

    @cached_property
    def columns(self) -> list[dict[Name, float]]:
        """By column of production: what it is in columns of the specification."""
        case, periods, found = self.case, self.case.horizon.periods, []
        awards, shed_bus = self.model.awards, load_buses(case)
        p_min = case.units.p_min_mw
        for block in self.problem.columns.blocks:
            for at in np.ndindex(block.shape):
                name = {(block.name, at): 1.0}
                if block.name == "above":
                    name = {("output", at): 1.0, ("on", at): -float(p_min[at])}
                elif block.name == "award":
                    name = {("award", (int(awards.product[at[0]]), int(awards.unit[at[0]]), at[1])): 1.0}
                elif block.name == "shed":
                    name = {("shed", (int(shed_bus[at[0]]), at[1])): 1.0}
                elif block.name in ("shed_step", "surplus_step"):
                    name = {(block.name, (at[1], at[2], at[0])): 1.0}
                elif block.name == "charging":
                    name = {("charging", (int(three_modes(case.storage)[at[0]]), at[1])): 1.0}
                elif block.name == "deliverable":
                    name = {("held", at): 1.0}
                elif block.name.endswith((".short", ".over")):
                    place = (at[1],) if block.name.startswith("system_") else divmod(at[1], periods)
                    name = {(block.name.replace(".", "_"), (*place, at[0])): 1.0}
                found.append(name)
        return found

    def index(self, family: str, at: tuple[int, ...]) -> tuple[int, ...]:
        """Index of a row in the specification."""
        awards = self.model.awards
        if family in ("charge_least", "discharge_least", "one_mode"):
            return int(three_modes(self.case.storage)[at[0]]), at[1]
        if family == "footroom":
            return int(footroom_units(self.case, awards)[at[0]]), at[1]
        if family == "award_cap":
            pair = capped(self.case, awards)[at[0]]
            return int(awards.product[pair]), int(awards.unit[pair]), at[1]
        return at

    def rows(self, family: str) -> dict[tuple[int, ...], Line]:
        """All rows of a family by their index in the specification."""
        index = self.problem.rows[family]
        return {self.index(family, at): self._row(int(index[at])) for at in np.ndindex(index.shape)}

    def _row(self, row: int) -> Line:
        matrix = self.problem.matrix
        terms: dict[Name, float] = {}
        start, end = matrix.indptr[row : row + 2]
        for column, value in zip(matrix.indices[start:end], matrix.data[start:end], strict=True):
            for name, coefficient in self.columns[column].items():
                terms[name] = terms.get(name, 0.0) + value * coefficient
        shift = self._renewables(terms)
        return terms, float(self.problem.row_lower[row] - shift), float(self.problem.row_upper[row] - shift)

    def _renewables(self, terms: dict[Name, float]) -> float:
        """The output of a site in place of its blocks, whose coefficients must be the same; returns the constant."""
        owner, shift = self.model.renewable_curve.resource, 0.0
        blocks = [name for name in terms if name[0] == "renewable_segment"]
        for site, t in {(int(owner[at[0]]), at[1]) for _, at in blocks}:
            members = [("renewable_segment", (int(b), t)) for b in np.flatnonzero(owner == site)]
            values = {terms.pop(name) for name in members}
            assert len(values) == 1, f"blocks of site {site} enter a row unequally: {values}"
            terms["renewable", (site, t)] = values.pop()
            shift -= terms["renewable", (site, t)] * float(self.case.renewables.min_mw[site, t])
        return shift
