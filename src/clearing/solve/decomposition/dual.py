"""Multipliers of the coupling rows by cutting planes in a box that moves, and the bound that they certify."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import scipy.sparse as sp

from clearing.case.arrays import Bools, Flags, Floats, Ints
from clearing.case.bound_proof import provable
from clearing.case.result import BoundKind
from clearing.formulation.model import Model
from clearing.milp.highs import Limits, Watch
from clearing.milp.problem import FAR
from clearing.solve.begun import known_prices
from clearing.solve.control import never
from clearing.solve.decomposition.first_prices import first_prices, size
from clearing.solve.decomposition.lagrangian import OWN, Lagrangian, Met, Oracle, Point, lagrangian
from clearing.solve.decomposition.master import Master
from clearing.solve.decomposition.proof import NOBODY, NONE_JOINED, Joined, Known, known
from clearing.solve.decomposition.result import Dual
from clearing.solve.search import Search

GROUPS = 100
"""Sets of units whose cuts are added up: more make a better model of the Lagrangian, and a larger one."""

ROUNDS = 300
KEPT = 30
"""Rounds of which the commitments are handed over."""

GAP_SHARE, NEAREST, FARTHEST = 0.02, 1e-6, 2e-5
"""The bound is as good as it need be within this part of the gap asked, held between the other two (relative)."""

WIDTH = 0.15
"""First width of the box against the size of the multipliers."""

SMOOTH = 0.45
"""Part of the way to what the model likes best that is not gone: its best point is at its own edge, and too far."""

BESIDE = (0.3, 0.8)
"""Further parts of the way, tried where solving the model takes much longer than the units' subproblems: three points
a solve, and fewer solves (decision 0021)."""

LATEST = 6
"""Points of which a master that has more rows keeps all schedules; of those before only what its basis needs."""

EDGE, RIGHT, GROW, SHRINK = 0.98 * (1.0 - SMOOTH), 0.3, 2.0, 0.5
"""A multiplier that went at least EDGE of its width, where at least RIGHT of what was promised came true, gets a box
GROW times as wide; a round without gain makes all of the box SHRINK as wide."""

AGAIN, FEW = 2, 0.25
"""So does one that went so far the same way in so many rounds with a gain, however small, where it is one of few (part
of all): prices of scarce hours are far away, and while all others have settled little is promised or comes true."""


RAMPS = {"ramp_up", "ramp_down"}
"""Rows that units' subproblems may keep in part, as the audit does where awards that are capped share ramps."""


def dual(search: Search, model: Model, start: Floats | None = None) -> Dual | None:
    """Raise the search's bound by price-directed decomposition. None where a unit has no schedule or time ran out.

    start (rows): multipliers to begin with, as `row_dual` of an earlier answer or of an LP.
    """
    rounds = rounds_of(search, model, start)
    return None if rounds is None else rounds.run()


def rounds_of(
    search: Search, model: Model, start: Floats | None = None, without: Sequence[str] = (),
    beside: Sequence[float] = (), *, by_store: bool = False, joined: Joined = NONE_JOINED,
) -> Rounds | None:  # fmt: skip
    """Rounds before the first one; None where there is nothing to price. start as in `dual`, without: blocks of rows
    to leave out, beside: parts of the way to what the model likes best that every round tries as well, by_store:
    whether stores are solved by themselves, joined: what the rows of the block `network` are."""
    of = lagrangian(model, without, by_store=by_store)
    if not len(of.row) or not len(of.units.min_up):
        return None
    y = np.asarray(first_prices(of) if start is None else start[of.row], dtype=np.float64)
    rounds = Rounds(search, of, y, beside=tuple(beside), joined=joined)
    if start is None and search.beginning is not None:
        rounds.y = known_prices(search.beginning, rounds.known, y, model.case.horizon.hours)
    return rounds


@dataclass(slots=True)
class Rounds:
    """State of the rounds: where the next prices y (D) are tried, the best point so far, and the commitments met.

    promised: what the model promises at y; first, width (D): the box around the best point; same (D): rounds in which a
    multiplier went to the edge of its box, with their sign: up or down;
    trace: bound, what the model promises, seconds of the run, by round; way: from the centre to what it likes best.
    """

    search: Search
    of: Lagrangian
    y: Floats
    history: list[Flags] = field(default_factory=list)
    met: list[Met] = field(default_factory=list)
    best: Point | None = None
    trace: list[tuple[float, float, float]] = field(default_factory=list)
    groups: int = GROUPS
    promised: float = np.inf
    first: Floats = field(default_factory=lambda: np.zeros(0))
    width: Floats = field(default_factory=lambda: np.zeros(0))
    same: Floats = field(default_factory=lambda: np.zeros(0))
    master: Master | None = None
    oracle: Oracle | None = None
    beside: tuple[float, ...] = ()
    way: tuple[Floats, Floats] | None = None
    joined: Joined = NONE_JOINED
    _known: Known | None = None

    @property
    def known(self) -> Known:
        """Rows that the audit knows, in the order of y."""
        if self._known is None:
            self._known = known(self.of, self.search.rules, self.joined)
        return self._known

    @property
    def provable(self) -> bool:
        """Whether the audit can recompute the bound at multipliers of rows that it knows."""
        return provable(self.search.case, self.search.rules) and not set(self.of.relaxed) & set(OWN) - RAMPS

    @property
    def lean(self) -> bool:
        """Whether the master leaves out what is clear or without weight: with the rows of a huge problem it must, with
        fewer it only takes another way (RTS-GMLC 2020-01-27 had 4.5e-3 after 45 s of CPU so, 2.3e-3 with all)."""
        return self.of.stores is not None

    def run(
        self, near: float | None = None, ends: float | None = None, asked: Callable[[], bool] = never
    ) -> Dual | None:
        """Rounds until the model promises less than `near` (relative; default: what the gap asked is worth), or the
        bound certifies the search's best commitment. ends: by the clock, where they may stop short of that; asked:
        whether they shall.

        Called again, they go on from where they were.
        """
        search, of = self.search, self.of
        near = min(FARTHEST, max(NEAREST, GAP_SHARE * search.gap_asked())) if near is None else near
        if self.master is None:
            self.oracle, self.y = Oracle(of), np.clip(self.y, *_open(of))
            self.first = self.width = np.full(len(self.y), WIDTH * size(self.y))
            self.same = np.zeros(len(self.y))
            self.master = self._new_master()
        assert self.oracle is not None
        while len(self.history) < ROUNDS:
            if self.lean:
                self.master.prune()
            point = self.oracle.at(self.y)
            if point is None:
                return None
            self._meet(point)
            self._judge(point)
            if not self._look_beside():
                return None
            ahead = not (search.over() or search.closed()) and self._next(self.master)
            if ahead and self._good(near) and (self.width < self.first).any():
                # In a box that has shrunk the model may promise little because it cannot look further.
                self.width = np.maximum(self.width, self.first)
                ahead = self._next(self.master)
            # here the master has a solution of all that was met: whoever extends it begins there
            if not ahead or self._good(near) or asked() or (ends is not None and time.monotonic() >= ends):
                break
        return None if self.best is None else self._answer(self.master, self.best)

    def _meet(self, point: Point) -> None:
        assert self.master is not None
        self.history.append(point.on.astype(np.int8))
        self.met.append(Met.of(point))
        self.master.add(self.met[-1], len(self.history) - 1)

    def _look_beside(self) -> bool:
        """Try the other parts of the way as well; False where a unit has no schedule at all."""
        if self.way is None:
            return True
        assert self.oracle is not None
        centre, step = self.way
        for part in self.beside:
            point = self.oracle.at(centre + part * step)
            if point is None:
                return False
            self._meet(point)
            self._keep(point)
        return True

    def extend(self, model: Model, joined: Joined = NONE_JOINED) -> bool:
        """Price the rows that a model has more, behind those it had; False where the solver was cut short.

        joined: what the rows of the block `network` are. All schedules met stay, and so does the best point: at 0 the
        new rows are worth nothing.
        """
        before, best = len(self.of.row), self.best
        of = lagrangian(model, self.of.without, by_store=self.of.stores is not None)
        assert best is not None
        assert (of.row[:before] == self.of.row).all()
        more, columns = len(of.row) - before, len(model.problem.cost)

        def grown(y: Floats, by: float = 0.0) -> Floats:
            return np.concatenate([y, np.full(more, by)])

        wide = WIDTH * size(best.y)
        was, self.of, self.oracle = self.master, of, Oracle(of)
        self.first, self.width, self.same = grown(self.first, wide), grown(self.width, wide), grown(self.same)
        self.best = replace(best, y=grown(best.y), x=np.resize(best.x, columns))
        self.joined, self._known = joined, None
        self.met = [replace(m, y=grown(m.y)) for m in self.met]
        self.master = self._new_master()
        stands = None if was is None else was.standing()
        if was is None or stands is None:
            for round_, each in enumerate(self.met):
                self.master.add(each, round_)
            return self._next(self.master)
        for round_, groups in was.needed(stands, LATEST if self.lean else len(self.met)):
            self.master.add(self.met[round_], round_, groups)
        self.master.follow(was, stands)
        return self._next(self.master)

    def relaxed(self) -> Floats | None:
        """The master's last solution as columns of the model: schedules in parts, side columns whole; None before.

        Of stores that the master adds up each takes the same part of its range, whatever its own energy allows.
        """
        master, of = self.master, self.of
        values = None if master is None else master.side_values()
        if master is None or values is None:
            return None
        x, total = np.zeros(len(of.unit_of)), np.zeros(len(of.units.min_up))
        for round_, weight in master.weights():
            part = weight[master.group]
            total += part
            if part.any():
                met = self.met[round_]
                x[met.place] += met.value * part[of.unit_of[met.place]]
        owned = of.unit_of >= 0
        x[owned] /= np.maximum(total, 1e-9)[of.unit_of[owned]]
        x[of.side] = values
        return x

    def _new_master(self) -> Master:
        control, seed = self.search.control, self.search.options.seed
        near = (self.y if self.best is None else self.best.y) if self.lean else None
        return Master(self.of, self._groups(), control.threads, seed, size(self.y), near=near)

    def _next(self, master: Master) -> bool:
        """Prices to try and what the model promises; False where the solver was cut short."""
        search, best = self.search, self.best
        assert best is not None
        limits, watch = Limits(seconds=search.left()), Watch(stopped=search.control.stopped)
        found = master.best(best.y, self.width, limits, watch)
        if found is None:
            return False
        self.trace.append((best.value, found[1], search.control.elapsed()))
        self.way, self.promised = (best.y, found[0] - best.y), found[1]
        self.y = best.y + (1.0 - SMOOTH) * self.way[1]
        return True

    def _good(self, near: float) -> bool:
        """Whether no multipliers can raise the bound by anything that matters."""
        assert self.best is not None
        return self.promised - self.best.value <= near * max(1.0, abs(self.best.value))

    def _groups(self) -> Ints:
        count = len(self.of.units.min_up)
        order = np.random.default_rng(self.search.options.seed).permutation(count)
        return np.asarray(order % min(self.groups, count), dtype=np.int64)

    def _judge(self, point: Point) -> None:
        """Keep the better point, and fit the box (D) to how far the model could be trusted."""
        before = self.best
        self._keep(point)
        if before is None:
            return
        gain, sought = point.value - before.value, self._sought()
        step = np.where(sought, point.y - before.y, 0.0)
        if gain <= 0.0:
            self.width, self.same = self.width * SHRINK, np.zeros(len(step))
            return
        edge, way = np.abs(step) >= EDGE * self.width, np.sign(step)
        self.same = np.where(edge, np.where(way * self.same > 0.0, self.same, 0.0) + way, 0.0)
        trusted = gain > RIGHT * (self.promised - before.value)
        wider = edge & (trusted | ((np.abs(self.same) >= AGAIN) & (edge[sought].mean() < FEW)))
        self.width, self.same = np.where(wider, self.width * GROW, self.width), np.where(wider, 0.0, self.same)

    def _sought(self) -> Bools:
        """Rows (D) whose multipliers the model seeks: not those that stores have to themselves."""
        stores, rows = self.of.stores, len(self.of.row)
        return np.ones(rows, dtype=np.bool_) if stores is None else ~stores.own(rows)

    def _keep(self, point: Point) -> None:
        """Keep a point whose bound is the best so far."""
        if self.best is None or point.value > self.best.value:
            self.best = point
            proved = self.provable and self.known.all(point.y)
            self.search.raise_bound(point.value, BoundKind.LAGRANGIAN if proved else BoundKind.SOLVER_CLAIMED)
            self.search.tell()

    def _answer(self, master: Master, best: Point) -> Dual:
        row_dual = np.zeros(len(self.of.model.problem.row_lower))
        row_dual[self.of.row] = best.y
        share, total = np.zeros(best.on.shape), np.zeros(len(best.on))
        for round_, weight in master.weights():
            share += weight[master.group][:, None] * self.history[round_]
            total += weight[master.group]
        share = share / np.maximum(total, 1e-9)[:, None] if total.any() else best.on.astype(np.float64)
        self._prove(best)
        return Dual(
            best.value, row_dual, np.array(self.history[-KEPT:]), np.clip(share, 0.0, 1.0), best.exact,
            self.of.relaxed,
        )  # fmt: skip

    def _prove(self, best: Point) -> None:
        """Keep the multipliers of the best point as a proof; of rows that the audit does not know, none."""
        if not self.provable:
            return
        search, point = self.search, best
        if not self.known.all(best.y):
            assert self.oracle is not None
            found = self.oracle.at(np.where(self.known.family == NOBODY, 0.0, best.y))
            if found is None:
                return
            point = found
            search.raise_bound(point.value, BoundKind.LAGRANGIAN)
        if search.proof is None or point.value >= search.proof.bound:
            search.proof = self.known.proof(point.value, point.y, self.of.model.case.horizon.hours)


def _open(of: Lagrangian) -> tuple[Floats, Floats]:
    """Multipliers (D) that can be a bound's: what leans on an open side is 0, and where a row gives way without end,
    they are within what that costs. Rounds may begin at those of a market whose limits cost more to break."""
    least, most = np.where(np.isfinite(of.upper), -np.inf, 0.0), np.where(np.isfinite(of.lower), np.inf, 0.0)
    columns, problem = sp.csc_array(of.matrix), of.model.problem
    alone = np.diff(columns.indptr) == 1
    alone &= (of.unit_of < 0) & (problem.lower > -FAR) & (problem.upper >= FAR)
    row, value = (part[columns.indptr[:-1][alone]] for part in (columns.indices, columns.data))
    limit, rising = problem.cost[alone] / value, value > 0.0
    np.minimum.at(most, row[rising], limit[rising])
    np.maximum.at(least, row[~rising], limit[~rising])
    return least, most
