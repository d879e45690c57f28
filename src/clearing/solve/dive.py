"""A dive from the relaxation: units settled at the commitment nearest to it, a few at a time, and solved again."""

from __future__ import annotations

import time

import numpy as np

from clearing.case.arrays import Bools, Flags, Floats, Ints
from clearing.formulation.model import Model
from clearing.milp.highs import Limits, Watch
from clearing.solve.by_unit import around_relaxed
from clearing.solve.quick_start import nearest
from clearing.solve.relax import Relaxed, more_rows
from clearing.solve.search import Search

SETTLED = 1e-4
"""A unit whose share of being on differs from a commitment by less than this in every period is settled."""

PART = 0.4
"""Part of the open units that a step settles, those nearest to a commitment."""

STEPS = 12
DIVE_SHARE = 0.4
"""Steps and part of the search time left that a dive may take; then what is open is rounded at once."""


def dive(search: Search, model: Model, relaxed: Relaxed) -> None:
    """Evaluate the commitment that a dive ends at, and those around it.

    What is still open adapts to what is settled: reserves within both limits, starts of a plant apart. A step settles
    one unit of a plant only, so that the others can make room for its start. Leaves the relaxation's bounds changed.
    """
    highs, rows, x = relaxed.highs, relaxed.rows, relaxed.x
    index, left = model.problem.columns["on"], search.left()
    ends = None if left is None else time.monotonic() + DIVE_SHARE * left
    held = np.zeros(len(index), dtype=np.bool_)
    for _ in range(STEPS):
        share = x[index]
        target = nearest(model.data, share - 0.5)
        target[held] = np.rint(share[held]).astype(np.int8)
        chosen = next_settled(model, share, target, held)
        left = None if ends is None else ends - time.monotonic()
        if not len(chosen) or search.over() or (left is not None and left <= 0.0):
            break
        highs.set_bounds(index[chosen].ravel(), *(2 * (target[chosen].ravel().astype(np.float64),)))
        held[chosen] = True
        outcome = highs.run(Limits(seconds=left), Watch(stopped=search.control.stopped))
        if outcome.x is None:
            break
        x = outcome.x
        more_rows(search, highs, rows, x)
    if not search.over():
        around_relaxed(search, model, x, target)


def next_settled(model: Model, share: Floats, target: Flags, held: Bools) -> Ints:
    """Of units that are not held and not settled those nearest to their target (N, T), one of a plant; none = done."""
    distance = np.abs(share - target)
    open_ = np.flatnonzero(~held & (distance.max(axis=1) > SETTLED))
    order = open_[np.argsort(distance.mean(axis=1)[open_], kind="stable")]
    _, first = np.unique(_plants(model)[order], return_index=True)
    return order[np.sort(first)][: max(1, int(PART * len(open_)))]


def _plants(model: Model) -> Ints:
    """Plant of every unit; units without one are apart."""
    plant = np.asarray(model.case.units.plant)
    return np.where(plant >= 0, plant, -1 - np.arange(len(plant)))
