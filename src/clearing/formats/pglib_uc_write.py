"""Writer of pglib-uc JSON: the inverse of the reader, and findings for what has no place (most of a market)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from clearing.case.arrays import Bools
from clearing.case.case import Case
from clearing.case.finding import Finding
from clearing.case.reserves import Direction
from clearing.formats.unexpressed import Losses
from clearing.formats.unitcommitment_jl.write_thermal import cost_points

PERIOD_MINUTES = 60
WRITTEN = ("network", "units", "renewables", "loads", "reserves")
MW = 1e-9
SYSTEM = ("positive_min_mw", "positive_max_mw", "negative_min_mw")


def write(case: Case, path: Path, lossy: bool = False) -> tuple[Finding, ...]:
    """Write a case of one bus and whole hours as `.json`; findings say what was left out.

    Raises FormatError where something that decides the answer has no place in the format, unless `lossy`. A unit
    without a ramp limit gets one that never binds. Notes of the case are not written.
    """
    losses = Losses()
    losses.tables(case, WRITTEN)
    _check_system(case, losses)
    _check_units(case, losses)
    reserves, loads = case.reserves, case.loads
    tree = {
        "time_periods": case.horizon.periods,
        "demand": loads.mw.sum(axis=0).tolist(),
        "reserves": (
            reserves.requirement_mw[0] if len(reserves.product_id) else np.zeros(case.horizon.periods)
        ).tolist(),
        "thermal_generators": {name: _unit(case, i) for i, name in enumerate(case.units.id)},
        "renewable_generators": {
            name: {
                "power_output_minimum": case.renewables.min_mw[r].tolist(),
                "power_output_maximum": case.renewables.forecast_mw[r].tolist(),
            }
            for r, name in enumerate(case.renewables.id)
        },
    }
    findings = losses.finish(lossy)
    path.write_text(json.dumps(tree, indent=1), encoding="utf-8")
    return findings


def _check_system(case: Case, losses: Losses) -> None:
    """One bus, hours, no lines, free renewables, and at most one product that every unit may hold."""
    if case.horizon.period_minutes != PERIOD_MINUTES:
        losses.problem("case.horizon.period_minutes", "The format has hours.", value=case.horizon.period_minutes)
    if len(case.network.bus_id) != 1 or case.network.branch_id or case.network.interface_id:
        losses.problem("case.network", "The format has one bus and no lines.", value=len(case.network.bus_id))
    if len(case.loads.id) > 1:
        losses.label("case.loads.id", "Load is one series.")
    sites, reserves, units = case.renewables, case.reserves, case.units
    priced = np.zeros(len(sites.id), dtype=np.bool_)
    used = np.any((sites.offers.width_mw > 0.0) & (sites.offers.price_per_mwh != 0.0), axis=1)
    priced[sites.offers.resource[used]] = True
    losses.owners("case.renewables", sites.id, sites)
    losses.rows("case.renewables.offers", sites.id, priced, "Renewables are free there.")
    for name in SYSTEM:
        if getattr(reserves, name) is not None:
            losses.problem(f"case.reserves.{name}", "The format has no system reserves.")
    plain = (
        len(reserves.product_id) <= 1
        and bool(np.all(reserves.direction == Direction.UP))
        and bool(np.all(np.isposinf(reserves.response_minutes)))
        and bool(np.all(reserves.covers_bus[:, units.bus] & np.isposinf(reserves.unit_max_mw)))
    )
    if not plain:
        losses.problem("case.reserves", "The format has one spinning reserve that every unit may hold.")


def _check_units(case: Case, losses: Losses) -> None:
    units, ids = case.units, case.units.id

    def lost(column: str, bad: Bools, message: str) -> None:
        losses.rows(f"case.units.{column}", ids, bad, message)

    losses.owners("case.units", ids, units)
    for column in ("p_min_mw", "p_max_mw"):
        table = getattr(units, column)
        lost(column, np.any(table != table[:, :1], axis=1), "Limits are the same in all hours there.")
    varies = np.zeros(len(ids), dtype=np.bool_)
    for table in (units.offers.width_mw, units.offers.price_per_mwh):
        varies[units.offers.resource[np.any(table != table[:, :1], axis=1)]] = True
    lost("offers", varies, "Costs are the same in all hours there.")
    lost("stop_cost", units.stop_cost != 0.0, "The format has no cost of a stop.")
    lost("price_eligible", ~units.price_eligible, "Every unit may set the price there.")
    lost("initial_minutes", units.initial_minutes % PERIOD_MINUTES != 0, "Whole hours are needed.")
    some = np.any(units.on_min != units.on_min[:, :1], axis=1) | np.any(units.on_max != 1, axis=1)
    lost("on_min", some, "A unit must run in all hours or in none there.")
    if len(units.fixed_unit):
        losses.problem("case.units.fixed_unit", "The format has no fixed outputs.")
    low, high = units.p_min_mw[:, 0], units.p_max_mw[:, 0]
    for name, ramp in (("startup", units.ramp_up_mw_per_minute), ("shutdown", units.ramp_down_mw_per_minute)):
        reach = np.minimum(getattr(units, f"{name}_limit_mw"), high)
        beyond = reach > low + ramp * PERIOD_MINUTES + MW
        lost(f"{name}_limit_mw", beyond, "The ramp counts from p_min on in the first and last hour there.")


def _unit(case: Case, i: int) -> dict[str, Any]:
    units = case.units
    mw, cost = cost_points(units, i, 1.0)
    low, high, on = float(units.p_min_mw[i, 0]), float(units.p_max_mw[i, 0]), bool(units.initial_on[i])
    hours = int(units.initial_minutes[i]) // PERIOD_MINUTES
    up, down = (
        float(min(rate[i] * PERIOD_MINUTES, high - low if np.isinf(rate[i]) else np.inf))
        for rate in (units.ramp_up_mw_per_minute, units.ramp_down_mw_per_minute)
    )
    return {
        "must_run": int(units.on_min[i, 0]),
        "power_output_minimum": low,
        "power_output_maximum": high,
        "ramp_up_limit": up,
        "ramp_down_limit": down,
        "ramp_startup_limit": min(float(units.startup_limit_mw[i]), high),
        "ramp_shutdown_limit": min(float(units.shutdown_limit_mw[i]), high),
        "time_up_minimum": case.horizon.in_periods(int(units.min_up_minutes[i])),
        "time_down_minimum": case.horizon.in_periods(int(units.min_down_minutes[i])),
        "power_output_t0": float(units.initial_mw[i]),
        "unit_on_t0": int(on),
        "time_up_t0": hours if on else 0,
        "time_down_t0": 0 if on else hours,
        "startup": _startup(case, i),
        "piecewise_production": [{"mw": float(m), "cost": float(c)} for m, c in zip(mw[:, 0], cost[:, 0], strict=True)],
    }


def _startup(case: Case, i: int) -> list[dict[str, Any]]:
    """Start states in whole hours; the first lag is the least time off, at least an hour, or one before the second."""
    starts = case.units.start_costs
    rows = np.flatnonzero(starts.unit == i)
    after, inclusive = starts.after_minutes[rows], starts.inclusive[rows]
    lags = np.where(inclusive, -(-after // PERIOD_MINUTES), after // PERIOD_MINUTES + 1).tolist()
    cost = dict(zip(lags[1:], starts.cost[rows].tolist()[1:], strict=True))
    first = max(1, case.horizon.in_periods(int(case.units.min_down_minutes[i])))
    first = min([first, *(lag - 1 for lag in cost)])
    money = float(starts.cost[rows[0]]) if len(rows) else 0.0
    return [{"lag": first, "cost": money}, *({"lag": lag, "cost": c} for lag, c in cost.items())]
