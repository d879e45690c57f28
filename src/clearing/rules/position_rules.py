"""Settings of orders of the medium and long term: limits of positions, quota, steps by channel, ratios of days."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class NetDirection(Enum):
    """Which net positions are limited."""

    BOTH = "both"  # |net position|
    OWN = "own"  # what generation sold and users bought


class QuotaOrders(Enum):
    """Which orders use the quota."""

    ALL = "all"  # |energy · price| of every order
    BUYS = "buys"  # that of purchases


@dataclass(frozen=True, slots=True)
class PositionRules:
    """Factors on the base of a participant, and of its guarantee; None = no limit.

    available_hours: hours of a month times rated capacity = base of generation. price_move_share: of the reference
    price. unsettled_price_milli: thousandths of money a MWh used on days not settled yet. daily_net_change: share of
    the net position at the day's start.
    """

    generation_net_factor: float | None = None
    generation_traded_factor: float | None = None
    available_hours: int = 500
    user_net_factor: float | None = None
    user_traded_factor: float | None = None
    net_direction: NetDirection = NetDirection.BOTH
    guarantee_factor: float | None = None
    quota_orders: QuotaOrders = QuotaOrders.ALL
    price_move_share: float | None = None
    unsettled_price_milli: int = 0
    daily_net_change: float | None = None


@dataclass(frozen=True, slots=True)
class OrderSteps:
    """Of a channel: energy is least + a whole number of steps, kWh; prices are multiples of price_step_milli; energy is
    split in multiples of grain_kwh."""

    least_kwh: int = 1
    step_kwh: int = 1
    price_step_milli: int = 1
    grain_kwh: int = 1


@dataclass(frozen=True, slots=True)
class DayRatios:
    """Energy of a day of the month in an auction, by kind of day, relative to one another."""

    workday: float = 1.0
    saturday: float = 1.0
    sunday: float = 1.0
    holiday: float = 1.0


CHANNELS = ("auction", "bilateral", "listing")
"""Channels in the order of their numbers, from 1."""
