"""Settings of a round of substitution trading (Xinjiang, clauses 2.4, 3.1)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class OffersPer(Enum):
    """What 'at most three' offers of a captive enterprise are counted by (3.1.2.1)."""

    ENTERPRISE = "enterprise"  # three, one a boundary
    BOUNDARY = "boundary"  # three a boundary


class Hours(Enum):
    """Hours that the limit on a site's energy is a share of (3.1.2.3, 3.1.4.3, 5.4.3)."""

    THREE_YEAR_MEAN = "three_year_mean"
    FORECAST = "forecast"
    CAPABILITY = "capability"  # energy that the site is capable of, in place of hours


class SortKey(Enum):
    """What offers of boundary 3 are sorted by (3.1.4.2)."""

    SIGNED = "signed"
    ABSOLUTE = "absolute"


class CutTies(Enum):
    """Who is cut among equal variations (3.1.4.6)."""

    PRO_RATA = "pro_rata"
    ENVIRONMENTAL_CLASS = "environmental_class"  # the worse class first, then in proportion


class Short(Enum):
    """What happens where new energy is less than the captive side (3.1.4.3)."""

    CUT = "cut"
    HOLD_AGAIN = "hold_again"


class ShareCaps(Enum):
    """Which of the shares of on-grid energy limits a site: '30 % of the year or 45 % of the period' (3.1.4.7)."""

    BOTH = "both"
    YEAR = "year"
    PERIOD = "period"
    EITHER = "either"  # the higher of the two


class SiteOffers(Enum):
    """Which offers of a site its energy falls to."""

    BEST_FIRST = "best_first"
    PRO_RATA = "pro_rata"


class Uncrossed(Enum):
    """What becomes of a pair whose buyer offers less than its seller."""

    UNTRADED = "untraded"
    VOLUMES_STAND = "volumes_stand"  # methods set prices only


class LowestPrice(Enum):
    """Price of lowest-price matching: the formula of definition 15, or its words."""

    FORMULA = "formula"  # half the sum
    WORDED = "worded"  # half the difference


class Charged(Enum):
    """Whether a part of the price is charged."""

    CHARGED = "charged"
    NOT_CHARGED = "not_charged"


@dataclass(frozen=True, slots=True)
class RoundRules:
    """Readings of a round. Shares in steps of 0.0001; energy in MWh, prices per MWh."""

    offers_per: OffersPer = OffersPer.ENTERPRISE
    captive_multiple_mwh: int = 100
    site_multiple_mwh: int = 10
    price_step_per_mwh: float = 0.1
    hours: Hours = Hours.THREE_YEAR_MEAN
    hours_share: float = 0.5
    spinning_share: float = 0.3
    fill_key: SortKey = SortKey.SIGNED
    cut_key: SortKey = SortKey.SIGNED
    cut_ties: CutTies = CutTies.PRO_RATA
    short: Short = Short.CUT
    short_of_boundaries: Short = Short.HOLD_AGAIN
    share_caps: ShareCaps = ShareCaps.BOTH
    year_share: float = 0.3
    period_share: float = 0.45
    site_offers: SiteOffers = SiteOffers.BEST_FIRST
    uncrossed: Uncrossed = Uncrossed.UNTRADED
    lowest_price: LowestPrice = LowestPrice.FORMULA
    transmission_fee: Charged = Charged.CHARGED
    losses: Charged = Charged.NOT_CHARGED
