"""The relaxation of the SCUC: the first bound, and commitments rounded from it."""

from __future__ import annotations

import time

from clearing.case.arrays import Floats
from clearing.case.result import BoundKind
from clearing.formulation.model import Model
from clearing.milp.highs import Limits, Watch
from clearing.milp.outcome import Condition
from clearing.solve.quick_modes import quick_modes, wish_of
from clearing.solve.quick_start import rounded
from clearing.solve.search import Search, solver

THRESHOLDS = (0.5, 0.1)
"""Shares of a relaxed commitment above which a unit is taken to be on, tried in this order."""

LARGE = 20_000
"""Columns from which the relaxation is solved by interior point."""

RELAX_SHARE = 0.2
"""A round of the relaxation that took more than this part of the time left is the last one."""


def relax(search: Search, model: Model) -> Floats | None:
    """Solve the LP relaxation with its network rows: the first bound. Returns its solution, or None if cut short."""
    highs, rows = solver(search, model, relaxed=True)
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


def round_up(search: Search, model: Model, x: Floats) -> None:
    """Evaluate the commitments nearest to the relaxed one."""
    share = x[model.problem.columns["on"]]
    mode = quick_modes(search.case, search.control, wish_of(model, x))
    for threshold in THRESHOLDS:
        if not (search.over() or search.closed()):
            search.try_commitment(rounded(search.case, search.rules, model.data, share, threshold), mode)
