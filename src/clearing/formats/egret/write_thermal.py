"""Committed units as Egret's thermal generators."""

from __future__ import annotations

from typing import Any

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.output_curves import OutputCurves
from clearing.case.units import Fuel, Units
from clearing.formats.shared import unit_terms
from clearing.formats.unexpressed import Losses

LETTERS = {Fuel.COAL: "C", Fuel.GAS: "G", Fuel.OIL: "O", Fuel.NUCLEAR: "N", Fuel.HYDRO: "H"}
LETTERS |= {Fuel.WIND: "W", Fuel.SOLAR: "S"}


def series(values: Floats) -> Any:
    """One number where all periods have it, else a time series."""
    table = np.asarray(values).tolist()
    return table[0] if table and all(v == table[0] for v in table) else {"data_type": "time_series", "values": table}


def generators(case: Case, losses: Losses) -> dict[str, Any]:
    """Every committed unit."""
    _check(case, losses)
    return {name: _generator(case, i) for i, name in enumerate(case.units.id)}


def _check(case: Case, losses: Losses) -> None:
    units, ids, hours = case.units, case.units.id, case.horizon.hours
    unit_terms(case, losses)
    losses.rows("case.units.initial_minutes", ids, units.initial_minutes == 0, "Time in the initial state is needed.")
    varies = np.array([bool(np.any(low != low[:1])) for low in units.p_min_mw], dtype=np.bool_) & (hours != 1.0)
    limited = np.isfinite(units.startup_limit_mw) | np.isfinite(units.shutdown_limit_mw)
    text = "Room at a start or stop over a least output that varies is that of an hour there."
    losses.rows("case.units.startup_limit_mw", ids, varies & limited, text)
    starts, curves = units.start_costs, case.startup_curves
    named = [ids[i] for i in starts.unit.tolist()]
    strict = ~starts.inclusive & (starts.after_minutes > 0)
    losses.rows("case.units.start_costs.inclusive", named, strict, "A start state holds from its hours on there.")
    own = [ids[i] for i in curves.unit.tolist()]
    losses.rows("case.startup_curves.state", own, curves.state > 0, "A unit has one start-up curve there.")


def _generator(case: Case, i: int) -> dict[str, Any]:
    units, hours = case.units, case.horizon.hours
    low, top = float(units.p_min_mw[i, 0]), float(max(units.p_max_mw[i].max(), units.initial_mw[i]))
    status = units.initial_minutes[i] / 60.0 * (1 if units.initial_on[i] else -1)
    row: dict[str, Any] = {
        "generator_type": "thermal",
        "bus": case.network.bus_id[units.bus[i]],
        "fuel": LETTERS.get(Fuel(int(units.fuel[i])), "other"),
        "in_service": True,
        "p_min": series(units.p_min_mw[i]),
        "p_max": series(units.p_max_mw[i]),
        "p_cost": _cost(units, i),
        "shutdown_cost": float(units.stop_cost[i]),
        "min_up_time": units.min_up_minutes[i] / 60.0,
        "min_down_time": units.min_down_minutes[i] / 60.0,
        "initial_status": status,
        "initial_p_output": float(units.initial_mw[i]),
        "startup_cost": _starts(units, i),
    }
    for key, rate in (
        ("ramp_up_60min", units.ramp_up_mw_per_minute),
        ("ramp_down_60min", units.ramp_down_mw_per_minute),
    ):
        row[key] = float(rate[i]) * 60.0 if np.isfinite(rate[i]) else top / hours
    for key, limit in (("startup_capacity", units.startup_limit_mw), ("shutdown_capacity", units.shutdown_limit_mw)):
        most = float(limit[i]) if np.isfinite(limit[i]) else top
        row[key] = most if hours == 1.0 else low + (most - low) / hours
    return row | _windows(units, i) | _curves(case, i)


def _cost(units: Units, i: int) -> dict[str, Any]:
    """Cost points an hour from p_min to p_max, one curve or one a period."""
    curves = [_points(units, i, t) for t in range(units.p_min_mw.shape[1])]
    if all(curve == curves[0] for curve in curves):
        return curves[0]
    return {"data_type": "time_series", "values": curves}


def _points(units: Units, i: int, t: int) -> dict[str, Any]:
    own = units.offers.resource == i
    width, price = units.offers.width_mw[own, t], units.offers.price_per_mwh[own, t]
    low, high = float(units.p_min_mw[i, t]), float(units.p_max_mw[i, t])
    ends = np.cumsum(width)
    close = 1e-9 * max(1.0, high)
    inside = [float(mw) for mw in ends if low + close < mw < high - close]
    points = sorted({low, *inside, high}) if high > low + close else [low]
    taken = np.clip(np.array(points)[:, None] - (ends - width)[None], 0.0, width[None])
    money = units.no_load_cost_per_hour[i] + (taken * price[None]).sum(axis=1)
    values = [[mw, float(cost)] for mw, cost in zip(points, money, strict=True)]
    return {"data_type": "cost_curve", "cost_curve_type": "piecewise", "values": values}


def _starts(units: Units, i: int) -> list[list[float]] | float:
    """Hours off and cost; the first step from the min down time, steps that end before it left out."""
    rows = np.flatnonzero(units.start_costs.unit == i)
    if not len(rows):
        return 0.0
    after, cost = units.start_costs.after_minutes[rows], units.start_costs.cost[rows]
    first = float(units.min_down_minutes[i])
    reached = np.flatnonzero(after <= first)
    begin = int(reached[-1]) if len(reached) else 0
    steps = [[first / 60.0, float(cost[begin])]]
    steps += [[float(m) / 60.0, float(c)] for m, c in zip(after[begin + 1 :], cost[begin + 1 :], strict=True)]
    return steps if len(steps) > 1 else float(cost[begin])


def _windows(units: Units, i: int) -> dict[str, Any]:
    low, high = units.on_min[i] == 1, units.on_max[i] == 1
    if not low.any() and high.all():
        return {}
    if low.all():
        return {"fixed_commitment": 1}
    fixed = [1 if a else None if b else 0 for a, b in zip(low, high, strict=True)]
    return {"fixed_commitment": {"data_type": "time_series", "values": fixed}}


def _curves(case: Case, i: int) -> dict[str, Any]:
    """A start-up curve from the start backwards, a shut-down curve in time order."""
    found: dict[str, Any] = {}
    up, down = _of(case.startup_curves, i), _of(case.shutdown_curves, i)
    if up:
        found["startup_curve"] = up[::-1]
    if down:
        found["shutdown_curve"] = down
    return found


def _of(curves: OutputCurves, i: int) -> list[float]:
    rows = np.flatnonzero(curves.unit == i)
    return [float(mw) for mw in curves.mw[rows[np.argsort(curves.step[rows])]]]
