"""What the settings of offers judged, market power, price limits and deviation charges may be."""

from __future__ import annotations

from enum import Enum

from clearing.rules import market_choices as choices
from clearing.rules import market_rules as market
from clearing.rules.entry_schema import ENTRY
from clearing.rules.position_schema import POSITIONS
from clearing.rules.setting import Kind, Setting
from clearing.rules.settle_schema import SETTLE
from clearing.rules.substitution_schema import SUBSTITUTION

MOST_PRICE = 1e7

_PRICE = Setting(Kind.OPTIONAL_NUMBER, -MOST_PRICE, MOST_PRICE)
_MINUTES = Setting(Kind.OPTIONAL_NUMBER, 0.0, 100_000.0)
_MONEY = Setting(Kind.OPTIONAL_NUMBER, 0.0, 1e9)
_SHARE = Setting(Kind.NUMBER, 0.0, 1.0)
_FACTOR = Setting(Kind.NUMBER, 0.0, 100.0)
_INDEX = Setting(Kind.OPTIONAL_NUMBER, 0.0, 10_000.0)
_STEP = Setting(Kind.NUMBER, 0.0, 1e4)
_FACTORS = Setting(Kind.NUMBERS, 0.0, 100.0)
_RULE = Setting(Kind.CHOICE, choices=("free", "required"))

SOURCES = ("coal", "wind", "solar", "virtual_generation", "storage")
DECLARING = ("renewable", "user", "vpp_load", "storage", "pumped_hydro", "renewable_with_storage")
FUELS = ("coal", "gas", "oil", "nuclear", "hydro", "biomass", "other")


def _choice(kind: type[Enum]) -> Setting:
    return Setting(Kind.CHOICE, choices=tuple(member.value for member in kind))


_CLASS = {
    name: _PRICE if name == "test_price_per_mwh" else _MINUTES if name.endswith("_minutes") else _MONEY
    for name in market.ClassBounds.__slots__
}

MARKET: dict[str, Setting] = {
    "offers.min_segments": Setting(Kind.WHOLE, 1, 1000),
    "offers.least_block_share": _SHARE,
    "offers.least_block_mw": _STEP,
    "offers.output_point_unit_mw": _STEP,
    "offers.price_unit_per_mwh": _STEP,
    "offers.first_point": _choice(choices.FirstPoint),
    "offers.last_point": _choice(choices.LastPoint),
    "offers.start_cost_order": _RULE,
    "offers.least_ramp_share": _SHARE,
    "site_offers.max_segments": Setting(Kind.WHOLE, 1, 1000),
    "site_offers.least_block_mw": _STEP,
    "site_offers.output_point_unit_mw": _STEP,
    "site_offers.last_point": _choice(choices.LastPoint),
    "site_offers.by_project": _RULE,
    "site_offers.aggregate_most_kv": _STEP,
    **{
        f"{market.product_key(kind)}.{name}": _PRICE
        for kind in market.PRODUCTS
        for name in market.ProductLimits.__slots__
    },
    "heat.declared_deviation_limit": Setting(Kind.OPTIONAL_NUMBER, 0.0, 10.0),
    "heat.declaration_unit_gj_per_hour": Setting(Kind.NUMBER, 0.0, 100.0),
    "classes.in_between": _choice(choices.InBetween),
    "classes.fuels": Setting(Kind.NAMES, choices=FUELS),
    **{
        f"classes.{market.class_key(mw)}.{name}": setting
        for mw in market.CLASSES_MW
        for name, setting in _CLASS.items()
    },
    **{
        f"startup.state.{fuel}.{name}": setting
        for fuel in ("coal", "gas")
        for name, setting in {
            "warm_after_minutes": _MINUTES,
            "warm_boundary": Setting(Kind.CHOICE, choices=("hot", "warm")),
            "cold_after_minutes": _MINUTES,
            "cold_boundary": Setting(Kind.CHOICE, choices=("warm", "cold")),
        }.items()
    },
    "regulation.speed_min_mw_per_minute": Setting(Kind.OPTIONAL_NUMBER, 0.0, 1e5),
    "regulation.speed_max_mw_per_minute": Setting(Kind.OPTIONAL_NUMBER, 0.0, 1e5),
    "market_power.structure.top": Setting(Kind.WHOLE, 1, 1000),
    "market_power.structure.demand": _choice(choices.StructureDemand),
    "market_power.structure.pivotal_owners": Setting(Kind.WHOLE, 1, 3),
    "market_power.structure.pivotal_limit": _FACTOR,
    "market_power.structure.hhi_limit": _INDEX,
    "market_power.structure.top_share_limit": Setting(Kind.OPTIONAL_NUMBER, 0.0, 1.0),
    "market_power.structure.must_run_limit": Setting(Kind.OPTIONAL_NUMBER, 0.0, 1.0),
    "market_power.structure.least_shift_factor": _SHARE,
    "market_power.conduct.method": _choice(choices.ConductMethod),
    "market_power.conduct.scope": _choice(choices.Scope),
    "market_power.conduct.call_test_cost_factor": Setting(Kind.OPTIONAL_NUMBER, 0.0, 100.0),
    "market_power.conduct.allowed_multiple": _FACTOR,
    "market_power.conduct.replacement_multiple": _FACTOR,
    "market_power.conduct.basis": _choice(choices.PresupervisionBasis),
    "market_power.conduct.cost_scaling": Setting(Kind.NUMBER, 0.0, 10.0),
    "market_power.conduct.offer_reduction": Setting(Kind.NUMBER, 0.0, 0.99),
    "market_power.conduct.offer_reduction_least": Setting(Kind.NUMBER, 0.0, 0.99),
    "market_power.conduct.offer_reduction_most": Setting(Kind.NUMBER, 0.0, 0.99),
    "market_power.conduct.site_class": Setting(
        Kind.CHOICE, choices=tuple(market.class_key(mw) for mw in market.CLASSES_MW)
    ),
    "market_power.benchmark.past_days": Setting(Kind.WHOLE, 1, 366),
    "market_power.benchmark.past_factor": _FACTOR,
    "market_power.benchmark.supply_ratio": _choice(choices.SupplyRatio),
    "market_power.benchmark.supply_ratios": _FACTORS,
    "market_power.benchmark.mean_factors": _FACTORS,
    "market_power.benchmark.reference_factors": _FACTORS,
    "market_power.benchmark.coal_tonnes_per_mwh": Setting(Kind.NUMBER, 0.0, 10.0),
    "market_power.benchmark.reference_decimals": Setting(Kind.WHOLE, 0, 9),
    "market_power.benchmark.last_block_share": _SHARE,
    "market_power.benchmark.stop_at": _choice(choices.StopAt),
    "market_power.mitigation.groups_per_round": Setting(Kind.WHOLE, 0, 1000),
    "market_power.mitigation.max_rounds": Setting(Kind.WHOLE, 1, 100),
    "market_power.mitigation.among_top": Setting(Kind.WHOLE, 0, 1000),
    "market_power.mitigation.stop_mean_per_mwh": _PRICE,
    "market_power.mitigation.price_increase_per_mwh": Setting(Kind.NUMBER, 0.0, MOST_PRICE),
    "market_power.mitigation.price_increase_share": Setting(Kind.NUMBER, 0.0, 1000.0),
    "market_power.after.excess_basis": _choice(choices.ExcessBasis),
    "market_power.after.excess_share": _SHARE,
    "market_power.after.excess_share_least": _SHARE,
    "market_power.after.excess_share_most": _SHARE,
    "market_power.after.recovery_premium": Setting(Kind.OPTIONAL_NUMBER, 0.0, 100.0),
    "market_power.after.recovery_days": Setting(Kind.WHOLE, 1, 31),
    "market_power.after.homogeneity_step_percent": Setting(Kind.WHOLE, 1, 100),
    "market_power.after.homogeneity_limit": _SHARE,
    "approved_cost.coal_index_factor": Setting(Kind.NUMBER, 0.0, 10.0),
    "approved_cost.gas_9f_kwh_per_nm3": Setting(Kind.NUMBER, 0.1, 20.0),
    "secondary_limit.mean": _choice(choices.SecondaryLimit),
    "secondary_limit.beta_first": Setting(Kind.NUMBER, 0.01, 10.0),
    "secondary_limit.beta_after": Setting(Kind.NUMBER, 0.01, 10.0),
    "secondary_limit.days": Setting(Kind.WHOLE, 0, 31),
    "secondary_limit.effective_days": Setting(Kind.WHOLE, 1, 31),
    "secondary_limit.class_weights": Setting(Kind.NUMBERS, 0.0, 100.0, count=len(market.CLASSES_MW)),
    "secondary_limit.negative_prices": _choice(choices.NegativePrices),
    "secondary_limit.counter_reset": _choice(choices.CounterReset),
    "secondary_limit.in_scope": Setting(Kind.NAMES, choices=SOURCES),
    "deviation.class_c": _choice(choices.ClassC),
    "deviation.article_61": Setting(Kind.CHOICE, choices=("deleted", "in_force")),
    "deviation.article_61_rate": _SHARE,
    "deviation.article_61_factor": _FACTOR,
    "settlement.renewable_deviation_recovery": _SHARE,
    "settlement.user_declared_deviation_limit": Setting(Kind.OPTIONAL_NUMBER, 0.0, 10.0),
    "settlement.vpp_load_declared_deviation_limit": Setting(Kind.OPTIONAL_NUMBER, 0.0, 10.0),
    "settlement.deviation_exempt": Setting(Kind.NAMES, choices=DECLARING),
    **SETTLE,
    **POSITIONS,
    **ENTRY,
    **SUBSTITUTION,
}
"""Key → what its value may be."""

ORDERED_PRODUCTS = tuple(
    (f"{market.product_key(kind)}.{what}_floor_per_mw_hour", f"{market.product_key(kind)}.{what}_cap_per_mw_hour")
    for kind in market.PRODUCTS
    for what in ("offer", "price")
)
"""Pairs of keys of which the first value may not exceed the second."""

BANDS = "market_power.benchmark.supply_ratios"
BY_BAND = ("market_power.benchmark.mean_factors", "market_power.benchmark.reference_factors")
"""Rising bounds, and lists that have a value for every band between and beside them."""
