"""Production's SCUC with all its network rows, and its rows told in the columns of the specification."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from clearing.case.case import Case
from clearing.case.reserves import Direction
from clearing.formulation.flexible_ramping import flexible_pairs, flexible_ramp_units, flexible_units
from clearing.formulation.limits import footroom_units
from clearing.formulation.model import Model
from clearing.formulation.modes import three_modes
from clearing.formulation.network import network
from clearing.formulation.non_spinning import offline_units
from clearing.formulation.plant_data import PlantData, plant_data
from clearing.formulation.plant_switching import Switching, switching_data
from clearing.formulation.regulation import speed_products
from clearing.formulation.reserve_offers import offered
from clearing.formulation.reserves import capped
from clearing.formulation.scuc import scuc
from clearing.formulation.start_limits import limited
from clearing.formulation.storage_awards import holders
from clearing.formulation.variables import load_buses
from clearing.grid.monitored import FAMILY, Grid, grid
from clearing.milp.columns import Columns, column_block
from clearing.milp.elastic import elastic
from clearing.milp.problem import Problem, matrix_of
from clearing.rules.rules import Rules
from clearing.solve.network_rows import flow_steps
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
        rows = network(family, grid_, element, period, model.injections, model.fixed_injection, model.given_mw)
        steps = flow_steps(model.case, model.penalties, monitored, element)
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
    grid_ = grid(case)
    return scuc(case, rules, grid_.islands), grid_


ONE: Name = ("one", ())
"""Stands for the number 1 in what a column of production is."""

Line = tuple[dict[Name, float], float, float]
"""({column of the specification: coefficient}, lower, upper)."""


@dataclass(frozen=True)
class Told:
    """Rows of production's SCUC in the columns of the specification.

    above_it stands for output_it − p_min_it·on_it, the blocks of a renewable above its least output for
    renewable_rt − min_rt, what a bid or a virtual plant has over its least for the whole less that; every other column
    has one namesake.
    """

    case: Case
    model: Model
    rules: Rules

    @cached_property
    def plants(self) -> PlantData:
        return plant_data(self.case, self.rules.starts)

    @cached_property
    def switching(self) -> Switching:
        return switching_data(self.plants, self.model.data, self.case.horizon.period_minutes)

    @property
    def problem(self) -> Problem:
        return self.model.problem

    @cached_property
    def columns(self) -> list[dict[Name, float]]:
        """By column of production: what it is in columns of the specification."""
        return [self._column(block.name, at) for block in self.problem.columns.blocks for at in np.ndindex(block.shape)]

    def _column(self, block: str, at: tuple[int, ...]) -> dict[Name, float]:
        case, least = self.case, {"demand": self.case.demand_bids.min_mw, "virtual": self.case.virtual_plants.min_mw}
        if block == "above":
            return {("output", at): 1.0, ("on", at): -float(case.units.p_min_mw[at])}
        if block in least:
            return {(block, at): 1.0, ONE: -float(least[block][at])}
        if block.endswith((".short", ".over")):
            family = block.split(".", maxsplit=1)[0]
            place = np.unravel_index(at[1], self.problem.rows[family].shape)
            return {(block.replace(".", "_"), (*self.index(family, place), at[0])): 1.0}
        name = {"deliverable": "held", "stopped": "stops_in_day", "switched": "other_stops_in_day"}.get(block, block)
        return {(name, self._place(block, at)): 1.0}

    def _place(self, block: str, at: tuple[int, ...]) -> tuple[int, ...]:
        """Index of a column in the specification."""
        awards = self.model.awards
        holders_ = {
            "award": (awards.product, awards.unit),
            "award_offline": (awards.product[awards.offline], awards.unit[awards.offline]),
            "award_storage": (awards.storage_product, awards.storage),
        }
        if block in holders_:
            return int(holders_[block][0][at[0]]), int(holders_[block][1][at[0]]), at[1]
        if block == "award_block":
            return int(offered(self.case, awards)[0][at[0]]), at[1]
        if block in ("shed_step", "surplus_step"):
            return at[1], at[2], at[0]
        if block == "demand_segment":
            return int(self.case.demand_bids.bids.resource[at[0]]), *at
        subject = {"shed": load_buses(self.case), "charging": three_modes(self.case.storage)}
        if block in ("stopped", "switched"):
            return int(self.switching.unit[at[0]]), at[1]
        return (int(subject[block][at[0]]), at[1]) if block in subject else at

    def index(self, family: str, at: tuple[int, ...]) -> tuple[int, ...]:
        """Index of a row in the specification."""
        if family == "switched":
            one, other = (int(self.switching.unit[end[at[0]]]) for end in (self.switching.one, self.switching.other))
            return one, other, int(at[1])
        rest = tuple(int(place) for place in at[1:])
        if family in ("award_cap", "award_offer", "flexible_next"):
            awards = self.model.awards
            pairs = capped(self.case, awards) if family == "award_cap" else np.unique(offered(self.case, awards)[1])
            pairs = flexible_pairs(awards) if family == "flexible_next" else pairs
            return int(awards.product[pairs[at[0]]]), int(awards.unit[pairs[at[0]]]), *rest
        subject = self._subjects(family)
        return (int(at[0]) if subject is None else int(subject[at[0]]), *rest)

    def _subjects(self, family: str) -> np.ndarray | None:
        """Rows of the case's table that the rows of a family are about; None where they are about all of it."""
        limits, plants = self.case.start_limits, self.plants
        if family in ("charge_least", "discharge_least", "one_mode"):
            return np.asarray(three_modes(self.case.storage))
        if family in ("stopped", "switching"):
            return self.switching.unit
        awards = self.model.awards
        return {
            "regulation_speed": lambda: speed_products(self.case),
            "flexible_up": lambda: flexible_units(self.case, awards)[0],
            "flexible_down": lambda: flexible_units(self.case, awards)[1],
            "flexible_ramp_up": lambda: flexible_ramp_units(self.case, self.model.data, awards)[0],
            "flexible_ramp_down": lambda: flexible_ramp_units(self.case, self.model.data, awards)[1],
            "offline": lambda: offline_units(awards),
            **{f"storage_up{way}": lambda: holders(self.case, awards, Direction.UP) for way in ("", "_energy")},
            **{f"storage_down{way}": lambda: holders(self.case, awards, Direction.DOWN) for way in ("", "_energy")},
            "footroom": lambda: footroom_units(self.case, self.model.awards),
            "unit_starts": lambda: limited(limits.unit, limits.max_starts)[0],
            "unit_stops": lambda: limited(limits.unit, limits.max_stops)[0],
            "plant_starts": lambda: np.flatnonzero(plants.max_starts >= 0),
            "plant_stops": lambda: np.flatnonzero(plants.max_stops >= 0),
            "start_spacing": lambda: np.flatnonzero(plants.start_spacing),
            "stop_spacing": lambda: np.flatnonzero(plants.stop_spacing),
        }.get(family, lambda: None)()

    def rows(self, family: str) -> dict[tuple[int, ...], Line]:
        """All rows of a family that limit something, by their index in the specification."""
        index, problem = self.problem.rows[family], self.problem
        limit = np.isfinite(problem.row_lower) | np.isfinite(problem.row_upper)
        return {self.index(family, at): self._row(int(index[at])) for at in np.ndindex(index.shape) if limit[index[at]]}

    def _row(self, row: int) -> Line:
        matrix = self.problem.matrix
        terms: dict[Name, float] = {}
        start, end = matrix.indptr[row : row + 2]
        for column, value in zip(matrix.indices[start:end], matrix.data[start:end], strict=True):
            for name, coefficient in self.columns[column].items():
                terms[name] = terms.get(name, 0.0) + value * coefficient
        shift = self._renewables(terms) + terms.pop(ONE, 0.0)
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
