"""The Lagrangian of a model: which rows have multipliers, and its value at them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from clearing.case.arrays import Bools, Floats, Ints
from clearing.formulation.limits import one_headroom
from clearing.formulation.model import Model
from clearing.grid.monitored import FAMILY
from clearing.milp.problem import FAR
from clearing.solve.decomposition.data import COLUMNS, Prices, Sharing, Units, units_of
from clearing.solve.decomposition.local import INFINITE
from clearing.solve.decomposition.oracle import solve_units
from clearing.solve.decomposition.plan import Plan, empty_plan
from clearing.solve.decomposition.stores import Stores, stores_of

OWN = (
    "commitment", "min_up", "min_down", "start_lead", "start_saving", "start_matching", "start_offline",
    "segment_limit", "segment_limit_start", "segment_limit_stop", "output", "headroom", "headroom_stop", "output_limit",
    "output_limit_stop", "footroom", "ramp_up", "ramp_down", "award_cap",
)  # fmt: skip
"""Blocks of rows that the units' subproblems keep."""

JOINING = (
    "balance", "shed_total", "product", "system_positive_min", "system_positive_max", "system_negative_min", "network",
    *FAMILY,
)  # fmt: skip
"""Blocks of rows that always have multipliers; others have where they join units, or no unit stands in them."""


@dataclass(frozen=True, slots=True)
class Lagrangian:
    """min c·x over units and side columns, rows `row` (D) priced.

    row (D), lower, upper (D)   rows with multipliers and their sides
    matrix (D, columns)         their coefficients
    side (n)                    columns that belong to no unit: each is at its better bound
    unit_of (columns)           unit of a column, −1 = side
    relaxed                     blocks of rows that nothing keeps, or not whole
    without                     blocks that were left out because they were asked to be
    stores                      whose own rows get the multipliers that are best for the others'; None = are not sought
    """

    model: Model
    units: Units
    row: Ints
    lower: Floats
    upper: Floats
    matrix: sp.csr_array
    by_column: sp.csr_array
    side: Ints
    unit_of: Ints
    relaxed: tuple[str, ...]
    without: tuple[str, ...] = ()
    stores: Stores | None = None

    def cost(self, y: Floats) -> Floats:
        """Reduced cost of every column at multipliers y (D)."""
        return np.asarray(self.model.problem.cost - self.by_column @ y)

    def sides(self, y: Floats) -> float:
        """What the sides of the priced rows are worth."""
        side = np.where(y > 0.0, self.lower, np.where(y < 0.0, self.upper, 0.0))
        return float((side * y).sum())

    def boxes(self, reduced: Floats) -> float:
        """Least reduced cost of the side columns."""
        problem, j = self.model.problem, self.side
        at = np.where(reduced[j] > 0.0, problem.lower[j], problem.upper[j])
        return float((reduced[j] * np.clip(at, -FAR, FAR)).sum())

    def prices(self, reduced: Floats) -> Prices:
        """Reduced costs as the kernels read them."""
        columns = self.model.problem.columns
        return Prices(*(np.ascontiguousarray(reduced[columns[name]]) for name in COLUMNS))


@dataclass(frozen=True, slots=True)
class Point:
    """The Lagrangian at y (D): its value, what of it is of units (N), the units' columns x, which units are exact."""

    y: Floats
    value: float
    unit_value: Floats
    x: Floats
    on: Floats
    exact: Bools


@dataclass(frozen=True, slots=True)
class Met:
    """What is kept of a point: y (D), unit_value (N), and the few units' columns of x that are not 0."""

    y: Floats
    unit_value: Floats
    place: Ints
    value: Floats

    @classmethod
    def of(cls, point: Point) -> Met:
        """Of a point."""
        place = np.flatnonzero(point.x)
        return cls(point.y, point.unit_value, place, point.x[place])

    def x(self, columns: int) -> Floats:
        """The units' columns among so many."""
        out = np.zeros(columns)
        out[self.place] = self.value
        return out


def lagrangian(model: Model, without: Sequence[str] = (), *, by_store: bool = False) -> Lagrangian:
    """Split a model into units, side columns and priced rows. without: blocks of rows to leave out; by_store: whether
    stores are solved by themselves, which their own rows' multipliers follow from."""
    problem = model.problem
    unit_of = _unit_of(model)
    names, relaxed = [], list(_not_whole(model))
    matrix = sp.csr_array(problem.matrix)
    for name, rows in problem.rows.items():
        if name in OWN or not rows.size:
            continue
        if name not in without and (name in JOINING or _joins(matrix, rows.ravel(), unit_of)):
            names.append(name)
        else:
            relaxed.append(name)
    row = np.concatenate([problem.rows[name].ravel() for name in names] or [np.zeros(0, np.int64)])
    chosen = sp.csr_array(matrix[row])
    place = np.full(len(problem.row_lower), -1, dtype=np.int64)
    place[row] = np.arange(len(row))
    return Lagrangian(
        model, units_of(model), row, problem.row_lower[row], problem.row_upper[row], chosen,
        sp.csr_array(chosen.T), np.flatnonzero(unit_of < 0), unit_of, tuple(sorted(set(relaxed))), tuple(without),
        stores_of(problem, place) if by_store else None,
    )  # fmt: skip


def _unit_of(model: Model) -> Ints:
    problem, count = model.problem, len(model.case.units.id)
    found = np.full(len(problem.cost), -1, dtype=np.int64)
    of = {"segment": model.unit_curve.resource, "award": model.awards.unit}
    if "start_saving" in problem.columns:
        of["start_saving"] = _arc_units(model)
    for name in COLUMNS:
        index = problem.columns[name]
        found[index] = of.get(name, np.arange(count))[:, None]
    return found


def _arc_units(model: Model) -> Ints:
    from clearing.formulation.start_states import start_arcs  # noqa: PLC0415

    return start_arcs(model.case).unit


def _joins(matrix: sp.csr_array, rows: Ints, unit_of: Ints) -> bool:
    """Whether a row of a block joins units, or one has no unit at all."""
    part = sp.csr_array(matrix[rows])
    unit = unit_of[part.indices]
    row = np.repeat(np.arange(len(rows)), np.diff(part.indptr))
    most, least = np.full(len(rows), -1), np.full(len(rows), np.iinfo(np.int64).max)
    owned = unit >= 0
    np.maximum.at(most, row[owned], unit[owned])
    np.minimum.at(least, row[owned], unit[owned])
    return bool(((most < 0) | (most > least)).any())


def _not_whole(model: Model) -> list[str]:
    """Blocks of `OWN` that the kernels keep in part (decisions/0016)."""
    awards, case, found = model.awards, model.case, []
    form, product = awards.form, awards.product
    takes = (form.ramp_now[product] > 0.0) | (form.ramp_before[product] > 0.0)
    units = units_of(model)
    for name, side in (("ramp_up", Sharing.UP), ("ramp_down", Sharing.DOWN)):
        if (takes & units.ramped[awards.unit] & (units.sharing == side)).any():
            found.append(name)
    if form.joint_cap[product].any():
        found.append("award_cap")
    if not one_headroom(case, form) and form.in_limits[product].any():
        found.append("output_limit")
    if len(case.regulation_bands.unit):
        found += ["headroom", "footroom"]
    return found


class Oracle:
    """The Lagrangian, evaluated again and again in the same memory."""

    def __init__(self, of: Lagrangian) -> None:
        self.of = of
        self.plan: Plan = empty_plan(of.units)
        columns = of.model.problem.columns
        self._columns = tuple(columns[name] for name in ("on", "start", "stop", "above", "start_saving", "award"))

    def at(self, y: Floats, *, exact: bool = True) -> Point | None:
        """The Lagrangian at y (D), where stores are solved by themselves at the best for their own rows; None where a
        unit or such a store has no schedule at all."""
        completed = y if self.of.stores is None else self.of.stores.completed(y, self.of.cost)
        if completed is None:
            return None
        y = completed
        reduced = self.of.cost(y)
        good = solve_units(self.of.units, self.of.prices(reduced), self.plan, exact=exact)
        value = self.plan.value
        if (value >= INFINITE).any():
            return None
        total = self.of.sides(y) + self.of.boxes(reduced) + float(value.sum())
        x = np.zeros(len(reduced))
        for index, part in zip(self._columns, self.plan, strict=False):
            x[index] = part
        return Point(y.copy(), total, value.copy(), x, self.plan.on.copy(), good)
