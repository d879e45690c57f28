"""Offer curves: blocks of MW at a price, up to ten a resource."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, Ints, freeze


@dataclass(frozen=True, slots=True)
class Offers:
    """M blocks; those of one resource stand together, in rising order of output, starting at 0 MW.

    resource (M)            row of the table the curve belongs to, non-decreasing
    width_mw (M, T)         MW of the block, ≥ 0 (0 = the block is not used in that period)
    price_per_mwh (M, T)    non-decreasing along the blocks of a resource

    The block up to p_min is a block of the curve too, so energy cost at output P is the area under the
    curve from 0 to P; the widths of a resource add up to at least its greatest output.
    """

    resource: Ints
    width_mw: Floats
    price_per_mwh: Floats

    def __post_init__(self) -> None:
        freeze(self)


def block_ends(offers: Offers) -> Floats:
    """Output at which every block ends, MW (M, T), counted within its resource."""
    run = np.cumsum(offers.width_mw, axis=0)
    begins = np.flatnonzero(np.diff(offers.resource, prepend=-1))
    before = np.where((begins > 0)[:, None], run[begins - 1], 0.0)
    return np.asarray(run - np.repeat(before, np.diff(np.append(begins, len(run))), axis=0))
