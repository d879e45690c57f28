"""A year of substitution trading settled, in the order of its clauses: contracts, months, year, advances, payments.

6.3      transfers and adjustments in time change contracts; what cannot be rolled may be scaled to a total (7.2.1.3);
         new energy follows in proportion
7.2      months against plans, rolled on; the year against contracts
9.6      default energy and its payment; advances and when they are due
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Ints, freeze
from clearing.rules.substitution_metering import DeviationRules
from clearing.substitution.deviation_advances import Advances, settle
from clearing.substitution.deviation_contracts import PlanChanges, Transfers, changed_plans, scaled, transferred
from clearing.substitution.deviation_rolling import Rolled, roll
from clearing.substitution.deviation_year import Year, captive_year, default_payment, highest_price, site_year


@dataclass(frozen=True, slots=True)
class CaptiveYearInput:
    """Captive enterprises (C) over the months of a year (T), kWh: award_kwh (C); plan_kwh, executed_kwh (C, T);
    exempt_kwh (C), what causes of 8.4 moved; variation_milli (C), cleared, thousandths per MWh; rank (C)."""

    award_kwh: Ints
    plan_kwh: Ints
    executed_kwh: Ints
    exempt_kwh: Ints
    variation_milli: Ints
    rank: Ints

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class SiteYearInput:
    """New-energy sites (S), kWh: award_kwh (S); plan_kwh, due_kwh, executed_kwh (settled), returned_kwh (S, T);
    opening_kwh (S), advances outstanding from before; exempt_kwh (S); variation_milli, rank (S)."""

    award_kwh: Ints
    plan_kwh: Ints
    due_kwh: Ints
    executed_kwh: Ints
    returned_kwh: Ints
    opening_kwh: Ints
    exempt_kwh: Ints
    variation_milli: Ints
    rank: Ints

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Settlement:
    """The year. *_contract_kwh (C), (S): after transfers and scaling; captive_plan_kwh (C, T): published plans after
    changes; transfer_refused, change_refused (k): reasons; payments (C), (S), thousandths of money, into one
    account."""

    captive_contract_kwh: Ints
    site_contract_kwh: Ints
    captive_plan_kwh: Ints
    transfer_refused: Ints
    change_refused: Ints
    captive_rolled: Rolled
    site_rolled: Rolled
    captive: Year
    site: Year
    advances: Advances
    highest_milli: int
    captive_payment: Ints
    site_payment: Ints

    def __post_init__(self) -> None:
        freeze(self)


def settle_year(
    captives: CaptiveYearInput,
    sites: SiteYearInput,
    transfers: Transfers,
    changes: PlanChanges,
    calendar_month: Ints,
    base_milli: int,
    rules: DeviationRules,
    scaled_total_kwh: int | None = None,
) -> Settlement:
    """Settle. calendar_month (T): 1 to 12; base_milli: base price of the round; scaled_total_kwh: total that captive
    contracts are scaled to after transfers, None = they stand."""
    contract, refused = transferred(captives.award_kwh, captives.executed_kwh, transfers, calendar_month, rules)
    if scaled_total_kwh is not None:
        contract = scaled(contract, scaled_total_kwh, captives.rank)
    site_contract = scaled(sites.award_kwh, _in_proportion(sites.award_kwh, captives.award_kwh, contract), sites.rank)
    plan, change_refused = changed_plans(captives.plan_kwh, changes, rules)
    executed = captives.executed_kwh.sum(axis=1)
    captive = captive_year(captives.award_kwh, contract, executed, captives.exempt_kwh, rules)
    delivered = sites.executed_kwh.sum(axis=1)
    missing = max(int(contract.sum()) - int(executed.sum()), 0)
    site = site_year(site_contract, delivered, sites.due_kwh.sum(axis=1), missing, sites.exempt_kwh, sites.rank, rules)
    advances = settle(
        sites.opening_kwh,
        sites.due_kwh - sites.executed_kwh,
        site.default_kwh,
        sites.returned_kwh,
        calendar_month,
        rules,
    )
    price = highest_price(base_milli, np.concatenate((captives.variation_milli, sites.variation_milli)), rules)
    return Settlement(
        contract, site_contract, plan, refused, change_refused,
        roll(plan, captives.executed_kwh, rules), roll(sites.plan_kwh, sites.executed_kwh, rules),
        captive, site, advances, price,
        default_payment(captive.default_kwh, price, rules), default_payment(site.default_kwh, price, rules),
    )  # fmt: skip


def _in_proportion(site_award: Ints, captive_award: Ints, contract: Ints) -> int:
    """Total of new energy after the captive side was changed: in the same proportion, half a kWh up."""
    before, after, total = int(captive_award.sum()), int(contract.sum()), int(site_award.sum())
    return total if not before else (2 * total * after + before) // (2 * before)
