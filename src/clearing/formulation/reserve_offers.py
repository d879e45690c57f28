"""Offers of reserve capacity (family 5)."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Ints
from clearing.case.case import Case
from clearing.formulation.awards import Awards
from clearing.milp.columns import Columns, column_block
from clearing.milp.rows import RowBlock, row_block


def offered(case: Case, awards: Awards) -> tuple[Ints, Ints]:
    """Blocks (m) of eligible pairs, and the pair of each (m); blocks of other pairs serve nothing."""
    place = np.full((len(case.reserves.product_id), len(case.units.id)), -1, dtype=np.int64)
    place[awards.product, awards.unit] = np.arange(len(awards.unit))
    pair = place[case.reserve_offers.product, case.reserve_offers.unit]
    block = np.flatnonzero(pair >= 0)
    return block, pair[block]


def add_blocks(columns: Columns, case: Case, awards: Awards) -> None:
    """award_block (m, T): MW of an offered block, at its price."""
    block, _ = offered(case, awards)
    periods, hours = case.horizon.periods, case.horizon.hours
    width = case.reserve_offers.width_mw.reshape(-1, periods)[block]
    price = case.reserve_offers.price_per_mw_hour.reshape(-1, periods)[block]
    columns.add(column_block("award_block", width.shape, 0.0, width, price * hours))


def award_offer(case: Case, awards: Awards, columns: Columns) -> RowBlock:
    """award_pt + offline_pt = Σ_{m of p} block_mt for pairs with offers. Shape (pairs with offers, T)."""
    _, pair = offered(case, awards)
    pairs, place = np.unique(pair, return_inverse=True)
    periods = case.horizon.periods
    row = place[:, None] * periods + np.arange(periods)
    where = np.full(len(awards.unit), -1, dtype=np.int64)
    where[pairs] = np.arange(len(pairs))
    off = np.flatnonzero(where[awards.offline] >= 0)
    off_row = where[awards.offline[off]][:, None] * periods + np.arange(periods)
    blocks = [(row, columns["award_block"], 1.0), (off_row, columns["award_offline"][off], -1.0)]
    return row_block("award_offer", (len(pairs), periods), 0.0, 0.0, [(columns["award"][pairs], -1.0)], blocks)
