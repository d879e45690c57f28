"""Commitments of few units: windows of hours and what prices speak against in turn, before branch and bound of all."""

from __future__ import annotations

import time
from itertools import count

import numpy as np

from clearing.case.arrays import Bools
from clearing.formulation.model import Model
from clearing.solve.decomposition.primal import confirm, movable, quick_start, target_of, undecided
from clearing.solve.decomposition.proposals import torn
from clearing.solve.decomposition.restricted import Found, around
from clearing.solve.decomposition.result import Dual
from clearing.solve.decomposition.windows import one_pass
from clearing.solve.search import Search

SHARE = 0.4
"""Part of the time left that all of it may take; the rest is for branch and bound of the whole."""

WINDOW_PART, DISPUTED_PART = 0.125, 0.5
"""Parts of the time left of one window, and of what prices speak against."""

WINDOW_GAP, DISPUTED_GAP = 1e-5, 1e-4
"""Relative gaps, of the whole objective, that one window and what prices speak against leave open, whatever gap is
asked: a day has eight windows, and the first of them decide which optimum the others end in."""

OPEN, OPEN_PART = 500, 0.4
"""Unit-periods on which rounds differ up to which they are searched at once first; part of the time for them."""

WORTH = 1e-4
"""Part of the objective that a search must gain for the other one to follow."""


def few(search: Search, model: Model, dual: Dual, first: Found | None) -> None:
    """Better the best commitment of few units, before branch and bound of the whole takes over."""
    left = search.left()
    ends = None if left is None else time.monotonic() + SHARE * left
    best = quick_start(search, model, dual, first)
    if best is None:
        return
    confirm(search, model, best)
    if search.closed() or search.over():
        return
    open_ = undecided(dual, best.on)
    if open_.sum() <= OPEN:
        seconds = None if ends is None else OPEN_PART * max(0.0, ends - time.monotonic())
        best = around(search, model, best, open_, target_of(search), seconds)
    confirm(search, model, in_turn(search, model, dual, best, ends))


def in_turn(search: Search, model: Model, dual: Dual, best: Found, ends: float | None) -> Found:
    """Windows of hours with all units, then what prices speak against with all hours, until one of them gains little.

    A window moves many units at once but none for longer than the window; a unit that stands for a day instead of
    another one differs from the bound's schedules, and so is open in the second. ends: by the clock; None = no limit.
    """
    target = target_of(search)
    windows = np.broadcast_to(movable(dual)[:, None], best.on.shape)
    for turn in count():
        before = best.objective
        if turn % 2 == 0:
            best = one_pass(search, model, best, windows, target, ends, WINDOW_PART, WINDOW_GAP)
        else:
            seconds = None if ends is None else DISPUTED_PART * max(0.0, ends - time.monotonic())
            best = around(search, model, best, disputed(dual, best), target, seconds, DISPUTED_GAP)
        little = turn > 0 and before - best.objective <= WORTH * abs(before)
        if little or search.over() or best.objective <= target or (ends is not None and time.monotonic() >= ends):
            break
    return best


def disputed(dual: Dual, best: Found) -> Bools:
    """Unit-periods (N, T) that the master's combination leaves undecided, or decides other than a commitment (after
    relaxation induced neighbourhoods, Danna, Rothberg & Le Pape 2005)."""
    return np.asarray(torn(dual) | (best.on != np.rint(dual.share)))
