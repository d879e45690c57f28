"""Narrow searches: most of the commitment held where the relaxation is sure of it."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from clearing.case.arrays import Bools, Floats
from clearing.formulation.model import Model
from clearing.solve.extract import commitment_of
from clearing.solve.search import Search, limits_of, solver, start_from_best, watching

UNDECIDED = 1e-6
"""A relaxed share of a unit further than this from 0 and 1 is undecided."""

OPEN_MINUTES = 120
"""How far around undecided periods and switches the commitment is left open."""

ALWAYS_ON = 0.999
"""A unit whose relaxed share is above this over the day is left alone around a shortage."""

SMALL = 5_000
"""Columns below which branch and bound has the answer sooner than the first of the narrow searches."""

NARROW_ROUNDS = 4
NARROW_SHARE = 0.6
"""Part of the search time that all rounds together may take."""


def narrow(search: Search, model: Model, x: Floats) -> None:
    """Branch and bound where the relaxation is undecided or switches, everything else held: good incumbents early.

    Where limits stay broken, the periods around them are opened for all units; else the open part widens. SMALL
    problems have none of it.
    """
    if model.problem.columns.count < SMALL:
        return
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
    highs, rows = solver(search, model)
    highs.set_bounds(index[~open_], held, held)
    if search.best is not None and bool((search.best.schedule.on[~open_] == held).all()):
        start_from_best(highs, search, model)
    if search.bound is not None:
        # Nothing better than this can be certified, so a solution this good ends the narrow search.
        highs.option("objective_target", search.bound + 0.5 * search.gap_asked() * abs(search.bound))
    outcome = highs.run(replace(limits_of(search), seconds=seconds), watching(search, model, rows, bounds=False))
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
