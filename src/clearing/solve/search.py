"""State of one SCUC search, and what its stages share."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from math import inf
from threading import RLock

import numpy as np

from clearing.case.arrays import Bools, Flags, Floats
from clearing.case.beginning import Beginning
from clearing.case.bound_proof import BoundProof
from clearing.case.case import Case
from clearing.case.result import BoundKind
from clearing.formulation.losses import Tangents
from clearing.formulation.model import Model
from clearing.formulation.modes import mode_columns
from clearing.grid.monitored import Grid
from clearing.milp.deferred import Deferred
from clearing.milp.highs import Highs, Limits, Watch
from clearing.rules.rules import LossModel, Rules
from clearing.solve.control import Incumbent, Progress, RunControl, never
from clearing.solve.dispatch import Dispatch, dispatch
from clearing.solve.extract import commitment_of
from clearing.solve.loss_rounds import bounds
from clearing.solve.modes import SEARCH_SECONDS
from clearing.solve.network_rows import NetworkRows, grown
from clearing.solve.options import DEFAULT_NODES, SolveOptions
from clearing.solve.warm_start import WarmStart

FINISH_SECONDS = 0.2
FINISH_DISPATCHES = 1.5
OWED_SECONDS, OWED_DISPATCHES = 1.0, 2.0
"""What is kept for pricing run, audit and encoding: so many seconds, and so many times a dispatch; and what a dispatch
of a commitment that was told may take when the time is up."""

NEAR = 0.02
"""Part of the unit-periods in which two commitments may differ for the dispatch of one to begin at the basis of the
other's: a province's took 2 s from one that differed in so many, 9 s from merit order, 3.5 s from nothing."""


@dataclass(slots=True)
class Search:
    """State of one search: the best evaluated commitment, the best bound, and what the caller hears.

    start, started: where the last dispatch with its best modes ended, and its commitment; the next one begins there.
    deferred: rows of a huge problem that no solution has broken so far, else None.
    tangents: bounds of the losses that dispatches have met, where the rules have losses.
    complete: branch and bound ended by itself though the gap stayed open.
    proof: the best bound that comes with multipliers to recheck it by.
    told: least objective of a solution that the caller has heard of and that no dispatch has confirmed yet.
    beginning: what an earlier result came to, None = the search begins from nothing.
    speaking: held by whoever raises the bound or reports, because the bound may rise in a thread of its own.
    owed: whether a better one than the best was told, so that its dispatch must fit before pricing run and audit.
    """

    case: Case
    rules: Rules
    grid: Grid
    options: SolveOptions
    control: RunControl
    best: Dispatch | None = None
    best_mode: Flags | None = None
    bound: float | None = None
    bound_kind: BoundKind = BoundKind.NONE
    active: Bools | None = None
    start: WarmStart | None = None
    started: Flags | None = None
    deferred: Deferred | None = None
    round: int = 0
    dispatch_seconds: float = 0.0
    ends: float | None = None
    complete: bool = False
    tangents: Tangents = ()
    proof: BoundProof | None = None
    told: float | None = None
    owed: bool = False
    beginning: Beginning | None = None
    speaking: RLock = field(default_factory=RLock, repr=False)

    def left(self) -> float | None:
        """Seconds the search may still take; None = no limit."""
        if self.options.reproducible:
            return None
        sides = [s for s in (self.ends and self.ends - time.monotonic(), self._answer_left()) if s is not None]
        return max(0.0, min(sides)) if sides else None

    def _answer_left(self) -> float | None:
        # Pricing run, audit and encoding come after the search; a dispatch already done says how long they take.
        left = self.control.left()
        dispatches = FINISH_DISPATCHES + self.owed
        return None if np.isinf(left) else left - (FINISH_SECONDS + dispatches * self.dispatch_seconds)

    def over(self) -> bool:
        """Whether the search must end now."""
        left = self.left()
        return self.control.stopped() or (left is not None and left <= 0.0)

    def network_free(self) -> bool:
        """Whether a problem without rows of the network holds every limit there is."""
        return not len(self.grid.monitored.id) and not self.grid.security.contingencies.id

    def gap_asked(self) -> float:
        """Relative gap at which the search may stop."""
        return self.rules.solve.gap if self.options.gap is None else self.options.gap

    def closed(self) -> bool:
        """Whether the bound certifies the best commitment."""
        if self.best is None or self.bound is None:
            return False
        absolute = self.best.costs.total - self.bound
        scale = max(abs(self.best.costs.total), abs(self.bound), 1.0)
        return absolute <= max(self.gap_asked() * scale, self.rules.solve.absolute_gap)

    def try_commitment(self, on: Flags, mode: Flags | None, *, told: bool = False) -> Dispatch | None:
        """Evaluate a commitment by its dispatch and keep it if it is the best. mode None: with its best modes.

        told: the caller has heard of it, so that even a stopped search owes it as long as nothing else is there, and a
        search whose time is up as long as that takes no more than a second.
        Returns the dispatch, None where it was cut short.
        """
        self.owed = False
        # The first one may use all the time there is: a schedule without prices is better than none.
        seconds = self.left() if self.best is not None or self.options.reproducible else self.control.left()
        if told and self.best is not None and seconds is not None:
            seconds = max(seconds, min(OWED_SECONDS, OWED_DISPATCHES * self.dispatch_seconds, self.control.left()))
        found = dispatch(
            self.case, self.rules, self.grid, on, mode,
            replace(self.control, stopped=never) if told and self.best is None else self.control,
            active=self.active, starts=(self.start if self._near(on) else None,), seconds=seconds, known=self.tangents,
            mode_seconds=inf if self.options.reproducible else SEARCH_SECONDS,
        )  # fmt: skip
        if found is None:
            return None
        if mode is None:
            self.start, self.started = found.start, on
        self.keep(found)
        return found

    def _near(self, on: Flags) -> bool:
        """Whether a commitment is so near to the one that `start` is of that its basis is worth more than presolve."""
        return self.started is not None and float((on != self.started).mean()) <= NEAR

    def keep(self, found: Dispatch) -> None:
        """Keep a dispatch if it is the best, and what it has shown."""
        self.dispatch_seconds, self.owed = max(self.dispatch_seconds, found.seconds), False
        if found.losses is not None:
            given = self.rules.losses.model is LossModel.GIVEN
            self.tangents = found.losses.made_at if given else bounds(found.losses.made_at)
        self.meet(found.grid, found.active)
        if self.best is None or found.costs.total < self.best.costs.total:
            self.best, self.best_mode = found, found.mode
            self.propose(np.asarray(found.schedule.on, dtype=np.int8), found.mode, found.costs.total)
            self.tell()

    def propose(self, on: Flags, mode: Flags, objective: float) -> None:
        """Hand out a commitment, so that it outlives this process."""
        with self.speaking:
            self.control.on_incumbent(Incumbent(on, mode, objective, self.bound))

    def meet(self, grid: Grid, active: Bools) -> None:
        """Keep a grid that has grown from the search's own, and pairs (E, T) of it that deserve a row."""
        self.grid = grid
        met = active if self.active is None else grown(self.active, len(active)) | active
        self.active = met

    def raise_bound(self, bound: float | None, kind: BoundKind) -> None:
        """Keep the greatest bound."""
        # With given loss factors no problem is there that the answer is the optimum of: the bound of one at a fixed
        # constant bounds nothing.
        if self.rules.losses.model is LossModel.GIVEN:
            return
        with self.speaking:
            if bound is not None and (self.bound is None or bound > self.bound):
                self.bound, self.bound_kind = bound, kind

    def tell(self, incumbent: float | None = None) -> None:
        """Report progress; incumbent: objective of a running search that is not evaluated yet."""
        with self.speaking:
            self._tell(incumbent)

    def _tell(self, incumbent: float | None) -> None:
        own = None if self.best is None else self.best.costs.total
        best = min((v for v in (own, incumbent, self.told) if v is not None), default=None)
        gap = None
        if best is not None and self.bound is not None:
            gap = max(0.0, (best - self.bound) / max(abs(best), abs(self.bound), 1.0))
        count = None if self.best is None else len(self.best.violations)
        self.control.on_progress(Progress("commit", self.control.elapsed(), best, self.bound, gap, self.round, count))


def solver(search: Search, model: Model, *, relaxed: bool = False) -> tuple[Highs, NetworkRows]:
    """A solver with the model and all network rows that the search has met so far; the relaxation without rows that
    wait, because a commitment that breaks min up or down times must never come out."""
    problem = search.deferred.core() if relaxed and search.deferred is not None else model.problem
    highs = Highs(problem, threads=search.control.threads, seed=search.options.seed, relaxed=relaxed)
    rows = NetworkRows(model, search.grid, highs, search.rules.solve)
    if search.active is not None:
        rows.add(search.active)
    return highs, rows


def limits_of(search: Search) -> Limits:
    """When a branch and bound must end: budget, gap asked, nodes."""
    options = search.options
    nodes = options.work_limit_nodes or (DEFAULT_NODES if options.reproducible else None)
    return Limits(search.left(), search.gap_asked(), search.rules.solve.absolute_gap, nodes)


def start_from_best(highs: Highs, search: Search, model: Model) -> None:
    """Hand the best commitment to a branch and bound."""
    if search.best is None or search.best_mode is None:
        return
    columns, schedule = model.problem.columns, search.best.schedule
    modes = mode_columns(columns)
    # a mode that is given to a unit counts only while it is on, and where it cannot be on its column is held at 0
    mode = np.clip(search.best_mode, model.problem.lower[modes], model.problem.upper[modes])
    pairs = (
        (columns["on"], schedule.on),
        (columns["start"], schedule.start),
        (columns["stop"], schedule.stop),
        (modes, mode),
    )
    index = np.concatenate([column.ravel() for column, _ in pairs])
    highs.start_from(index, np.concatenate([value.ravel() for _, value in pairs]).astype(np.float64))


def watching(search: Search, model: Model, rows: NetworkRows, *, bounds: bool = True) -> Watch:
    """Ears of a branch and bound. bounds: whether its bound holds for the whole problem.

    rows: those of the network that it has. A solution that breaks one it lacks costs more than it says, so the caller
    does not hear of its objective.
    """
    sound: float | None = None

    def heard(_: float | None, bound: float | None) -> None:
        if bounds:
            search.raise_bound(bound, BoundKind.SOLVER_CLAIMED)
        search.tell(sound)

    def improved(x: Floats, objective: float, bound: float | None) -> None:
        nonlocal sound
        if bounds:
            search.raise_bound(bound, BoundKind.SOLVER_CLAIMED)
        on, mode = commitment_of(model, x)
        # Its objective may leave out limits that have no row yet; whoever finishes it dispatches it anew.
        if search.best is None or objective < search.best.costs.total:
            search.propose(on, mode, objective)
        if not rows.lacks_rows_for(x):
            sound = objective
        search.tell(sound)

    return Watch(search.over, heard, improved)
