"""Payments of load that bids and of virtual plants."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.prices import Prices
from clearing.case.result import Payments
from clearing.case.schedule import Schedule
from clearing.case.virtual_plants import VirtualPlantKind
from clearing.solve.elastic_load import bid_money


def payments(case: Case, schedule: Schedule, prices: Prices) -> Payments | None:
    """A bid pays its bus price, a virtual plant has the factor-weighted mean of bus prices; None without either."""
    bids, plants, hours = case.demand_bids, case.virtual_plants, case.horizon.hours
    if not (bids.id or plants.id):
        return None
    money = bid_money(case, schedule)
    mean = virtual_price(case, prices.bus_price)
    way = np.where(plants.kind == VirtualPlantKind.LOAD, -1.0, 1.0)
    return Payments(
        demand_payment=(prices.bus_price[bids.bus] * schedule.demand_mw).sum(axis=1) * hours,
        demand_value=money.demand.sum(axis=1) * hours,
        virtual_price=mean,
        virtual_revenue=way * (mean * schedule.virtual_mw).sum(axis=1) * hours,
    )


def virtual_price(case: Case, bus_price: Floats) -> Floats:
    """Σ_k factor_vk · price_kt (V, T)."""
    plants = case.virtual_plants
    mean = np.zeros((len(plants.id), case.horizon.periods))
    np.add.at(mean, plants.factor_plant, plants.factor[:, None] * bus_price[plants.factor_bus])
    return mean
