"""Offer curves as the auditor reads them: area under the curve, and slopes to the left and right of an output."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.offers import Offers


def block_starts(offers: Offers) -> Floats:
    """Output at which each block begins, MW (M, T), counted within its resource."""
    end = np.cumsum(offers.width_mw, axis=0)
    if not len(end):
        return end
    begins = np.r_[True, offers.resource[1:] != offers.resource[:-1]]
    first = np.flatnonzero(begins)[np.cumsum(begins) - 1]
    return np.asarray(end - offers.width_mw - (end[first] - offers.width_mw[first]))


def energy_cost(offers: Offers, output_mw: Floats) -> Floats:
    """Area under the curve from 0 to the output, money an hour (n, T)."""
    filled = np.clip(output_mw[offers.resource] - block_starts(offers), 0.0, offers.width_mw)
    cost = np.zeros(output_mw.shape)
    np.add.at(cost, offers.resource, filled * offers.price_per_mwh)
    return cost


def slopes(offers: Offers, output_mw: Floats, near_mw: Floats) -> tuple[Floats, Floats]:
    """Price of the last block used, and of the first with room left, per MWh (n, T); −inf, +inf where there is none.

    An edge of a block within near_mw (n, T) of the output counts as reached.
    """
    start = block_starts(offers)
    at, near = output_mw[offers.resource], near_mw[offers.resource]
    wide = offers.width_mw > near
    used = wide & (start < at - near)
    room = wide & (start + offers.width_mw > at + near)
    below = np.full(output_mw.shape, -np.inf)
    above = np.full(output_mw.shape, np.inf)
    np.maximum.at(below, offers.resource, np.where(used, offers.price_per_mwh, -np.inf))
    np.minimum.at(above, offers.resource, np.where(room, offers.price_per_mwh, np.inf))
    return below, above


def reserve_blocks(case: Case) -> dict[int, Offers]:
    """Products with offers of capacity → their blocks, as curves over the award by unit (N)."""
    table = case.reserve_offers
    found = {}
    for q in sorted(set(table.product.tolist())):
        mine = np.flatnonzero(table.product == q)
        found[q] = Offers(table.unit[mine], table.width_mw[mine], table.price_per_mw_hour[mine])
    return found


def widths(offers: Offers, resources: int) -> Floats:
    """Σ of the blocks by resource, +inf where it has none, MW (n, T)."""
    total = np.full((resources, offers.width_mw.shape[1]), np.inf)
    total[offers.resource] = 0.0
    np.add.at(total, offers.resource, offers.width_mw)
    return total
