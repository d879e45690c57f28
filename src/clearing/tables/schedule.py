"""Commitment, output, reserves and flows of a schedule as tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from clearing.case.arrays import Flags, Ids
from clearing.case.awarded import counted_mw
from clearing.case.case import Case
from clearing.case.schedule import Flows, Schedule
from clearing.case.units import Fuel
from clearing.tables.frame import bus_names, events, real, series, when, whole
from clearing.tables.starts import starts


def commitment(case: Case, on: Flags) -> pd.DataFrame:
    """On/off (0/1): rows of periods, a column a unit."""
    return series(case.horizon, on, {"unit": case.units.id})


def initial_commitment(case: Case) -> pd.DataFrame:
    """State before the first period by unit: before (0/1), minutes in it, mw."""
    units = case.units
    columns = {"unit": units.id, "before": units.initial_on.astype(np.int8), "minutes": units.initial_minutes}
    return events({**columns, "mw": units.initial_mw}, ["unit"])


def start_list(case: Case, schedule: Schedule) -> pd.DataFrame:
    """Every start by period: start state, minutes off before it, cost."""
    found = starts(case, schedule)
    columns = {
        **when(case.horizon, whole([s.period for s in found])),
        "unit": [case.units.id[s.unit] for s in found],
        "state": [s.state.name.lower() for s in found],
        "minutes_off": whole([s.minutes_off for s in found]),
        "cost": real([s.cost for s in found]),
    }
    return events(columns, ["label", "period_end", "unit"])


@dataclass(frozen=True, slots=True)
class _Part:
    """Rows of one kind: ids, buses and fuels (n), values (n, T)."""

    kind: str
    ids: Ids
    bus: list[str]
    fuel: list[str]
    values: np.ndarray


def dispatch(case: Case, schedule: Schedule) -> pd.DataFrame:
    """What every resource does: rows of periods, columns (kind, id, bus, fuel); MW unless the kind says otherwise.

    Kinds: unit, renewable, unit_curve (output on start-up and shut-down curves), storage_charge_mw,
    storage_discharge_mw, storage_energy_mwh, pumped_hydro_mode (0 idle, 1 pumps, 2 generates), pumped_hydro_pump_mw,
    pumped_hydro_generate_mw, reservoir_mwh, demand_bid, virtual_plant, tie_import, hvdc_flow (at from_bus), and, where
    there is any, shed (load not served at a bus) and surplus (generation with nowhere to go, by island).
    """
    parts = [part for part in _parts(case, schedule) if len(part.ids)]
    values = np.concatenate([part.values for part in parts]) if parts else np.zeros((0, case.horizon.periods))
    columns = {
        "kind": [part.kind for part in parts for _ in part.ids],
        "id": [name for part in parts for name in part.ids],
        "bus": [bus for part in parts for bus in part.bus],
        "fuel": [fuel for part in parts for fuel in part.fuel],
    }
    return series(case.horizon, values.astype(np.float64), columns)


def _parts(case: Case, schedule: Schedule) -> list[_Part]:
    units, renewables, storage, pumped = case.units, case.renewables, case.storage, case.pumped_hydro
    curve, shed = _any(schedule.curve_mw), _any(schedule.shed_mw)
    surplus = _any(schedule.surplus_mw)
    curved = tuple(units.id[i] for i in curve.tolist())
    at_bus = tuple("" for _ in shed)
    islands = tuple(f"island {i + 1}" for i in surplus.tolist())
    return [
        _part(case, "unit", units.id, schedule.dispatch_mw, units.bus, units.fuel),
        _part(case, "renewable", renewables.id, schedule.renewable_mw, renewables.bus, renewables.fuel),
        _part(case, "unit_curve", curved, schedule.curve_mw[curve], units.bus[curve]),
        _part(case, "storage_charge_mw", storage.id, schedule.charge_mw, storage.bus),
        _part(case, "storage_discharge_mw", storage.id, schedule.discharge_mw, storage.bus),
        _part(case, "storage_energy_mwh", storage.id, schedule.energy_mwh, storage.bus),
        _part(case, "pumped_hydro_mode", pumped.id, schedule.pumped_mode, pumped.bus),
        _part(case, "pumped_hydro_pump_mw", pumped.id, schedule.pump_mw, pumped.bus),
        _part(case, "pumped_hydro_generate_mw", pumped.id, schedule.generate_mw, pumped.bus),
        _part(case, "reservoir_mwh", pumped.reservoir_id, schedule.reservoir_mwh),
        _part(case, "demand_bid", case.demand_bids.id, schedule.demand_mw, case.demand_bids.bus),
        _part(case, "virtual_plant", case.virtual_plants.id, schedule.virtual_mw),
        _part(case, "tie_import", case.ties.id, case.ties.import_mw, case.ties.bus),
        _part(case, "hvdc_flow", case.hvdc_lines.id, schedule.hvdc_mw, case.hvdc_lines.from_bus),
        _part(case, "shed", at_bus, schedule.shed_mw[shed], shed),
        _part(case, "surplus", islands, schedule.surplus_mw[surplus]),
    ]


def _any(values: np.ndarray) -> np.ndarray:
    """Rows that are not 0 throughout."""
    return np.flatnonzero(np.any(values > 0, axis=1))


def _part(
    case: Case, kind: str, ids: Ids, values: np.ndarray, bus: np.ndarray | None = None, fuel: np.ndarray | None = None
) -> _Part:
    nothing = [""] * len(ids)
    names = nothing if fuel is None else [Fuel(code).name.lower() for code in fuel.tolist()]
    return _Part(kind, ids, nothing if bus is None else bus_names(case, bus), names, values)


def reserves(case: Case, schedule: Schedule) -> pd.DataFrame:
    """Reserve MW: rows of periods, columns (product, row, resource).

    row: requirement; awarded (what counts towards it); award, of every unit and storage unit that holds any.
    """
    awarded = counted_mw(case, schedule)
    product: list[str] = []
    row: list[str] = []
    resource: list[str] = []
    values: list[np.ndarray] = []
    for q, name in enumerate(case.reserves.product_id):
        units, storage = schedule.reserve_mw[q], schedule.storage_reserve_mw[q]
        held, stored = _any(units), _any(storage)
        values += [case.reserves.requirement_mw[q][None], awarded[q][None], units[held], storage[stored]]
        count = held.size + stored.size
        product += [name] * (2 + count)
        row += ["requirement", "awarded", *["award"] * count]
        resource += ["", "", *(case.units.id[i] for i in held.tolist()), *(case.storage.id[g] for g in stored.tolist())]
    stacked = np.concatenate(values) if values else np.zeros((0, case.horizon.periods))
    return series(case.horizon, stacked, {"product": product, "row": row, "resource": resource})


def flows(case: Case, found: Flows) -> pd.DataFrame:
    """Flow MW, from → to positive: rows of periods, columns (kind, id); kinds branch and interface."""
    network = case.network
    kind = ["branch"] * len(network.branch_id) + ["interface"] * len(network.interface_id)
    values = np.concatenate([found.branch_mw, found.interface_mw])
    return series(case.horizon, values, {"kind": kind, "id": (*network.branch_id, *network.interface_id)})
