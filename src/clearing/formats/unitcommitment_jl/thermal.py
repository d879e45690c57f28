"""Thermal generators: committed units."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Bools, Flags, Floats, Ints
from clearing.case.units import Fuel, StartCosts, Units
from clearing.formats.curves import LEAST_STEP_MW, BlockCurve, PeriodCurve, block_curve, over_time
from clearing.formats.json_fields import JsonObject
from clearing.formats.shared import lowered_notes, offers_of, start_costs, start_steps
from clearing.formats.unitcommitment_jl.fields import Rows, Source, list_of, only, stated

CURVE_MW, CURVE_COST = "Production cost curve (MW)", "Production cost curve ($)"
DELAYS, START_COSTS = "Startup delays (h)", "Startup costs ($)"
STATUS, POWER = "Initial status (h)", "Initial power (MW)"
MIN_UP, MIN_DOWN = "Minimum uptime (h)", "Minimum downtime (h)"
MUST_RUN, COMMITTED = "Must run?", "Commitment status"
ELIGIBLE = "Reserve eligibility"
RAMP_UP, RAMP_DOWN = "Ramp up limit (MW)", "Ramp down limit (MW)"
START_LIMIT, STOP_LIMIT = "Startup limit (MW)", "Shutdown limit (MW)"
READ = (
    *("Bus", "Type", CURVE_MW, CURVE_COST, DELAYS, START_COSTS, STATUS, POWER, MIN_UP, MIN_DOWN),
    *(MUST_RUN, COMMITTED, ELIGIBLE, RAMP_UP, RAMP_DOWN, START_LIMIT, STOP_LIMIT),
)
DEFAULT_HOURS = 1.0
"""Of the least times on and off, and of the one delay of a unit that starts for nothing."""
OFF = 1e-3
"""MW that a unit may state as initial power while it is off."""
FREE = BlockCurve(np.zeros(1), np.zeros(1), 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Thermal:
    """units; unstated (N): without an initial state; notes: what was convexified or read in a way of ours."""

    units: Units
    unstated: Bools
    notes: list[str]


def thermal(source: Source, rows: Rows) -> Thermal:
    """The table of committed units."""
    for _, row in rows:
        only(row, READ)
    points = [_points(source, row) for _, row in rows]
    p_min = np.array([p[0][0] for p in points]).reshape(-1, source.periods)
    p_max = np.array([p[0][-1] for p in points]).reshape(-1, source.periods)
    curves = [_curve(source, row, *p) for (_, row), p in zip(rows, points, strict=True)]
    states = [_initial(source, row) for _, row in rows]
    windows = [_window(source, row) for _, row in rows]
    of_starts, start_notes = _start_costs(source, rows)
    on = np.array([s is not None and s[0] > 0 for s in states], dtype=np.bool_)
    none = np.full(len(rows), -1, dtype=np.int64)
    units = Units(
        id=tuple(name for name, _ in rows),
        plant=none,
        owner=none.copy(),
        bus=source.buses(rows),
        fuel=np.full(len(rows), Fuel.OTHER, dtype=np.int64),
        p_min_mw=p_min,
        p_max_mw=p_max,
        ramp_up_mw_per_minute=_limit(rows, RAMP_UP) / source.period_minutes,
        ramp_down_mw_per_minute=_limit(rows, RAMP_DOWN) / source.period_minutes,
        startup_limit_mw=_limit(rows, START_LIMIT),
        shutdown_limit_mw=_limit(rows, STOP_LIMIT),
        min_up_minutes=_minutes(source, rows, MIN_UP),
        min_down_minutes=_minutes(source, rows, MIN_DOWN),
        no_load_cost_per_hour=np.array([c.no_load_cost_per_hour for c in curves]),
        stop_cost=np.zeros(len(rows)),
        initial_on=on,
        initial_minutes=np.array([abs(s[0]) if s else 0 for s in states], dtype=np.int64),
        initial_mw=np.where(on, np.array([s[1] if s else 0.0 for s in states]), 0.0),
        on_min=np.array([w[0] for w in windows], dtype=np.int8).reshape(-1, source.periods),
        on_max=np.array([w[1] for w in windows], dtype=np.int8).reshape(-1, source.periods),
        fixed_unit=np.zeros(0, dtype=np.int64),
        fixed_period=np.zeros(0, dtype=np.int64),
        fixed_mw=np.zeros(0),
        price_eligible=np.ones(len(rows), dtype=np.bool_),
        offers=offers_of(curves, source.periods),
        start_costs=of_starts,
    )
    lowered = lowered_notes(units.id, curves)
    return Thermal(units, np.array([s is None for s in states], dtype=np.bool_), [*lowered, *start_notes])


def _points(source: Source, row: JsonObject) -> tuple[Floats, Floats]:
    """MW and money a time step of the cost points, (K, T) each; K ≥ 1."""
    tables = []
    for key, least in ((CURVE_MW, 0.0), (CURVE_COST, None)):
        if not stated(row, key):
            row.problems.add("MISSING_FIELD", f"{row.path}.{key}", "The field is missing.")
        entries = list_of(row, key)
        cells = JsonObject({str(k): v for k, v in enumerate(entries)}, f"{row.path}.{key}", row.problems)
        found = [
            source.series(cells, str(k)) if least is None else source.series(cells, str(k), least=least)
            for k in range(len(entries))
        ]
        tables.append(np.array(found).reshape(-1, source.periods))
    mw, cost = tables
    if not len(mw) or len(mw) != len(cost):
        row.problems.add(
            "WRONG_LENGTH",
            f"{row.path}.{CURVE_COST}",
            "As many costs as MW are needed, at least one.",
            value=len(cost),
            limit=str(len(mw)),
        )
        return np.zeros((1, source.periods)), np.zeros((1, source.periods))
    return mw, cost


def _curve(source: Source, row: JsonObject, mw: Floats, cost: Floats) -> PeriodCurve:
    """Blocks over the periods. Points that fall together in a period are one, if they cost the same."""
    same_always = not np.any(mw != mw[:, :1]) and not np.any(cost != cost[:, :1])
    curves: list[BlockCurve] = []
    for t in range(1 if same_always else source.periods):
        step = np.diff(mw[:, t])
        if np.any(step < 0.0) or np.any((step <= LEAST_STEP_MW) & (np.diff(cost[:, t]) != 0.0)):
            row.problems.add(
                "CURVE_NOT_RISING",
                f"{row.path}.{CURVE_MW}",
                f"The MW of the cost points must rise (time step {t + 1}).",
                value=mw[:, t].tolist(),
            )
            return over_time([FREE] * source.periods, np.zeros(source.periods))
        keep = np.concatenate([[True], step > LEAST_STEP_MW])
        curves.append(block_curve(mw[keep, t], cost[keep, t] / source.hours))
    if same_always:
        curves *= source.periods
    found = over_time(curves, mw[0])
    if not found.exact:
        row.problems.add(
            "FIELD_NOT_READ",
            f"{row.path}.{CURVE_COST}",
            "A cost at 0 MW that differs by period has no place in a case.",
        )
    return found


def _limit(rows: Rows, key: str) -> Floats:
    """MW, none where it is not stated."""
    return np.array([row.number(key, 0.0) if stated(row, key) else np.inf for _, row in rows])


def _minutes(source: Source, rows: Rows, key: str) -> Ints:
    return np.array([source.minutes(row, key, DEFAULT_HOURS) for _, row in rows], dtype=np.int64)


def _initial(source: Source, row: JsonObject) -> tuple[int, float] | None:
    """Minutes on (minus: off) and MW just before the horizon; None where neither is stated."""
    given = [stated(row, STATUS), stated(row, POWER)]
    if not any(given):
        return None
    if not all(given):
        row.number(STATUS if not given[0] else POWER)  # records which one is missing
        return 0, 0.0
    hours, power = row.number(STATUS, -1e6, 1e6), row.number(POWER, 0.0)
    if hours == 0.0:
        row.problems.add("OUT_OF_RANGE", f"{row.path}.{STATUS}", "Hours on or minus hours off are needed.", value=0)
    if hours < 0.0 and power > OFF:
        row.problems.add("OUT_OF_RANGE", f"{row.path}.{POWER}", "A unit that is off gives nothing.", value=power)
    return source.whole_steps(row, STATUS, hours), power


def _window(source: Source, row: JsonObject) -> tuple[Flags, Flags]:
    """on_min and on_max (T): must-run, and a commitment that is fixed (null: free)."""
    fixed = source.choices(row, COMMITTED, None, nullable=True)
    low = np.array([v is True for v in fixed]) | source.flags(row, MUST_RUN, False)
    return low.astype(np.int8), np.array([v is not False for v in fixed]).astype(np.int8)


def _start_costs(source: Source, rows: Rows) -> tuple[StartCosts, list[str]]:
    """One row a delay: the first hot, the last cold, between warm; a state holds from its hours off on, inclusive.

    The first holds from 0 on; nothing says what a start before the first delay costs, so that must be within the
    least time off, or one time step.
    """
    table: list[tuple[int, int, int, float]] = []
    falling = []
    for i, (name, row) in enumerate(rows):
        if not stated(row, DELAYS) and not stated(row, START_COSTS):
            continue
        steps = _steps(source, row, source.minutes(row, MIN_DOWN, DEFAULT_HOURS))
        table += start_steps(i, steps)
        if any(b[1] < a[1] for a, b in itertools.pairwise(steps)):
            falling.append(f"Unit {name}: a colder start costs less than a warmer one; read as stated.")
    return start_costs(table), falling


def _steps(source: Source, row: JsonObject, min_down: int) -> list[tuple[int, float]]:
    """Minutes off from which a start costs so much, rising."""
    delays, costs = list_of(row, DELAYS), list_of(row, START_COSTS)
    path = f"{row.path}.{DELAYS}"
    if not stated(row, DELAYS):
        delays = [DEFAULT_HOURS]
    if not stated(row, START_COSTS):
        costs = [0.0]
    if not delays or len(delays) != len(costs):
        row.problems.add(
            "WRONG_LENGTH", path, "As many delays as costs are needed.", value=len(delays), limit=str(len(costs))
        )
        return []
    at = JsonObject({str(k): v for k, v in enumerate(delays)}, path, row.problems)
    paid = JsonObject({str(k): v for k, v in enumerate(costs)}, f"{row.path}.{START_COSTS}", row.problems)
    steps = [(source.minutes(at, str(k), 0.0), paid.number(str(k), 0.0)) for k in range(len(delays))]
    if any(b[0] <= a[0] for a, b in itertools.pairwise(steps)):
        row.problems.add("START_LAGS_NOT_RISING", path, "The delays must rise.", value=delays)
    if steps[0][0] > max(min_down, source.period_minutes):
        row.problems.add(
            "OUT_OF_RANGE",
            f"{path}.0",
            "Nothing says what a start before the first delay costs.",
            value=delays[0],
            limit=f"≤ {MIN_DOWN}",
        )
    return steps
