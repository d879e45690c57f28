"""Neighbourhood search in time: branch and bound over a window of hours, the rest of the day held."""

from __future__ import annotations

import time

import numpy as np

from clearing.case.arrays import Bools
from clearing.formulation.model import Model
from clearing.solve.decomposition.restricted import Found, around
from clearing.solve.search import Search

WINDOW_MINUTES, STEP_MINUTES = 480, 360
"""Length of a window, and how far the next one begins after it."""

WORTH = 0.1
"""Part of the gap asked that a pass over all windows must gain for another one to follow."""

NEAR = 0.03
"""Part of the gap asked, of the whole objective, that a window leaves open: several windows add up."""

PART = 0.25
"""Part of the time left that one window may take."""


def by_windows(search: Search, model: Model, best: Found, mask: Bools, target: float, ends: float | None) -> Found:
    """Windows one after the other, from the first hours on, until a pass gains little or the target is met.

    mask (N, T): what windows may open; ends: by the clock, None = no limit.
    """
    while True:
        before = best.objective
        best = one_pass(search, model, best, mask, target, ends, PART, NEAR * search.gap_asked())
        if _over(search, best, target, ends) or before - best.objective <= WORTH * search.gap_asked() * abs(before):
            return best


def one_pass(
    search: Search, model: Model, best: Found, mask: Bools, target: float, ends: float | None, part: float, gap: float
) -> Found:
    """Every window once.

    part: of the time left that one window may take; gap: relative, of the whole objective, that it may leave open.
    """
    horizon = search.case.horizon
    length, step = (max(1, horizon.in_periods(minutes)) for minutes in (WINDOW_MINUTES, STEP_MINUTES))
    for first in range(0, max(1, horizon.periods - length + step), step):
        if _over(search, best, target, ends):
            break
        open_ = np.zeros(best.on.shape, dtype=np.bool_)
        open_[:, first : first + length] = mask[:, first : first + length]
        seconds = None if ends is None else part * (ends - time.monotonic())
        best = around(search, model, best, open_, target, seconds, gap)
    return best


def _over(search: Search, best: Found, target: float, ends: float | None) -> bool:
    return search.over() or best.objective <= target or (ends is not None and time.monotonic() >= ends)
