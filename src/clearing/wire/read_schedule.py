"""Proto → schedule, flows and uplift, gathered from the results of all owners."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Flags, Floats, Ids
from clearing.case.case import Case
from clearing.case.islands import island_ids
from clearing.case.resources import StorageMode
from clearing.case.result import Payments, Uplift
from clearing.case.schedule import Flows, Schedule
from clearing.v1 import schedule_pb2
from clearing.wire import read_pumped
from clearing.wire.fields import Table, index_of
from clearing.wire.place import Rows
from clearing.wire.problems import Problems

OWNERS = "result.owner_results"
SYSTEM = "result.system_schedule"


@dataclass(frozen=True, slots=True)
class Gathered:
    """Rows of all owners."""

    units: Rows
    renewables: Rows
    storage: Rows
    demand_bids: Rows
    virtual_plants: Rows
    pumped: Rows
    reservoirs: Rows


def gather(pb: schedule_pb2.Result, case: Case, problems: Problems) -> Gathered:
    """Tables of all owners; every row of the case must stand in exactly one of them."""
    periods = case.horizon.periods
    units, renewables, storage, bids, plants = [], [], [], [], []
    for k, owner in enumerate(pb.owner_results):
        path = f"{OWNERS}[{k}]"
        problems.only(owner, path)
        problems.only(owner.units, f"{path}.units")
        problems.only(owner.renewables, f"{path}.renewables")
        problems.only(owner.storage, f"{path}.storage")
        units.append(Table(owner.units, f"{path}.units", "id", periods, problems))
        renewables.append(Table(owner.renewables, f"{path}.renewables", "id", periods, problems))
        storage.append(Table(owner.storage, f"{path}.storage", "id", periods, problems))
        problems.only(owner.demand_bids, f"{path}.demand_bids")
        problems.only(owner.virtual_plants, f"{path}.virtual_plants")
        bids.append(Table(owner.demand_bids, f"{path}.demand_bids", "id", periods, problems))
        plants.append(Table(owner.virtual_plants, f"{path}.virtual_plants", "id", periods, problems))
    return Gathered(
        Rows(units, "id", case.units.id, f"{OWNERS}.units.id", periods),
        Rows(renewables, "id", case.renewables.id, f"{OWNERS}.renewables.id", periods),
        Rows(storage, "id", case.storage.id, f"{OWNERS}.storage.id", periods),
        Rows(bids, "id", case.demand_bids.id, f"{OWNERS}.demand_bids.id", periods),
        Rows(plants, "id", case.virtual_plants.id, f"{OWNERS}.virtual_plants.id", periods),
        *read_pumped.gather(pb, case, problems),
    )


def schedule(pb: schedule_pb2.Result, rows: Gathered, case: Case, problems: Problems) -> Schedule:
    """What every resource does, in the order of the case's tables."""
    problems.only(pb.system_schedule, SYSTEM)
    on = rows.units.flags("on")
    came, went = transitions(on, case)
    islands = island_ids(case.network, case.horizon.periods)
    return Schedule(
        on=on,
        start=rows.units.flags("start", came),
        stop=rows.units.flags("stop", went),
        dispatch_mw=rows.units.series("dispatch_mw"),
        curve_mw=rows.units.series("curve_mw") if rows.units.states("curve_mw") else np.zeros(on.shape),
        regulating=rows.units.flags("regulating", np.zeros(on.shape, dtype=np.int8)),
        renewable_mw=rows.renewables.series("mw"),
        charge_mw=rows.storage.series("charge_mw"),
        discharge_mw=rows.storage.series("discharge_mw"),
        energy_mwh=rows.storage.series("energy_mwh"),
        reserve_mw=_awards(rows.units, "award_unit", case.units.id, case, problems),
        storage_reserve_mw=_awards(rows.storage, "award_storage", case.storage.id, case, problems),
        shed_mw=_sparse(pb, "shed_bus", "shed_mw", case.network.bus_id, case, problems),
        surplus_mw=_sparse(pb, "surplus_island", "surplus_mw", islands, case, problems),
        demand_mw=rows.demand_bids.series("mw"),
        virtual_mw=rows.virtual_plants.series("mw"),
        hvdc_mw=_sparse(pb, "hvdc_id", "hvdc_mw", case.hvdc_lines.id, case, problems),
        pumped_mode=rows.pumped.enum_series("mode", StorageMode),
        pump_mw=rows.pumped.series("pump_mw"),
        generate_mw=rows.pumped.series("generate_mw"),
        reservoir_mwh=rows.reservoirs.series("reservoir_mwh"),
    )


def uplift(rows: Gathered) -> Uplift | None:
    """Make-whole payments, or None where no owner has any column of them."""
    if not any(rows.units.states(name) for name in ("make_whole", "revenue", "cost")):
        return None
    return Uplift(*(rows.units.floats(name) for name in ("make_whole", "revenue", "cost")))


def payments(pb: schedule_pb2.Result, rows: Gathered, case: Case, problems: Problems) -> Payments | None:
    """Money of demand bids, virtual plants, storage awards and direct-current lines; None where none is stated."""
    bids, plants, storage = rows.demand_bids, rows.virtual_plants, rows.storage
    stated = [bids.states(n) for n in ("payment", "value")] + [plants.states(n) for n in ("price", "revenue")]
    earned = storage.states("reserve_revenue")
    if not (any(stated) or earned or pb.system_schedule.hvdc_rent):
        return None
    return Payments(
        demand_payment=bids.floats("payment"),
        demand_value=bids.floats("value"),
        virtual_price=plants.series("price"),
        virtual_revenue=plants.floats("revenue"),
        hvdc_rent=_rents(pb, case, problems),
        storage_reserve_revenue=storage.floats("reserve_revenue") if earned else np.zeros(0),
    )


def _rents(pb: schedule_pb2.Result, case: Case, problems: Problems) -> Floats:
    """(H), 0 for lines that have no row."""
    table = Table(pb.system_schedule, SYSTEM, "hvdc_id", case.horizon.periods, problems)
    at, own = table.references("hvdc_id", index_of(case.hvdc_lines.id)), table.floats("hvdc_rent", 0.0)
    rent = np.zeros(len(case.hvdc_lines.id))
    rent[at[at >= 0]] = own[at >= 0]
    return rent


def flows(pb: schedule_pb2.Result, case: Case, problems: Problems) -> Flows | None:
    """Flows of all branches and interfaces, or None where they are not stated."""
    if not pb.system_schedule.HasField("flows"):
        return None
    path, periods = f"{SYSTEM}.flows", case.horizon.periods
    message = pb.system_schedule.flows
    problems.only(message, path)
    branch = Table(message, path, "branch_id", periods, problems)
    interface = Table(message, path, "interface_id", periods, problems)
    return Flows(
        Rows([branch], "branch_id", case.network.branch_id, f"{path}.branch_id", periods).series("branch_mw"),
        Rows([interface], "interface_id", case.network.interface_id, f"{path}.interface_id", periods).series(
            "interface_mw"
        ),
    )


def transitions(on: Flags, case: Case) -> tuple[Flags, Flags]:
    """(N, T) starts and stops that a commitment implies."""
    change = np.diff(on, axis=1, prepend=case.units.initial_on.astype(np.int8)[:, None])
    return (change > 0).astype(np.int8), (change < 0).astype(np.int8)


def _awards(holders: Rows, key: str, ids: Ids, case: Case, problems: Problems) -> Floats:
    """(Q, n, T) of units or storage; pairs without a row hold nothing."""
    periods = case.horizon.periods
    full = np.zeros((len(case.reserves.product_id), len(ids), periods))
    product_of, holder_of = index_of(case.reserves.product_id), index_of(ids)
    for own in holders.tables:
        table = Table(own.message, own.path, key, periods, problems)
        unit = table.references(key, holder_of)
        product = table.references("award_product", product_of)
        mw = table.series("award_mw")
        known = (unit >= 0) & (product >= 0)
        if np.unique(np.stack([unit, product]), axis=1).shape[1] < len(unit):
            problems.error("DUPLICATE_ID", f"{own.path}.{key}", "A holder and product stand together twice.")
        full[product[known], unit[known]] = mw[known]
    return full


def _sparse(pb: schedule_pb2.Result, key: str, name: str, ids: Ids, case: Case, problems: Problems) -> Floats:
    """(n, T) with zeros for ids that have no row."""
    table = Table(pb.system_schedule, SYSTEM, key, case.horizon.periods, problems)
    table.ids(key)
    at = table.references(key, index_of(ids))
    full = np.zeros((len(ids), case.horizon.periods))
    full[at[at >= 0]] = table.series(name)[at >= 0]
    return full
