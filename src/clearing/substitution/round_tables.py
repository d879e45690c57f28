"""Tables of a round of substitution trading (Xinjiang, clause 3.1): energy in kWh, prices in thousandths per MWh."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from clearing.case.arrays import Ints, freeze

ALL = -1
"""Area, fleet or month of a captive limit that holds for all of them; energy that is not given."""


class Period(IntEnum):
    """Period of a round (1.6.1)."""

    YEAR = 1
    SEASON = 2
    MONTH = 3


class Method(IntEnum):
    """How a round is cleared (3.1.3.2, definitions 4, 13 to 15)."""

    MARGINAL = 1
    HIGH_LOW = 2
    LOWEST_PRICE = 3
    LISTING = 4


class PriceMode(IntEnum):
    """Prices to the parties (2.4.2)."""

    FORWARD = 1
    TRANSMISSION = 2


class Admission(IntEnum):
    """Whether a party may trade, and why not."""

    UNSPECIFIED = 0
    ADMITTED = 1
    NO_LICENCE = 2
    NOT_COMMERCIAL = 3
    DC_EXPORT = 4
    DISTRIBUTED = 5
    COMPREHENSIVE_UTILISATION = 6
    BACK_PRESSURE = 7
    NOT_MATCHED_TO_LOAD = 8
    FULL_PURCHASE = 9
    BARRED = 10
    NOT_REGISTERED = 11


@dataclass(frozen=True, slots=True)
class Terms:
    """What the announcement fixes. captive_range, site_range: least and greatest variation, None = no limit.

    cycle_ms: length of a submission cycle of a listing from opens_ms on; 0 = every time stamp is its own.
    month_minutes (T)
    """

    period: Period
    method: Method
    price_mode: PriceMode
    months: int
    target_kwh: int
    base_milli: int
    captive_range: tuple[int | None, int | None]
    site_range: tuple[int | None, int | None]
    opens_ms: int
    gate_ms: int
    cycle_ms: int
    listed_milli: int
    month_minutes: Ints


@dataclass(frozen=True, slots=True)
class CaptiveParties:
    """Captive enterprises (C): rows of their area and fleet; capacity_kw and take_kwh may be ALL (not given)."""

    area: Ints
    fleet: Ints
    admission: Ints
    capacity_kw: Ints
    take_kwh: Ints
    environmental_class: Ints
    catalogue_milli: Ints
    transmission_milli: Ints
    funds_milli: Ints
    losses_milli: Ints

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class CaptiveOffers:
    """Offers of captive enterprises (n). month_kwh (n, T): the split; rank: place of the id among all ids."""

    party: Ints
    boundary: Ints
    variation_milli: Ints
    energy_kwh: Ints
    month_kwh: Ints
    submitted_ms: Ints
    rank: Ints

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class CaptiveLimits:
    """Most energy of the captive plants of an area and a fleet in a month (k); ALL in each of the three."""

    area: Ints
    fleet: Ints
    month: Ints
    most_kwh: Ints

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Areas:
    """Areas of new energy (A): fleet 1 = wind, 2 = PV; energy_kwh W, incl. base, export and direct trade.

    most_kwh (A, T): what the network takes of substitution energy, ALL = no limit; hours_milli (A): of the period.
    """

    fleet: Ints
    capacity_kw: Ints
    energy_kwh: Ints
    capability_kwh: Ints
    network_kwh: Ints
    peak_kwh: Ints
    previous_peak_kwh: Ints
    hours_milli: Ints
    forecast_hours_milli: Ints
    most_kwh: Ints
    rank: Ints

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class SiteParties:
    """New-energy sites (S); capability_kwh, year_kwh and period_kwh of expected on-grid energy may be ALL."""

    area: Ints
    admission: Ints
    capacity_kw: Ints
    capability_kwh: Ints
    year_kwh: Ints
    period_kwh: Ints
    approved_milli: Ints
    on_grid_milli: Ints
    rank: Ints

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class SiteOffers:
    """Offers of new-energy sites (m)."""

    party: Ints
    variation_milli: Ints
    energy_kwh: Ints
    submitted_ms: Ints
    rank: Ints

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Round:
    """A round as it was submitted."""

    terms: Terms
    captives: CaptiveParties
    captive_offers: CaptiveOffers
    limits: CaptiveLimits
    areas: Areas
    sites: SiteParties
    site_offers: SiteOffers
