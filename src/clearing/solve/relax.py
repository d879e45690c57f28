"""The relaxation of the SCUC: the first bound, and commitments rounded from it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from clearing.case.arrays import Floats
from clearing.case.result import BoundKind
from clearing.formulation.model import Model
from clearing.milp.deferred import Deferred
from clearing.milp.highs import Highs, Limits, Watch
from clearing.milp.outcome import Condition
from clearing.milp.problem import dual_bound
from clearing.solve.network_rows import NetworkRows
from clearing.solve.quick_modes import quick_modes, wish_of
from clearing.solve.quick_start import rounded
from clearing.solve.search import Search, solver

THRESHOLDS = (0.5, 0.1)
"""Shares of a relaxed commitment above which a unit is taken to be on, tried in this order."""

LARGE = 20_000
"""Columns from which the relaxation is solved by interior point."""

HUGE = 300_000
"""Columns from which an interior point takes longer than most searches may; there simplex solves it in parts."""

WAITING = (
    "segment_limit", "segment_limit_start", "segment_limit_stop", "start_saving", "min_up", "min_down", "start_spacing",
    "stop_spacing", "stopped", "switched", "switching", "ramp_up", "ramp_down", "product", "award_cap", "award_offer",
    "headroom", "headroom_stop", "footroom", "deliverable",
)  # fmt: skip
"""Blocks of which a relaxation breaks few rows: of a huge problem these are added as they are broken."""

RELAX_SHARE = 0.2
"""A round of the relaxation that took more than this part of the time left is the last one."""

RELAX_SHARE_HUGE = 0.35
"""The same where rows wait: the first round leaves much of the bound to the next ones, which start from it."""

RELAX_MOST = 0.6
"""Part of the time left that a round may take where rows wait: commitments must be found and dispatched too."""


@dataclass(frozen=True, slots=True)
class Relaxed:
    """A solved relaxation: its solution x, and the instance, for what comes next."""

    x: Floats
    highs: Highs
    rows: NetworkRows


def relax(search: Search, model: Model) -> Relaxed | None:
    """Solve the LP relaxation with its network rows: the first bound. None if cut short."""
    highs, rows = solver(search, model, relaxed=True)
    if search.deferred is None and model.problem.columns.count > LARGE:
        # Simplex may need minutes where many reserve products tie; the interior point is steady, and its duals bound.
        highs.option("solver", "ipm")
        highs.option("run_crossover", "off")
    x = None
    while not search.over():
        started, seconds = time.monotonic(), search.left()
        if search.deferred is not None and seconds is not None:
            seconds *= RELAX_MOST
        outcome = highs.run(Limits(seconds=seconds), Watch(stopped=search.control.stopped))
        if outcome.condition is not Condition.OPTIMAL or outcome.x is None or outcome.row_dual is None:
            break
        x = outcome.x
        search.raise_bound(dual_bound(highs.whole(), outcome.row_dual), BoundKind.LP_RELAXATION)
        search.tell()
        # The bound holds without rows still broken; another round must be worth its time.
        left, share = search.left(), RELAX_SHARE if search.deferred is None else RELAX_SHARE_HUGE
        if not more_rows(search, highs, rows, x) or (left is not None and time.monotonic() - started > share * left):
            break
    search.meet(rows.grid, rows.active)
    return None if x is None else Relaxed(x, highs, rows)


def deferred(model: Model) -> Deferred | None:
    """Rows that wait, of a huge problem."""
    return Deferred(model.problem, WAITING) if model.problem.columns.count > HUGE else None


def more_rows(search: Search, highs: Highs, rows: NetworkRows, x: Floats) -> bool:
    """Add the rows that a solution breaks, of the network and of those that wait; False = there were none."""
    own = 0 if search.deferred is None else search.deferred.add_broken(x, highs)
    rows.follow(search.grid)
    added = rows.add_broken(x)
    search.meet(rows.grid, rows.active)
    return bool(added + own)


def round_up(search: Search, model: Model, x: Floats) -> None:
    """Evaluate the commitments nearest to the relaxed one."""
    share = x[model.problem.columns["on"]]
    mode = quick_modes(search.case, search.rules, search.control, wish_of(model, x))
    for threshold in THRESHOLDS:
        if not (search.over() or search.closed()):
            search.try_commitment(rounded(search.case, search.rules, model.data, share, threshold), mode)
