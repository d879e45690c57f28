"""A round of substitution trading, cleared (Xinjiang, clause 3.1.4).

Pre-clearing of both sides without limits, captive limits, then N = M: areas by coefficient under their limits, sites by
offer, pairs. Where new energy is less than captive energy boundary 3 is cut and months are formed again; where a pair
does not cross its energy leaves both sides and the areas are filled again. Every step only lowers M, so it ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from itertools import count

import numpy as np

from clearing.case.arrays import Ints, freeze
from clearing.rules.substitution_allocation import AllocationRules
from clearing.rules.substitution_round import RoundRules, Short, Uncrossed
from clearing.substitution.allocation import Coefficients
from clearing.substitution.round_captive import BOUNDARIES, CaptiveSide, Cause, Cut
from clearing.substitution.round_offers import Left, captive_left, site_left
from clearing.substitution.round_pairs import Pairs, Side, pair, prices, traded
from clearing.substitution.round_sites import (
    AreaCaps,
    Held,
    SiteLimits,
    area_caps,
    area_coefficients,
    best_offers,
    fill_areas,
    fill_sites,
    site_limits,
)
from clearing.substitution.round_tables import Round
from clearing.substitution.shares import both_margins

PATIENCE = 100


class Standing(IntEnum):
    """What became of the round."""

    CLEARED = 1
    HOLD_AGAIN = 2  # new energy is less than what must be taken: nothing is cleared


@dataclass(frozen=True, slots=True)
class Cleared:
    """A cleared round.

    captive_left (n), site_left (m)      `Left` of every offer
    captive_pre_kwh, captive_month_kwh   (n), (n, T) of captive offers
    site_offer_kwh (m), site_kwh (S)     of sites
    limits                               of sites, before pairs that do not cross left the round
    area_kwh (A), area_month_kwh (A, T)  of areas; pre_area_kwh (A) before limits; caps: what held them
    pair_milli (p)                       variation of every pair
    untraded_kwh                         energy of pairs that did not cross
    above                                captive limits that boundaries 1 and 2 alone are above
    short_kwh                            captive energy that new energy could not cover, where the round is held again
    """

    standing: Standing
    captive_left: Ints
    site_left: Ints
    captive_pre_kwh: Ints
    captive_month_kwh: Ints
    cuts: tuple[Cut, ...]
    above: tuple[int, ...]
    coefficients: Coefficients
    limits: SiteLimits
    caps: AreaCaps
    site_offer_kwh: Ints
    site_kwh: Ints
    pre_area_kwh: Ints
    area_kwh: Ints
    area_month_kwh: Ints
    pairs: Pairs
    pair_milli: Ints
    untraded_kwh: int
    short_kwh: int

    def __post_init__(self) -> None:
        freeze(self)


class _Behind:
    """Energy that found no partner: how much, the least that was asked, the most that was bid for it."""

    def __init__(self) -> None:
        self.energy_kwh = 0
        self.sell: int | None = None
        self.buy: int | None = None

    def note(self, pairs: Pairs, sells: Side, buys: Side) -> None:
        """Pairs that do not cross."""
        apart = ~pairs.crossed
        self.energy_kwh += int(pairs.energy_kwh[apart].sum())
        sell = int(sells.variation_milli[pairs.seller[apart]].min())
        buy = int(buys.variation_milli[pairs.buyer[apart]].max())
        self.sell = sell if self.sell is None else min(self.sell, sell)
        self.buy = buy if self.buy is None else max(self.buy, buy)


def clear(round_: Round, rules: RoundRules, allocation: AllocationRules) -> Cleared:
    """Clear a round; every message order of the same offers gives the same result."""
    terms, offers, site_offers = round_.terms, round_.captive_offers, round_.site_offers
    left, site_gone = captive_left(round_, rules), site_left(round_, rules)
    captive = CaptiveSide(round_, left == Left.NOT, rules)
    bids = np.where(site_gone == Left.NOT, site_offers.energy_kwh, 0)
    first = site_limits(round_, bids, rules)
    found = area_coefficients(round_.areas, terms.period, allocation)
    above = captive.apply(round_.limits)
    usable, behind, shown = best_offers(round_, first.most_kwh, bids, rules), _Behind(), None
    while True:
        limits = site_limits(round_, usable, rules) if behind.energy_kwh else first
        caps, short = _fit(round_, captive, limits, rules)
        shown = caps if shown is None else _shown(shown, caps)
        area = np.zeros(len(caps.most_kwh), dtype=np.int64)
        if not short:
            total = int(captive.month_kwh.sum())
            area = fill_areas(total, round_.areas, found.weight, caps.most_kwh, allocation)
        site = fill_sites(round_, area, limits)
        of_offers = best_offers(round_, site, usable, rules)
        sells = Side(offers.variation_milli, captive.energy_kwh, offers.rank)
        buys = Side(site_offers.variation_milli, of_offers, site_offers.rank)
        pairs = pair(sells, buys, terms.method)
        if pairs.crossed.all() or rules.uncrossed is Uncrossed.VOLUMES_STAND:
            break
        behind.note(pairs, sells, buys)
        kept, usable = traded(pairs, len(left), len(site_gone))
        captive.keep_only(kept)
    return Cleared(
        Standing.HOLD_AGAIN if short else Standing.CLEARED,
        left, site_gone, captive.pre_kwh, captive.month_kwh, tuple(captive.cuts), tuple(above), found,
        first, shown, of_offers, site, _of_areas(round_, first.pre_kwh), area,
        _months(round_, area, captive), pairs,
        prices(pairs, sells, buys, terms.method, rules.lowest_price, terms.listed_milli, (behind.sell, behind.buy)),
        behind.energy_kwh, short,
    )  # fmt: skip


def _months(round_: Round, area_kwh: Ints, captive: CaptiveSide) -> Ints:
    """(A, T) Months of areas; cells are rounded in the order of ids, not of the message."""
    order = np.argsort(round_.areas.rank)
    found = np.empty((len(order), round_.terms.months), dtype=np.int64)
    found[order] = both_margins(area_kwh[order], captive.month_kwh.sum(axis=0))
    return found


def _shown(first: AreaCaps, later: AreaCaps) -> AreaCaps:
    """What held areas before pairs that do not cross left, and network limits that bind after it."""
    network = later.held == Held.NETWORK
    columns = ((getattr(first, name), getattr(later, name)) for name in ("most_kwh", "held", "month"))
    return AreaCaps(*(np.where(network, after, before) for before, after in columns))


def _of_areas(round_: Round, site_kwh: Ints) -> Ints:
    found = np.zeros(len(round_.areas.fleet), dtype=np.int64)
    np.add.at(found, round_.sites.area, site_kwh)
    return found


def _fit(round_: Round, captive: CaptiveSide, limits: SiteLimits, rules: RoundRules) -> tuple[AreaCaps, int]:
    """Lower M until new energy covers it (3.1.4.3, 3.1.4.7): caps of areas and what stays uncovered.

    Uncovered energy: the round is held again, and the captive side is emptied. A cut changes the share of months and
    with it the caps, so that it takes some turns; after `PATIENCE` of them each cut doubles, and may be too much.
    """
    of_sites = _of_areas(round_, limits.most_kwh)
    every = np.arange(len(captive.offered_kwh))
    for turn in count():
        months = captive.month_kwh.sum(axis=0)
        caps = area_caps(round_.areas, of_sites, months)
        short = int(months.sum()) - int(caps.most_kwh.sum())
        if short <= 0:
            return caps, 0
        if rules.short is Short.CUT:
            step = min(short << max(0, turn - PATIENCE), int(months.sum()))
            left = short - captive.cut(step, every, BOUNDARIES, Cause.NEW_ENERGY_SHORT)
            if left > 0 and rules.short_of_boundaries is Short.CUT:
                for boundary in (2, 1):
                    left -= captive.cut(left, every, boundary, Cause.NEW_ENERGY_SHORT) if left else 0
            if left <= 0:
                continue
        captive.month_kwh[:] = 0
        break
    return caps, short
