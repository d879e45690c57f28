"""One month of substitution trading: what is metered, against its plan, and in money (clauses 8.3.5, 9.5.1 of
Xinjiang).

First the captive side (9.5.1.1: trade, then grid purchase), then its sum over areas and sites (9.5.1.5). A deviation is
plan less executed, as 7.1.2 states it for both sides. Money is whole thousandths, each product rounded once, half up:

    captive      purchase W1 · catalogue price + trade W2 · trade price          saved = W2 · (catalogue − trade price)
    new energy   W · approved price − compensation N3 · (approved − trade price); of advanced energy the grid pays it
    residual     what the grid keeps (negative: adds): Σ saved − Σ compensation − Σ of advanced energy
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Bools, Ints, freeze
from clearing.rules.substitution_metering import DeviationRules, MeteringRules
from clearing.substitution.metering import CaptiveMonth, Shaved, Windows, captive_month
from clearing.substitution.metering_sites import SiteMonth, Sites, month_plan, site_month
from clearing.substitution.quantities import money, part


@dataclass(frozen=True, slots=True)
class Captives:
    """Captive enterprises of a month (C): units; take_kwh (W), feed_in_kwh (W3) by the meter; plan_kwh (C, 3) by
    boundary; catalogue and trade price in thousandths of money per MWh."""

    units: Ints
    take_kwh: Ints
    feed_in_kwh: Ints
    plan_kwh: Ints
    catalogue_milli: Ints
    trade_milli: Ints

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class SiteTerms:
    """Of new-energy sites (S): energy awarded in the year, approved (with subsidy) and trade price in thousandths."""

    award_kwh: Ints
    approved_milli: Ints
    trade_milli: Ints

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Against:
    """Per party (n): plan_kwh, deviation_kwh = plan − executed, within: not beyond the share of a month that may
    roll on."""

    plan_kwh: Ints
    deviation_kwh: Ints
    within: Bools

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class MonthMoney:
    """Thousandths of money. Captive (C): purchase, trade, saved. Sites (S): full (all energy at the approved price),
    compensation, advanced (compensation the grid pays for them). residual: what the grid keeps."""

    purchase: Ints
    trade: Ints
    saved: Ints
    full: Ints
    compensation: Ints
    advanced: Ints
    residual: int

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Month:
    """A month, metered: windows, captive side, sites, both against their plans, money."""

    shaved: Shaved
    captive: CaptiveMonth
    site: SiteMonth
    captive_plan: Against
    site_plan: Against
    money: MonthMoney


def meter(
    captives: Captives,
    windows: Windows,
    found: Shaved,
    sites: Sites,
    terms: SiteTerms,
    area_kwh: Ints,
    rules: MeteringRules,
    deviation: DeviationRules,
) -> Month:
    """The month. found: windows by `metering.shaved`; area_kwh (A): what is allocated to areas of W2 in all."""
    captive = captive_month(windows, found, captives.take_kwh, captives.feed_in_kwh)
    site = site_month(sites, area_kwh, rules)
    plan = captives.plan_kwh.sum(axis=1)
    planned = int(plan.sum())
    site_plan = (
        month_plan(planned, terms.award_kwh, sites.rank) if terms.award_kwh.any() else np.zeros_like(terms.award_kwh)
    )
    return Month(
        found, captive, site, against(plan, captive.substitution_kwh, deviation),
        against(site_plan, site.settled_kwh, deviation), _money(captives, captive, sites, site, terms),
    )  # fmt: skip


def against(plan_kwh: Ints, executed_kwh: Ints, rules: DeviationRules) -> Against:
    """Executed energy against its plan (n)."""
    deviation = plan_kwh - executed_kwh
    return Against(plan_kwh, deviation, np.asarray(np.abs(deviation) <= part(plan_kwh, rules.month_share)))


def _money(captives: Captives, captive: CaptiveMonth, sites: Sites, site: SiteMonth, terms: SiteTerms) -> MonthMoney:
    trade = money(captive.substitution_kwh, captives.trade_milli)
    saved = money(captive.substitution_kwh, captives.catalogue_milli) - trade
    paid = money(site.settled_kwh, terms.approved_milli) - money(site.settled_kwh, terms.trade_milli)
    advanced = money(site.advanced_kwh, terms.approved_milli) - money(site.advanced_kwh, terms.trade_milli)
    return MonthMoney(
        money(captive.purchase_kwh, captives.catalogue_milli), trade, saved,
        money(sites.on_grid_kwh, terms.approved_milli), paid, advanced,
        int(saved.sum()) - int(paid.sum()) - int(advanced.sum()),
    )  # fmt: skip
