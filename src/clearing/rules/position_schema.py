"""What the settings of orders may be."""

from __future__ import annotations

from clearing.rules import position_rules as choice
from clearing.rules.setting import Kind, Setting

_FACTOR = Setting(Kind.OPTIONAL_NUMBER, 0.0, 100.0)
_RATIO = Setting(Kind.NUMBER, 1e-6, 100.0)
_ENERGY = Setting(Kind.WHOLE, 1, 10**9)

POSITIONS: dict[str, Setting] = {
    "positions.generation_net_factor": _FACTOR,
    "positions.generation_traded_factor": _FACTOR,
    "positions.available_hours": Setting(Kind.WHOLE, 0, 744),
    "positions.user_net_factor": _FACTOR,
    "positions.user_traded_factor": _FACTOR,
    "positions.net_direction": Setting(Kind.CHOICE, choices=tuple(each.value for each in choice.NetDirection)),
    "positions.guarantee_factor": _FACTOR,
    "positions.quota_orders": Setting(Kind.CHOICE, choices=tuple(each.value for each in choice.QuotaOrders)),
    "positions.price_move_share": _FACTOR,
    "positions.unsettled_price_milli": Setting(Kind.WHOLE, 0, 10_000_000),
    "positions.daily_net_change": _FACTOR,
    **{
        f"positions.{channel}.{name}": setting
        for channel in choice.CHANNELS
        for name, setting in {
            "least_kwh": _ENERGY,
            "step_kwh": _ENERGY,
            "price_step_milli": Setting(Kind.WHOLE, 1, 10_000_000),
            "grain_kwh": _ENERGY,
        }.items()
    },
    **{f"positions.day_ratio.{name}": _RATIO for name in choice.DayRatios.__slots__},
}
"""Key → what its value may be."""
