"""Thermal units of RTS-GMLC: heat rates × fuel price → offers, no-load and start costs."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats, over_periods
from clearing.case.network import Network
from clearing.case.offers import Offers
from clearing.case.units import Fuel, StartCosts, StartState, Units
from clearing.formats.curves import BlockCurve, block_curve, rises, spanning
from clearing.formats.rts_gmlc.source import Folder
from clearing.formats.shared import start_costs
from clearing.formats.tables import Table

COMMITTED = ("CT", "CC", "STEAM", "NUCLEAR")
"""Unit types that are committed."""
FUELS = {"coal": Fuel.COAL, "ng": Fuel.GAS, "oil": Fuel.OIL, "nuclear": Fuel.NUCLEAR}
POINTS = 5
"""Most output points of a heat-rate curve (Output_pct_0 … 4)."""
ABSENT = "NA"
SAME = 1e-5
"""Share of PMax by which the first output point, written with six digits, may miss PMin, and the last PMax."""
NOTED = 1e-6
NOT_STATED_HOURS = 9999
"""The data set's mark for a start time that is not known: such a unit always starts cold."""


def read(folder: Folder, grid: Network) -> Units:
    """All committed units, with the initial state left at off for ever (`initial.py` states one)."""
    rows = folder.generators.where(np.isin(folder.generators.texts("Unit Type"), COMMITTED))
    p_min = rows.numbers("PMin MW", least=0.0)
    p_max = rows.numbers("PMax MW", least=0.0)
    curves = _curves(rows, p_min, p_max)
    names = rows.ids("GEN UID")
    for name, curve in zip(names, curves, strict=True):
        if curve.lowered_cost_per_hour > NOTED * max(1.0, abs(curve.no_load_cost_per_hour)):
            folder.notes.append(
                f"Unit {name}: incremental heat rates not rising, cost curve lowered to its convex hull by up to "
                f"{curve.lowered_cost_per_hour:.2f} an hour."
            )
    ramp = rows.numbers("Ramp Rate MW/Min", least=0.0)
    must_run = np.array([t == "NUCLEAR" for t in rows.texts("Unit Type")], dtype=np.int8)
    folder.notes.append("Nuclear units must run; every unit starts and stops at its minimum output.")
    count, periods = len(names), folder.periods
    none = np.full(count, -1, dtype=np.int64)
    min_down = _minutes(rows.numbers("Min Down Time Hr", least=0.0))
    return Units(
        id=names,
        plant=none,
        owner=none.copy(),
        bus=rows.index("Bus ID", grid.bus_id),
        fuel=rows.choices("Fuel", FUELS),
        p_min_mw=over_periods(p_min, periods),
        p_max_mw=over_periods(p_max, periods),
        ramp_up_mw_per_minute=ramp,
        ramp_down_mw_per_minute=ramp.copy(),
        startup_limit_mw=p_min.copy(),
        shutdown_limit_mw=p_min.copy(),
        min_up_minutes=_minutes(rows.numbers("Min Up Time Hr", least=0.0)),
        min_down_minutes=min_down,
        no_load_cost_per_hour=np.array([c.no_load_cost_per_hour for c in curves]),
        stop_cost=rows.numbers("Non Fuel Shutdown Cost $"),
        initial_on=np.zeros(count, dtype=np.bool_),
        initial_minutes=np.zeros(count, dtype=np.int64),
        initial_mw=np.zeros(count),
        on_min=np.broadcast_to(must_run[:, None], (count, periods)),
        on_max=np.broadcast_to(np.ones((1, 1), dtype=np.int8), (count, periods)),
        fixed_unit=np.zeros(0, dtype=np.int64),
        fixed_period=np.zeros(0, dtype=np.int64),
        fixed_mw=np.zeros(0),
        price_eligible=np.ones(count, dtype=np.bool_),
        offers=_offers(curves, periods),
        start_costs=_start_costs(rows, min_down),
    )


def _minutes(hours: Floats) -> np.ndarray:
    return np.rint(hours * 60).astype(np.int64)


def _curves(rows: Table, p_min: Floats, p_max: Floats) -> list[BlockCurve]:
    """Blocks of every unit from its heat rates (BTU/kWh), fuel price (money/MBTU) and VOM (money/MWh)."""
    share = [curve_points(rows, f"Output_pct_{k}") for k in range(POINTS)]
    heat = [curve_points(rows, "HR_avg_0"), *(curve_points(rows, f"HR_incr_{k}") for k in range(1, POINTS))]
    fuel_price = rows.numbers("Fuel Price $/MMBTU", least=0.0)
    vom = rows.numbers("VOM", blank=0.0)
    curves = []
    for i in range(rows.rows):
        used = [k for k in range(POINTS) if not np.isnan(share[k][i])]
        mw = np.array([share[k][i] * p_max[i] for k in used])
        rate = np.array([heat[k][i] / 1000.0 * fuel_price[i] + vom[i] for k in used])  # money/MWh
        if not _usable(rows, i, mw, rate, p_min[i], p_max[i]):
            curves.append(BlockCurve(np.zeros(0), np.zeros(0), 0.0, 0.0))
            continue
        mw = spanning(mw, p_min[i], p_max[i])
        widths = np.diff(mw, prepend=0.0)
        curves.append(block_curve(mw, np.cumsum(widths * rate)))
    return curves


def curve_points(rows: Table, column: str) -> Floats:
    """A column of curve points; NaN where the curve has fewer points (NA)."""
    absent = np.isin(rows.texts(column), (ABSENT, ""))
    values = np.full(rows.rows, np.nan)
    values[~absent] = rows.where(~absent).numbers(column, least=0.0)
    return values


def _usable(rows: Table, i: int, mw: Floats, rate: Floats, p_min: float, p_max: float) -> bool:
    close = SAME * max(1.0, p_max)
    if p_min > p_max:
        rows.fault("P_MIN_ABOVE_P_MAX", i, "PMin MW", "The minimum output is above the maximum.", value=p_min)
    elif mw.size == 0 or abs(mw[0] - p_min) > close or abs(mw[-1] - p_max) > close:
        rows.fault("CURVE_ENDS", i, "Output_pct_0", "The output points must run from PMin to PMax.", value=mw.tolist())
    elif not rises(spanning(mw, p_min, p_max)):
        rows.fault("CURVE_NOT_RISING", i, "Output_pct_1", "The output points must rise.", value=mw.tolist())
    elif np.isnan(rate).any():
        rows.fault("MISSING_VALUE", i, "HR_incr_1", "Every output point needs its heat rate.")
    else:
        return True
    return False


def _offers(curves: list[BlockCurve], periods: int) -> Offers:
    return Offers(
        resource=np.repeat(np.arange(len(curves), dtype=np.int64), [c.width_mw.size for c in curves]),
        width_mw=over_periods(np.concatenate([np.zeros(0), *(c.width_mw for c in curves)]), periods),
        price_per_mwh=over_periods(np.concatenate([np.zeros(0), *(c.price_per_mwh for c in curves)]), periods),
    )


def _start_costs(rows: Table, min_down: np.ndarray) -> StartCosts:
    """Start states of every unit, without those that a start after the min down time cannot be in."""
    fuel_price = rows.numbers("Fuel Price $/MMBTU", least=0.0)
    fixed = rows.numbers("Non Fuel Start Cost $")
    states = (StartState.HOT, StartState.WARM, StartState.COLD)
    hours = np.array([rows.numbers(f"Start Time {s.name.title()} Hr", least=0.0) for s in states])
    heat = np.array([rows.numbers(f"Start Heat {s.name.title()} MBTU", least=0.0) for s in states])
    found: list[tuple[int, int, int, float]] = []
    for i in range(rows.rows):
        after = np.rint(hours[:, i] * 60).astype(np.int64)
        after[0] = 0
        if hours[-1, i] >= NOT_STATED_HOURS:
            after[:] = 0
        for k, state in enumerate(states):
            if np.any(after[k + 1 :] <= max(int(min_down[i]), int(after[k]))):
                continue  # a later state holds whenever this one would
            first = not found or found[-1][0] != i
            found.append((i, state, 0 if first else int(after[k]), float(heat[k, i] * fuel_price[i] + fixed[i])))
    return start_costs(found)
