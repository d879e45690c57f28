"""From cost points of a unit to blocks of an offer, convex and exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats

ROUNDING = 1e-14
"""Relative size of what subtracting two equal doubles may leave."""

LEAST_STEP_MW = 1e-9
"""Points nearer than this do not rise, and an output below it is none: a price would be made of rounding."""


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


def rises(mw: Floats) -> bool:
    """Whether the output of points (M) rises from each to the next by more than rounding."""
    return not np.any(np.diff(mw) <= LEAST_STEP_MW)


def spanning(mw: Floats, least: float, most: float) -> Floats:
    """Points (M) that run from least to most but for rounding, with just these ends: blocks must reach p_max."""
    return np.concatenate([[least], mw[1:-1], [most]]) if len(mw) > 1 else np.array([most])


def block_curve(mw: Floats, cost_per_hour: Floats) -> BlockCurve:
    """Blocks of the points (mw, cost per hour); mw as `rises` asks, the first point at p_min.

    Cost at output P: no_load + Σ_m price_m · (part of block m up to P), equal to the interpolated points where they
    are convex, and to their lower convex hull (which keeps both ends) where they are not.
    """
    if mw.size == 1:  # p_min = p_max: the output cannot move, so the mean cost is as good a price as any
        some = mw[0] > LEAST_STEP_MW
        mean = cost_per_hour / mw if some else np.zeros(1)
        return BlockCurve(mw.copy(), mean, 0.0 if some else float(cost_per_hour[0]), 0.0)
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


@dataclass(frozen=True, slots=True)
class PeriodCurve:
    """Blocks of a resource over T periods and one no-load cost for all of them.

    width_mw, price_per_mwh (M, T)   from 0 MW
    no_load_cost_per_hour            the greatest of the periods
    lowered_cost_per_hour            greatest of the periods, see BlockCurve
    exact                            False: the cost at 0 MW differs by period, and no block can say so
    """

    width_mw: Floats
    price_per_mwh: Floats
    no_load_cost_per_hour: float
    lowered_cost_per_hour: float
    exact: bool = True


def over_time(curves: Sequence[BlockCurve], p_min: Floats) -> PeriodCurve:
    """One table of the curves of every period, all of them exact from p_min (T) on.

    A unit has one no-load cost K for all periods, a period's curve one of its own, k_t. Where they differ, K = max k_t,
    and a block from 0 to p_min in front of the others costs (k_t − K)/p_min less an MWh.
    """
    lowered = max(c.lowered_cost_per_hour for c in curves)
    most = max(c.no_load_cost_per_hour for c in curves)
    if all(c is curves[0] for c in curves):
        shape = (curves[0].width_mw.size, len(curves))
        width, price = (np.broadcast_to(v[:, None], shape) for v in (curves[0].width_mw, curves[0].price_per_mwh))
        return PeriodCurve(width, price, most, lowered)
    blocks = 1 + max(c.width_mw.size for c in curves)
    width, price, exact = np.zeros((blocks, len(curves))), np.zeros((blocks, len(curves))), True
    for t, curve in enumerate(curves):
        less, below = curve.no_load_cost_per_hour - most, float(p_min[t])
        exact = exact and (below > LEAST_STEP_MW or less == 0.0)
        w, p = curve.width_mw.copy(), curve.price_per_mwh
        w[0] -= below
        front = p[0] + (less / below if below > LEAST_STEP_MW else 0.0)
        width[:, t] = np.concatenate([[below], w, np.zeros(blocks - 1 - w.size)])
        price[:, t] = np.concatenate([[front], p, np.full(blocks - 1 - p.size, p[-1])])
    return PeriodCurve(width, price, most, lowered, exact)


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
