"""Offers of reserve capacity by product and unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, Ints, freeze
from clearing.case.offers import Offers


@dataclass(frozen=True, slots=True)
class ReserveOffers:
    """M blocks, T periods; those of one pair of product and unit stand together, pairs by product, then unit.

    product, unit (M)           the pair
    width_mw (M, T)             MW of the block, ≥ 0
    price_per_mw_hour (M, T)    money per MW and hour, non-decreasing along the blocks of a pair

    The award of a pair with blocks is their sum, so it cannot exceed their widths, and costs the area under them; a
    pair without blocks is free.
    """

    product: Ints
    unit: Ints
    width_mw: Floats
    price_per_mw_hour: Floats

    def __post_init__(self) -> None:
        freeze(self)


NO_RESERVE_OFFERS = ReserveOffers(
    np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros((0, 0)), np.zeros((0, 0))
)
"""No block; its series have no periods and stand for those of any horizon."""


def offered_mw(offers: ReserveOffers, shape: tuple[int, int, int]) -> Floats:
    """Σ of the blocks of every pair, +inf for a pair without any, MW (Q, N, T)."""
    total = np.full(shape, np.inf)
    total[offers.product, offers.unit] = 0.0
    if len(offers.product):
        np.add.at(total, (offers.product, offers.unit), offers.width_mw)
    return total


def as_curves(offers: ReserveOffers, units: int, periods: int) -> tuple[Ints, Ints, Offers]:
    """Product and unit of every pair with blocks (n), and their curves: resource = number of the pair."""
    pair, resource = np.unique(offers.product * units + offers.unit, return_inverse=True)
    width, price = (x.reshape(-1, periods) for x in (offers.width_mw, offers.price_per_mw_hour))
    product, unit = np.divmod(pair, max(units, 1))
    return product, unit, Offers(resource.astype(np.int64), width, price)
