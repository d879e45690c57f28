"""Prices of zones with their parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Bools, Floats
from clearing.case.case import Case
from clearing.case.prices import Prices
from clearing.report.topology import bus_load_mw


@dataclass(frozen=True, slots=True)
class ZonePrice:
    """One zone: load energy (MWh) and, over the periods (T), the price per MWh and its parts."""

    name: str
    load_mwh: float
    price: Floats
    energy: Floats
    congestion: Floats
    loss: Floats
    cap_adjustment: Floats


def zone_prices(case: Case, prices: Prices) -> list[ZonePrice]:
    """Zones in case order, then the buses without a zone if there are any.

    Parts are means with the weights of the zone price (load; plain where the zone's load is ≤ 0), so they add up to it.
    """
    load = bus_load_mw(case)
    zone = case.network.bus_zone
    groups = [(name, zone == z) for z, name in enumerate(case.network.zone_id) if np.any(zone == z)]
    if np.any(zone < 0):
        groups.append(("Buses without a zone" if groups else "All buses", zone < 0))
    return [_zone(name, members, load, case.horizon.hours, prices) for name, members in groups]


def _zone(name: str, members: Bools, load: Floats, hours: float, prices: Prices) -> ZonePrice:
    weight = load[members]
    weight = np.where(weight.sum(axis=0) > 0, weight, 1.0)
    weight = weight / weight.sum(axis=0)

    def mean(part: Floats) -> Floats:
        return np.asarray((part[members] * weight).sum(axis=0))

    return ZonePrice(
        name=name,
        load_mwh=float(load[members].sum() * hours),
        price=mean(prices.bus_price),
        energy=mean(prices.bus_energy),
        congestion=mean(prices.bus_congestion),
        loss=mean(prices.bus_loss),
        cap_adjustment=mean(prices.bus_cap_adjustment),
    )
