"""Offer curves cut at p_min: what is paid for being on, and the blocks above p_min."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, Ints, freeze
from clearing.case.offers import Offers, block_ends


@dataclass(frozen=True, slots=True)
class Curve:
    """M blocks above the floor of their resource, T periods.

    row (M)                     which block of the offers it is
    resource (M), width_mw, price_per_mwh (M, T)
    from_mw (M, T)              output at which the block begins
    floor_cost_per_hour (n, T)  area under the curve from 0 to the floor
    """

    row: Ints
    resource: Ints
    width_mw: Floats
    price_per_mwh: Floats
    from_mw: Floats
    floor_cost_per_hour: Floats

    def __post_init__(self) -> None:
        freeze(self)


def cut_at(offers: Offers, floor_mw: Floats, ceiling_mw: Floats) -> Curve:
    """Cut the curves of n resources at floor_mw and ceiling_mw (n, T); blocks with nothing between are dropped."""
    resource = offers.resource
    end = block_ends(offers)
    begin = end - offers.width_mw
    floor, ceiling = floor_mw[resource], ceiling_mw[resource]
    below = np.clip(np.minimum(end, floor) - begin, 0.0, None)
    cost = np.zeros(floor_mw.shape)
    np.add.at(cost, resource, below * offers.price_per_mwh)
    start = np.clip(begin, floor, ceiling)
    width = np.clip(end, floor, ceiling) - start
    kept = (width > 0.0).any(axis=1)
    return Curve(
        np.flatnonzero(kept), resource[kept], width[kept], np.asarray(offers.price_per_mwh)[kept], start[kept], cost
    )
