"""Convex hull prices: multipliers of the coupling rows that make the Lagrangian greatest (Gribik, Hogan & Pope 2007).

Cutting planes with a cut for every unit, which is the Dantzig-Wolfe master of the units' schedules seen from its dual:
its value is an upper bound on the dual, the Lagrangian at any multipliers a lower one, and their distance is the gap.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats
from clearing.milp.highs import Limits, Watch
from clearing.solve.control import RunControl
from clearing.solve.decomposition.first_prices import size
from clearing.solve.decomposition.lagrangian import Lagrangian, Met, Oracle, Point
from clearing.solve.decomposition.master import Master

EXACT = 1e-6
"""Relative gap of the dual up to which a convex hull price is called exact."""

AIM = 1e-11
"""Relative gap that is aimed at: prices are as exact as the dual only at its very top."""

ROUNDS = 500

NEAR, NEARER, LEAST = 0.5, 0.5, 0.05
"""Part of the way from the best multipliers to the model's own that is not gone; what is left of that after a round
without gain; below the least, and near the end, all of the way is gone."""

WIDE, INSIDE = 1e3, 0.999
"""Width of the box that keeps the first models bounded, against the greatest multiplier to begin with."""

TOLERANCE = 1e-10
"""Of the solver, in the model's own units."""


@dataclass(frozen=True, slots=True)
class Hull:
    """best: multipliers and the Lagrangian there; upper: the greatest that it can be anywhere."""

    best: Point
    upper: float

    @property
    def gap(self) -> float:
        """Relative distance of the two."""
        return max(0.0, self.upper - self.best.value) / max(1.0, abs(self.best.value))


def convex_hull(of: Lagrangian, starts: list[Floats], control: RunControl, seconds: float | None = None) -> Hull | None:
    """Maximise the Lagrangian from several multipliers (D); None where a unit has no schedule at all.

    Ends at `AIM`, after `ROUNDS`, or when the time is up; the gap reached says how good the prices are.
    """
    ends = None if seconds is None else time.monotonic() + seconds
    oracle, best, upper = Oracle(of), None, np.inf
    master = Master(of, np.arange(len(of.units.min_up)), control.threads, 0, size(starts[0]), tolerance=TOLERANCE)
    wide = np.full(len(of.row), WIDE * max(1.0, *(float(np.abs(y).max(initial=0.0)) for y in starts)))
    held, smooth = list(starts), NEAR
    for round_ in range(ROUNDS):
        y = held.pop(0)
        point = oracle.at(y)
        if point is None:
            return None
        gained = best is None or point.value > best.value
        best = point if best is None or point.value > best.value else best
        smooth = NEAR if gained else smooth * NEARER
        master.add(Met.of(point), round_)
        if held:
            continue
        left = None if ends is None else ends - time.monotonic()
        if control.stopped() or (left is not None and left <= 0.0):
            break
        found = master.best(best.y, wide, Limits(seconds=left), Watch(stopped=control.stopped))
        if found is None:
            break
        if (np.abs(found[0] - best.y) < INSIDE * wide).all():  # what is promised within a box that does not bind
            upper = min(upper, found[1])
        if upper - best.value <= AIM * max(1.0, abs(best.value)):
            break
        far = upper - best.value > EXACT * max(1.0, abs(best.value))
        held.append(found[0] + (smooth if far and smooth > LEAST else 0.0) * (best.y - found[0]))
    assert best is not None
    return Hull(best, upper)
