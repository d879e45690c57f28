"""Choices among the settings of offers judged, market power, price limits and deviation charges."""

from __future__ import annotations

from enum import Enum


class FirstPoint(Enum):
    """Where the first declared output point of a committed unit may lie."""

    ANY = "any"
    P_MIN = "p_min"  # the block from 0 MW ends at or below p_min: the curve that is offered begins there


class LastPoint(Enum):
    """Where the last declared output point must lie."""

    ANY = "any"  # wherever it covers the greatest output
    RATING = "rating"  # at the rated capacity


class InBetween(Enum):
    """Class of a unit whose rating lies between two classes."""

    NEAREST = "nearest"
    LOWER = "lower"
    UPPER = "upper"


class ConductMethod(Enum):
    """What an offer is held against, and what replaces it."""

    NONE = "none"
    PRESUPERVISION = "presupervision"  # above π_YL × cost → π_RY × cost
    METHOD_1 = "method_1"  # above (1 + ε) × cost → (1 + ε) × cost
    METHOD_2 = "method_2"  # above (1 + ε) × cost → offer × (1 − M_p) a round
    CLASS_PRICE = "class_price"  # above the test price of the unit's class → that price
    PAST_PRICES = "past_prices"  # above K · max{mean of past daily highest prices, cost} → that, at least cost (Hunan)
    COAL_BENCHMARK = "coal_benchmark"  # above coal price · t/MWh · p → that, where the mean price is too high (Shaanxi)


class PresupervisionBasis(Enum):
    """How π of the pre-supervision is read."""

    MULTIPLE = "multiple"  # π · cost
    ONE_PLUS = "one_plus"  # (1 + π) · cost


class Scope(Enum):
    """Whose offers are tested."""

    ALL = "all"
    FAILING = "failing"  # owners that fail a test of structure
    FAILING_PERIODS = "failing_periods"  # the same, in the periods alone in which they fail it


class StructureDemand(Enum):
    """Demand that supply is held against."""

    LOAD = "load"  # load less ties
    LOAD_AND_RESERVE = "load_and_reserve"  # and the greatest positive reserve requirement
    NET_OF_RENEWABLES = (
        "net_of_renewables"  # the same less the forecasts of renewables, which are then no supply either
    )


class ExcessBasis(Enum):
    """What profit in excess is measured against."""

    REFERENCE_COST = "reference_cost"  # price − (1 + ε) · cost
    MITIGATED_PRICE = "mitigated_price"  # price − price of the clearing with replaced offers
    REFERENCE_PRICE = "reference_price"  # price − reference of the day made of coal (Shaanxi)


class SupplyRatio(Enum):
    """Ratio of supply to demand that chooses the factors of a benchmark."""

    DAY = "day"  # Σ supply / Σ demand over the day
    TIGHTEST = "tightest"  # the least of a period


class StopAt(Enum):
    """Mean price at which replacement by the coal benchmark stops."""

    BENCHMARK = "benchmark"  # the benchmark itself
    ALLOWED = "allowed"  # what the mean may be: benchmark · f


class SecondaryLimit(Enum):
    """Mean price that the secondary limit holds down."""

    NONE = "none"
    HOURLY_MEAN = "hourly_mean"  # arithmetic mean of the 24 hourly weighted means (Fujian 2024)
    ENERGY_WEIGHTED = "energy_weighted"  # Σ Q·P / Σ Q over sources in scope and 96 periods (Fujian 2025-4)


class NegativePrices(Enum):
    """What scaling does to prices below zero."""

    SCALE = "scale"  # scaled like the others
    KEEP = "keep"  # left; the positive ones carry the whole reduction


class CounterReset(Enum):
    """When the count of days above the limit begins anew."""

    MONTH = "month"
    NEVER = "never"


class ClassC(Enum):
    """Price of the positive deviation of market participants of class C."""

    NONE = "none"
    APPROVED = "approved"  # approved on-grid price without subsidy (Fujian 2024)
    LOWER_OF_AUCTION = "lower_of_auction"  # min of it and the month's auction price of the period (Fujian 2025-4)
