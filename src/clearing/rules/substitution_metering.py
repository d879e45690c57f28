"""Settings of substitution trading after the round: what is metered, what deviates (Xinjiang, clauses 6.3–7, 9.5,
9.6)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class P1(Enum):
    """P1 of M1, printed as 'power adjustment value'."""

    LOAD_BEFORE = "load_before"  # take-off load before the adjustment: M1 is the increase
    ADJUSTMENT = "adjustment"  # the literal words


class SeveralUnits(Enum):
    """What a window of an enterprise with several units counts before its deductions (boundaries 2 and 3)."""

    READING = "reading"  # the meter
    LOAD = "load"  # shaving load · time, at most the meter ('that is', 9.5.1.5)


class DeductionOrder(Enum):
    """Which part of a site's energy the substitution ratio is taken of (9.5.2.1); announced with the round."""

    SUBSTITUTION_FIRST = "substitution_first"  # of all on-grid energy
    OTHER_MARKET_FIRST = "other_market_first"  # of what direct trade and export leave


class Insufficient(Enum):
    """Who is served where a site's energy does not cover all its contracts."""

    MARKET_FIRST = "market_first"  # direct trade, export, then substitution (9.5.1.2)
    BY_ORDER = "by_order"  # in the order of deduction


class DeviationBase(Enum):
    """Energy that the shares of the year are taken of."""

    CONTRACT = "contract"  # award after transfers and adjustments
    AWARD = "award"  # award of the round


class AfterAdjustment(Enum):
    """What of a shortfall is default once the end of October has passed."""

    TOLERANCE = "tolerance"  # the part beyond the limit (7.2.1.1, 9.6.1.1)
    ALL = "all"  # all that was not executed (6.4.1)


class CaptiveCaused(Enum):
    """How the deviation that captive plants cause is taken out of a site's (7.2.2.2)."""

    BY_DUE = "by_due"  # a site is held to what was allocated to it of the energy captive plants took
    BY_CONTRACT = "by_contract"  # the captive plants' shortfall is shared over sites by contract


class ReturnIn(Enum):
    """When new energy gives advanced energy back."""

    NEXT_MONTH = "next_month"
    NEXT_FIRST_QUARTER = "next_first_quarter"


class HighestPrice(Enum):
    """The highest traded price a default payment is a share of."""

    BASE_PLUS_VARIATION = "base_plus_variation"
    VARIATION = "variation"


class RollTo(Enum):
    """Where a month's deviation goes."""

    NEXT_MONTH = "next_month"
    REMAINING_MONTHS = "remaining_months"  # in proportion to their plans


@dataclass(frozen=True, slots=True)
class MeteringRules:
    """Readings of the monthly metering. few_units: enterprises with at most so many count by capacity."""

    p1: P1 = P1.LOAD_BEFORE
    several_units: SeveralUnits = SeveralUnits.READING
    few_units: int = 2
    deduction_order: DeductionOrder = DeductionOrder.SUBSTITUTION_FIRST
    insufficient: Insufficient = Insufficient.MARKET_FIRST


@dataclass(frozen=True, slots=True)
class DeviationRules:
    """Thresholds as shares of energy; last month of transfers (1 to 12), last day of a month for plan changes."""

    month_share: float = 0.10
    roll_to: RollTo = RollTo.NEXT_MONTH
    captive_target: float = 0.03
    captive_limit: float = 0.05
    captive_base: DeviationBase = DeviationBase.CONTRACT
    after_adjustment: AfterAdjustment = AfterAdjustment.TOLERANCE
    captive_caused: CaptiveCaused = CaptiveCaused.BY_DUE
    new_energy_limit: float = 0.15
    return_in: ReturnIn = ReturnIn.NEXT_FIRST_QUARTER
    payment_share: float = 0.10
    highest_price: HighestPrice = HighestPrice.BASE_PLUS_VARIATION
    transfer_last_month: int = 10
    plan_change_last_day: int = 20
