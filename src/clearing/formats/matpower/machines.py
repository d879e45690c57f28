"""Generators and dispatchable loads of a MATPOWER case, with their costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, Ids, Ints
from clearing.case.demand_bids import NO_BIDS, DemandBids
from clearing.case.offers import Offers
from clearing.case.units import Fuel, StartState, Units
from clearing.formats.curves import LEAST_STEP_MW, block_curve, rises
from clearing.formats.matpower.network import Alive
from clearing.formats.matpower.options import Options
from clearing.formats.matpower.source import Source
from clearing.formats.shared import start_costs

PIECEWISE, POLYNOMIAL = 1, 2
LONG_MINUTES = 10_000_000
FUELS = {
    "coal": Fuel.COAL, "ng": Fuel.GAS, "gas": Fuel.GAS, "oil": Fuel.OIL, "nuclear": Fuel.NUCLEAR, "hydro": Fuel.HYDRO,
    "wind": Fuel.WIND, "solar": Fuel.SOLAR, "biomass": Fuel.BIOMASS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cost:
    """Points (mw, money an hour) in rising order, start and stop cost; error: most a chord lies above a polynomial."""

    mw: Floats
    money: Floats
    start: float
    stop: float
    error: float


def machines(source: Source, options: Options, known: Alive) -> tuple[Units, list[str], DemandBids, list[str]]:
    """Units, notes on costs that were made convex, bids of dispatchable loads, notes on what was assumed."""
    gen = source.table("gen")
    live = gen[:, 7] > 0.0
    bus = known.of(source, "gen", gen[:, 0], live)
    rows = np.flatnonzero(live & (bus >= 0))
    units, loads, both = [], [], 0
    for k in rows.tolist():
        most, least = gen[k, 8], gen[k, 9]
        if not np.isfinite([most, least]).all() or least > most:
            message = "Pmin and Pmax are numbers with Pmin ≤ Pmax."
            source.fault("OUT_OF_RANGE", "gen", k, message, value=f"{least}, {most}")
            continue
        takes, gives = bool(least < 0.0), bool(most > 0.0 or least >= 0.0)
        both += takes and gives
        units += [k] * gives
        loads += [k] * takes
    up = {k: _cost(source, options, k, max(gen[k, 9], 0.0), gen[k, 8]) for k in units}
    down = {k: _cost(source, options, k, gen[k, 9], min(gen[k, 8], 0.0)) for k in loads}
    worst = max((cost.error for cost in (*up.values(), *down.values())), default=0.0)
    notes = [
        f"Polynomial costs are cut into {options.segments} parts: at most {worst:.6g} an hour too dear in between."
    ]
    notes = notes if worst > 0.0 else []
    if options.fixed:
        notes.append("Units in service are on: an optimal power flow decides no commitment (option commitment=free).")
    if both:
        notes.append(f"{both} machines that may take or give are read as a unit and a bid each.")
    table, lowered = _units(source, known, gen, units, bus, up)
    return table, lowered, _bids(gen, loads, bus, down), notes


def _cost(source: Source, options: Options, row: int, least: float, most: float) -> Cost:
    """Points of the cost of a row between its limits."""
    table = source.table("gencost")
    if not len(table):
        return Cost(np.unique([least, most]), np.zeros(len(np.unique([least, most]))), 0.0, 0.0, 0.0)
    nothing = Cost(np.array([least]), np.zeros(1), 0.0, 0.0, 0.0)
    if row >= len(table):
        source.fault("REQUIRED", "gencost", row, "The generator has no cost.")
        return nothing
    model, start, stop, count = table[row, :4].tolist()
    room = table.shape[1] - 4
    figures = table[row, 4 : 4 + int((2 if model == PIECEWISE else 1) * min(max(count, 0), room))]
    short = len(figures) < (2 if model == PIECEWISE else 1) * count or count != np.floor(count)
    stated = np.isfinite([*figures, start, stop]).all()
    if model not in (PIECEWISE, POLYNOMIAL) or count < 1 or short or not stated:
        limit = "1 or 2, and as many figures as stated"
        source.fault(
            "OUT_OF_RANGE", "gencost", row, "No cost that is known.", value=f"{model:g}, {count:g}", limit=limit
        )
        return nothing
    if model == PIECEWISE:
        mw, money = figures[0::2], figures[1::2]
        if not rises(mw):
            source.fault("OUT_OF_RANGE", "gencost", row, "Points do not rise.", limit="rising MW")
            return nothing
        return Cost(*_cut(mw, money, least, most), start, stop, 0.0)
    parts = 1 if len(figures) < 3 or not figures[:-2].any() else options.segments
    wide = most - least > parts * LEAST_STEP_MW
    grid = np.linspace(least, most, parts + 1) if wide else np.array([least])
    between = 0.5 * (grid[1:] + grid[:-1])
    chord = np.interp(between, grid, np.polyval(figures, grid)) - np.polyval(figures, between)
    money = np.asarray(np.polyval(figures, grid), dtype=np.float64)
    return Cost(grid, money, start, stop, float(chord.max(initial=0.0)))


def _cut(mw: Floats, money: Floats, least: float, most: float) -> tuple[Floats, Floats]:
    """Piecewise linear points between the limits; the last slopes go on beyond the points, as in MATPOWER."""
    inside = mw[(mw > least + LEAST_STEP_MW) & (mw < most - LEAST_STEP_MW)]
    grid = np.unique(np.concatenate([[least], inside, [most]])) if most - least > LEAST_STEP_MW else np.array([least])
    if len(mw) == 1:
        return grid, np.full(len(grid), money[0])
    value = np.interp(grid, mw, money)
    below, above = grid < mw[0], grid > mw[-1]
    value[below] = money[0] + (grid[below] - mw[0]) * (money[1] - money[0]) / (mw[1] - mw[0])
    value[above] = money[-1] + (grid[above] - mw[-1]) * (money[-1] - money[-2]) / (mw[-1] - mw[-2])
    return grid, value


def _units(
    source: Source, known: Alive, gen: Floats, rows: list[int], bus: Ints, costs: dict[int, Cost]
) -> tuple[Units, list[str]]:
    ids = _ids(gen, rows, known, "gen")
    resource, width, price, no_load, lowered = [], [], [], [], []
    for i, k in enumerate(rows):
        curve = block_curve(costs[k].mw, costs[k].money)
        resource += [i] * len(curve.width_mw)
        width += curve.width_mw.tolist()
        price += curve.price_per_mwh.tolist()
        no_load.append(curve.no_load_cost_per_hour)
        if curve.lowered_cost_per_hour > 1e-9 * max(1.0, float(np.abs(costs[k].money).max())):
            by = f"{curve.lowered_cost_per_hour:.6g}"
            lowered.append(f"Cost of {ids[i]} is not convex; it is lowered by up to {by} an hour to its convex hull.")
    count = len(rows)
    table = gen[rows]
    least = np.maximum(table[:, 9], 0.0)
    series = np.broadcast_to(np.ones((1, 1)), (count, 1))
    fuels = source.fields.get("genfuel")
    named = fuels if isinstance(fuels, tuple) and len(fuels) == len(gen) else ()
    return Units(
        id=ids,
        plant=np.full(count, -1, dtype=np.int64),
        owner=np.full(count, -1, dtype=np.int64),
        bus=bus[rows],
        fuel=np.array([FUELS.get(named[k].lower(), Fuel.OTHER) if named else 0 for k in rows], dtype=np.int64),
        p_min_mw=least[:, None],
        p_max_mw=table[:, 8:9].copy(),
        ramp_up_mw_per_minute=np.full(count, np.inf),
        ramp_down_mw_per_minute=np.full(count, np.inf),
        startup_limit_mw=np.full(count, np.inf),
        shutdown_limit_mw=np.full(count, np.inf),
        min_up_minutes=np.zeros(count, dtype=np.int64),
        min_down_minutes=np.zeros(count, dtype=np.int64),
        no_load_cost_per_hour=np.array(no_load),
        stop_cost=np.array([costs[k].stop for k in rows]),
        initial_on=np.ones(count, dtype=np.bool_),
        initial_minutes=np.full(count, LONG_MINUTES, dtype=np.int64),
        initial_mw=np.clip(table[:, 1], least, table[:, 8]),
        on_min=np.zeros((count, 1), dtype=np.int8),
        on_max=series.astype(np.int8),
        fixed_unit=np.zeros(0, dtype=np.int64),
        fixed_period=np.zeros(0, dtype=np.int64),
        fixed_mw=np.zeros(0),
        price_eligible=np.ones(count, dtype=np.bool_),
        offers=Offers(np.array(resource, dtype=np.int64), np.array(width)[:, None], np.array(price)[:, None]),
        start_costs=start_costs([(i, StartState.HOT, 0, costs[k].start) for i, k in enumerate(rows)]),
    ), lowered


def _bids(gen: Floats, rows: list[int], bus: Ints, costs: dict[int, Cost]) -> DemandBids:
    """Dispatchable loads: what is taken is minus the output, what it is worth minus the cost."""
    if not rows:
        return NO_BIDS
    resource, width, price = [], [], []
    for b, k in enumerate(rows):
        taken, worth = -costs[k].mw[::-1], -costs[k].money[::-1]
        step = np.diff(taken)
        resource += [b] * len(step)
        width += step.tolist()
        price += (np.diff(worth) / step).tolist()
    return DemandBids(
        id=tuple(f"load of gen {k + 1}" for k in rows),
        owner=np.full(len(rows), -1, dtype=np.int64),
        bus=bus[rows],
        min_mw=np.maximum(-gen[rows, 8:9], 0.0),
        max_mw=-gen[rows, 9:10],
        bids=Offers(np.array(resource, dtype=np.int64), np.array(width)[:, None], np.array(price)[:, None]),
    )


def _ids(gen: Floats, rows: list[int], known: Alive, word: str) -> Ids:
    """`gen <row in the file> @<bus>`."""
    return tuple(f"{word} {k + 1} @{gen[k, 0]:.0f}" for k in rows)
