"""What multipliers of priced rows are worth by their sides and by breaking them at a stepped penalty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats
from clearing.rules.rules import Steps

FAR = 1e6
"""MW that no slack without a limit reaches: where its reduced cost is negative by rounding only."""


@dataclass(frozen=True, slots=True)
class ByUnit:
    """What a MW of output, and being on, is worth for a unit (N, T), money; total: sides and penalties, money."""

    output: Floats
    on: Floats
    total: float


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


def soft(value: Floats, lower: Floats | float, upper: Floats | float, steps: Steps, weight: float) -> float:
    """Sides and slacks of soft rows (n, T).

    Either side of a row that has one may be broken, and what breaks it brings the size of the multiplier: beyond its
    last penalty that is worth more than it costs, up to FAR.
    """
    return soft_each(value, lower, upper, [steps] * len(value), weight)


def soft_each(
    value: Floats, lower: Floats | float, upper: Floats | float, steps: Sequence[Steps], weight: float
) -> float:
    """The same of rows with steps of their own (n)."""
    total = sides(value, lower, upper)
    for row in np.flatnonzero((value != 0.0).any(axis=1)).tolist():
        total += stepped(steps[row], weight, np.abs(value[row]))
    return total


def cut(resource: np.ndarray, width: Floats, floor: Floats, ceiling: Floats) -> tuple[Floats, Floats]:
    """MW of every block below the floor, and between floor and ceiling (n, T), of blocks in order of their resource."""
    below, between = np.zeros(width.shape), np.zeros(width.shape)
    passed = np.zeros(floor.shape)
    for m, r in enumerate(resource):
        begin, end = passed[r], passed[r] + width[m]
        below[m] = np.clip(np.minimum(end, floor[r]) - begin, 0.0, None)
        between[m] = np.clip(end, floor[r], ceiling[r]) - np.clip(begin, floor[r], ceiling[r])
        passed[r] = end
    return below, between


def boxes(reduced: Floats, lower: Floats | float, upper: Floats | float) -> float:
    """Least of reduced · x over lower ≤ x ≤ upper."""
    return float(np.minimum(reduced * lower, reduced * upper).sum())
