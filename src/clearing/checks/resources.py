"""Families of what is not committed: renewables, storage, balance, shed and surplus."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.finding import Finding
from clearing.case.resources import StorageMode
from clearing.checks.electrical import island_sum
from clearing.checks.facts import Facts, at_bus, residual
from clearing.checks.finding import over, tolerance
from clearing.checks.hvdc import asked_for, change, greatest_change
from clearing.rules.rules import LossModel


def renewables(known: Facts) -> list[Finding]:
    """min_mw ≤ P ≤ forecast_mw."""
    sites, output = known.case.renewables, known.schedule.renewable_mw
    low, high = sites.min_mw, sites.forecast_mw
    return [
        *over(
            "RENEWABLE_MIN",
            "renewables",
            sites.id,
            low - output,
            tolerance(low),
            "output is below its minimum",
            output,
            low,
        ),
        *over(
            "RENEWABLE_MAX",
            "renewables",
            sites.id,
            output - high,
            tolerance(high),
            "output exceeds its forecast",
            output,
            high,
        ),
    ]


def storage(known: Facts) -> list[Finding]:
    """Power limits, charge or discharge but not both, energy balance, energy bounds, final energy."""
    plants, schedule = known.case.storage, known.schedule
    charge, discharge, energy = schedule.charge_mw, schedule.discharge_mw, schedule.energy_mwh
    family, ids = "storage", plants.id
    power = tolerance(plants.charge_max_mw, plants.discharge_max_mw)
    room = tolerance(plants.energy_max_mwh)
    low, high = plants.energy_min_mwh, plants.energy_max_mwh
    before = np.concatenate([plants.initial_energy_mwh[:, None], energy[:, :-1]], axis=1)
    inflow = plants.charge_efficiency * charge - discharge / plants.discharge_efficiency
    gap = np.abs(energy - energy_kept(known) * before - known.hours * inflow)
    last = energy[:, -1]
    return [
        *_storage_modes(known, power),
        *over("STORAGE_POWER", family, ids, charge - plants.charge_max_mw, power, "charges above its limit", charge),
        *over(
            "STORAGE_POWER",
            family,
            ids,
            discharge - plants.discharge_max_mw,
            power,
            "discharges above its limit",
            discharge,
        ),
        *over("STORAGE_POWER", family, ids, np.maximum(-charge, -discharge), power, "charges or discharges below zero"),
        *over("STORAGE_EXCLUSIVE", family, ids, np.minimum(charge, discharge), power, "charges and discharges at once"),
        *over(
            "STORAGE_ENERGY",
            family,
            ids,
            gap,
            room,
            "energy does not follow from charge and discharge",
            energy,
            unit="MWh",
        ),
        *over(
            "STORAGE_LEVEL",
            family,
            ids,
            np.maximum(low - energy, energy - high),
            room,
            "energy is out of bounds",
            energy,
            unit="MWh",
        ),
        *over(
            "STORAGE_FINAL",
            family,
            ids,
            np.maximum(plants.final_energy_min_mwh - last, last - plants.final_energy_max_mwh),
            room[:, -1],
            "final energy is out of bounds",
            last,
            unit="MWh",
        ),
    ]


def energy_kept(known: Facts) -> Floats:
    """What self-discharge leaves of a MWh over a period (G, T)."""
    return np.asarray((1.0 - known.case.storage.self_discharge_per_hour) ** known.hours)


def _storage_modes(known: Facts, power: Floats) -> list[Finding]:
    """Least charging while charging, least discharging while discharging, and no other mode than the given one."""
    plants, schedule = known.case.storage, known.schedule
    charge, discharge, given = schedule.charge_mw, schedule.discharge_mw, plants.given_mode
    free, ids = given == StorageMode.UNSPECIFIED, plants.id
    found: list[Finding] = []
    for mode, mw, least, word in (
        (StorageMode.CHARGE, charge, plants.charge_min_mw, "charges"),
        (StorageMode.DISCHARGE, discharge, plants.discharge_min_mw, "discharges"),
    ):
        runs = (mw > power) | (given == mode)
        short, other = np.where(runs, least - mw, 0.0), np.where(free | (given == mode), 0.0, mw)
        found += over("STORAGE_MIN", "storage", ids, short, power, f"{word} less than its least", mw, least)
        found += over("STORAGE_GIVEN", "storage", ids, other, power, f"{word} in another mode than the given one", mw)
    return found


def hvdc(known: Facts) -> list[Finding]:
    """Flows between the limits asked for, widened to 0 (what lies short of them is soft), and within ramps."""
    case, flow = known.case, known.schedule.hvdc_mw
    if not case.hvdc_lines.id:
        return []
    least, most = asked_for(case)
    low, high, ids = np.minimum(least, 0.0), np.maximum(most, 0.0), case.hvdc_lines.id
    near = np.maximum(tolerance(least), tolerance(most))
    beyond = np.maximum(low - flow, flow - high)
    moved = np.abs(change(known.schedule)) - greatest_change(case)
    return [
        *over("HVDC_LIMIT", "hvdc", ids, beyond, near, "flow is out of bounds", flow, np.clip(flow, low, high)),
        *over("HVDC_RAMP", "hvdc", ids, moved, near, "flow changes faster than its ramp", change(known.schedule)),
    ]


def balance(known: Facts) -> list[Finding]:
    """Σ injections = surplus, by island and period."""
    if known.rules.losses.model is not LossModel.NONE:
        return []  # what is injected too much is lost: losses that are not those of the flows are a violation (soft.py)
    gap = np.abs(residual(known))
    text = "generation, imports, shed and surplus do not meet the load"
    return over("BALANCE", "balance", known.grid.island_id, gap, balance_tolerance(known), text)


def balance_tolerance(known: Facts) -> Floats:
    """1e-7 of the greatest bus load or output of the period, at least 1e-6 MW (T,).

    Tighter than elsewhere: a share of the whole load would hide a small unit.
    """
    size = np.zeros(known.injection_mw.shape[1])
    for rows in (known.bus_load_mw, known.schedule.dispatch_mw, known.schedule.renewable_mw, known.case.ties.import_mw):
        size = np.maximum(size, np.abs(rows).max(axis=0, initial=0.0))
    return tolerance(0.1 * size)


def imbalance(known: Facts) -> list[Finding]:
    """0 ≤ shed ≤ max(load, 0) + export over ties, by bus; surplus ≥ 0 by island."""
    shed, surplus, buses = known.schedule.shed_mw, known.schedule.surplus_mw, known.case.network.bus_id
    ties = known.case.ties
    most = np.maximum(known.bus_load_mw, 0.0) + at_bus(ties.bus, np.maximum(-ties.import_mw, 0.0), len(buses))
    size = tolerance(island_sum(known.grid, most))
    return [
        *over("SHED_LIMIT", "shortage", buses, -shed, tolerance(most), "shed load is negative", shed),
        *over(
            "SHED_LIMIT", "shortage", buses, shed - most, tolerance(most), "more load is shed than there is", shed, most
        ),
        *over("SURPLUS_LIMIT", "surplus", known.grid.island_id, -surplus, size, "surplus is negative", surplus),
    ]
