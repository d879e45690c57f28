"""Prices by several schemes at one schedule, and the uplift under each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from clearing.case.arrays import Floats, freeze


class PriceScheme(IntEnum):
    """Which prices."""

    UNSPECIFIED = 0
    LMP = 1
    ELMP = 2
    CONVEX_HULL = 3


@dataclass(frozen=True, slots=True)
class PriceSet:
    """Prices of one scheme at a schedule, before caps, and what they leave unpaid; K buses, Q products, N units.

    bus_price (K, T)              per MWh
    reserve_price (Q, T)          per MW and hour
    revenue, cost (N)             of the schedule, over the day
    best_profit (N)               the most that a unit could earn under these prices by any schedule that it may run
    lost_opportunity (N)          best_profit − (revenue − cost)
    make_whole (N)                max(0, cost − revenue)
    dual_value                    Lagrangian of the coupling rows at these prices, a lower bound on the cost
    total_uplift                  cost of the schedule at pricing penalties − dual_value: the lost opportunity of all
                                  units, of everything else (renewables, storage, load, slacks), and what the coupling
                                  rows owe because they are not tight where they are priced
    gap                           of the convex hull price: how much higher dual_value could be, relative; else None
    approximate                   that gap is above what is called exact, or rows are missing from the dual
    relaxed                       families of rows that the dual leaves out
    """

    scheme: PriceScheme
    bus_price: Floats
    reserve_price: Floats
    revenue: Floats
    cost: Floats
    best_profit: Floats
    lost_opportunity: Floats
    make_whole: Floats
    dual_value: float
    total_uplift: float
    gap: float | None = None
    approximate: bool = False
    relaxed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        freeze(self)

    @property
    def other_uplift(self) -> float:
        """Uplift that is no unit's."""
        return self.total_uplift - float(self.lost_opportunity.sum())
