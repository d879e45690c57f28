"""The captive side of a round: pre-clearing (3.1.4.2) and cuts after the security check (3.1.4.6, 3.1.5.1).

    M = M1 + M2 + M3     M1 + M2 ≥ target: M3 = 0; else M3 fills target − (M1 + M2), lowest variation first, equal
    variations in proportion to offers

A limit that binds cuts boundary 3 only, greatest variation first, equal variations in proportion to offers or by
environmental class. What a listing offers is filled and cut by submission cycle instead of variation.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from clearing.case.arrays import Ints
from clearing.rules.substitution_round import CutTies, RoundRules, SortKey
from clearing.substitution.round_tables import ALL, CaptiveLimits, Method, Round, Terms
from clearing.substitution.shares import fill_capped, fill_rows

BOUNDARIES = 3


class Cause(IntEnum):
    """Why energy of a captive offer was cut."""

    LIMIT = 1  # limit of an area, a fleet, a month
    NEW_ENERGY_SHORT = 2  # less new energy than captive energy
    UNMATCHED = 3  # no buyer offers what it asks


@dataclass(frozen=True, slots=True)
class Cut:
    """offers (k) and what each lost, kWh (k); limit and month (ALL = the period; several months together)."""

    cause: Cause
    limit: int
    month: int
    offers: Ints
    lost_kwh: Ints


def cycles(submitted_ms: Ints, terms: Terms) -> Ints:
    """Submission cycle of every offer of a listing."""
    return (submitted_ms - terms.opens_ms) // max(terms.cycle_ms, 1)


class CaptiveSide:
    """Energy of every captive offer while the round is cleared: month_kwh (n, T); cuts: what was taken, in order."""

    def __init__(self, round_: Round, standing: Ints, rules: RoundRules) -> None:
        offers, terms = round_.captive_offers, round_.terms
        self._rank, self._boundary, self._split = offers.rank, offers.boundary, offers.month_kwh
        self.offered_kwh = np.where(standing, offers.energy_kwh, 0)
        key = offers.variation_milli
        listing = terms.method is Method.LISTING
        arrived = cycles(offers.submitted_ms, terms) if listing else key
        self._fill_key = arrived if listing else _key(key, rules.fill_key)
        self._cut_key = arrived if listing else _key(key, rules.cut_key)
        self._worse = (
            round_.captives.environmental_class[offers.party]
            if rules.cut_ties is CutTies.ENVIRONMENTAL_CLASS
            else np.zeros_like(key)
        )
        self._area, self._fleet = round_.captives.area[offers.party], round_.captives.fleet[offers.party]
        self.cuts: list[Cut] = []
        self.pre_kwh = self._pre_clear(terms.target_kwh)
        self.month_kwh = fill_rows(self.pre_kwh, self._split)

    @property
    def energy_kwh(self) -> Ints:
        """(n) Energy of the period."""
        return np.asarray(self.month_kwh.sum(axis=1))

    def of_boundary(self, boundary: int) -> int:
        """Energy of a boundary."""
        return int(self.month_kwh[self._boundary == boundary].sum())

    def _pre_clear(self, target_kwh: int) -> Ints:
        """(n) Pre-cleared energy, without limits."""
        found = np.where(self._boundary == BOUNDARIES, 0, self.offered_kwh)
        left = max(target_kwh - int(found.sum()), 0)
        third = np.flatnonzero((self._boundary == BOUNDARIES) & (self.offered_kwh > 0))
        found[third] = take(left, self.offered_kwh[third], self.offered_kwh[third], (self._fill_key[third],),
                            self._rank[third])  # fmt: skip
        return found

    def apply(self, limits: CaptiveLimits) -> list[int]:
        """Cut boundary 3 to every limit; returns the limits that boundaries 1 and 2 alone are above.

        Months first, then the period; cuts only lower, so a limit that was met stays met.
        """
        above = []
        order = np.lexsort((limits.most_kwh, limits.fleet, limits.area, limits.month))
        months = order[limits.month[order] != ALL]
        for limit in (*months.tolist(), *order[limits.month[order] == ALL].tolist()):
            area, fleet, month = int(limits.area[limit]), int(limits.fleet[limit]), int(limits.month[limit])
            rows = np.flatnonzero(((self._area == area) | (area == ALL)) & ((self._fleet == fleet) | (fleet == ALL)))
            own = self.month_kwh[rows] if month == ALL else self.month_kwh[rows, month]
            excess = int(own.sum()) - int(limits.most_kwh[limit])
            if excess > 0 and self.cut(excess, rows, BOUNDARIES, Cause.LIMIT, limit, month) < excess:
                above.append(limit)
        return above

    def cut(self, excess: int, rows: Ints, boundary: int, cause: Cause, limit: int = ALL, month: int = ALL) -> int:
        """Take up to `excess` from a boundary's offers among rows; returns what was taken."""
        own = rows[self._boundary[rows] == boundary]
        energy = self.energy_kwh[own] if month == ALL else self.month_kwh[own, month]
        own, energy = own[energy > 0], energy[energy > 0]
        keys = (-self._cut_key[own], -self._worse[own])
        if boundary != BOUNDARIES:
            keys = (np.zeros_like(own), np.zeros_like(own))
        lost = take(excess, self.offered_kwh[own], energy, keys, self._rank[own])
        hit = lost > 0
        own, lost = own[hit], lost[hit]
        if month == ALL:
            self.month_kwh[own] = fill_rows(energy[hit] - lost, self.month_kwh[own])
        else:
            self.month_kwh[own, month] -= lost
        if len(own):
            self.cuts.append(Cut(cause, limit, month, own, lost))
        return int(lost.sum())

    def keep_only(self, kept_kwh: Ints) -> None:
        """Keep (n) energy of what found a buyer."""
        energy = self.energy_kwh
        lost = np.flatnonzero(kept_kwh < energy)
        if len(lost):
            self.cuts.append(Cut(Cause.UNMATCHED, ALL, ALL, lost, (energy - kept_kwh)[lost]))
            self.month_kwh[lost] = fill_rows(kept_kwh[lost], self.month_kwh[lost])


def _key(variation_milli: Ints, key: SortKey) -> Ints:
    return np.abs(variation_milli) if key is SortKey.ABSOLUTE else variation_milli


def take(total: int, weights: Ints, most: Ints, keys: tuple[Ints, ...], rank: Ints) -> Ints:
    """min(total, Σ most) of rows (n) in the order of keys, the first key first; equal keys in proportion to weights,
    at most `most` (n) each."""
    found = np.zeros(len(weights), dtype=np.int64)
    if not len(weights) or total <= 0:
        return found
    order = np.lexsort((rank, *keys[::-1]))
    sorted_keys = np.stack([key[order] for key in keys])
    first = np.flatnonzero(np.r_[True, (np.diff(sorted_keys, axis=1) != 0).any(axis=0)])
    before = np.cumsum(most[order]) - most[order]
    last = int(np.searchsorted(before[first], total, side="left")) - 1  # group in which the total ends
    start = int(first[last])
    found[order[:start]] = most[order[:start]]
    group = order[start : int(first[last + 1]) if last + 1 < len(first) else len(order)]
    found[group] = fill_capped(total - int(before[start]), weights[group], most[group], rank[group])
    return found
