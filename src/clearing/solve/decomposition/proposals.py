"""Commitments that the dual itself proposes: its schedules as they are, and filled where they leave something short."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Flags
from clearing.formulation.model import Model
from clearing.solve.decomposition.answers import Standing
from clearing.solve.decomposition.plate import paths, plate
from clearing.solve.decomposition.restricted import Found, cost_of, tell
from clearing.solve.decomposition.result import Dual
from clearing.solve.quick_start import nearest
from clearing.solve.search import Search

AGREED = 1e-3
"""A commitment that so small a part of the rounds speaks against is agreed on."""

SMALLEST, PASSES = 0.01, 6
"""Least gain of a unit's move, in prices of energy, and passes over the units."""


def proposed(search: Search, model: Model, dual: Dual, best: Found | None, target: float) -> Found | None:
    """The best of: the master's convex combination to the nearest commitment, the newest round, a commitment known.

    With a cut a group of units the master's solution has about as many undecided units as there are priced rows, so of
    a large system nearly all schedules are whole, and what their dispatch costs is within a few thousandths of the
    bound: nothing that starts from elsewhere is as near.
    """
    for wish in (dual.share, *dual.history[-1:]):
        best = better(search, model, nearest(model.data, wish - 0.5), best)
        if best is not None and best.objective <= target:
            break
    return best


def filled(search: Search, model: Model, dual: Dual, best: Found | None, scale: float) -> Found | None:
    """The better of a known commitment and the share with its undecided units answering on the plate.

    scale: price of energy.
    """
    undecided = np.flatnonzero(torn(dual).any(axis=1))
    if not len(undecided):
        return best
    standing = Standing(plate(model), paths(model), nearest(model.data, dual.share - 0.5))
    standing.settle(undecided, SMALLEST * scale, PASSES, search.over)
    return better(search, model, standing.on, best)


def better(search: Search, model: Model, on: Flags, best: Found | None) -> Found | None:
    """The cheaper of a commitment and a known one; whoever listens hears of it."""
    if search.over() or (best is not None and (on == best.on).all()):
        return best
    found = cost_of(search, model, on)
    if found is None or (best is not None and found.objective >= best.objective):
        return best
    tell(search, found)
    return found


def torn(dual: Dual) -> Bools:
    """Unit-periods (N, T) that the master's combination leaves undecided."""
    return np.asarray(np.abs(dual.share - 0.5) < 0.5 - AGREED)
