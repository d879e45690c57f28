"""Load shed: what is missing, and what keeps the rest of the capacity from it."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Floats
from clearing.case.explanations import Shortages
from clearing.case.reserves import Direction
from clearing.explain import pulls
from clearing.explain.needs import NEAR_MW
from clearing.explain.setting import Setting

Row = tuple[str, int, float, float, float, float, float, float, str, str]


def shortages(table: Setting) -> Shortages:
    """One row an island and period with load shed."""
    case, schedule, islands = table.case, table.schedule, table.grid.islands
    missing = islands.total(schedule.shed_mw)
    reach, held = _reach(table), _held(table)
    rows: list[Row] = []
    for a, t in zip(*np.nonzero(missing > NEAR_MW), strict=True):
        inside = islands.of_bus[:, t] == a
        bus = int(np.argmax(np.where(inside, schedule.shed_mw[:, t], -1.0)))
        mine = inside[case.units.bus]
        where = _capacity(table, int(t), mine, reach[:, t], held[:, t])
        rows.append((case.network.bus_id[bus], int(t), float(missing[a, t]), *where, *_pull(table, bus, int(t))))
    columns = list(zip(*rows, strict=True)) or [()] * 10
    missing_mw, out, off, ramp, reserve, blocked = (np.array(c, dtype=np.float64) for c in columns[2:8])
    period = np.array(columns[1], dtype=np.int64)
    return Shortages(columns[0], period, missing_mw, out, off, ramp, reserve, blocked, columns[8], columns[9])


def _reach(table: Setting) -> Floats:
    """The greatest output (N, T) that a unit on line can reach from the period before it."""
    case, schedule = table.case, table.schedule
    units, minutes = case.units, case.horizon.period_minutes
    on = np.concatenate([units.initial_on[:, None], schedule.on[:, :-1] == 1], axis=1)
    before = np.concatenate([units.initial_mw[:, None], schedule.dispatch_mw[:, :-1]], axis=1)
    started = np.clip(units.startup_limit_mw[:, None], units.p_min_mw, units.p_max_mw)
    return np.minimum(np.where(on, before + units.ramp_up_mw_per_minute[:, None] * minutes, started), units.p_max_mw)


def _held(table: Setting) -> Floats:
    """Up awards (N, T)."""
    up = (table.case.reserves.direction == Direction.UP)[:, None, None]
    return np.asarray(np.where(up, table.schedule.reserve_mw, 0.0).sum(axis=0))


def _capacity(
    table: Setting, t: int, mine: Bools, reach: Floats, held: Floats
) -> tuple[float, float, float, float, float]:
    """Out, off, beyond the ramp, held as reserve, blocked: MW of the units of an island in a period."""
    units, on = table.case.units, table.schedule.on[:, t] == 1
    most, output = units.p_max_mw[:, t], table.schedule.dispatch_mw[:, t]
    out = mine & ~on & (units.on_max[:, t] == 0)
    off = mine & ~on & (units.on_max[:, t] == 1)
    room = np.where(mine & on, np.maximum(0.0, most - output), 0.0)
    near = np.where(mine & on, np.clip(reach - output, 0.0, room), 0.0)
    reserved = np.minimum(near, held)
    parts = (most[out], most[off], room - near, reserved, near - reserved)
    total = [float(part.sum()) for part in parts]
    return total[0], total[1], total[2], total[3], total[4]


def _pull(table: Setting, bus: int, t: int) -> tuple[str, str]:
    """The limit that raises the price of the bus most."""
    return pulls.greatest(table, pulls.at_bus(table, bus)[:, t], NEAR_MW)
