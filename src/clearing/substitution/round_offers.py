"""Which offers of a round stand (clauses 2.2, 2.4.1, 3.1.1, 3.1.2, 5.4): the rest is left out, each with its reason.

Judged in this order, the first that holds counts: gate and last submission, admission, step, limit and energy of the
single offer, its months and its share of capacity, last how many offers there are.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from clearing.case.arrays import Bools, Ints
from clearing.rules.substitution_round import OffersPer, RoundRules
from clearing.substitution.quantities import KWH_OF_MWH
from clearing.substitution.round_tables import (
    ALL,
    Admission,
    CaptiveOffers,
    CaptiveParties,
    Method,
    Round,
    SiteOffers,
    Terms,
)

MOST_OFFERS = 3
SHARE = 10_000
MINUTES_OF_HOUR = 60


class Left(IntEnum):
    """Why an offer is left out."""

    NOT = 0
    AFTER_GATE = 1
    SUPERSEDED = 2
    NOT_ADMITTED = 3
    PRICE_STEP = 4
    PRICE_LIMIT = 5
    NOT_LISTED_PRICE = 6
    ENERGY_STEP = 7
    MONTHS = 8
    SPINNING_SHARE = 9
    TOO_MANY = 10


def share_of(rule: float) -> int:
    """A share of the rules in ten-thousandths."""
    return round(rule * SHARE)


def captive_left(round_: Round, rules: RoundRules) -> Ints:
    """(n) `Left` of every captive offer."""
    offers, parties, terms = round_.captive_offers, round_.captives, round_.terms
    left = _left(offers, parties.admission, terms, terms.captive_range, rules.captive_multiple_mwh, rules)
    _mark(left, offers.month_kwh.sum(axis=1) != offers.energy_kwh, Left.MONTHS)
    _mark(left, _above_spinning(offers, parties, terms, rules), Left.SPINNING_SHARE)
    most = 1 if rules.offers_per is OffersPer.ENTERPRISE else MOST_OFFERS
    group = offers.party * 4 + offers.boundary
    _mark(left, _beyond(group, offers.variation_milli, offers.rank, left, most), Left.TOO_MANY)
    return left


def site_left(round_: Round, rules: RoundRules) -> Ints:
    """(m) `Left` of every offer of a site."""
    offers, terms = round_.site_offers, round_.terms
    left = _left(offers, round_.sites.admission, terms, terms.site_range, rules.site_multiple_mwh, rules)
    _mark(left, _beyond(offers.party, -offers.variation_milli, offers.rank, left, MOST_OFFERS), Left.TOO_MANY)
    return left


def _left(
    offers: CaptiveOffers | SiteOffers, admission: Ints, terms: Terms, range_: tuple[int | None, int | None],
    multiple_mwh: int, rules: RoundRules,
) -> Ints:  # fmt: skip
    left = np.zeros(len(offers.party), dtype=np.int64)
    variation, energy = offers.variation_milli, offers.energy_kwh
    _mark(left, offers.submitted_ms > terms.gate_ms, Left.AFTER_GATE)
    if len(left):
        last = np.full(len(admission), np.iinfo(np.int64).min)
        in_time = left == Left.NOT
        np.maximum.at(last, offers.party[in_time], offers.submitted_ms[in_time])
        _mark(left, offers.submitted_ms < last[offers.party], Left.SUPERSEDED)
        _mark(left, admission[offers.party] > Admission.ADMITTED, Left.NOT_ADMITTED)
    _mark(left, variation % round(rules.price_step_per_mwh * 1000) != 0, Left.PRICE_STEP)
    low, high = range_
    _mark(left, variation < low if low is not None else np.zeros(len(left), np.bool_), Left.PRICE_LIMIT)
    _mark(left, variation > high if high is not None else np.zeros(len(left), np.bool_), Left.PRICE_LIMIT)
    if terms.method is Method.LISTING:
        _mark(left, variation != terms.listed_milli, Left.NOT_LISTED_PRICE)
    unit = multiple_mwh * KWH_OF_MWH
    _mark(left, (energy < unit) | (energy % unit != 0), Left.ENERGY_STEP)
    return left


def _mark(left: Ints, wrong: Bools, reason: Left) -> None:
    left[wrong & (left == Left.NOT)] = reason


def _above_spinning(offers: CaptiveOffers, parties: CaptiveParties, terms: Terms, rules: RoundRules) -> Bools:
    """Boundary 2 is shaving within 30 % of the unit: energy of a month at most that share of capacity · hours."""
    capacity = parties.capacity_kw[offers.party]
    most = capacity[:, None] * terms.month_minutes * share_of(rules.spinning_share) // (MINUTES_OF_HOUR * SHARE)
    return np.asarray((offers.boundary == 2) & (capacity != ALL) & (offers.month_kwh > most).any(axis=1))


def _beyond(group: Ints, key: Ints, rank: Ints, left: Ints, most: int) -> Bools:
    """Offers behind the first `most` of their group, by key, then rank; what is left out already does not count."""
    wrong = np.zeros(len(group), dtype=np.bool_)
    own = np.flatnonzero(left == Left.NOT)
    order = own[np.lexsort((rank[own], key[own], group[own]))]
    first = np.flatnonzero(np.diff(group[order], prepend=ALL - 1))
    place = np.arange(len(order)) - np.repeat(first, np.diff(first, append=len(order)))
    wrong[order[place >= most]] = True
    return wrong
