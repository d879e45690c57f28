"""The settings that code reads: one line a key. What a rule set holds beyond these is data for later use."""

from __future__ import annotations

from clearing.rules.market_schema import MARKET, ORDERED_PRODUCTS
from clearing.rules.rules import (
    HeldIn,
    LossModel,
    MinUpFrom,
    RampSharing,
    RealTimeMinimum,
    StateJudged,
    ViolationPricing,
)
from clearing.rules.setting import Kind, Setting

MOST_MW = 1e7
MOST_PRICE = 1e7

FAMILIES = ("shortage", "surplus", "branch", "interface", "product", "system_reserve", "joint_limit", "group_on")

_PRICE = Setting(Kind.NUMBER, -MOST_PRICE, MOST_PRICE)
_RESERVE = Setting(Kind.OPTIONAL_NUMBER, 0.0, MOST_MW)
_TIME = Setting(Kind.WHOLE, 0, 100_000)
_LEAD = Setting(Kind.OPTIONAL_NUMBER, 0.0, 20_000.0)

READ: dict[str, Setting] = {
    "solve.gap": Setting(Kind.NUMBER, 0.0, 0.999999),
    "solve.absolute_gap": Setting(Kind.NUMBER, 0.0, 1e12),
    "solve.security_rounds": Setting(Kind.WHOLE, 1, 1000),
    "solve.security_rows": Setting(Kind.WHOLE, 1, 10_000_000),
    **{f"penalties.{run}.{family}": Setting(Kind.STEPS) for run in ("clearing", "pricing") for family in FAMILIES},
    "penalties.clearing.starts": Setting(Kind.STEPS),
    "offers.max_segments": Setting(Kind.WHOLE, 1, 1000),
    "offers.floor_per_mwh": _PRICE,
    "offers.cap_per_mwh": _PRICE,
    "reserves.positive_min_mw": _RESERVE,
    "reserves.positive_max_mw": _RESERVE,
    "reserves.positive_max_in": Setting(Kind.CHOICE, choices=tuple(where.value for where in HeldIn)),
    "reserves.positive_min_in": Setting(Kind.CHOICE, choices=tuple(where.value for where in HeldIn)),
    "reserves.negative_min_mw": _RESERVE,
    "reserves.renewable_share": Setting(Kind.NUMBER, 0.0, 1.0),
    "reserves.storage_minutes": Setting(Kind.NUMBER, 1.0, 1440.0),
    "reserves.ramp_sharing": Setting(Kind.CHOICE, choices=tuple(form.value for form in RampSharing)),
    "pumped_hydro.market_share": Setting(Kind.NUMBER, 0.0, 1.0),
    "pumped_hydro.system_reserve_mw": _RESERVE,
    "plant.start_spacing_minutes": _TIME,
    "plant.stop_spacing_minutes": _TIME,
    "plant.switch_least_on_minutes": _TIME,
    "startup.lead.clock_minutes": Setting(Kind.WHOLE, -2880, 0),
    "startup.lead.hot_minutes": _LEAD,
    "startup.lead.warm_minutes": _LEAD,
    "startup.lead.cold_minutes": _LEAD,
    "startup.lead.state_judged_at": Setting(Kind.CHOICE, choices=tuple(when.value for when in StateJudged)),
    "startup.min_up_from": Setting(Kind.CHOICE, choices=tuple(where.value for where in MinUpFrom)),
    "losses.model": Setting(Kind.CHOICE, choices=tuple(model.value for model in LossModel)),
    "losses.max_rounds": Setting(Kind.WHOLE, 1, 1000),
    "losses.tolerance_mw": Setting(Kind.NUMBER, 1e-6, 1000.0),
    "prices.floor_per_mwh": _PRICE,
    "prices.cap_per_mwh": _PRICE,
    "prices.decimals": Setting(Kind.WHOLE, 0, 9),
    "prices.real_time_minimum": Setting(Kind.CHOICE, choices=tuple(form.value for form in RealTimeMinimum)),
    "prices.violation_pricing": Setting(Kind.CHOICE, choices=tuple(form.value for form in ViolationPricing)),
    **MARKET,
}
"""Key → what its value may be. Every rule set states every one of these keys."""

ORDERED = (
    ("offers.floor_per_mwh", "offers.cap_per_mwh"),
    ("prices.floor_per_mwh", "prices.cap_per_mwh"),
    ("reserves.positive_min_mw", "reserves.positive_max_mw"),
    ("offers.min_segments", "offers.max_segments"),
    ("regulation.speed_min_mw_per_minute", "regulation.speed_max_mw_per_minute"),
    ("market_power.conduct.offer_reduction_least", "market_power.conduct.offer_reduction"),
    ("market_power.conduct.offer_reduction", "market_power.conduct.offer_reduction_most"),
    ("market_power.after.excess_share_least", "market_power.after.excess_share"),
    ("market_power.after.excess_share", "market_power.after.excess_share_most"),
    *ORDERED_PRODUCTS,
)
"""Pairs of keys of which the first value may not exceed the second."""
