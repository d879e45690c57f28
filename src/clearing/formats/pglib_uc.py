"""Reader of pglib-uc JSON files (Power Grid Library, unit commitment; copper plate, hourly).

Source of the meaning of every field: `uc_model.py` and `README.md` of pglib-uc; equation numbers are theirs.

    power_output_minimum/maximum     p_min, p_max (MW)
    piecewise_production (mw, cost)  cost per hour from p_min on → blocks from 0 MW and a no-load cost, exact (21–23)
    ramp_up_limit, ramp_down_limit   MW per hour on the output ABOVE p_min (19, 20), hence in a start period
                                     P ≤ p_min + ramp_up_limit, before a stop P ≤ p_min + ramp_down_limit
    ramp_startup/shutdown_limit      most MW in the first/last hour on (17, 18); the lesser of both is taken
    startup (lag hours, cost)        applies from `lag` hours off on, inclusive (15); the first from 0 on
    time_up/down_minimum, *_t0       hours
    reserves                         MW of spinning reserve; shares headroom and up-ramp (8, 17–19), which is the
                                     ramp-sharing form `pglib` of the rule set
Renewables are free within their minimum and maximum. Every other field is refused, but for `name`.

Known differences: reserve in the last hour before a stop counts against the lesser of both limits here, with pglib
against ramp_shutdown_limit only (18, 20), so where that exceeds p_min + ramp_down_limit this reading is the stricter.
Equation (7) forbids a hot or warm start in the first hours to every unit that was off long enough
before the horizon, even if it has run and stopped since; here its time off since that stop counts.
"""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path

import numpy as np

from clearing.case import empty
from clearing.case.arrays import Floats, over_periods
from clearing.case.case import Case, Participants
from clearing.case.horizon import Horizon
from clearing.case.offers import Offers
from clearing.case.reserves import Direction, Reserves
from clearing.case.resources import Loads, Renewables
from clearing.case.units import Fuel, StartCosts, Units
from clearing.formats.curves import BlockCurve, block_curve, rises, spanning
from clearing.formats.egret.fields import only
from clearing.formats.findings import Problems
from clearing.formats.json_fields import JsonObject, load
from clearing.formats.shared import day_in_name, least_within_most, lowered_notes, sites, start_costs, start_steps

PERIOD_MINUTES = 60
PRODUCT = "spinning"
NO_DATE = dt.date(2020, 1, 1)
MOST_PERIODS = 10_000
SAME = 1e-6
"""Relative difference up to which two figures of a file are the same one, written with rounding."""

FIELDS = ("time_periods", "demand", "reserves", "thermal_generators", "renewable_generators")
UNIT_FIELDS = (
    *("must_run", "power_output_minimum", "power_output_maximum", "ramp_up_limit", "ramp_down_limit"),
    *("ramp_startup_limit", "ramp_shutdown_limit", "time_up_minimum", "time_down_minimum", "power_output_t0"),
    *("unit_on_t0", "time_up_t0", "time_down_t0", "startup", "piecewise_production"),
)
SITE_FIELDS = ("power_output_minimum", "power_output_maximum")
LABELS = ("name",)

FUEL_OF_NAME = {
    "NUCLEAR": Fuel.NUCLEAR,
    "HYDRO": Fuel.HYDRO,
    "WIND": Fuel.WIND,
    "PV": Fuel.SOLAR,
    "RTPV": Fuel.ROOFTOP_SOLAR,
}
"""The format has no fuel; RTS-GMLC names like 122_WIND_1 tell. For reports only, else OTHER."""


def read(path: Path) -> Case:
    """Read one instance; the operating day is the date in the file name, or 2020-01-01 where there is none.

    Raises FormatError with all findings at once. Non-convex cost points are lowered to their convex hull (pglib's
    own interpolation (21–23) does the same) and named in `Case.notes`.
    """
    problems = Problems()
    root = load(path, problems)
    only(root, FIELDS)
    periods = root.whole("time_periods", least=1, most=MOST_PERIODS)
    problems.stop()
    demand = root.numbers("demand", periods)
    requirement = root.numbers("reserves", periods, least=0.0)
    thermal = list(root.members("thermal_generators"))
    for _, unit in thermal:
        _all_read(unit)
    curves = [_curve(unit, name) for name, unit in thermal]
    units = _units(thermal, curves, periods)
    profiled = list(root.members("renewable_generators"))
    for _, site in profiled:
        only(site, SITE_FIELDS, LABELS)
    renewables = _renewables(profiled, periods)
    problems.stop()
    return Case(
        name=path.stem,
        horizon=Horizon(day_in_name(path, NO_DATE), PERIOD_MINUTES, periods),
        participants=Participants(),
        network=empty.copper_plate(periods),
        units=units,
        renewables=renewables,
        storage=empty.no_storage(periods),
        ties=empty.no_ties(periods),
        loads=Loads(id=("demand",), bus=np.zeros(1, dtype=np.int64), mw=demand[None, :]),
        reserves=_reserves(requirement, len(thermal), periods),
        notes=tuple(lowered_notes(units.id, curves)),
    )


def _all_read(unit: JsonObject) -> None:
    """Refuse fields that nobody reads, and an initial state that says two things at once."""
    only(unit, UNIT_FIELDS, LABELS)
    for key, fields in (("startup", ("lag", "cost")), ("piecewise_production", ("mw", "cost"))):
        if isinstance(unit.fields.get(key), list):
            for point in unit.objects(key):
                only(point, fields)
    off = unit.fields.get("unit_on_t0") == 0
    for key in ("power_output_t0", "time_up_t0") if off else ("time_down_t0",):
        if (value := unit.fields.get(key)) not in (0, None) and isinstance(value, int | float):
            state = "off" if off else "on"
            unit.problems.add("OUT_OF_RANGE", f"{unit.path}.{key}", f"The unit is {state}.", value=value, limit="0")


def _curve(unit: JsonObject, name: str) -> BlockCurve:
    """Blocks of one unit; its points must rise from p_min to p_max."""
    least, most = unit.number("power_output_minimum", least=0.0), unit.number("power_output_maximum", least=0.0)
    points = unit.objects("piecewise_production")
    mw = np.array([p.number("mw", least=0.0) for p in points])
    cost = np.array([p.number("cost") for p in points])
    path = f"{unit.path}.piecewise_production"
    close = SAME * max(1.0, most)
    if least > most:
        unit.problems.add(
            "P_MIN_ABOVE_P_MAX",
            f"{unit.path}.power_output_minimum",
            "The minimum output is above the maximum.",
            subject=name,
            value=least,
            limit=f"{most:g}",
        )
    elif not points or abs(mw[0] - least) > close or abs(mw[-1] - most) > close:
        unit.problems.add(
            "CURVE_ENDS",
            path,
            "The cost points must run from the minimum to the maximum output.",
            subject=name,
            value=mw.tolist(),
            limit=f"{least:g} … {most:g}",
        )
    elif not rises(spanning(mw, least, most)):
        unit.problems.add(
            "CURVE_NOT_RISING", path, "The MW of the cost points must rise.", subject=name, value=mw.tolist()
        )
    else:
        return block_curve(spanning(mw, least, most), cost)
    return BlockCurve(np.zeros(0), np.zeros(0), 0.0, 0.0)


def _units(thermal: list[tuple[str, JsonObject]], curves: list[BlockCurve], periods: int) -> Units:
    rows = [u for _, u in thermal]

    def column(key: str, least: float = 0.0) -> Floats:
        return np.array([u.number(key, least=least) for u in rows], dtype=np.float64)

    def whole(key: str, most: int) -> np.ndarray:
        return np.array([u.whole(key, most=most) for u in rows], dtype=np.int64)

    p_min, p_max = column("power_output_minimum"), column("power_output_maximum")
    up, down = column("ramp_up_limit"), column("ramp_down_limit")
    on = whole("unit_on_t0", 1) == 1
    none = np.full(len(rows), -1, dtype=np.int64)
    minutes = np.where(on, whole("time_up_t0", 100_000), whole("time_down_t0", 100_000)) * PERIOD_MINUTES
    must_run = whole("must_run", 1).astype(np.int8)
    return Units(
        id=tuple(name for name, _ in thermal),
        plant=none,
        owner=none.copy(),
        bus=np.zeros(len(rows), dtype=np.int64),
        fuel=_fuels([name for name, _ in thermal]),
        p_min_mw=over_periods(p_min, periods),
        p_max_mw=over_periods(p_max, periods),
        ramp_up_mw_per_minute=up / PERIOD_MINUTES,
        ramp_down_mw_per_minute=down / PERIOD_MINUTES,
        startup_limit_mw=np.minimum(column("ramp_startup_limit"), p_min + up),
        shutdown_limit_mw=np.minimum(column("ramp_shutdown_limit"), p_min + down),
        min_up_minutes=whole("time_up_minimum", 10_000) * PERIOD_MINUTES,
        min_down_minutes=whole("time_down_minimum", 10_000) * PERIOD_MINUTES,
        no_load_cost_per_hour=np.array([c.no_load_cost_per_hour for c in curves]),
        stop_cost=np.zeros(len(rows)),
        initial_on=on,
        initial_minutes=minutes,
        initial_mw=np.where(on, column("power_output_t0"), 0.0),
        on_min=np.broadcast_to(must_run[:, None], (len(rows), periods)),
        on_max=np.broadcast_to(np.ones((1, 1), dtype=np.int8), (len(rows), periods)),
        fixed_unit=np.zeros(0, dtype=np.int64),
        fixed_period=np.zeros(0, dtype=np.int64),
        fixed_mw=np.zeros(0),
        price_eligible=np.ones(len(rows), dtype=np.bool_),
        offers=_offers(curves, periods),
        start_costs=_start_costs(thermal),
    )


def _fuels(names: list[str]) -> np.ndarray:
    words = [next((w for w in name.split("_") if w in FUEL_OF_NAME), "") for name in names]
    return np.array([FUEL_OF_NAME.get(w, Fuel.OTHER) for w in words], dtype=np.int64)


def _offers(curves: list[BlockCurve], periods: int) -> Offers:
    counts = [c.width_mw.size for c in curves]
    return Offers(
        resource=np.repeat(np.arange(len(curves), dtype=np.int64), counts),
        width_mw=over_periods(np.concatenate([np.zeros(0), *(c.width_mw for c in curves)]), periods),
        price_per_mwh=over_periods(np.concatenate([np.zeros(0), *(c.price_per_mwh for c in curves)]), periods),
    )


def _start_costs(thermal: list[tuple[str, JsonObject]]) -> StartCosts:
    """One row a start-up step. Labels: first hot, last cold, between warm; a single step is a cold start."""
    rows: list[tuple[int, int, int, float]] = []
    for i, (name, unit) in enumerate(thermal):
        steps = unit.objects("startup")
        lags = [s.whole("lag", most=100_000) for s in steps]
        if any(b <= a for a, b in itertools.pairwise(lags)):
            unit.problems.add(
                "START_LAGS_NOT_RISING", f"{unit.path}.startup", "The lags must rise.", subject=name, value=lags
            )
        rows += start_steps(
            i, [(lag * PERIOD_MINUTES, step.number("cost")) for lag, step in zip(lags, steps, strict=True)]
        )
    return start_costs(rows)


def _renewables(rows: list[tuple[str, JsonObject]], periods: int) -> Renewables:
    least = np.array([s.numbers("power_output_minimum", periods, least=0.0) for _, s in rows]).reshape(-1, periods)
    most = np.array([s.numbers("power_output_maximum", periods, least=0.0) for _, s in rows]).reshape(-1, periods)
    least_within_most(rows, least, most, lambda t: f"power_output_minimum[{t}]")
    names = tuple(name for name, _ in rows)
    nothing = over_periods(np.zeros(len(rows)), periods)
    return sites(names, np.zeros(len(rows), dtype=np.int64), _fuels([*names]), least, most, nothing)


def _reserves(requirement: Floats, units: int, periods: int) -> Reserves:
    """The spinning product, where anything is required at all."""
    if not np.any(requirement > 0):
        return empty.no_reserves(1, units, periods)
    return Reserves(
        product_id=(PRODUCT,),
        direction=np.array([Direction.UP], dtype=np.int64),
        response_minutes=np.array([np.inf]),
        covers_bus=np.ones((1, 1), dtype=np.bool_),
        unit_max_mw=np.full((1, units), np.inf),
        requirement_mw=requirement[None, :],
    )
