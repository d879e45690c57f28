"""Payments of load that bids, of virtual plants and of storage that holds reserve, rents of direct-current lines."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.awarded import worth
from clearing.case.case import Case
from clearing.case.hvdc_lines import delivered
from clearing.case.prices import Prices
from clearing.case.result import Payments
from clearing.case.schedule import Schedule
from clearing.case.virtual_plants import VirtualPlantKind
from clearing.formulation.regulation import storage_speed
from clearing.solve.elastic_load import bid_money


def payments(case: Case, schedule: Schedule, prices: Prices) -> Payments | None:
    """A bid pays its bus price, a virtual plant has the factor-weighted mean of bus prices, an award of storage earns
    what an award of a unit at its bus earns; None without any."""
    bids, plants, hours = case.demand_bids, case.virtual_plants, case.horizon.hours
    if not (bids.id or plants.id or case.hvdc_lines.id or len(case.reserve_kinds.storage)):
        return None
    money = bid_money(case, schedule)
    mean = virtual_price(case, prices.bus_price)
    way = np.where(plants.kind == VirtualPlantKind.LOAD, -1.0, 1.0)
    return Payments(
        demand_payment=(prices.bus_price[bids.bus] * schedule.demand_mw).sum(axis=1) * hours,
        demand_value=money.demand.sum(axis=1) * hours,
        virtual_price=mean,
        virtual_revenue=way * (mean * schedule.virtual_mw).sum(axis=1) * hours,
        hvdc_rent=hvdc_rent(case, schedule, prices.bus_price),
        storage_reserve_revenue=_storage_reserve(case, schedule, prices) * hours,
    )


def hvdc_rent(case: Case, schedule: Schedule, bus_price: Floats) -> Floats:
    """What the flow of a line gains on its way (H), money."""
    lines, flow = case.hvdc_lines, schedule.hvdc_mw
    worth = delivered(lines).reshape(flow.shape) * bus_price[lines.to_bus] - bus_price[lines.from_bus]
    return np.asarray((worth * flow).sum(axis=1) * case.horizon.hours)


def _storage_reserve(case: Case, schedule: Schedule, prices: Prices) -> Floats:
    """What awards of storage earn (G), money for a period of an hour: reserve prices and, of regulation, speed."""
    if not case.storage.id:
        return np.zeros(0)
    earns = worth(case, case.storage.bus, prices.reserve_price)
    speed = (storage_speed(case)[:, None] * prices.reserve_speed_price)[:, None]
    return np.asarray(((earns + speed) * schedule.storage_reserve_mw).sum(axis=(0, 2)))


def virtual_price(case: Case, bus_price: Floats) -> Floats:
    """Σ_k factor_vk · price_kt (V, T)."""
    plants = case.virtual_plants
    mean = np.zeros((len(plants.id), case.horizon.periods))
    np.add.at(mean, plants.factor_plant, plants.factor[:, None] * bus_price[plants.factor_bus])
    return mean
