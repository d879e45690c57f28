"""A schedule from the solution of a problem."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Flags, Floats
from clearing.case.case import Case
from clearing.case.hvdc_lines import delivered
from clearing.case.output_curves import curve_output
from clearing.case.resources import StorageMode
from clearing.case.schedule import Schedule
from clearing.case.virtual_plants import VirtualPlantKind
from clearing.formulation.model import Model
from clearing.formulation.modes import mode_columns
from clearing.formulation.variables import load_buses


def commitment_of(model: Model, x: Floats) -> tuple[Flags, Flags]:
    """on (N, T) and modes (M, T) of a solution, rounded to 0/1."""
    columns = model.problem.columns
    return np.rint(x[columns["on"]]).astype(np.int8), np.rint(x[mode_columns(columns)]).astype(np.int8)


def schedule_of(model: Model, x: Floats) -> Schedule:
    """The schedule of a solution; commitment is rounded to 0/1, a unit that is off has exactly no output."""
    case, columns = model.case, model.problem.columns
    periods = case.horizon.periods
    on, _ = commitment_of(model, x)
    pumps = _pumped(model, x) if case.pumped_hydro.id else {}
    before = np.concatenate([case.units.initial_on[:, None].astype(np.int8), on[:, :-1]], axis=1)
    renewable = np.array(case.renewables.min_mw, dtype=np.float64)
    np.add.at(renewable, model.renewable_curve.resource, x[columns["renewable_segment"]])
    reserve = np.zeros((len(case.reserves.product_id), len(case.units.id), periods))
    awards = model.awards
    reserve[awards.product, awards.unit] = x[columns["award"]]
    reserve = np.where(on == 1, reserve, 0.0)
    off = awards.product[awards.offline], awards.unit[awards.offline]
    reserve[off] += np.where(on[off[1]] == 0, x[columns["award_offline"]], 0.0)
    stored = np.zeros((len(case.reserves.product_id), len(case.storage.id), periods))
    stored[awards.storage_product, awards.storage] = x[columns["award_storage"]]
    shed = np.zeros((len(case.network.bus_id), periods))
    shed[load_buses(case)] = x[columns["shed"]]
    return Schedule(
        on=on,
        start=(on > before).astype(np.int8),
        stop=(on < before).astype(np.int8),
        dispatch_mw=np.where(on == 1, case.units.p_min_mw + x[columns["above"]], 0.0),
        curve_mw=curve_output(case, on),
        renewable_mw=renewable,
        charge_mw=x[columns["charge"]],
        discharge_mw=x[columns["discharge"]],
        energy_mwh=x[columns["energy"]],
        reserve_mw=reserve,
        storage_reserve_mw=stored,
        shed_mw=shed,
        surplus_mw=x[columns["surplus_step"]].sum(axis=0),
        demand_mw=_over(case.demand_bids.min_mw, "demand", model, x),
        virtual_mw=_over(case.virtual_plants.min_mw, "virtual", model, x),
        hvdc_mw=_over(np.zeros((1, 1)), "hvdc", model, x),
        regulating=_regulating(model, x),
        **pumps,
    )


def _regulating(model: Model, x: Floats) -> Flags:
    """Units (N, T) that regulate within their band."""
    case, columns = model.case, model.problem.columns
    found = np.zeros((len(case.units.id), case.horizon.periods), dtype=np.int8)
    if len(case.regulation_bands.unit):
        found[case.regulation_bands.unit] = np.rint(x[columns["regulating"]])
    return found


def _pumped(model: Model, x: Floats) -> dict[str, np.ndarray]:
    """Pumped hydro: mode, MW and energy; a unit that does not generate has exactly no output."""
    columns = model.problem.columns
    pumps, generates = (np.rint(x[columns[name]]) == 1.0 for name in ("pumping", "generating"))
    return {
        "pumped_mode": np.select(
            [pumps, generates], [StorageMode.CHARGE, StorageMode.DISCHARGE], StorageMode.IDLE
        ).astype(np.int8),
        "pump_mw": np.where(pumps, model.market.pump_mw[:, None], 0.0),
        "generate_mw": np.where(generates, x[columns["generation"]], 0.0),
        "reservoir_mwh": x[columns["reservoir"]],
    }


def _over(least: Floats, name: str, model: Model, x: Floats) -> Floats:
    """Least MW plus what a column holds over it; no rows where the case has none."""
    columns = model.problem.columns
    return least + x[columns[name]] if name in columns else np.zeros((0, model.case.horizon.periods))


def injection_of(model: Model, schedule: Schedule) -> Floats:
    """Net injection of every bus (K, T), surplus left out (it is withdrawn at the reference)."""
    return injected_mw(model.case, schedule)


def injected_mw(case: Case, schedule: Schedule) -> Floats:
    """The same from the case alone."""
    total = np.zeros(schedule.shed_mw.shape)
    plants = case.virtual_plants
    spread = plants.factor * np.where(plants.kind == VirtualPlantKind.LOAD, -1.0, 1.0)[plants.factor_plant]
    for bus, mw in (
        (case.units.bus, schedule.dispatch_mw),
        (case.units.bus, schedule.curve_mw),
        (case.renewables.bus, schedule.renewable_mw),
        (case.storage.bus, schedule.discharge_mw - schedule.charge_mw),
        (case.pumped_hydro.bus, schedule.generate_mw - schedule.pump_mw),
        (case.ties.bus, case.ties.import_mw),
        (case.loads.bus, -case.loads.mw),
        (case.demand_bids.bus, -schedule.demand_mw),
        (plants.factor_bus, spread[:, None] * schedule.virtual_mw[plants.factor_plant]),
        (case.hvdc_lines.from_bus, -schedule.hvdc_mw),
        (case.hvdc_lines.to_bus, delivered(case.hvdc_lines).reshape(schedule.hvdc_mw.shape) * schedule.hvdc_mw),
    ):
        np.add.at(total, bus, mw)
    return total + schedule.shed_mw
