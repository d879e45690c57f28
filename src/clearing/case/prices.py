"""Prices of a cleared case and the multipliers that certify them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from clearing.case.arrays import Floats, Ids, Ints, freeze

NONE = np.zeros(0)
"""Stands for an array that was left out."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Money per MWh (reserves: per MW and hour), whatever the period length. K buses, I islands, T periods.

    bus_price (K, T) = bus_energy + bus_congestion + bus_loss + bus_cap_adjustment
    bus_energy (K, T)           λ of the bus's island (0 at a de-energised bus)
    bus_congestion (K, T)       −Σ τ·G over branches, interfaces (and contingencies)
    bus_loss (K, T)             0 where losses are off
    bus_cap_adjustment (K, T)   what clipping to floor and cap added
    system_price (I, T)         λ
    zone_price (Z, T)           load-weighted mean of bus_price; plain mean where the load is ≤ 0
    zone_plain_mean (Z, T)      1 where the plain mean was used, else 0
    reserve_price (Q, T)        of the requirement of each product
    reserve_speed_price (Q, T)  of the regulation speed of each product, money per MW/min and hour; 0 where left out
    reserve_cap_adjustment (Q, T)   what clipping to the limits of its kind added to reserve_price; 0 where left out
    """

    bus_price: Floats
    bus_energy: Floats
    bus_congestion: Floats
    bus_loss: Floats
    bus_cap_adjustment: Floats
    system_price: Floats
    zone_price: Floats
    zone_plain_mean: Floats
    reserve_price: Floats
    reserve_speed_price: Floats = field(default_factory=lambda: NONE)
    reserve_cap_adjustment: Floats = field(default_factory=lambda: NONE)

    def __post_init__(self) -> None:
        for name in ("reserve_speed_price", "reserve_cap_adjustment"):
            if getattr(self, name) is NONE:
                object.__setattr__(self, name, np.zeros(np.shape(self.reserve_price)))
        freeze(self)


@dataclass(frozen=True, slots=True)
class Multipliers:
    """Row multipliers of the pricing LP, sparse: M nonzero entries. The certificate of the prices.

    family (M)    name of the constraint family, as in docs/formulation.md (balance, branch, ramp_up …)
    subject (M)   id of the unit, branch, product …
    period (M)    0-based
    value (M)     money per MW(h) and HOUR: LP dual / dt, signed as ∂cost/∂rhs, so a binding ≤ row is ≤ 0
    """

    family: Ids
    subject: Ids
    period: Ints
    value: Floats

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class SettlementPrices:
    """Prices as they are published: by hour and rounded, per MWh. K buses, Z zones, I islands, H hours, T periods.

    decimals                                 digits behind the point
    hour_label (H)                           END of the hour, as the labels of the horizon
    bus_price (K, H)                         mean of the hour's periods; = energy + congestion + loss +
    bus_energy, bus_congestion, bus_loss,    cap_adjustment to the last digit: congestion takes the rounding
    bus_cap_adjustment (K, H)
    zone_price (Z, H), system_price (I, H)   likewise means of the hour
    user_price (T), user_hour_price (H)      one price for all users: Σ load·price / Σ load; plain mean at no load
    """

    decimals: int
    hour_label: Ids
    bus_price: Floats
    bus_energy: Floats
    bus_congestion: Floats
    bus_loss: Floats
    bus_cap_adjustment: Floats
    zone_price: Floats
    system_price: Floats
    user_price: Floats
    user_hour_price: Floats

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class PriceSetter:
    """A unit, renewable or demand bid inside a block at the price of its bus: family, id, period, bus id."""

    family: str
    subject: str
    period: int
    bus: str
