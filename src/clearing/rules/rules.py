"""What a rule set holds, as dataclasses; the numbers stand in one TOML a province and version."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum

from clearing.rules.market_rules import MarketRules

Steps = tuple[tuple[float, float], ...]
"""Stepped penalty: (MW of the block, price per MWh), rising prices; the last block's MW is +inf."""


class RampSharing(Enum):
    """Which limits spinning awards share with energy (family 4)."""

    HEADROOM = "headroom"  # r+ ≤ Pmax·a − P only
    PGLIB = "pglib"  # also P_t + r+_t − P_{t−1} ≤ RU·a_{t−1} + SU·y_t


class HeldIn(Enum):
    """Where a limit of the positive reserve holds (family 2)."""

    COMMITMENT = "commitment"  # SCUC only
    DISPATCH = "commitment_and_dispatch"  # SCED and pricing run of the day-ahead too


class StateJudged(Enum):
    """When it is judged how cold a unit starts, for its lead time (family 13)."""

    CLOCK = "clock"  # at the reference clock
    SYNC = "sync"  # at synchronisation


class MinUpFrom(Enum):
    """What the min up time of a unit with a start-up curve counts from (family 12)."""

    SYNC = "sync"  # from synchronisation: the curve counts
    P_MIN = "p_min"  # from the first period at p_min


class LossModel(Enum):
    """How losses of alternating-current branches enter the balance."""

    NONE = "none"  # not at all
    MARGINAL = "marginal"  # DC losses about the operating point, corrected until they settle
    GIVEN = "given"  # loss factors of buses as the case states them; the load holds the losses


class RealTimeMinimum(Enum):
    """What a unit at its least output is in the pricing run of real time."""

    HELD = "held"  # frozen: it cannot set the price
    FREE = "free"  # as in the day-ahead


class ViolationPricing(Enum):
    """What a violated limit does to prices."""

    PENALTY = "penalty"
    RELAX_AND_RERUN = "relax_and_rerun"


@dataclass(frozen=True, slots=True)
class Penalties:
    """Money per MWh of violation, stepped, one table for each soft family.

    joint_limit: output of unit groups (MW), energy windows and storage cycles (MWh, whatever the length of a period);
    group_on: units on line too many or too few, money per unit and hour.
    """

    shortage: Steps
    surplus: Steps
    branch: Steps
    interface: Steps
    product: Steps
    system_reserve: Steps
    joint_limit: Steps = ((float("inf"), 2e5),)
    group_on: Steps = ((float("inf"), 1e6),)


@dataclass(frozen=True, slots=True)
class OfferRules:
    """Shape and limits of offers: at most max_segments blocks, prices within [floor, cap] per MWh."""

    max_segments: int
    floor_per_mwh: float
    cap_per_mwh: float


@dataclass(frozen=True, slots=True)
class ReserveRules:
    """System reserves (None: no requirement unless the case states one) and how awards share ramps.

    positive_max_in: a dispatch chooses output, and with it the room of units on line, so it can be held to the limit.
    positive_min_in: it chooses what stores hold, which counts in the least reserve, so it can be held to that, too.
    """

    positive_min_mw: float | None
    positive_max_mw: float | None
    negative_min_mw: float | None
    renewable_share: float
    storage_minutes: float
    ramp_sharing: RampSharing
    positive_max_in: HeldIn = HeldIn.COMMITMENT
    positive_min_in: HeldIn = HeldIn.COMMITMENT


@dataclass(frozen=True, slots=True)
class SolveRules:
    """gap (relative) and absolute_gap (money) at which a commitment counts as optimal; rounds of the security loop.

    security_rows: most rows that a round adds for limits after contingencies, the most broken ones first.
    """

    gap: float
    absolute_gap: float
    security_rounds: int
    security_rows: int = 2000


@dataclass(frozen=True, slots=True)
class PriceRules:
    """floor and cap clip final prices; violation_pricing says what a violated limit does to them.

    decimals: digits behind the point of settlement prices. real_time_minimum: units at p_min in real time.
    minimum_held: these rules are those of a real-time run whose units at p_min may not set the price.
    """

    floor_per_mwh: float
    cap_per_mwh: float
    violation_pricing: ViolationPricing
    decimals: int
    real_time_minimum: RealTimeMinimum = RealTimeMinimum.HELD
    minimum_held: bool = False


@dataclass(frozen=True, slots=True)
class StartRules:
    """Starts and stops (families 11 to 13).

    penalty                         money a start or stop too many, stepped by their number (not MW)
    start_spacing_minutes           least time between two starts at one plant, 0 = no limit
    stop_spacing_minutes            the same of stops
    switching_minutes               least time on of a unit that a plant starts on a day it stops another, 0 = no limit
    lead_clock_minute               clock that lead times count from, minutes from 00:00 of the operating day
    lead_hot, _warm, _cold_minutes  lead time by state, None = none
    judged                          when the state is judged
    min_up_from                     where the min up time of a unit with a start-up curve begins
    """

    penalty: Steps = ((float("inf"), 1e6),)
    start_spacing_minutes: int = 0
    stop_spacing_minutes: int = 0
    switching_minutes: int = 0
    lead_clock_minute: int = 0
    lead_hot_minutes: float | None = None
    lead_warm_minutes: float | None = None
    lead_cold_minutes: float | None = None
    judged: StateJudged = StateJudged.CLOCK
    min_up_from: MinUpFrom = MinUpFrom.P_MIN


@dataclass(frozen=True, slots=True)
class PumpedRules:
    """market_share of units that state none; system_reserve_mw: most of the rest that counts as positive system reserve
    (None: all of it)."""

    market_share: float = 1.0
    system_reserve_mw: float | None = None


@dataclass(frozen=True, slots=True)
class LossRules:
    """model; max_rounds of the correction loop; tolerance_mw: how far the losses of an island and period may lie from
    those of its flows."""

    model: LossModel = LossModel.NONE
    max_rounds: int = 20
    tolerance_mw: float = 1e-3


@dataclass(frozen=True, slots=True)
class Rules:
    """A rule set with all overrides applied; digest covers every value.

    overrides: (key, value as text) pairs as they were applied, sorted by key.
    data: (key, value) of the settings that no code reads yet, sorted by key.
    market: offers judged, market power, price limits, deviation charges. clauses: (key, clause) of every setting.
    """

    name: str
    version: str
    digest: str
    overrides: tuple[tuple[str, str], ...]
    solve: SolveRules
    clearing_penalties: Penalties
    pricing_penalties: Penalties
    offers: OfferRules
    reserves: ReserveRules
    prices: PriceRules
    data: tuple[tuple[str, float | int | str | tuple[str, ...] | tuple[float, ...] | Steps | None], ...] = ()
    starts: StartRules = StartRules()
    pumped: PumpedRules = PumpedRules()
    losses: LossRules = LossRules()
    market: MarketRules = field(default_factory=MarketRules)
    clauses: tuple[tuple[str, str], ...] = ()

    def clause(self, key: str) -> str:
        """Where the value of a setting comes from; '' where the rule set does not say."""
        return dict(self.clauses).get(key, "")


def of_real_time(rules: Rules) -> Rules:
    """The rules as they hold for a real-time interval: limits of the positive reserve are of the day-ahead."""
    held = rules.prices.real_time_minimum is RealTimeMinimum.HELD
    reserves = replace(rules.reserves, positive_max_in=HeldIn.COMMITMENT, positive_min_in=HeldIn.COMMITMENT)
    return replace(rules, prices=replace(rules.prices, minimum_held=held), reserves=reserves)
