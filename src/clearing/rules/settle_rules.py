"""Settings of statements: form of the energy settlement, compensation, and who shares what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Form(Enum):
    """How energy, contracts and day-ahead are put together; see `settlement/energy.py`."""

    TWO_SETTLEMENT = "two_settlement"  # contracts delivered, deviations at day-ahead and real-time prices
    FULL_ENERGY = "full_energy"  # all energy at market prices, contracts for difference


class ShareBy(Enum):
    """What a surplus or cost is shared in proportion to."""

    CAPACITY = "capacity"
    TRADED_ENERGY = "traded_energy"  # contracts, day-ahead and real time
    SPOT_ENERGY = "spot_energy"  # day-ahead and real time beyond contracts
    USED_ENERGY = "used_energy"  # metered and withdrawn
    METERED_ENERGY = "metered_energy"  # metered, injected or withdrawn
    CARRIED = "carried"  # not at all: it stays in the balance


class CongestionShare(Enum):
    """The same, with transmission rights."""

    CAPACITY = "capacity"
    TRADED_ENERGY = "traded_energy"
    SPOT_ENERGY = "spot_energy"
    USED_ENERGY = "used_energy"
    METERED_ENERGY = "metered_energy"
    TRANSMISSION_RIGHTS = "transmission_rights"
    CARRIED = "carried"


class PenaltyTo(Enum):
    """Who shares penalties."""

    NOT_ASSESSED = "not_assessed"  # those with no assessment in the cycle, by metered energy
    REWARDED = "rewarded"  # by the weight given


class OpportunityScope(Enum):
    """Whose opportunity cost is compensated."""

    LISTED = "listed"  # whoever the request lists
    GENERATION = "generation"  # of those, generation companies alone


class StartPaid(Enum):
    """Which starts are compensated."""

    NONE = "none"
    SHORT_RUN = "short_run"  # the run after it lasted less than start_limit_hours
    SHORT_STOP = "short_stop"  # the stop before it lasted at most start_limit_hours


class ObligationBase(Enum):
    """What capacity is paid for."""

    PURCHASED = "purchased"  # capacity bought
    LOAD = "load"  # the obligation from historic load


@dataclass(frozen=True, slots=True)
class ContractRules:
    """h of what is gained by contracting too little or too much, of participants dispatched by the province and of
    local ones (None: not paid back); shares of metered energy within which contracts may lie. contract_energy_factor:
    how many times its energy a contract counts in settlement."""

    contract_energy_factor: float = 1.0
    contract_recovery: float | None = None
    contract_recovery_local: float | None = None
    generation_contract_share_most: float = 1.1
    generation_contract_share_least: float = 0.8
    user_contract_share_most: float = 1.1
    user_contract_share_least: float = 0.8


@dataclass(frozen=True, slots=True)
class RetailRules:
    """Retail packages: risk_share above the mean price of a kind that is said (None: never), ranges of the terms of
    assessment and termination, and what a termination costs at least and at most, money (None: no limit)."""

    risk_share: float | None = None
    assessment_share_least: float = 0.0
    assessment_share_most: float = 1.0
    termination_share_least: float = 0.0
    termination_share_most: float = 1.0
    termination_least: float = 0.0
    termination_most: float | None = None


@dataclass(frozen=True, slots=True)
class SettleRules:
    """generation_share of a cost: part of it that the generation side bears; `…_by`: in proportion to."""

    form: Form = Form.TWO_SETTLEMENT
    congestion_share: CongestionShare = CongestionShare.CARRIED
    rights_rest: ShareBy = ShareBy.CARRIED
    loss_share: ShareBy = ShareBy.CARRIED
    imbalance_share: ShareBy = ShareBy.CARRIED
    ancillary_share: ShareBy = ShareBy.METERED_ENERGY
    ancillary_generation_share: float = 0.0
    demand_response_share: ShareBy = ShareBy.METERED_ENERGY
    demand_response_generation_share: float = 0.0
    compensation_share: ShareBy = ShareBy.USED_ENERGY
    penalty_to: PenaltyTo = PenaltyTo.NOT_ASSESSED
    fee_balance_share: ShareBy = ShareBy.CARRIED
    ahead_compensation: str = "paid"
    real_compensation: str = "paid"
    ahead_compensation_counts: str = "yes"
    opportunity_cost: str = "paid"
    opportunity_scope: OpportunityScope = OpportunityScope.LISTED
    opportunity_least_response: float = 0.0
    start_paid: StartPaid = StartPaid.NONE
    start_limit_hours: float = 72.0
    must_run: str = "none"
    deviation_recovery: str = "charged"
    obligation_share: float = 1.0
    obligation_base: ObligationBase = ObligationBase.PURCHASED
