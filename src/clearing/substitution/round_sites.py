"""The new-energy side of a round: limits of sites (3.1.2.3, 3.1.4.3, 3.1.4.7), areas by coefficient, sites by offer.

site    energy ≤ 50 % · hours of its area · its capacity;  ≤ 30 % of the year's, ≤ 45 % of the period's on-grid energy
area    N_a = y_a · M; what a limit holds back is shared by the other areas in proportion, until ΣN_a = M
months  N_{a,t} = N_a · M_t / M (8.3.5), so the network limit L_{a,t} allows N_a ≤ ⌊L_{a,t} · M / M_t⌋
inside  in proportion to offered energy; a listing serves earlier submission cycles first
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from clearing.case.arrays import Ints, freeze
from clearing.rules.substitution_allocation import AllocationRules, Pools
from clearing.rules.substitution_round import Hours, RoundRules, ShareCaps, SiteOffers
from clearing.substitution.allocation import AreaFactors, Coefficients, coefficients, peak_change, peak_share
from clearing.substitution.quantities import fill
from clearing.substitution.round_captive import cycles
from clearing.substitution.round_offers import SHARE, share_of
from clearing.substitution.round_tables import ALL, Areas, Method, Period, Round
from clearing.substitution.shares import fill_capped, fill_rows

_NONE = 2**60
_MILLI = 1000


class Held(IntEnum):
    """What holds a site or an area at its energy."""

    NOT = 0
    HOURS = 1  # site: half the hours of its area
    YEAR_SHARE = 2  # site: 30 % of the year
    PERIOD_SHARE = 3  # site: 45 % of the period
    OFFERS = 4  # area: what its sites may sell
    NETWORK = 5  # area: network limit of a month


@dataclass(frozen=True, slots=True)
class SiteLimits:
    """Per site (S): pre_kwh, offered and within the hours; most_kwh; held: what makes it less than was offered."""

    offered_kwh: Ints
    pre_kwh: Ints
    most_kwh: Ints
    held: Ints

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class AreaCaps:
    """Per area (A): most_kwh, what holds it (`Held`), the month of the network limit (ALL = none)."""

    most_kwh: Ints
    held: Ints
    month: Ints

    def __post_init__(self) -> None:
        freeze(self)


def area_coefficients(areas: Areas, period: Period, rules: AllocationRules) -> Coefficients:
    """Scores and weights; K3 of a month is the change on the month before, of longer rounds the share."""
    monthly = period is Period.MONTH
    peak = peak_change(areas.peak_kwh, areas.previous_peak_kwh) if monthly else peak_share(areas.peak_kwh)
    factors = AreaFactors(
        areas.fleet, areas.energy_kwh, areas.capacity_kw, areas.network_kwh, areas.capability_kwh, peak
    )
    return coefficients(factors, rules)


def hours_limit(round_: Round, rules: RoundRules) -> Ints:
    """(S) Most energy by hours or capability; floors."""
    sites, areas, share = round_.sites, round_.areas, share_of(rules.hours_share)
    if rules.hours is Hours.CAPABILITY:
        return np.where(sites.capability_kwh == ALL, _NONE, sites.capability_kwh * share // SHARE)
    hours = areas.forecast_hours_milli if rules.hours is Hours.FORECAST else areas.hours_milli
    return np.asarray(sites.capacity_kw * hours[sites.area] * share // (SHARE * _MILLI))


def site_limits(round_: Round, usable_kwh: Ints, rules: RoundRules) -> SiteLimits:
    """Limits of sites whose offers (m) may sell `usable_kwh`."""
    sites = round_.sites
    offered = np.zeros(len(sites.area), dtype=np.int64)
    np.add.at(offered, round_.site_offers.party, usable_kwh)
    hours = hours_limit(round_, rules)
    pre = np.minimum(offered, hours)
    year = np.where(sites.year_kwh == ALL, _NONE, sites.year_kwh * share_of(rules.year_share) // SHARE)
    period = np.where(sites.period_kwh == ALL, _NONE, sites.period_kwh * share_of(rules.period_share) // SHARE)
    if rules.share_caps is ShareCaps.YEAR:
        period = np.full_like(period, _NONE)
    elif rules.share_caps is ShareCaps.PERIOD:
        year = np.full_like(year, _NONE)
    elif rules.share_caps is ShareCaps.EITHER:
        year = period = np.maximum(year, period)
    most = np.minimum(pre, np.minimum(year, period))
    held = np.where(hours < offered, Held.HOURS, Held.NOT)
    held = np.where(most < pre, np.where(year <= period, Held.YEAR_SHARE, Held.PERIOD_SHARE), held)
    return SiteLimits(offered, pre, most, held)


def best_offers(round_: Round, energy_kwh: Ints, usable_kwh: Ints, rules: RoundRules) -> Ints:
    """(m) Energy of sites (S) over their offers, at most `usable_kwh` (m): highest bids first, or in proportion."""
    offers = round_.site_offers
    found = np.zeros(len(offers.party), dtype=np.int64)
    if not len(found):
        return found
    order = np.lexsort((offers.rank, -offers.variation_milli, offers.party))
    party, usable = offers.party[order], usable_kwh[order]
    starts = np.r_[True, np.diff(party) != 0]
    if rules.site_offers is SiteOffers.BEST_FIRST:
        ahead = np.cumsum(usable) - usable
        ahead -= np.repeat(ahead[starts], np.diff(np.flatnonzero(np.r_[starts, True])))
        found[order] = np.clip(energy_kwh[party] - ahead, 0, usable)
        return found
    first = np.flatnonzero(starts)
    place = np.arange(len(order)) - np.repeat(first, np.diff(np.r_[first, len(order)]))
    slots = np.zeros((len(energy_kwh), int(place.max()) + 1), dtype=np.int64)
    slots[party, place] = usable
    found[order] = fill_rows(np.minimum(energy_kwh, slots.sum(axis=1)), slots)[party, place]
    return found


def area_caps(areas: Areas, of_sites_kwh: Ints, months_kwh: Ints) -> AreaCaps:
    """Most energy of every area while the captive side takes months_kwh (T)."""
    total = int(months_kwh.sum())
    most, held = of_sites_kwh.copy(), np.full(len(of_sites_kwh), Held.OFFERS, dtype=np.int64)
    month = np.full(len(of_sites_kwh), ALL, dtype=np.int64)
    for area, t in np.argwhere(areas.most_kwh != ALL).tolist():
        if months_kwh[t]:
            allowed = int(areas.most_kwh[area, t]) * total // int(months_kwh[t])
            if allowed < most[area]:
                most[area], held[area], month[area] = allowed, Held.NETWORK, t
    return AreaCaps(most, held, month)


def fill_areas(total_kwh: int, areas: Areas, weight: Ints, most_kwh: Ints, rules: AllocationRules) -> Ints:
    """(A) Energy of areas in proportion to weight, at most most_kwh; of two pools, what one cannot take goes to the
    other, and what areas without weight could take is taken last, in proportion to most_kwh."""
    if rules.pools is Pools.ONE:
        found = fill_capped(total_kwh, weight, most_kwh, areas.rank)
    else:
        found = _by_fleet(total_kwh, areas, weight, most_kwh)
    left = total_kwh - int(found.sum())
    return found + fill_capped(left, most_kwh - found, most_kwh - found, areas.rank)


def _by_fleet(total_kwh: int, areas: Areas, weight: Ints, most_kwh: Ints) -> Ints:
    found, fleets = np.zeros(len(weight), dtype=np.int64), (1, 2)
    energy = np.array([int(areas.energy_kwh[areas.fleet == fleet].sum()) for fleet in fleets])
    room = np.array([int(most_kwh[(areas.fleet == fleet) & (weight > 0)].sum()) for fleet in fleets])
    parts = fill_capped(total_kwh, energy, room, np.arange(2)) if energy.any() else fill(0, energy)
    for fleet, part in zip(fleets, parts.tolist(), strict=True):
        own = np.flatnonzero(areas.fleet == fleet)
        found[own] = fill_capped(part, weight[own], most_kwh[own], areas.rank[own])
    return found


def fill_sites(round_: Round, area_kwh: Ints, limits: SiteLimits) -> Ints:
    """(S) Energy of sites: of their area in proportion to pre_kwh, at most most_kwh."""
    sites = round_.sites
    found = np.zeros(len(sites.area), dtype=np.int64)
    cycle = _site_cycles(round_) if round_.terms.method is Method.LISTING else np.zeros(len(found), dtype=np.int64)
    order = np.lexsort((sites.rank, cycle, sites.area))
    ends = np.flatnonzero(np.r_[True, (np.diff(sites.area[order]) != 0) | (np.diff(cycle[order]) != 0)])
    left = area_kwh.copy()
    for own in np.split(order, ends[1:]) if len(order) else ():
        area = sites.area[own[0]]
        found[own] = fill_capped(int(left[area]), limits.pre_kwh[own], limits.most_kwh[own], sites.rank[own])
        left[area] -= found[own].sum()
    return found


def _site_cycles(round_: Round) -> Ints:
    """(S) Cycle of the last submission of every site."""
    offers = round_.site_offers
    last = np.zeros(len(round_.sites.area), dtype=np.int64)
    in_time = offers.submitted_ms <= round_.terms.gate_ms
    np.maximum.at(last, offers.party[in_time], offers.submitted_ms[in_time])
    return cycles(last, round_.terms)
