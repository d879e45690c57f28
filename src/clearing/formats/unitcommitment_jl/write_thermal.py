"""Committed units as thermal generators of UnitCommitment.jl."""

from __future__ import annotations

from typing import Any

import numpy as np

from clearing.case.arrays import Floats, Ints
from clearing.case.case import Case
from clearing.case.units import StartState, Units
from clearing.formats.shared import unit_terms
from clearing.formats.unexpressed import Losses
from clearing.formats.unitcommitment_jl import thermal as keys
from clearing.formats.unitcommitment_jl.write_reserves import section_names


def generators(case: Case, losses: Losses) -> dict[str, Any]:
    """Every committed unit."""
    _check(case, losses)
    return {name: _generator(case, i) for i, name in enumerate(case.units.id)}


def _check(case: Case, losses: Losses) -> None:
    units, ids, minutes = case.units, case.units.id, case.horizon.period_minutes
    unit_terms(case, losses)
    losses.rows("case.units.fuel", ids, units.fuel > 0, "The format has no fuel.", label=True)
    losses.rows("case.units.stop_cost", ids, units.stop_cost != 0.0, "The format has no cost of a stop.")
    odd = (units.initial_minutes == 0) | (units.initial_minutes % minutes != 0)
    losses.rows("case.units.initial_minutes", ids, odd, "Whole time steps in the initial state are needed.")
    starts = units.start_costs
    subject = [ids[i] for i in starts.unit.tolist()]
    named = starts.state != _positional_states(units)
    losses.rows("case.units.start_costs.state", subject, named, "States have no names, only an order.", label=True)


def _generator(case: Case, i: int) -> dict[str, Any]:
    units, horizon = case.units, case.horizon
    mw, cost = cost_points(units, i, horizon.hours)
    row: dict[str, Any] = {
        "Bus": case.network.bus_id[units.bus[i]],
        "Type": "Thermal",
        keys.CURVE_MW: _nested(mw),
        keys.CURVE_COST: _nested(cost),
        keys.MIN_UP: _hours(horizon.in_periods(int(units.min_up_minutes[i])) * horizon.period_minutes),
        keys.MIN_DOWN: _hours(horizon.in_periods(int(units.min_down_minutes[i])) * horizon.period_minutes),
        keys.STATUS: _hours(_status(units, i, horizon.period_minutes)),
        keys.POWER: float(units.initial_mw[i]),
    }
    for key, limit, scale in (
        (keys.RAMP_UP, units.ramp_up_mw_per_minute, horizon.period_minutes),
        (keys.RAMP_DOWN, units.ramp_down_mw_per_minute, horizon.period_minutes),
        (keys.START_LIMIT, units.startup_limit_mw, 1),
        (keys.STOP_LIMIT, units.shutdown_limit_mw, 1),
    ):
        if np.isfinite(limit[i]):
            row[key] = float(limit[i]) * scale
    return row | _windows(units, i) | _starts(case, i) | _eligible(case, i)


def cost_points(units: Units, i: int, hours: float) -> tuple[Floats, Floats]:
    """MW and money a time step of the cost points (K, T): p_min, the ends of blocks above it, p_max.

    A period with fewer points repeats its last one.
    """
    own = units.offers.resource == i
    width, price = units.offers.width_mw[own], units.offers.price_per_mwh[own]
    low, high = units.p_min_mw[i], units.p_max_mw[i]
    ends = np.clip(np.cumsum(width, axis=0), low, high)
    mw = np.concatenate([low[None], ends, high[None]])
    mw = _merged(mw)
    starts = np.cumsum(width, axis=0) - width
    taken = np.clip(mw[:, None, :] - starts[None], 0.0, width[None])
    cost = (units.no_load_cost_per_hour[i] + np.sum(taken * price[None], axis=1)) * hours
    return mw, cost


def _merged(mw: Floats) -> Floats:
    """Rising points without those that every period repeats; ends within rounding of one another are one."""
    close = 1e-12 * max(1.0, float(np.max(mw, initial=0.0)))
    count, periods = mw.shape
    found = np.repeat(mw[-1:], count, axis=0)
    most = 1
    for t in range(periods):
        kept = [float(mw[0, t])]
        for value in mw[1:, t].tolist():
            if value > kept[-1] + close:
                kept.append(value)
        if len(kept) > 1:
            kept[-1] = float(mw[-1, t])
        found[: len(kept), t] = kept
        found[len(kept) :, t] = kept[-1]
        most = max(most, len(kept))
    return found[:most]


def _nested(table: Floats) -> list[Any]:
    return [float(row[0]) if not np.any(row != row[:1]) else row.tolist() for row in table]


def _hours(minutes: int) -> int | float:
    return minutes // 60 if minutes % 60 == 0 else minutes / 60.0


def _status(units: Units, i: int, step: int) -> int:
    """Minutes on, or minus minutes off; at least one time step, because 0 says neither."""
    minutes = max(step, int(units.initial_minutes[i]) // step * step)
    return minutes if units.initial_on[i] else -minutes


def _windows(units: Units, i: int) -> dict[str, Any]:
    low, high = units.on_min[i] == 1, units.on_max[i] == 1
    if low.all():
        return {keys.MUST_RUN: True}
    if not low.any() and high.all():
        return {}
    return {keys.COMMITTED: [True if a else None if b else False for a, b in zip(low, high, strict=True)]}


def _starts(case: Case, i: int) -> dict[str, Any]:
    """Delays and costs of the start states, in whole time steps: what is off for no whole number of them is not met.

    The first delay is the least time off, or a step before the second.
    """
    starts, step = case.units.start_costs, case.horizon.period_minutes
    rows = np.flatnonzero(starts.unit == i)
    if not len(rows):
        return {}
    after, inclusive = starts.after_minutes[rows], starts.inclusive[rows]
    delays = (np.where(inclusive, -(-after // step), after // step + 1) * step).tolist()
    cost = dict(zip(delays[1:], starts.cost[rows].tolist()[1:], strict=True))  # of one delay the coldest state
    first = case.horizon.in_periods(int(case.units.min_down_minutes[i])) * step
    first = min([first, *(delay - step for delay in cost)])
    return {
        keys.DELAYS: [_hours(d) for d in (first, *cost)],
        keys.START_COSTS: [float(starts.cost[rows[0]]), *cost.values()],
    }


def _positional_states(units: Units) -> Ints:
    """Labels that the reader gives by the order of the states: first hot, last cold, a single one cold."""
    unit = units.start_costs.unit
    first = np.diff(unit, prepend=-1) != 0
    last = np.diff(unit, append=-1) != 0
    return np.where(last, StartState.COLD, np.where(first, StartState.HOT, StartState.WARM))


def _eligible(case: Case, i: int) -> dict[str, Any]:
    """Products that the unit may hold at its bus; both directions of flexible ramping are one product there."""
    reserves, bus = case.reserves, case.units.bus[i]
    sections = section_names(case)
    names = [
        sections[q]
        for q in range(len(reserves.product_id))
        if sections[q] and reserves.unit_max_mw[q, i] > 0.0 and reserves.covers_bus[q, bus]
    ]
    return {keys.ELIGIBLE: list(dict.fromkeys(names))} if names else {}
