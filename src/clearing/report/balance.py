"""System-wide series of a case and its schedule: load, supply by fuel, storage, ties, curtailment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Bools, Floats, Ints
from clearing.case.case import Case
from clearing.case.hvdc_lines import delivered
from clearing.case.schedule import Schedule
from clearing.case.units import Fuel
from clearing.case.virtual_plants import VirtualPlantKind
from clearing.report.topology import bus_load_mw

# Bottom of the stack first: what runs flat, what follows the load, what the weather brings.
STACK_ORDER = (
    Fuel.NUCLEAR,
    Fuel.COAL,
    Fuel.BIOMASS,
    Fuel.GAS,
    Fuel.OIL,
    Fuel.OTHER,
    Fuel.UNSPECIFIED,
    Fuel.HYDRO,
    Fuel.WIND,
    Fuel.SOLAR_THERMAL,
    Fuel.SOLAR,
    Fuel.ROOFTOP_SOLAR,
)
FUEL_NAMES = {f: f.name.replace("_", " ").capitalize() for f in Fuel} | {Fuel.UNSPECIFIED: "Fuel not stated"}


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of the stack: name to show, role (picks colour and pattern), MW over the periods (T)."""

    name: str
    role: str
    mw: Floats


def _by_fuel(fuel: Ints, mw: Floats) -> dict[Fuel, Floats]:
    return {Fuel(f): mw[fuel == f].sum(axis=0) for f in np.unique(fuel).tolist()}


def _both(of_units: Floats | None, of_sites: Floats | None) -> Floats:
    return np.asarray(np.sum([part for part in (of_units, of_sites) if part is not None], axis=0))


def supply(case: Case, schedule: Schedule, lossy: bool = False) -> list[Layer]:
    """Layers of the dispatch stack, bottom first; sinks (charging, pumping, exports, losses, surplus) are negative.

    lossy: what supply has more than load and sinks is lost on branches; the audit says whether it is what they lose.
    """
    units = _by_fuel(case.units.fuel, schedule.dispatch_mw + schedule.curve_mw)
    sites = _by_fuel(case.renewables.fuel, schedule.renewable_mw)
    imports = case.ties.import_mw
    layers = [Layer("Tie imports", "import", np.maximum(imports, 0.0).sum(axis=0))]
    layers += [
        Layer(FUEL_NAMES[f], f.name.lower(), _both(units.get(f), sites.get(f)))
        for f in STACK_ORDER
        if f in units or f in sites
    ]
    plants = case.virtual_plants
    takes = plants.kind == VirtualPlantKind.LOAD
    bought = _over(schedule.demand_mw, case.demand_bids.min_mw) + _over(schedule.virtual_mw, plants.min_mw, takes)
    layers += [
        Layer("Virtual generation", "other", schedule.virtual_mw[~takes].sum(axis=0)),
        Layer("Load bought by bids", "charge", -bought),
        Layer("Storage discharging", "discharge", schedule.discharge_mw.sum(axis=0)),
        Layer("Pumped hydro generating", "hydro", schedule.generate_mw.sum(axis=0)),
        Layer("Load not served", "shed", schedule.shed_mw.sum(axis=0)),
        Layer("Storage charging", "charge", -schedule.charge_mw.sum(axis=0)),
        Layer("Pumped hydro pumping", "hydro", -schedule.pump_mw.sum(axis=0)),
        Layer("Tie exports", "export", np.minimum(imports, 0.0).sum(axis=0)),
        Layer("Losses of direct-current lines", "export", hvdc_balance(case, schedule)),
        Layer("Surplus", "surplus", -schedule.surplus_mw.sum(axis=0)),
    ]
    if lossy:
        over = np.sum([layer.mw for layer in layers], axis=0) - bus_load_mw(case).sum(axis=0)
        layers.append(Layer("Losses of branches", "export", -np.asarray(over)))
    return [layer for layer in layers if np.any(np.abs(layer.mw) > 1e-6)]


def hvdc_balance(case: Case, schedule: Schedule) -> Floats:
    """What direct-current lines bring less what they take, MW (T): minus their losses."""
    flow = schedule.hvdc_mw
    return np.asarray(((delivered(case.hvdc_lines).reshape(flow.shape) - 1.0) * flow).sum(axis=0))


def _over(mw: Floats, least: Floats, rows: Bools | None = None) -> Floats:
    """MW over the least, summed over (some) rows (T): the least is part of the load."""
    total = mw - least if len(mw) else mw
    return np.asarray((total if rows is None else total[rows]).sum(axis=0))


def curtailed(case: Case, schedule: Schedule) -> Floats:
    """Renewable output left unused, MW (T)."""
    room: Floats = case.renewables.forecast_mw - schedule.renewable_mw
    return np.asarray(np.maximum(room, 0.0).sum(axis=0))
