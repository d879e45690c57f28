"""SCUC: quick starts, relaxation, then branch and bound, with network rows as they are found."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

import numpy as np

from clearing.case.arrays import Bools, Flags, Floats
from clearing.case.case import Case, CommitmentUse
from clearing.case.result import BoundKind, Reason
from clearing.formulation.model import Model
from clearing.formulation.scuc import scuc
from clearing.grid.monitored import Grid
from clearing.milp.highs import Highs, Limits, Watch
from clearing.milp.outcome import Condition
from clearing.rules.rules import Rules
from clearing.solve.control import Incumbent, Progress, RunControl
from clearing.solve.dispatch import Dispatch, dispatch
from clearing.solve.extract import commitment_of
from clearing.solve.network_rows import NetworkRows
from clearing.solve.options import DEFAULT_NODES, SolveOptions
from clearing.solve.quick_start import merit_order, rounded

THRESHOLDS = (0.5, 0.1)
"""Shares of a relaxed commitment above which a unit is taken to be on, tried in this order."""

UNDECIDED = 1e-6
"""A relaxed share of a unit further than this from 0 and 1 is undecided."""

OPEN_MINUTES = 120
"""How far around undecided periods and switches the narrow search leaves the commitment open."""

ALWAYS_ON = 0.999
"""A unit whose relaxed share is above this over the day is left alone around a shortage."""

LARGE = 20_000
"""Columns from which the relaxation is solved by interior point."""

RELAX_SHARE = 0.2
"""A round of the relaxation that took more than this part of the time left is the last one."""

NARROW_ROUNDS = 4
NARROW_SHARE = 0.6
"""Part of the search time that the narrow search may take."""


@dataclass(slots=True)
class Search:
    """State of one search: the best evaluated commitment, the best bound, and what the caller hears."""

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
    round: int = 0
    dispatch_seconds: float = 0.0
    ends: float | None = field(default=None)

    def left(self) -> float | None:
        """Seconds the search may still take; None = no limit."""
        if self.options.reproducible:
            return None
        sides = [s for s in (self.ends and self.ends - time.monotonic(), self._answer_left()) if s is not None]
        return max(0.0, min(sides)) if sides else None

    def _answer_left(self) -> float | None:
        # SCED, pricing run, audit and encoding come after the search; a dispatch already done says how long they take.
        left = self.control.left()
        return None if np.isinf(left) else left - (0.3 + 3.0 * self.dispatch_seconds)

    def over(self) -> bool:
        """Whether the search must end now."""
        left = self.left()
        return self.control.stopped() or (left is not None and left <= 0.0)

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

    def try_commitment(self, on: Flags, mode: Flags) -> None:
        """Evaluate a commitment by its dispatch and keep it if it is the best."""
        found = dispatch(
            self.case, self.rules, self.grid, on, mode, self.control, active=self.active, seconds=self.left()
        )
        if found is None:
            return
        self.dispatch_seconds = max(self.dispatch_seconds, found.seconds)
        self.active = found.active if self.active is None else self.active | found.active
        if self.best is None or found.costs.total < self.best.costs.total:
            self.best, self.best_mode = found, mode
            self.control.on_incumbent(Incumbent(on, mode, found.costs.total, self.bound))
            self.tell()

    def raise_bound(self, bound: float | None, kind: BoundKind) -> None:
        """Keep the greatest bound."""
        if bound is not None and (self.bound is None or bound > self.bound):
            self.bound, self.bound_kind = bound, kind

    def tell(self, incumbent: float | None = None) -> None:
        """Report progress; incumbent: objective of a running search that is not evaluated yet."""
        own = None if self.best is None else self.best.costs.total
        best = min((v for v in (own, incumbent) if v is not None), default=None)
        gap = None
        if best is not None and self.bound is not None:
            gap = max(0.0, (best - self.bound) / max(abs(best), abs(self.bound), 1.0))
        count = None if self.best is None else len(self.best.violations)
        self.control.on_progress(Progress("commit", self.control.elapsed(), best, self.bound, gap, self.round, count))


def commit(case: Case, rules: Rules, grid: Grid, options: SolveOptions, control: RunControl) -> tuple[Search, Reason]:
    """Search for the best commitment within the budget. The search's `best` is None only if nothing was feasible."""
    search = Search(case, rules, grid, options, control)
    seconds = control.budget if options.time_limit_seconds is None else options.time_limit_seconds
    search.ends = time.monotonic() + seconds
    model = scuc(case, rules, grid.islands)
    idle = np.zeros(case.storage.charge_max_mw.shape, dtype=np.int8)
    if case.commitment is not None and case.commitment.use is CommitmentUse.HINT:
        search.try_commitment(case.commitment.on, idle)
    if not search.over():
        search.try_commitment(merit_order(case, rules, model.data), idle)
    relaxed = None if search.over() else _relax(search, model)
    if relaxed is not None and not search.over():
        _round(search, model, relaxed)
    if relaxed is not None and not (search.closed() or search.over()):
        _narrow(search, model, relaxed)
    condition = _branch(search, model) if not (search.closed() or search.over()) else Condition.TIME_LIMIT
    return search, _reason(search, condition)


def _relax(search: Search, model: Model) -> Floats | None:
    """Solve the LP relaxation with its network rows: the first bound. Returns its solution, or None if cut short."""
    highs = Highs(model.problem, threads=search.control.threads, seed=search.options.seed, relaxed=True)
    rows = NetworkRows(model, search.grid.monitored, highs)
    if search.active is not None:
        rows.add(search.active)
    if model.problem.columns.count > LARGE:
        # Simplex may need minutes where many reserve products tie; the interior point is steady, and its duals bound.
        highs.option("solver", "ipm")
        highs.option("run_crossover", "off")
    x = None
    while not search.over():
        started = time.monotonic()
        outcome = highs.run(Limits(seconds=search.left()), Watch(stopped=search.control.stopped))
        if outcome.condition is not Condition.OPTIMAL or outcome.x is None or outcome.row_dual is None:
            break
        x = outcome.x
        search.raise_bound(highs.dual_bound(outcome.row_dual), BoundKind.LP_RELAXATION)
        search.tell()
        # The bound holds without rows still broken; another round must be worth its time.
        left = search.left()
        if not rows.add(rows.broken(x)) or (left is not None and time.monotonic() - started > RELAX_SHARE * left):
            break
    search.active = rows.active
    return x


def _round(search: Search, model: Model, x: Floats) -> None:
    share = x[model.problem.columns["on"]]
    mode = np.rint(x[model.problem.columns["discharging"]]).astype(np.int8)
    out, back = x[model.problem.columns["discharge"]], x[model.problem.columns["charge"]]
    mode = np.where(out > back, 1, np.where(back > out, 0, mode)).astype(np.int8)
    for threshold in THRESHOLDS:
        if not (search.over() or search.closed()):
            search.try_commitment(rounded(search.case, search.rules, model.data, share, threshold), mode)


def _narrow(search: Search, model: Model, x: Floats) -> None:
    """Branch and bound where the relaxation is undecided or switches, everything else held: good incumbents early.

    Where limits stay broken, the periods around them are opened for all units; else the open part widens.
    """
    share = x[model.problem.columns["on"]]
    around = search.case.horizon.in_periods(OPEN_MINUTES)
    ends = search.left()
    stop_at = None if ends is None else time.monotonic() + NARROW_SHARE * ends
    open_ = undecided(share, around)
    for round_ in range(1, NARROW_ROUNDS + 1):
        left = None if stop_at is None else stop_at - time.monotonic()
        if search.over() or search.closed() or (left is not None and left <= 0.0):
            return
        before = None if search.best is None else search.best.costs.total
        _narrow_once(search, model, share, open_, left)
        broken = () if search.best is None else tuple({v.period for v in search.best.violations})
        if broken:
            movable = share.mean(axis=1) < ALWAYS_ON
            open_ = open_ | (_near(np.array(broken), around, share.shape[1]) & movable[:, None])
        elif search.best is not None and search.best.costs.total == before:
            open_ = open_ | undecided(share, (round_ + 1) * around)


def _narrow_once(search: Search, model: Model, share: Floats, open_: Bools, seconds: float | None) -> None:
    index = model.problem.columns["on"]
    held = np.clip(np.rint(share), model.data.on_min, model.data.on_max)[~open_]
    highs = Highs(model.problem, threads=search.control.threads, seed=search.options.seed)
    rows = NetworkRows(model, search.grid.monitored, highs)
    if search.active is not None:
        rows.add(search.active)
    highs.set_bounds(index[~open_], held, held)
    if search.best is not None and bool((search.best.schedule.on[~open_] == held).all()):
        _start(highs, search, model)
    if search.bound is not None:
        # Nothing better than this can be certified, so a solution this good ends the narrow search.
        highs.option("objective_target", search.bound + 0.5 * search.gap_asked() * abs(search.bound))
    outcome = highs.run(replace(_limits(search), seconds=seconds), _watch(search, model, bounds=False))
    if outcome.x is not None:
        search.try_commitment(*commitment_of(model, outcome.x))


def _near(periods: np.ndarray, around: int, count: int) -> Bools:
    """Periods (T) within `around` of any of the given ones."""
    return np.asarray((np.abs(np.arange(count)[:, None] - periods) <= around).any(axis=1))


def undecided(share: Floats, around: int) -> Bools:
    """Unit-periods (N, T) within `around` periods of a fractional share or of a switch."""
    fractional = (share > UNDECIDED) & (share < 1.0 - UNDECIDED)
    switches = np.abs(np.diff(share, axis=1, prepend=share[:, :1])) > UNDECIDED
    seed = (fractional | switches).astype(np.int64)
    total = np.concatenate([np.zeros((len(seed), 1), np.int64), np.cumsum(seed, axis=1)], axis=1)
    here = np.arange(share.shape[1])
    last, first = np.minimum(here + around + 1, len(here)), np.maximum(here - around, 0)
    return np.asarray(total[:, last] > total[:, first])


def _branch(search: Search, model: Model) -> Condition:
    """Branch and bound; while its best solution breaks network limits that have no row yet, add them and go on."""
    highs = Highs(model.problem, threads=search.control.threads, seed=search.options.seed)
    rows = NetworkRows(model, search.grid.monitored, highs)
    condition = Condition.TIME_LIMIT
    for round_ in range(1, search.rules.solve.security_rounds + 1):
        search.round = round_
        if search.active is not None:
            rows.add(search.active)
        _start(highs, search, model)
        outcome = highs.run(_limits(search), _watch(search, model))
        condition = outcome.condition
        if condition is not Condition.INFEASIBLE:
            search.raise_bound(outcome.bound, BoundKind.SOLVER_CLAIMED)
        if outcome.x is None:
            break
        clean = not rows.broken(outcome.x).any()
        on, mode = commitment_of(model, outcome.x)
        if _differs(search, on, mode):
            search.try_commitment(on, mode)
        rows_missing = not clean or (search.active is not None and bool((search.active & ~rows.active).any()))
        if not rows_missing or search.over() or search.closed():
            break
    return condition


def _differs(search: Search, on: Flags, mode: Flags) -> bool:
    best, known = search.best, search.best_mode
    return best is None or known is None or bool((best.schedule.on != on).any() or (known != mode).any())


def _limits(search: Search) -> Limits:
    options = search.options
    nodes = options.work_limit_nodes or (DEFAULT_NODES if options.reproducible else None)
    return Limits(search.left(), search.gap_asked(), search.rules.solve.absolute_gap, nodes)


def _start(highs: Highs, search: Search, model: Model) -> None:
    if search.best is None or search.best_mode is None:
        return
    columns, schedule = model.problem.columns, search.best.schedule
    pairs = (
        ("on", schedule.on), ("start", schedule.start), ("stop", schedule.stop), ("discharging", search.best_mode),
    )  # fmt: skip
    index = np.concatenate([columns[name].ravel() for name, _ in pairs])
    highs.start_from(index, np.concatenate([value.ravel() for _, value in pairs]).astype(np.float64))


def _watch(search: Search, model: Model, *, bounds: bool = True) -> Watch:
    """bounds: whether the bound of the running problem holds for the whole one."""

    def heard(objective: float | None, bound: float | None) -> None:
        if bounds:
            search.raise_bound(bound, BoundKind.SOLVER_CLAIMED)
        search.tell(objective)

    def improved(x: Floats, objective: float, bound: float | None) -> None:
        if bounds:
            search.raise_bound(bound, BoundKind.SOLVER_CLAIMED)
        on, mode = commitment_of(model, x)
        # Its objective may leave out limits that have no row yet; whoever finishes it dispatches it anew.
        if search.best is None or objective < search.best.costs.total:
            search.control.on_incumbent(Incumbent(on, mode, objective, search.bound))
        search.tell(objective)

    return Watch(search.over, heard, improved)


def _reason(search: Search, condition: Condition) -> Reason:
    found = search.best is not None
    if search.closed():
        return Reason.OPTIMAL_WITHIN_GAP
    if search.control.stopped():
        return Reason.INTERRUPTED_WITH_SOLUTION if found else Reason.INTERRUPTED_WITHOUT_SOLUTION
    if condition is Condition.WORK_LIMIT and found:
        return Reason.WORK_LIMIT_WITH_SOLUTION
    if condition in (Condition.FAILED, Condition.INFEASIBLE, Condition.UNBOUNDED):
        return Reason.NUMERICAL_FAILURE
    return Reason.TIME_LIMIT_WITH_SOLUTION if found else Reason.TIME_LIMIT_WITHOUT_SOLUTION
