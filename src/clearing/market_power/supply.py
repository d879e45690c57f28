"""Who could supply what: every source with its bus and its group, and the demand it meets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from clearing.case.arrays import Floats, Ids, Ints, freeze
from clearing.case.case import Case
from clearing.case.pumped_market import market_share
from clearing.case.reserves import Direction
from clearing.case.schedule import Schedule
from clearing.case.virtual_plants import VirtualPlantKind
from clearing.rules.market_choices import StructureDemand
from clearing.rules.rules import Rules


@dataclass(frozen=True, slots=True)
class Supply:
    """S sources, T periods, K buses, W groups.

    id (S)                  units, renewables, storage, pumped hydro and virtual generation, in this order
    group (S)               a group is an owner; a source without an owner is a group of its own
    mw (S, T)               what it can give: p_max where it may be on, forecast, discharge, generation, max_mw
    bus_share (S, K)        sparse: share of its MW at a bus
    group_id (W)            owner id, or the id of the source
    group_owner (W)         index into Participants.owner_id, −1 = none
    """

    id: Ids
    group: Ints
    mw: Floats
    bus_share: sp.csr_array
    group_id: Ids
    group_owner: Ints

    def __post_init__(self) -> None:
        freeze(self)

    @property
    def by_group(self) -> sp.csr_array:
        """(W, S): 1 where a source belongs to a group."""
        count = len(self.id)
        return sp.csr_array((np.ones(count), (self.group, np.arange(count))), shape=(len(self.group_id), count))


def supply(case: Case, rules: Rules) -> Supply:
    """All sources of a case."""
    units, sites, stores, pumps, plants = (
        case.units, case.renewables, case.storage, case.pumped_hydro, case.virtual_plants,
    )  # fmt: skip
    periods, buses = case.horizon.periods, len(case.network.bus_id)
    generation = np.flatnonzero(plants.kind == VirtualPlantKind.GENERATION)
    share = market_share(case, rules.pumped)[:, None] if pumps.id else np.zeros((0, 1))
    pumped_mw = pumps.generate_max_mw.reshape(len(pumps.id), -1) * share if pumps.id else np.zeros((0, periods))
    virtual_mw = plants.max_mw[generation] if len(generation) else np.zeros((0, periods))
    ids = (*units.id, *sites.id, *stores.id, *pumps.id, *(plants.id[v] for v in generation))
    owner = np.concatenate([units.owner, sites.owner, stores.owner, pumps.owner, plants.owner[generation]])
    at = np.concatenate([units.bus, sites.bus, stores.bus, pumps.bus]).astype(np.int64)
    place = np.full(len(plants.id), -1, dtype=np.int64)
    place[generation] = len(at) + np.arange(len(generation))
    used = place[plants.factor_plant] >= 0
    row = np.concatenate([np.arange(len(at)), place[plants.factor_plant[used]]])
    column = np.concatenate([at, plants.factor_bus[used]])
    value = np.concatenate([np.ones(len(at)), plants.factor[used]])
    group, group_id, group_owner = _groups(owner.astype(np.int64), ids, case.participants.owner_id)
    able = np.where(units.on_max == 1, units.p_max_mw, 0.0)
    netted = rules.market.structure.demand is StructureDemand.NET_OF_RENEWABLES
    forecast = np.zeros(sites.forecast_mw.shape) if netted else sites.forecast_mw
    return Supply(
        id=ids,
        group=group,
        mw=np.concatenate([able, forecast, stores.discharge_max_mw, pumped_mw, virtual_mw]),
        bus_share=sp.csr_array((value, (row, column)), shape=(len(ids), buses)),
        group_id=group_id,
        group_owner=group_owner,
    )


def _groups(owner: Ints, ids: Ids, owner_id: Ids) -> tuple[Ints, Ids, Ints]:
    """Group of every source, ids and owners of the groups: owners in their order, then sources without one."""
    present = np.unique(owner[owner >= 0])
    alone = np.flatnonzero(owner < 0)
    place = np.full(len(owner_id) + 1, -1, dtype=np.int64)
    place[present] = np.arange(len(present))
    group = place[owner]
    group[alone] = len(present) + np.arange(len(alone))
    names = (*(owner_id[i] for i in present), *(ids[s] for s in alone))
    return group, names, np.concatenate([present, np.full(len(alone), -1)]).astype(np.int64)


def sources_of(case: Case) -> tuple[Ints, Ints, Ints]:
    """Source (row of S) of every unit (N), site (R) and virtual plant (V); −1 = none, a virtual load."""
    units, sites = len(case.units.id), len(case.renewables.id)
    generation = np.flatnonzero(case.virtual_plants.kind == VirtualPlantKind.GENERATION)
    before = units + sites + len(case.storage.id) + len(case.pumped_hydro.id)
    plants = np.full(len(case.virtual_plants.id), -1, dtype=np.int64)
    plants[generation] = before + np.arange(len(generation))
    return np.arange(units), units + np.arange(sites), plants


def scheduled(case: Case, schedule: Schedule) -> Floats:
    """What every source gives in a schedule (S, T), MW; storage what it discharges."""
    generation = np.flatnonzero(case.virtual_plants.kind == VirtualPlantKind.GENERATION)
    parts = [schedule.dispatch_mw, schedule.renewable_mw, schedule.discharge_mw]
    parts += [schedule.generate_mw] if case.pumped_hydro.id else []
    parts += [schedule.virtual_mw[generation]] if len(generation) else []
    return np.concatenate(parts)


def demand(case: Case, rules: Rules) -> Floats:
    """Demand (T) that supply is held against: loads and firm bids less ties; with reserve and less the forecasts of
    renewables where the rules say so."""
    found = case.loads.mw.sum(axis=0) - case.ties.import_mw.sum(axis=0)
    if case.demand_bids.id:
        found = found + case.demand_bids.min_mw.sum(axis=0)
    plants = case.virtual_plants
    if plants.id:
        found = found + plants.min_mw[plants.kind == VirtualPlantKind.LOAD].sum(axis=0)
    if rules.market.structure.demand is not StructureDemand.LOAD:
        found = found + _reserve(case, rules)
    if rules.market.structure.demand is StructureDemand.NET_OF_RENEWABLES:
        found = found - case.renewables.forecast_mw.sum(axis=0)
    return np.asarray(found)


def _reserve(case: Case, rules: Rules) -> Floats:
    """Positive reserve (T): the greater of the products' requirements together and the system's margin."""
    table, periods = case.reserves, case.horizon.periods
    upward = table.direction == Direction.UP
    products = table.requirement_mw[upward].sum(axis=0) if upward.any() else np.zeros(periods)
    system = table.positive_min_mw
    if system is None:
        system = np.full(periods, rules.reserves.positive_min_mw or 0.0)
    return np.maximum(products, system)
