"""Multipliers of the coupling rows by cutting planes in a box that moves, and the bound that they certify."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from clearing.case.arrays import Flags, Floats, Ints
from clearing.case.result import BoundKind
from clearing.formulation.model import Model
from clearing.milp.highs import Limits, Watch
from clearing.solve.decomposition.lagrangian import Lagrangian, Oracle, Point, lagrangian
from clearing.solve.decomposition.master import Master
from clearing.solve.decomposition.result import Dual
from clearing.solve.search import Search

GROUPS = 40
ROUNDS = 300
WIDTH = 0.3
"""First width of the box against the size of the multipliers."""
KEPT = 30
"""Rounds of which the commitments are handed over."""

NEAR = 2e-5
"""Relative distance between bound and model at which the bound is as good as it gets."""


def dual(search: Search, model: Model, start: Floats | None = None) -> Dual | None:
    """Raise the search's bound by price-directed decomposition. None where a unit has no schedule or time ran out.

    start (rows): multipliers to begin with, as `row_dual` of an earlier answer or of an LP.
    """
    of = lagrangian(model)
    if not len(of.row) or not len(of.units.min_up):
        return None
    y = first_prices(of) if start is None else np.asarray(start[of.row], dtype=np.float64)
    return Rounds(search, of, y).run()


@dataclass(slots=True)
class Rounds:
    """State of the rounds."""

    search: Search
    of: Lagrangian
    y: Floats
    history: list[Flags] = field(default_factory=list)
    best: Point | None = None
    trace: list[tuple[float, float, float]] = field(default_factory=list)
    near: float = NEAR
    groups: int = GROUPS

    def run(self) -> Dual | None:
        """All rounds, then the answer."""
        search, of = self.search, self.of
        oracle = Oracle(of)
        master = Master(of, self._groups(), search.control.threads, search.options.seed, size(self.y))
        y = np.clip(self.y, *_open(of))
        width = np.full(len(y), WIDTH * size(y))
        promised = np.inf
        for round_ in range(ROUNDS):
            point = oracle.at(y)
            if point is None:
                return None
            self.history.append(point.on.astype(np.int8))
            width = self._judge(point, promised, width)
            master.add(point, round_)
            if search.over():
                break
            found = master.best(self.best.y, width, Limits(seconds=search.left()), Watch(stopped=search.control.stopped))
            if found is None:
                break
            y, promised = found
            self.trace.append((self.best.value, promised, search.control.elapsed()))
            if promised - self.best.value <= self.near * max(1.0, abs(self.best.value)):
                break
        return self._answer(master)

    def _groups(self) -> Ints:
        count = len(self.of.units.min_up)
        order = np.random.default_rng(self.search.options.seed).permutation(count)
        return np.asarray(order % min(self.groups, count), dtype=np.int64)

    def _judge(self, point: Point, promised: float, width: Floats) -> Floats:
        """Keep the better point; the box grows where the model was right, and shrinks where it was not."""
        if self.best is None:
            self.best = point
        elif point.value > self.best.value:
            right = point.value - self.best.value > 0.5 * (promised - self.best.value)
            self.best = point
            width = width * (1.5 if right else 1.0)
        else:
            width = width * 0.75
        self.search.raise_bound(self.best.value, BoundKind.LAGRANGIAN)
        self.search.tell()
        return width

    def _answer(self, master: Master) -> Dual:
        row_dual = np.zeros(len(self.of.model.problem.row_lower))
        row_dual[self.of.row] = self.best.y
        share = np.zeros(self.best.on.shape)
        total = np.zeros(len(share))
        for round_, weight in master.weights():
            if round_ < len(self.history):
                share += weight[master.group][:, None] * self.history[round_]
                total += weight[master.group]
        return Dual(
            self.best.value, row_dual, np.array(self.history[-KEPT:]), share / np.maximum(total, 1e-9)[:, None],
            self.best.exact, self.of.relaxed,
        )  # fmt: skip


def _open(of: Lagrangian) -> tuple[Floats, Floats]:
    """Signs of multipliers: what leans on an open side is 0."""
    return np.where(np.isfinite(of.upper), -np.inf, 0.0), np.where(np.isfinite(of.lower), np.inf, 0.0)


def size(y: Floats) -> float:
    """What size multipliers are of."""
    found = np.abs(y[np.abs(y) > 0.0])
    return max(1e-2, float(np.median(found))) if len(found) else 1.0


def first_prices(of: Lagrangian) -> Floats:
    """Merit order: in every period the average cost of the unit that the load with its reserve reaches."""
    model, y = of.model, np.zeros(len(of.row))
    problem, case, hours = model.problem, model.case, model.case.horizon.hours
    place = np.full(len(problem.row_lower), -1, dtype=np.int64)
    place[of.row] = np.arange(len(of.row))
    full = np.zeros(case.units.p_min_mw.shape)
    np.add.at(full, model.unit_curve.resource, model.unit_curve.width_mw * model.unit_curve.price_per_mwh * hours)
    most = np.maximum(case.units.p_max_mw, 1e-6)
    average = (problem.cost[problem.columns["on"]] + full) / most
    rows = problem.rows["balance"]
    reserve = case.reserves.requirement_mw.max(axis=0, initial=0.0)
    free = case.renewables.forecast_mw.sum(axis=0) - case.renewables.min_mw.sum(axis=0)
    for t in range(rows.shape[1]):
        order = np.argsort(average[:, t], kind="stable")
        reach = np.cumsum(most[order, t])
        need = problem.row_lower[rows[:, t]].sum() + reserve[t] - free[t]
        k = min(int(np.searchsorted(reach, need)), len(order) - 1)
        y[place[rows[:, t]]] = average[order[k], t]
    return y
