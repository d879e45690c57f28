"""Settings of the allocation coefficients of substitution trading (Xinjiang, definition 16)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Form(Enum):
    """How scores change the share of energy."""

    ADDITIVE = "additive"  # 1 + K1 + K2 + K3
    PRODUCT = "product"  # (1 + K1) (1 + K2) (1 + K3)


class PeakDirection(Enum):
    """What more peak-shaving curtailment does to K3."""

    LOWER = "lower"
    HIGHER = "higher"


class Pools(Enum):
    """What energy is allocated over."""

    ONE = "one"  # all areas
    FLEETS = "fleets"  # wind and PV by their energy, then the areas of each


@dataclass(frozen=True, slots=True)
class AllocationRules:
    """Readings of the coefficients; cuts in standard deviations from the mean."""

    form: Form = Form.ADDITIVE
    inner_cut: float = 0.2533
    outer_cut: float = 0.8416
    peak_direction: PeakDirection = PeakDirection.LOWER
    pools: Pools = Pools.ONE
