"""Settings of offers judged, market power, approved cost, price limits and deviation charges, as dataclasses.

A field `x` of the class that `SECTIONS` puts at `a.b` is the setting `a.b.x`; `build` fills a class from values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, TypeVar, get_type_hints

from clearing.rules.market_choices import (
    ClassC,
    ConductMethod,
    CounterReset,
    ExcessBasis,
    FirstPoint,
    InBetween,
    LastPoint,
    NegativePrices,
    PresupervisionBasis,
    Scope,
    SecondaryLimit,
    StructureDemand,
)


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
class StructureRules:
    """Tests of structure; None = shown, never failed. rsi_limit and pivotal_limit: below it an owner fails.

    pivotal_owners: 1 = the residual supply index decides, 2, 3 = the test with one or two largest others.
    least_shift_factor: MW on a limit for 1 MW at the bus, below which a unit is no help to it.
    """

    top: int = 4
    demand: StructureDemand = StructureDemand.LOAD
    pivotal_owners: int = 1
    pivotal_limit: float = 1.0
    hhi_limit: float | None = None
    top_share_limit: float | None = None
    must_run_limit: float | None = None
    least_shift_factor: float = 0.03


@dataclass(frozen=True, slots=True)
class ConductRules:
    """Tests of offers against approved cost or the class test price."""

    method: ConductMethod = ConductMethod.METHOD_1
    scope: Scope = Scope.FAILING
    call_test_cost_factor: float | None = None
    allowed_multiple: float = 2.5
    replacement_multiple: float = 2.0
    basis: PresupervisionBasis = PresupervisionBasis.MULTIPLE
    cost_scaling: float = 0.3
    offer_reduction: float = 0.1
    offer_reduction_least: float = 0.0
    offer_reduction_most: float = 0.99
    site_class: str = "class_1000_mw"


@dataclass(frozen=True, slots=True)
class MitigationRules:
    """Rounds of replacement and re-clearing: groups_per_round (0 = all at once), most rounds.

    stop_mean_per_mwh: load-weighted mean price at or below which no further group is replaced; None = never.
    price_increase_per_mwh, price_increase_share: a price effect below both is none; the replacement is then withdrawn.
    """

    groups_per_round: int = 1
    max_rounds: int = 10
    stop_mean_per_mwh: float | None = None
    price_increase_per_mwh: float = 0.0
    price_increase_share: float = 0.0


@dataclass(frozen=True, slots=True)
class AfterRules:
    """After the fact: excess profit × share to be recovered, homogeneity of offers flagged from its limit."""

    excess_basis: ExcessBasis = ExcessBasis.REFERENCE_COST
    excess_share: float = 1.0
    excess_share_least: float = 0.0
    excess_share_most: float = 1.0
    homogeneity_step_percent: int = 5
    homogeneity_limit: float = 0.99


@dataclass(frozen=True, slots=True)
class ApprovedCostRules:
    """coal_index_factor on the mean index price; gas_9f_kwh_per_nm3 of gas units."""

    coal_index_factor: float = 1.0
    gas_9f_kwh_per_nm3: float = 4.9


@dataclass(frozen=True, slots=True)
class SecondaryRules:
    """Secondary price limit: mean that triggers it, β by step, days N that step it (None: it never steps)."""

    mean: SecondaryLimit = SecondaryLimit.NONE
    beta_first: float = 1.05
    beta_after: float = 1.0
    days: int = 0
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

    unit_offers: UnitOfferRules = UnitOfferRules()
    site_offers: SiteOfferRules = SiteOfferRules()
    heat: HeatRules = HeatRules()
    classes: ClassRules = ClassRules()
    coal_states: StateRules = StateRules()
    gas_states: StateRules = StateRules()
    regulation: SpeedRules = SpeedRules()
    structure: StructureRules = StructureRules()
    conduct: ConductRules = ConductRules()
    mitigation: MitigationRules = MitigationRules()
    after: AfterRules = AfterRules()
    approved_cost: ApprovedCostRules = ApprovedCostRules()
    secondary: SecondaryRules = SecondaryRules()
    deviation: DeviationRules = DeviationRules()
    settlement: SettlementRules = SettlementRules()


SECTIONS: dict[str, tuple[str, type]] = {
    "unit_offers": ("offers", UnitOfferRules),
    "site_offers": ("site_offers", SiteOfferRules),
    "heat": ("heat", HeatRules),
    "coal_states": ("startup.state.coal", StateRules),
    "gas_states": ("startup.state.gas", StateRules),
    "regulation": ("regulation", SpeedRules),
    "structure": ("market_power.structure", StructureRules),
    "conduct": ("market_power.conduct", ConductRules),
    "mitigation": ("market_power.mitigation", MitigationRules),
    "after": ("market_power.after", AfterRules),
    "approved_cost": ("approved_cost", ApprovedCostRules),
    "secondary": ("secondary_limit", SecondaryRules),
    "deviation": ("deviation", DeviationRules),
    "settlement": ("settlement", SettlementRules),
}
"""Field of MarketRules → where its settings stand, and their class."""

D = TypeVar("D")


def build(kind: type[D], prefix: str, values: Mapping[str, Any]) -> D:
    """A dataclass from the settings below a prefix; words become members of their enum."""
    hints = get_type_hints(kind)
    found = {}
    for field in fields(kind):  # type: ignore[arg-type]
        value, hint = values[f"{prefix}.{field.name}"], hints[field.name]
        found[field.name] = hint(value) if isinstance(hint, type) and issubclass(hint, Enum) else value
    return kind(**found)


def class_key(megawatts: float) -> str:
    """Name of a class in the keys: class_300_mw."""
    return f"class_{megawatts:.0f}_mw"


def market_rules(values: Mapping[str, Any]) -> MarketRules:
    """Typed settings of a rule set."""
    bounds = tuple(build(ClassBounds, f"classes.{class_key(mw)}", values) for mw in CLASSES_MW)
    classes = ClassRules(InBetween(values["classes.in_between"]), values["classes.fuels"], bounds)
    parts: dict[str, Any] = {name: build(kind, prefix, values) for name, (prefix, kind) in SECTIONS.items()}
    return MarketRules(classes=classes, **parts)
