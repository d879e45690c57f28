"""After the fact: profit in excess, Lerner index and mark-up, capacity withheld, likeness of offers.

    excess_i  = max{Σ_t dt · Q · (price − (1 + ε) · C), 0}, or against the price of the mitigated clearing;
    recovery  = μ · excess_i                                                            Shandong no. 10
    Lerner    = Σ (price − C) · Q / Σ price · Q           mark-up (BMI) = Σ (price − C) · Q / Σ C · Q
    withheld  = 1 − offered / available                   economic: MW whose approved cost is below the price, not taken
    likeness  = 1 − mean |p_a − p_b| / cap over outputs of 0, N, 2N … 100 %              Shaanxi

Q, price, C: scheduled MW, price at the source, approved cost of the blocks it takes. Sources without approved cost
are left out. Readings: the first period's curves are compared; output 0 % has the price of the first block.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Bools, Floats, Ids, Ints, freeze
from clearing.case.case import Case
from clearing.case.offers import Offers
from clearing.case.prices import Prices
from clearing.case.schedule import Schedule
from clearing.market_power.costs import CostTable, block_costs, filled, price_at
from clearing.market_power.supply import Supply, scheduled, sources_of
from clearing.rules.market_choices import ExcessBasis
from clearing.rules.power_rules import AfterRules

NO_MONEY = 1e-9
"""A sum of which nothing is a share."""

MOST_PAIRS = 200
"""Pairs of like offers that are listed, the likest first."""


@dataclass(frozen=True, slots=True)
class AfterTheFact:
    """By group (W): revenue, cost, excess, recovery in money; lerner, markup (NaN without revenue or cost);
    premium: excess over what it is measured against (NaN without); offered_mwh, available_mwh, withheld_mwh (economic).
    """

    revenue: Floats
    cost: Floats
    excess: Floats
    recovery: Floats
    lerner: Floats
    markup: Floats
    premium: Floats
    offered_mwh: Floats
    available_mwh: Floats
    withheld_mwh: Floats

    def __post_init__(self) -> None:
        freeze(self)


def after_the_fact(
    case: Case,
    schedule: Schedule,
    prices: Prices,
    table: Supply,
    costs: CostTable,
    rules: AfterRules,
    cost_scaling: float,
    other: Prices | None = None,
    reference_per_mwh: float | None = None,
) -> AfterTheFact:
    """All of it by group, recovery as if every excess were. other: prices of the mitigated clearing;
    reference_per_mwh: of the day, made of coal. Where one is asked for and not there, the cost with ε holds."""
    hours, given = case.horizon.hours, scheduled(case, schedule)
    price = np.asarray(table.bus_share @ prices.bus_price)
    spent, known = _spent(case, given, costs)
    used = np.where(known, given, 0.0)
    by = table.by_group
    revenue, cost = by @ (used * price).sum(axis=1) * hours, by @ spent.sum(axis=1) * hours
    if rules.excess_basis is ExcessBasis.MITIGATED_PRICE and other is not None:
        against = used * np.asarray(table.bus_share @ other.bus_price)
    elif rules.excess_basis is ExcessBasis.REFERENCE_PRICE and reference_per_mwh is not None:
        used = given
        against = used * reference_per_mwh
    else:
        against = (1.0 + cost_scaling) * spent
    held = by @ against.sum(axis=1) * hours
    beyond = by @ (used * price).sum(axis=1) * hours - held
    excess = np.maximum(beyond, 0.0)
    offered, available, withheld = _withheld(case, given, price, costs)
    lerner, markup = _share(revenue - cost, revenue), _share(revenue - cost, cost)
    premium = _share(beyond, np.maximum(held, 0.0))
    count = len(case.units.id)
    of_units = by[:, :count]
    return AfterTheFact(
        revenue=revenue, cost=cost, excess=excess, recovery=rules.excess_share * excess, lerner=lerner, markup=markup,
        premium=premium,
        offered_mwh=of_units @ offered * hours, available_mwh=of_units @ available * hours,
        withheld_mwh=of_units @ withheld * hours,
    )  # fmt: skip


def _share(part: Floats, whole: Floats) -> Floats:
    """Part of a sum of money; NaN where that is none."""
    some = np.abs(whole) > NO_MONEY
    return np.where(some, part / np.where(some, whole, 1.0), np.nan)


def _spent(case: Case, given: Floats, costs: CostTable) -> tuple[Floats, Bools]:
    """Approved cost (S, T) an hour of what every source gives, and where it is known."""
    spent, known = np.zeros(given.shape), np.zeros(given.shape, dtype=np.bool_)
    tables = (case.units.offers, case.renewables.offers, case.virtual_plants.offers)
    for offers, cost, source in zip(tables, block_costs(case, costs), sources_of(case), strict=True):
        row = source[offers.resource]
        mine = np.flatnonzero(row >= 0)  # a virtual load is no source
        if not len(mine):
            continue
        output = np.zeros((len(source), given.shape[1]))
        output[source >= 0] = given[source[source >= 0]]
        taken = filled(offers, output)[mine]
        np.add.at(spent, row[mine], np.nan_to_num(taken * cost[mine]))
        np.logical_or.at(known, row[mine], np.isfinite(cost[mine]))
    return spent, known


def _withheld(case: Case, given: Floats, price: Floats, costs: CostTable) -> tuple[Floats, Floats, Floats]:
    """Of units (N), MW summed over the periods: offered, available, and worth its cost but not taken."""
    units = case.units
    able = np.where(units.on_max == 1, units.p_max_mw, 0.0)
    offered, worth = np.zeros(able.shape), np.zeros(able.shape)
    np.add.at(offered, units.offers.resource, units.offers.width_mw)
    cost, _, _ = block_costs(case, costs)
    of_block = price[: len(units.id)][units.offers.resource]
    with np.errstate(invalid="ignore"):
        gainful = np.where(cost < of_block, units.offers.width_mw, 0.0)
    np.add.at(worth, units.offers.resource, gainful)
    held = np.maximum(np.minimum(worth, able) - given[: len(units.id)], 0.0)
    return np.minimum(offered, able).sum(axis=1), able.sum(axis=1), held.sum(axis=1)


def like_offers(
    ids: Ids, offers: Offers, groups: Ints, rules: AfterRules, cap_per_mwh: float
) -> list[tuple[str, str, float]]:
    """Pairs of units of different groups (n) whose curves are as like as the limit or more: (id, id, likeness)."""
    share = np.arange(0, 101, rules.homogeneity_step_percent) / 100.0
    rows = [i for i in range(len(ids)) if (offers.width_mw[offers.resource == i, 0] > 0.0).any()]
    if len(rows) < 2:
        return []
    price = np.array([price_at(offers, i, 0, share * offers.width_mw[offers.resource == i, 0].sum()) for i in rows])
    found = []
    for k, i in enumerate(rows[:-1]):
        apart = np.abs(price[k + 1 :] - price[k]).mean(axis=1)
        like = 1.0 - apart / max(cap_per_mwh, 1e-9)
        for n in np.flatnonzero(like >= rules.homogeneity_limit).tolist():
            j = rows[k + 1 + n]
            if groups[i] != groups[j]:
                found.append((ids[i], ids[j], float(like[n])))
    return sorted(found, key=lambda pair: -pair[2])[:MOST_PAIRS]
