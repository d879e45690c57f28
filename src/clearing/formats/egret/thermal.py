"""Thermal generators: committed units."""

from __future__ import annotations

import itertools

import numpy as np

from clearing.case.arrays import Flags, Floats, Ids, Ints
from clearing.case.units import Fuel, StartCosts, Units
from clearing.formats.egret.curves import unit_cost
from clearing.formats.egret.fields import Source, flag, one_of, only, stated, values
from clearing.formats.egret.reserves import UNIT_FIELDS
from clearing.formats.json_fields import JsonObject
from clearing.formats.shared import lowered_notes, offers_of, start_costs, start_steps

READ = (
    *("generator_type", "bus", "fuel", "in_service", "p_min", "p_max", "p_cost", "ramp_up_60min", "ramp_down_60min"),
    *("startup_capacity", "shutdown_capacity", "startup_cost", "non_fuel_startup_cost", "shutdown_cost"),
    *("min_up_time", "min_down_time", "initial_status", "initial_p_output", "must_run", "fixed_commitment"),
    *("startup_curve", "shutdown_curve", "non_fuel_no_load_cost"),
)
WITHOUT_EFFECT = ("failure_rate", "unit_type", "name", "id", "mbase", "pg", "qg", "vg", "quickstart_capable")
"""Labels."""
FUELS = {"c": Fuel.COAL, "coal": Fuel.COAL, "g": Fuel.GAS, "ng": Fuel.GAS, "gas": Fuel.GAS}
FUELS |= {"o": Fuel.OIL, "oil": Fuel.OIL, "n": Fuel.NUCLEAR, "nuclear": Fuel.NUCLEAR, "h": Fuel.HYDRO}
FUELS |= {"hydro": Fuel.HYDRO, "w": Fuel.WIND, "wind": Fuel.WIND, "s": Fuel.SOLAR, "solar": Fuel.SOLAR}


def fuel(row: JsonObject) -> Fuel:
    """For reports only; what has no name of ours is OTHER."""
    return FUELS.get(str(row.fields.get("fuel")).lower(), Fuel.OTHER)


MOST_MINUTES = 10_000_000


def minutes(row: JsonObject, key: str, value: float) -> int:
    """Hours as whole minutes."""
    exact = value * 60.0
    if not abs(exact) <= MOST_MINUTES:
        row.problems.add(
            "OUT_OF_RANGE", f"{row.path}.{key}", "Too many hours.", value=value, limit=f"{MOST_MINUTES / 60.0:g}"
        )
        return 0
    if abs(exact - round(exact)) > 1e-6:
        row.problems.add("NOT_WHOLE", f"{row.path}.{key}", "The hours are no whole number of minutes.", value=value)
    return round(exact)


def units(source: Source, rows: list[tuple[str, JsonObject]], bus_id: Ids) -> tuple[Units, list[str]]:
    """The table of committed units, and a note for each cost curve that was not convex."""
    for _, row in rows:
        only(row, (*READ, *UNIT_FIELDS), WITHOUT_EFFECT)
    p_min = np.array([source.series(r, "p_min", 0.0) for _, r in rows]).reshape(-1, source.periods)
    p_max = np.array([source.series(r, "p_max", 0.0) for _, r in rows]).reshape(-1, source.periods)
    costs = [unit_cost(source, r, low, high) for (_, r), low, high in zip(rows, p_min, p_max, strict=True)]
    status = np.array([r.number("initial_status") for _, r in rows])
    for (_, row), value in zip(rows, status, strict=True):
        if value == 0.0:
            row.problems.add(
                "OUT_OF_RANGE", f"{row.path}.initial_status", "Hours on or minus hours off are needed.", value=0
            )
    on = status > 0
    windows = [_windows(source, r) for _, r in rows]
    none = np.full(len(rows), -1, dtype=np.int64)
    table = Units(
        id=tuple(name for name, _ in rows),
        plant=none,
        owner=none.copy(),
        bus=np.array([_index(r, bus_id) for _, r in rows], dtype=np.int64),
        fuel=np.array([fuel(r) for _, r in rows], dtype=np.int64),
        p_min_mw=p_min,
        p_max_mw=p_max,
        ramp_up_mw_per_minute=_column(rows, "ramp_up_60min") / 60.0,
        ramp_down_mw_per_minute=_column(rows, "ramp_down_60min") / 60.0,
        startup_limit_mw=_limits(source, rows, "startup_capacity", "ramp_up_60min", p_min),
        shutdown_limit_mw=_limits(source, rows, "shutdown_capacity", "ramp_down_60min", p_min),
        min_up_minutes=_minutes(rows, "min_up_time"),
        min_down_minutes=_minutes(rows, "min_down_time"),
        no_load_cost_per_hour=np.array([c.no_load_cost_per_hour for c in costs]) + _fixed(rows),
        stop_cost=np.array([r.number("shutdown_cost", 0.0) if stated(r, "shutdown_cost") else 0.0 for _, r in rows]),
        initial_on=on,
        initial_minutes=np.array(
            [minutes(r, "initial_status", abs(s)) for (_, r), s in zip(rows, status.tolist(), strict=True)],
            dtype=np.int64,
        ),
        initial_mw=np.where(on, np.array([r.number("initial_p_output", 0.0) for _, r in rows]), 0.0),
        on_min=np.array([w[0] for w in windows], dtype=np.int8).reshape(-1, source.periods),
        on_max=np.array([w[1] for w in windows], dtype=np.int8).reshape(-1, source.periods),
        fixed_unit=np.zeros(0, dtype=np.int64),
        fixed_period=np.zeros(0, dtype=np.int64),
        fixed_mw=np.zeros(0),
        price_eligible=np.ones(len(rows), dtype=np.bool_),
        offers=offers_of(costs, source.periods),
        start_costs=_start_costs(rows),
    )
    return table, lowered_notes(table.id, costs)


def _index(row: JsonObject, bus_id: Ids) -> int:
    name = one_of(row, "bus", bus_id, "bus")
    return bus_id.index(name) if name in bus_id else 0


def _fixed(rows: list[tuple[str, JsonObject]]) -> Floats:
    """Money an hour on line beside the cost curve."""
    key = "non_fuel_no_load_cost"
    return np.array([r.number(key) if stated(r, key) else 0.0 for _, r in rows])


def _column(rows: list[tuple[str, JsonObject]], key: str) -> Floats:
    return np.array([r.number(key, 0.0) for _, r in rows])


def _minutes(rows: list[tuple[str, JsonObject]], key: str) -> Ints:
    return np.array([minutes(r, key, r.number(key, 0.0)) for _, r in rows], dtype=np.int64)


def _windows(source: Source, row: JsonObject) -> tuple[Flags, Flags]:
    """on_min and on_max (T): must-run, and a commitment that is fixed at 0 or 1 (null: free)."""
    low, high = np.zeros(source.periods, dtype=np.int8), np.ones(source.periods, dtype=np.int8)
    for t, value in enumerate(values(row, "fixed_commitment", source.periods)):
        if value is not None and value not in (0, 1):
            row.problems.add("OUT_OF_RANGE", f"{row.path}.fixed_commitment", "0, 1 or null is needed.", value=value)
        elif value is not None:
            low[t] = high[t] = int(bool(value))
    if flag(row, "must_run", False):
        low[:] = 1
    return low, high


def _limits(source: Source, rows: list[tuple[str, JsonObject]], key: str, ramp: str, p_min: Floats) -> Floats:
    """Most MW in the first (last) period on: the room over p_min is that of an hour, so it scales with the period.

    Not stated: half an hour's ramp over p_min. One number for all periods; p_min must then be the same in all where
    the room has to be scaled.
    """
    limits = []
    for (name, row), least in zip(rows, p_min, strict=True):
        of_time = isinstance(row.fields.get(key), dict)
        varies = bool(np.any(least != least[:1]))
        if of_time or (varies and (source.hours != 1.0 or not stated(row, key))):
            row.problems.add(
                "FIELD_NOT_READ", f"{row.path}.{key}", "A limit that differs by period has no place here.", subject=name
            )
            limits.append(np.inf)
        else:
            low = float(least[0]) if least.size else 0.0
            given = row.number(key, 0.0) if stated(row, key) else low + row.number(ramp, 0.0) / 2.0
            limits.append(given if source.hours == 1.0 else low + (given - low) * source.hours)
    return np.array(limits)


def _steps(row: JsonObject) -> list[tuple[int, float]]:
    """Minutes offline from which a start costs so much; a single figure is that of every start."""
    value, path = row.fields.get("startup_cost"), f"{row.path}.startup_cost"
    fixed = row.number("non_fuel_startup_cost", 0.0) if stated(row, "non_fuel_startup_cost") else 0.0
    if value is None:
        return [(0, fixed)]
    if not isinstance(value, list):
        return [(0, fixed + row.number("startup_cost", 0.0))]
    if not value or not all(isinstance(v, list) and len(v) == 2 for v in value):
        row.problems.add("WRONG_TYPE", path, "Pairs of hours offline and cost are needed.", value=value)
        return []
    pairs = [JsonObject({"0": v[0], "1": v[1]}, f"{path}[{k}]", row.problems) for k, v in enumerate(value)]
    return [(minutes(p, "0", p.number("0", 0.0)), fixed + p.number("1", 0.0)) for p in pairs]


def _start_costs(rows: list[tuple[str, JsonObject]]) -> StartCosts:
    """One row a step: the first hot, the last cold, between warm; a step holds from its hours on, the first from 0."""
    table: list[tuple[int, int, int, float]] = []
    for i, (name, row) in enumerate(rows):
        steps = _steps(row)
        if any(b[0] <= a[0] for a, b in itertools.pairwise(steps)):
            row.problems.add("START_LAGS_NOT_RISING", f"{row.path}.startup_cost", "The hours must rise.", subject=name)
        table += start_steps(i, steps)
    return start_costs(table)
