"""Whether the arrays of a result have the shapes of the case and hold finite numbers."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from clearing.case.case import Case
from clearing.case.finding import Finding
from clearing.case.result import ClearingResult
from clearing.checks.finding import single

Shapes = dict[str, tuple[int, ...]]


def schedule_shapes(case: Case, islands: int) -> Shapes:
    """Shape of every array of a schedule."""
    periods, units = case.horizon.periods, len(case.units.id)
    by_pump, by_pool = (len(case.pumped_hydro.id), periods), (len(case.pumped_hydro.reservoir_id), periods)
    by_unit, by_storage = (units, periods), (len(case.storage.id), periods)
    return {
        "on": by_unit,
        "start": by_unit,
        "stop": by_unit,
        "dispatch_mw": by_unit,
        "curve_mw": by_unit,
        "regulating": by_unit,
        "renewable_mw": (len(case.renewables.id), periods),
        "charge_mw": by_storage,
        "discharge_mw": by_storage,
        "energy_mwh": by_storage,
        "reserve_mw": (len(case.reserves.product_id), units, periods),
        "storage_reserve_mw": (len(case.reserves.product_id), len(case.storage.id), periods),
        "shed_mw": (len(case.network.bus_id), periods),
        "surplus_mw": (islands, periods),
        "demand_mw": (len(case.demand_bids.id), periods),
        "virtual_mw": (len(case.virtual_plants.id), periods),
        "hvdc_mw": (len(case.hvdc_lines.id), periods),
        "pumped_mode": by_pump,
        "pump_mw": by_pump,
        "generate_mw": by_pump,
        "reservoir_mwh": by_pool,
    }


def price_shapes(case: Case, islands: int) -> Shapes:
    """Shape of every array of the prices."""
    periods, network = case.horizon.periods, case.network
    by_bus, by_zone = (len(network.bus_id), periods), (len(network.zone_id), periods)
    return {
        "bus_price": by_bus,
        "bus_energy": by_bus,
        "bus_congestion": by_bus,
        "bus_loss": by_bus,
        "bus_cap_adjustment": by_bus,
        "system_price": (islands, periods),
        "zone_price": by_zone,
        "zone_plain_mean": by_zone,
        "reserve_price": (len(case.reserves.product_id), periods),
        "reserve_speed_price": (len(case.reserves.product_id), periods),
        "reserve_cap_adjustment": (len(case.reserves.product_id), periods),
    }


def flow_shapes(case: Case) -> Shapes:
    """Shape of the claimed flows."""
    periods = case.horizon.periods
    return {
        "branch_mw": (len(case.network.branch_id), periods),
        "interface_mw": (len(case.network.interface_id), periods),
    }


def loss_shapes(case: Case, islands: int) -> Shapes:
    """Shape of every array of stated losses; the part of the surplus may be left out."""
    periods = case.horizon.periods
    return {
        "bus_factor": (len(case.network.bus_id), periods),
        "island_mw": (islands, periods),
        "island_surplus": (islands, periods),
    }


def uplift_shapes(case: Case) -> Shapes:
    """Shape of the uplift arrays."""
    units = (len(case.units.id),)
    return {"make_whole": units, "revenue": units, "cost": units}


def wrong_arrays(table: object, shapes: Shapes, family: str) -> list[Finding]:
    """SHAPE and NOT_FINITE findings of a table; empty where every array can be used."""
    found: list[Finding] = []
    for name, shape in shapes.items():
        found += _wrong(getattr(table, name), shape, family, name)
    return found


def _wrong(value: Any, shape: tuple[int, ...], family: str, name: str) -> list[Finding]:
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        return [single("SHAPE", family, f"{name} is not an array of numbers.", subject=name)]
    if array.shape != shape:
        return [single("SHAPE", family, f"{name} has shape {array.shape}, the case needs {shape}.", subject=name)]
    bad = ~np.isfinite(array)
    if not bad.any():
        return []
    where = tuple(int(j) for j in np.argwhere(bad)[0])
    return [
        single(
            "NOT_FINITE",
            family,
            f"{name} holds {int(bad.sum())} values that are not finite, first at {where}.",
            subject=name,
        )
    ]


def wrong_multipliers(result: ClearingResult) -> list[Finding]:
    """Lengths and finiteness of the sparse multipliers."""
    table = result.multipliers
    if table is None:
        return []
    count = len(table.family)
    if len(table.subject) != count:
        return [single("SHAPE", "multipliers", "family and subject differ in length.", subject="subject")]
    return wrong_arrays(table, {"period": (count,), "value": (count,)}, "multipliers")


def wrong_scalars(result: ClearingResult) -> list[Finding]:
    """Numbers of termination, costs, violations and bindings that are not finite."""
    tables = [("termination", result.termination), ("costs", result.costs)]
    found: list[Finding] = []
    for family, table in tables:
        for field in fields(table) if table is not None else ():
            value = getattr(table, field.name)
            if isinstance(value, float) and not np.isfinite(value):
                found.append(single("NOT_FINITE", family, f"{field.name} is {value}.", subject=field.name))
    for violation in result.violations:
        if not np.isfinite([violation.amount_mw, violation.penalty]).all():
            found.append(
                single("NOT_FINITE", "violations", "A listed violation is not finite.", subject=violation.subject)
            )
    for binding in result.bindings:
        if not np.isfinite([binding.limit_mw, binding.shadow_price]).all():
            found.append(
                single("NOT_FINITE", "bindings", "A listed binding limit is not finite.", subject=binding.subject)
            )
    return found
