"""What a rule set holds, as dataclasses; the numbers stand in one TOML a province and version."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

Steps = tuple[tuple[float, float], ...]
"""Stepped penalty: (MW of the block, price per MWh), rising prices; the last block's MW is +inf."""


class RampSharing(Enum):
    """Which limits spinning awards share with energy (family 4)."""

    HEADROOM = "headroom"  # r+ ≤ Pmax·a − P only
    PGLIB = "pglib"  # also P_t + r+_t − P_{t−1} ≤ RU·a_{t−1} + SU·y_t


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
    """System reserves (None: no requirement unless the case states one) and how awards share ramps."""

    positive_min_mw: float | None
    positive_max_mw: float | None
    negative_min_mw: float | None
    renewable_share: float
    storage_minutes: float
    ramp_sharing: RampSharing


@dataclass(frozen=True, slots=True)
class SolveRules:
    """gap (relative) and absolute_gap (money) at which a commitment counts as optimal; rounds of the security loop."""

    gap: float
    absolute_gap: float
    security_rounds: int


@dataclass(frozen=True, slots=True)
class PriceRules:
    """floor and cap clip final prices; violation_pricing says what a violated limit does to them."""

    floor_per_mwh: float
    cap_per_mwh: float
    violation_pricing: ViolationPricing


@dataclass(frozen=True, slots=True)
class Rules:
    """A rule set with all overrides applied; digest covers every value.

    overrides: (key, value as text) pairs as they were applied, sorted by key.
    data: (key, value) of the settings that no code reads yet, sorted by key.
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
    data: tuple[tuple[str, float | int | str | tuple[str, ...] | Steps | None], ...] = ()
