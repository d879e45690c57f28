"""What bids cost and take off at a schedule: demand bids and virtual plants."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.schedule import Schedule
from clearing.case.virtual_plants import VirtualPlantKind
from clearing.formulation.curves import cut_at


@dataclass(frozen=True, slots=True)
class BidMoney:
    """Money an hour: value of what demand bids get (B, T), and area under the curve of virtual plants (V, T)."""

    demand: Floats
    virtual: Floats


def bid_money(case: Case, schedule: Schedule) -> BidMoney:
    """Areas under the curves up to the cleared MW; demand bids count from their least quantity."""
    bids, plants = case.demand_bids, case.virtual_plants
    demand = virtual = np.zeros((0, case.horizon.periods))
    if bids.id:
        over = schedule.demand_mw - bids.min_mw
        demand = cut_at(bids.bids, over, over).floor_cost_per_hour
    if plants.id:
        virtual = cut_at(plants.offers, schedule.virtual_mw, schedule.virtual_mw).floor_cost_per_hour
    return BidMoney(demand, virtual)


def bid_costs(case: Case, schedule: Schedule) -> tuple[float, float]:
    """Parts of the objective: offers of virtual generation; minus the value of demand bids and virtual load."""
    money, hours = bid_money(case, schedule), case.horizon.hours
    load = case.virtual_plants.kind == VirtualPlantKind.LOAD
    offered, valued = float(money.virtual[~load].sum()), float(money.virtual[load].sum() + money.demand.sum())
    return offered * hours, -valued * hours


def elastic_load_mw(case: Case, schedule: Schedule) -> Floats:
    """Load that bids and got more than its least quantity, by bus (K, T)."""
    bids, plants = case.demand_bids, case.virtual_plants
    load = np.zeros(schedule.shed_mw.shape)
    if bids.id:
        np.add.at(load, bids.bus, schedule.demand_mw - bids.min_mw)
    if plants.id:
        own = plants.kind[plants.factor_plant] == VirtualPlantKind.LOAD
        plant = plants.factor_plant[own]
        over = schedule.virtual_mw[plant] - plants.min_mw[plant]
        np.add.at(load, plants.factor_bus[own], plants.factor[own, None] * over)
    return load
