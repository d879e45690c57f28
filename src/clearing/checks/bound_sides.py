"""What multipliers of priced rows are worth by their sides and by breaking them at a stepped penalty."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clearing.case.arrays import Floats
from clearing.rules.rules import Steps

FAR = 1e6
"""MW that no slack without a limit reaches: where its reduced cost is negative by rounding only."""


def sides(value: Floats, lower: Floats | float, upper: Floats | float) -> float:
    """Σ value · the side that its sign names, −inf where there is none: such a multiplier proves nothing."""
    side = np.where(value > 0.0, lower, np.where(value < 0.0, upper, 0.0))
    return float((side * value).sum())


def stepped(steps: Steps, weight: float, gain: Floats) -> float:
    """Least cost of a slack with stepped penalties (times weight) that brings `gain` a MW (n, T)."""
    total = 0.0
    for width, price in steps:
        reduced = np.minimum(0.0, price * weight - gain)
        total += float((reduced * min(width, FAR)).sum())
    return total


def soft(value: Floats, lower: Floats, upper: Floats, steps: Sequence[Steps], weight: float) -> float:
    """Sides and slacks of soft rows (n, T), each with its own steps: beyond the last penalty a MW costs FAR times that.

    Either side of a row that has one may be broken, and what breaks it brings the size of the multiplier.
    """
    total = sides(value, lower, upper)
    for row in np.flatnonzero((value != 0.0).any(axis=1)).tolist():
        total += stepped(steps[row], weight, np.abs(value[row]))
    return total
