"""From cost points of a unit to blocks of an offer, convex and exact."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats

ROUNDING = 1e-14
"""Relative size of what subtracting two equal doubles may leave."""


@dataclass(frozen=True, slots=True)
class BlockCurve:
    """Blocks from 0 MW and the no-load cost that together give the cost points back.

    width_mw, price_per_mwh (M)   rising prices; the first block runs from 0 to the first point above p_min
    no_load_cost_per_hour         cost(p_min) − price_1 · p_min, of either sign
    lowered_cost_per_hour         greatest difference between the points and their lower convex hull; 0 = convex
    """

    width_mw: Floats
    price_per_mwh: Floats
    no_load_cost_per_hour: float
    lowered_cost_per_hour: float


def block_curve(mw: Floats, cost_per_hour: Floats) -> BlockCurve:
    """Blocks of the points (mw, cost per hour); mw strictly rising, the first point at p_min.

    Cost at output P: no_load + Σ_m price_m · (part of block m up to P), equal to the interpolated points where they
    are convex, and to their lower convex hull (which keeps both ends) where they are not.
    """
    if mw.size == 1:  # p_min = p_max: the output cannot move, so the mean cost is as good a price as any
        mean = cost_per_hour / mw if mw[0] > 0 else np.zeros(1)
        return BlockCurve(mw.copy(), mean, 0.0 if mw[0] > 0 else float(cost_per_hour[0]), 0.0)
    hull = _lower_hull(mw, cost_per_hour)
    corner_mw, corner_cost = mw[hull], cost_per_hour[hull]
    price = np.diff(corner_cost) / np.diff(corner_mw)
    width = np.diff(corner_mw)
    width[0] = corner_mw[1]
    lowered = float(np.max(cost_per_hour - np.interp(mw, corner_mw, corner_cost)))
    no_load = float(corner_cost[0] - price[0] * corner_mw[0])
    if abs(no_load) <= ROUNDING * abs(corner_cost[0]):
        no_load = 0.0  # a line through the origin, but for the last digit
    return BlockCurve(width, price, no_load, lowered)


def _lower_hull(mw: Floats, cost: Floats) -> list[int]:
    """Indices of the corners of the lower convex hull; slopes between them rise strictly."""
    corners: list[int] = []
    for k in range(mw.size):
        while len(corners) > 1 and _slope(mw, cost, corners[-2], corners[-1]) >= _slope(mw, cost, corners[-1], k):
            corners.pop()
        corners.append(k)
    return corners


def _slope(mw: Floats, cost: Floats, a: int, b: int) -> float:
    return float((cost[b] - cost[a]) / (mw[b] - mw[a]))
