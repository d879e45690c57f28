"""Load that bids and virtual plants, as the auditor computes them: what they take off, cost, and are paid."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.offers import Offers
from clearing.case.schedule import Schedule
from clearing.case.virtual_plants import VirtualPlantKind
from clearing.checks.curve import energy_cost


def firm_load(case: Case) -> Floats:
    """Load that is served or shed, MW (K, T): loads, least quantities of bids, least MW of virtual load."""
    total = np.zeros((len(case.network.bus_id), case.horizon.periods))
    for bus, mw in zip(case.loads.bus, case.loads.mw, strict=True):
        total[bus] += mw
    for bus, mw in zip(case.demand_bids.bus, case.demand_bids.min_mw, strict=True):
        total[bus] += mw
    plants = case.virtual_plants
    for plant, bus, share in zip(plants.factor_plant, plants.factor_bus, plants.factor, strict=True):
        if plants.kind[plant] == VirtualPlantKind.LOAD:
            total[bus] += share * plants.min_mw[plant]
    return total


def elastic_load(case: Case, schedule: Schedule) -> Floats:
    """What bids and virtual load take over their least MW, by bus (K, T)."""
    bids, plants = case.demand_bids, case.virtual_plants
    total = np.zeros((len(case.network.bus_id), case.horizon.periods))
    for row, bus in enumerate(bids.bus):
        total[bus] += schedule.demand_mw[row] - bids.min_mw[row]
    for plant, bus, share in zip(plants.factor_plant, plants.factor_bus, plants.factor, strict=True):
        if plants.kind[plant] == VirtualPlantKind.LOAD:
            total[bus] += share * (schedule.virtual_mw[plant] - plants.min_mw[plant])
    return total


def virtual_output(case: Case, schedule: Schedule) -> Floats:
    """Output of virtual generation by bus, MW (K, T)."""
    plants = case.virtual_plants
    total = np.zeros((len(case.network.bus_id), case.horizon.periods))
    for plant, bus, share in zip(plants.factor_plant, plants.factor_bus, plants.factor, strict=True):
        if plants.kind[plant] == VirtualPlantKind.GENERATION:
            total[bus] += share * schedule.virtual_mw[plant]
    return total


def way(case: Case) -> Floats:
    """+1 for virtual generation, −1 for virtual load (V)."""
    return np.where(case.virtual_plants.kind == VirtualPlantKind.GENERATION, 1.0, -1.0)


def as_costs(offers: Offers, signs: Floats) -> Offers:
    """The curves with their prices times the sign of the resource: bids read as falling costs, so that prices rise."""
    if not len(offers.resource):
        return offers
    return replace(offers, price_per_mwh=signs[offers.resource, None] * offers.price_per_mwh)


def demand_value(case: Case, schedule: Schedule) -> Floats:
    """Area under the bids from the least to the cleared quantity, money an hour (B, T)."""
    bids = case.demand_bids
    return energy_cost(bids.bids, schedule.demand_mw - bids.min_mw) if bids.id else schedule.demand_mw


def virtual_area(case: Case, schedule: Schedule) -> Floats:
    """Area under the curve from 0 to the MW, money an hour (V, T)."""
    plants = case.virtual_plants
    return energy_cost(plants.offers, schedule.virtual_mw) if plants.id else schedule.virtual_mw


def virtual_price(case: Case, bus_price: Floats) -> Floats:
    """Σ share · price of the bus, per MWh (V, T)."""
    plants = case.virtual_plants
    mean = np.zeros((len(plants.id), bus_price.shape[1]))
    for plant, bus, share in zip(plants.factor_plant, plants.factor_bus, plants.factor, strict=True):
        mean[plant] += share * bus_price[bus]
    return mean
