"""Proto → pumped hydro, of the case and of a result."""

from __future__ import annotations

import numpy as np

from clearing.case.case import Case
from clearing.case.pumped_hydro import NO_PUMPED_HYDRO, PumpedHydro
from clearing.case.resources import StorageMode
from clearing.v1 import schedule_pb2, storage_pb2
from clearing.wire.fields import Table, index_of
from clearing.wire.place import Rows
from clearing.wire.problems import Problems
from clearing.wire.read_resources import Names

OWNERS = "result.owner_results"


def pumped_hydro(pb: storage_pb2.PumpedHydro, names: Names, periods: int, problems: Problems) -> PumpedHydro:
    """Units and reservoirs."""
    path = "case.pumped_hydro"
    problems.only(pb, path)
    table, pools = Table(pb, path, "id", periods, problems), Table(pb, path, "reservoir_id", periods, problems)
    ids = pools.ids("reservoir_id")
    least, most = pools.floats("reservoir_min_mwh", 0.0), pools.floats("reservoir_max_mwh")
    found = PumpedHydro(
        id=table.ids("id"),
        plant=table.references("plant", names.plant, optional=True),
        owner=table.references("owner", names.owner, optional=True),
        bus=table.references("bus", names.bus),
        reservoir=table.references("reservoir", index_of(ids)),
        generate_min_mw=table.series("generate_min_mw", 0.0),
        generate_max_mw=table.series("generate_max_mw"),
        pump_mw=table.floats("pump_mw"),
        generate_efficiency=table.floats("generate_efficiency", 1.0),
        pump_efficiency=table.floats("pump_efficiency", 1.0),
        market_share=table.floats("market_share", np.full(table.rows, -1.0)),
        initial_mode=table.enum("initial_mode", StorageMode),
        initial_minutes=table.whole("initial_minutes"),
        changeover_minutes=table.whole("changeover_minutes", 0),
        max_mode_changes=table.whole("max_mode_changes", -1),
        pump_price_per_mwh=table.series("pump_price_per_mwh", 0.0),
        generate_price_per_mwh=table.series("generate_price_per_mwh", 0.0),
        reservoir_id=ids,
        reservoir_min_mwh=least,
        reservoir_max_mwh=most,
        reservoir_initial_mwh=pools.floats("reservoir_initial_mwh"),
        reservoir_final_min_mwh=pools.floats("reservoir_final_min_mwh", least),
        reservoir_final_max_mwh=pools.floats("reservoir_final_max_mwh", most),
        reservoir_inflow_mw=pools.series("reservoir_inflow_mw", 0.0),
    )
    return found if table.rows or pools.rows else NO_PUMPED_HYDRO


def gather(pb: schedule_pb2.Result, case: Case, problems: Problems) -> tuple[Rows, Rows]:
    """Units and reservoirs in the results of all owners."""
    periods, units, pools = case.horizon.periods, [], []
    for k, owner in enumerate(pb.owner_results):
        path = f"{OWNERS}[{k}].pumped_hydro"
        problems.only(owner.pumped_hydro, path)
        units.append(Table(owner.pumped_hydro, path, "id", periods, problems))
        pools.append(Table(owner.pumped_hydro, path, "reservoir_id", periods, problems))
    path, table = f"{OWNERS}.pumped_hydro", case.pumped_hydro
    return (
        Rows(units, "id", table.id, f"{path}.id", periods),
        Rows(pools, "reservoir_id", table.reservoir_id, f"{path}.reservoir_id", periods),
    )
