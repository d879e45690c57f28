"""Pairs of a round and their prices (definitions 13 to 15): variations in thousandths per MWh.

high-low       best buyer with cheapest seller, (buy + sell) / 2
lowest-price   both from the lowest, (buy + sell) / 2 (worded form, a setting: half the difference)
marginal       best buyer with cheapest seller, one price where buy − sell reaches 0: the midpoint of
               [max(sell_k, buy_{k+1}), min(buy_k, sell_{k+1})], k the last pair that trades
listing        the listed variation
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Bools, Ints, freeze
from clearing.rules.substitution_round import LowestPrice
from clearing.substitution.round_tables import Method


@dataclass(frozen=True, slots=True)
class Side:
    """Offers (n) of one side: variation, energy cleared, rank among the ids."""

    variation_milli: Ints
    energy_kwh: Ints
    rank: Ints

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs (p) in order: rows of their offers, energy, whether the buyer offers what the seller asks."""

    seller: Ints
    buyer: Ints
    energy_kwh: Ints
    crossed: Bools

    def __post_init__(self) -> None:
        freeze(self)


def pair(sells: Side, buys: Side, method: Method) -> Pairs:
    """Pairs of two sides of the same total energy."""
    sign = 1 if method is Method.LOWEST_PRICE else -1
    sell, buy = _sorted(sells, 1), _sorted(buys, sign)
    sold, bought = np.cumsum(sells.energy_kwh[sell]), np.cumsum(buys.energy_kwh[buy])
    ends = np.union1d(sold, bought)
    seller, buyer = sell[np.searchsorted(sold, ends)], buy[np.searchsorted(bought, ends)]
    crossed = buys.variation_milli[buyer] >= sells.variation_milli[seller]
    return Pairs(seller, buyer, np.diff(ends, prepend=0), crossed)


def _sorted(side: Side, sign: int) -> Ints:
    rows = np.flatnonzero(side.energy_kwh > 0)
    return np.asarray(rows[np.lexsort((side.rank[rows], sign * side.variation_milli[rows]))])


def traded(pairs: Pairs, sellers: int, buyers: int) -> tuple[Ints, Ints]:
    """Energy of the pairs that cross, per seller's and per buyer's offer."""
    sold, bought = np.zeros(sellers, dtype=np.int64), np.zeros(buyers, dtype=np.int64)
    np.add.at(sold, pairs.seller[pairs.crossed], pairs.energy_kwh[pairs.crossed])
    np.add.at(bought, pairs.buyer[pairs.crossed], pairs.energy_kwh[pairs.crossed])
    return sold, bought


def prices(pairs: Pairs, sells: Side, buys: Side, method: Method, worded: LowestPrice, listed_milli: int,
           behind: tuple[int | None, int | None]) -> Ints:  # fmt: skip
    """(p) Variation of every pair. behind: least sell and greatest buy that found no partner, None = there is none."""
    sell, buy = sells.variation_milli[pairs.seller], buys.variation_milli[pairs.buyer]
    if method is Method.LISTING:
        return np.full(len(sell), listed_milli, dtype=np.int64)
    if method is Method.MARGINAL:
        return np.full(len(sell), _marginal(sell, buy, pairs.crossed, behind), dtype=np.int64)
    if method is Method.LOWEST_PRICE and worded is LowestPrice.WORDED:
        return np.asarray((buy - sell) // 2)
    return np.asarray((buy + sell) // 2)


def _marginal(sell: Ints, buy: Ints, crossed: Bools, behind: tuple[int | None, int | None]) -> int:
    if not len(sell):
        return 0
    last = int(crossed.sum()) - 1  # buys fall and sells rise: the pairs that cross stand first
    if last < 0:
        return (int(buy[0]) + int(sell[0])) // 2
    low, high = int(sell[last]), int(buy[last])
    next_sell, next_buy = behind
    if last + 1 < len(sell):
        next_sell, next_buy = int(sell[last + 1]), int(buy[last + 1])
    least = max(low, next_buy) if next_buy is not None else low
    most = min(high, next_sell) if next_sell is not None else high
    return (least + most) // 2 if least <= most else (low + high) // 2
