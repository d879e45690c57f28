"""Settings of offers judged, market power, approved cost, price limits and deviation charges, as dataclasses.

A field `x` of the class that `SECTIONS` puts at `a.b` is the setting `a.b.x`; `build` fills a class from values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any, TypeVar, get_type_hints

from clearing.rules import substitution_metering as substitution
from clearing.rules.entry_rules import EntryRules
from clearing.rules.market_choices import (
    ClassC,
    CounterReset,
    FirstPoint,
    InBetween,
    LastPoint,
    NegativePrices,
    SecondaryLimit,
)
from clearing.rules.position_rules import CHANNELS, DayRatios, OrderSteps, PositionRules
from clearing.rules.power_rules import (
    AfterRules,
    ApprovedCostRules,
    BenchmarkRules,
    ConductRules,
    MitigationRules,
    StructureRules,
)
from clearing.rules.settle_rules import ContractRules, RetailRules, SettleRules
from clearing.rules.substitution_allocation import AllocationRules
from clearing.rules.substitution_round import RoundRules


@dataclass(frozen=True, slots=True)
class ClassBounds:
    """Bounds of a size class on what a unit may declare; None = none. Minutes; money a start; money an hour."""

    min_up_most_minutes: float | None = None
    min_down_least_minutes: float | None = None
    min_down_most_minutes: float | None = None
    start_cost_hot_least: float | None = None
    start_cost_hot_most: float | None = None
    start_cost_warm_least: float | None = None
    start_cost_warm_most: float | None = None
    start_cost_cold_least: float | None = None
    start_cost_cold_most: float | None = None
    no_load_least_per_hour: float | None = None
    no_load_most_per_hour: float | None = None
    test_price_per_mwh: float | None = None


CLASSES_MW = (300.0, 600.0, 1000.0)
"""Size classes of thermal units; a smaller unit belongs to the first, a larger one to the last."""


@dataclass(frozen=True, slots=True)
class ClassRules:
    """in_between: class of a rating between two; fuels: names of the fuels that have classes; bounds by class."""

    in_between: InBetween = InBetween.NEAREST
    fuels: tuple[str, ...] = ()
    bounds: tuple[ClassBounds, ...] = (ClassBounds(), ClassBounds(), ClassBounds())


@dataclass(frozen=True, slots=True)
class UnitOfferRules:
    """Shape of a committed unit's offers; 0 = no such rule.

    A length is that of a block beyond the first (which reaches from 0 MW to the first output point): at least
    max{least_block_share · (p_max − p_min), least_block_mw}. Output points are multiples of output_point_unit_mw,
    prices of price_unit_per_mwh. start_cost_order: cold ≥ warm ≥ hot is a rule, not only worth a look.
    least_ramp_share: MW a minute as a share of the rating.
    """

    min_segments: int = 1
    least_block_share: float = 0.0
    least_block_mw: float = 0.0
    output_point_unit_mw: float = 0.0
    price_unit_per_mwh: float = 0.0
    first_point: FirstPoint = FirstPoint.ANY
    last_point: LastPoint = LastPoint.ANY
    start_cost_order: str = "free"
    least_ramp_share: float = 0.0


@dataclass(frozen=True, slots=True)
class SiteOfferRules:
    """Shape of offers of new-energy sites and virtual generation; 0 = no such rule.

    by_project: a project (a 220 kV aggregate) offers once ('required').
    """

    max_segments: int = 1000
    least_block_mw: float = 0.0
    output_point_unit_mw: float = 0.0
    last_point: LastPoint = LastPoint.ANY
    by_project: str = "free"
    aggregate_most_kv: float = 0.0


@dataclass(frozen=True, slots=True)
class HeatRules:
    """Declared heat: share it may deviate from the metered, and the unit it is a multiple of (0 = no rule)."""

    declared_deviation_limit: float | None = None
    declaration_unit_gj_per_hour: float = 0.0


@dataclass(frozen=True, slots=True)
class StateRules:
    """When a unit of a fuel is warm and cold, minutes off; None = no rule. boundary: the state that owns the minute."""

    warm_after_minutes: float | None = None
    warm_boundary: str = "warm"
    cold_after_minutes: float | None = None
    cold_boundary: str = "warm"


@dataclass(frozen=True, slots=True)
class SpeedRules:
    """Range of the requirement of regulation speed, MW a minute; None = no rule."""

    speed_min_mw_per_minute: float | None = None
    speed_max_mw_per_minute: float | None = None


@dataclass(frozen=True, slots=True)
class SecondaryRules:
    """Secondary price limit: mean that triggers it, β by step, days N that step it (0: it never steps).

    effective_days: days from the N-th day above until the next step holds, 1 = the next day; class_weights: of the test
    prices of the three classes in the last step.
    """

    mean: SecondaryLimit = SecondaryLimit.NONE
    beta_first: float = 1.05
    beta_after: float = 1.0
    days: int = 0
    effective_days: int = 1
    class_weights: tuple[float, ...] = (1.0, 1.0, 1.0)
    negative_prices: NegativePrices = NegativePrices.SCALE
    counter_reset: CounterReset = CounterReset.MONTH
    in_scope: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeviationRules:
    """Deviation charges: class C, and article 61 (in_force, least rate that is charged, factor γ1)."""

    class_c: ClassC = ClassC.NONE
    article_61: str = "deleted"
    article_61_rate: float = 0.02
    article_61_factor: float = 1.0


@dataclass(frozen=True, slots=True)
class ProductLimits:
    """Limits of a kind of reserve product, money per MW and hour; None = none. Offers outside are refused, prices are
    clipped to theirs."""

    offer_floor_per_mw_hour: float | None = None
    offer_cap_per_mw_hour: float | None = None
    price_floor_per_mw_hour: float | None = None
    price_cap_per_mw_hour: float | None = None


PRODUCTS = ("spinning", "regulation", "flexible_ramping", "non_spinning")
"""Kinds of reserve products in the order of their numbers, from 1."""


@dataclass(frozen=True, slots=True)
class SettlementRules:
    """Recovery of gains from declared deviations: F_B of renewables, λ of users and of load units of virtual power
    plants (None: nothing is recovered), kinds that it does not reach."""

    renewable_deviation_recovery: float = 0.0
    user_declared_deviation_limit: float | None = None
    vpp_load_declared_deviation_limit: float | None = None
    deviation_exempt: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MarketRules:
    """All of them."""

    unit_offers: UnitOfferRules = field(default_factory=UnitOfferRules)
    site_offers: SiteOfferRules = field(default_factory=SiteOfferRules)
    heat: HeatRules = field(default_factory=HeatRules)
    classes: ClassRules = field(default_factory=ClassRules)
    coal_states: StateRules = field(default_factory=StateRules)
    gas_states: StateRules = field(default_factory=StateRules)
    regulation: SpeedRules = field(default_factory=SpeedRules)
    structure: StructureRules = field(default_factory=StructureRules)
    conduct: ConductRules = field(default_factory=ConductRules)
    benchmark: BenchmarkRules = field(default_factory=BenchmarkRules)
    mitigation: MitigationRules = field(default_factory=MitigationRules)
    after: AfterRules = field(default_factory=AfterRules)
    approved_cost: ApprovedCostRules = field(default_factory=ApprovedCostRules)
    secondary: SecondaryRules = field(default_factory=SecondaryRules)
    deviation: DeviationRules = field(default_factory=DeviationRules)
    settlement: SettlementRules = field(default_factory=SettlementRules)
    settle: SettleRules = field(default_factory=SettleRules)
    contracts: ContractRules = field(default_factory=ContractRules)
    retail: RetailRules = field(default_factory=RetailRules)
    substitution_round: RoundRules = field(default_factory=RoundRules)
    substitution_allocation: AllocationRules = field(default_factory=AllocationRules)
    substitution_metering: substitution.MeteringRules = field(default_factory=substitution.MeteringRules)
    substitution_deviation: substitution.DeviationRules = field(default_factory=substitution.DeviationRules)
    entry: EntryRules = field(default_factory=EntryRules)
    positions: PositionRules = field(default_factory=PositionRules)
    day_ratios: DayRatios = field(default_factory=DayRatios)
    order_steps: tuple[OrderSteps, ...] = (OrderSteps(),) * len(CHANNELS)
    products: tuple[ProductLimits, ...] = (ProductLimits(),) * len(PRODUCTS)


SECTIONS: dict[str, tuple[str, type]] = {
    "unit_offers": ("offers", UnitOfferRules),
    "site_offers": ("site_offers", SiteOfferRules),
    "heat": ("heat", HeatRules),
    "coal_states": ("startup.state.coal", StateRules),
    "gas_states": ("startup.state.gas", StateRules),
    "regulation": ("regulation", SpeedRules),
    "structure": ("market_power.structure", StructureRules),
    "conduct": ("market_power.conduct", ConductRules),
    "benchmark": ("market_power.benchmark", BenchmarkRules),
    "mitigation": ("market_power.mitigation", MitigationRules),
    "after": ("market_power.after", AfterRules),
    "approved_cost": ("approved_cost", ApprovedCostRules),
    "secondary": ("secondary_limit", SecondaryRules),
    "deviation": ("deviation", DeviationRules),
    "settlement": ("settlement", SettlementRules),
    "settle": ("settlement", SettleRules),
    "contracts": ("settlement", ContractRules),
    "entry": ("entry", EntryRules),
    "retail": ("settlement.retail", RetailRules),
    "positions": ("positions", PositionRules),
    "day_ratios": ("positions.day_ratio", DayRatios),
    "substitution_round": ("substitution.round", RoundRules),
    "substitution_allocation": ("substitution.allocation", AllocationRules),
    "substitution_metering": ("substitution.metering", substitution.MeteringRules),
    "substitution_deviation": ("substitution.deviation", substitution.DeviationRules),
}
"""Field of MarketRules → where its settings stand, and their class."""

D = TypeVar("D")


def build(kind: type[D], prefix: str, values: Mapping[str, Any]) -> D:
    """A dataclass from the settings below a prefix; words become members of their enum."""
    hints = get_type_hints(kind)
    found = {}
    for each in fields(kind):  # type: ignore[arg-type]
        value, hint = values[f"{prefix}.{each.name}"], hints[each.name]
        found[each.name] = hint(value) if isinstance(hint, type) and issubclass(hint, Enum) else value
    return kind(**found)


def class_key(megawatts: float) -> str:
    """Name of a class in the keys: class_300_mw."""
    return f"class_{megawatts:.0f}_mw"


def product_key(kind: str) -> str:
    """Where the limits of a kind of product stand."""
    return f"products.{kind}"


def market_rules(values: Mapping[str, Any]) -> MarketRules:
    """Typed settings of a rule set."""
    bounds = tuple(build(ClassBounds, f"classes.{class_key(mw)}", values) for mw in CLASSES_MW)
    classes = ClassRules(InBetween(values["classes.in_between"]), values["classes.fuels"], bounds)
    parts: dict[str, Any] = {name: build(kind, prefix, values) for name, (prefix, kind) in SECTIONS.items()}
    products = tuple(build(ProductLimits, product_key(kind), values) for kind in PRODUCTS)
    steps = tuple(build(OrderSteps, f"positions.{channel}", values) for channel in CHANNELS)
    return MarketRules(classes=classes, products=products, order_steps=steps, **parts)
