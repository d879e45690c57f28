"""Deviation charges of Fujian: class C in real time (both versions), and article 61 while it is in force.

    R = Σ_ij (Q_actual − Q_contract) · P_ij                                   class C, by settlement unit i and period j

    market participant, positive   2024: approved price; 2025-4: min(approved price, auction price of period j;
                                   where the period has none the mean of the latest auction)
    market participant, negative   the unit's own contract mean of period j
    priority-guaranteed            both signs at the approved price
    emergency, commissioning       by their own documents: a price the caller gives

Approved price: without subsidy. Article 61 (2024): deviation energy = Σ |plan − actual| · dt (a reading: the sign is
not stated), rate = deviation / actual energy of the billing cycle; above 2 % the whole deviation energy · γ1 ·
agent-purchase price; paid to those who regulate in the same period by their mileage. 2025-4 deletes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from clearing.case.arrays import Bools, Floats, Ints, freeze
from clearing.rules.market_choices import ClassC
from clearing.rules.market_rules import DeviationRules


class KindC(IntEnum):
    """What a settlement unit of class C is."""

    MARKET = 1
    GUARANTEED = 2
    BY_DOCUMENT = 3


@dataclass(frozen=True, slots=True)
class ClassCUnits:
    """U settlement units, J periods of the month or day.

    kind (U)                      KindC
    actual_mwh, contract_mwh (U, J)
    approved_per_mwh (U)          approved on-grid price without subsidy
    contract_mean_per_mwh (U, J)  mean price of the unit's contracts of the period
    document_per_mwh (U)          price by documents; read for BY_DOCUMENT only
    """

    kind: Ints
    actual_mwh: Floats
    contract_mwh: Floats
    approved_per_mwh: Floats
    contract_mean_per_mwh: Floats
    document_per_mwh: Floats

    def __post_init__(self) -> None:
        freeze(self)


def class_c_price(units: ClassCUnits, auction_per_mwh: Floats, latest_auction_mean: float, rules: ClassC) -> Floats:
    """Deviation price (U, J). auction_per_mwh (J): the month's central auction, NaN where a period has no price."""
    approved = np.broadcast_to(units.approved_per_mwh[:, None], units.actual_mwh.shape)
    positive = approved
    if rules is ClassC.LOWER_OF_AUCTION:
        auction = np.where(np.isnan(auction_per_mwh), latest_auction_mean, auction_per_mwh)
        positive = np.minimum(approved, auction)
    of_market = np.where(units.actual_mwh >= units.contract_mwh, positive, units.contract_mean_per_mwh)
    kind = units.kind[:, None]
    price = np.where(kind == KindC.MARKET, of_market, approved)
    return np.asarray(np.where(kind == KindC.BY_DOCUMENT, units.document_per_mwh[:, None], price))


def class_c_charge(
    units: ClassCUnits, auction_per_mwh: Floats, latest_auction_mean: float, rules: DeviationRules
) -> Floats:
    """R of every unit and period (U, J), money the unit gets (negative: pays); 0 where the rules have no class C."""
    if rules.class_c is ClassC.NONE:
        return np.zeros(units.actual_mwh.shape)
    price = class_c_price(units, auction_per_mwh, latest_auction_mean, rules.class_c)
    return np.asarray((units.actual_mwh - units.contract_mwh) * price)


def article_61(
    plan_mw: Floats, actual_mw: Floats, exempt: Bools, hours: float, agent_price: float, rules: DeviationRules
) -> Floats:
    """Charge (U, J) of article 61 over a billing cycle by the period it arises in, money; 0 where it is deleted.

    plan_mw, actual_mw (U, J); exempt (U, J): periods that are excused (hydro by upstream or grid, agreed temperature
    effects of nuclear and gas, cases of the two rules); agent_price: what grid companies pay as agents, money per MWh.
    """
    if rules.article_61 != "in_force":
        return np.zeros(plan_mw.shape)
    by_period = np.abs(plan_mw - actual_mw) * ~exempt * hours
    deviation, energy = by_period.sum(axis=1), actual_mw.sum(axis=1) * hours
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(energy > 0.0, deviation / energy, np.where(deviation > 0.0, np.inf, 0.0))
    charged = rate > rules.article_61_rate
    return np.where(charged[:, None], rules.article_61_factor * by_period * agent_price, 0.0)


def regulation_reward(charge: Floats, mileage: Floats) -> Floats:
    """Reward (V, J) of those who regulate: charges of a period (J) by their mileage (V, J); 0 without mileage."""
    total = mileage.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(total > 0.0, mileage / total, 0.0)
    return np.asarray(share * charge)
