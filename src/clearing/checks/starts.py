"""Starts and stops against their limits: numbers a day, spacing at a plant (family 11), lead times (family 13).

Derived from raw fields.
"""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Floats, Ids, Ints
from clearing.case.case import Case
from clearing.case.finding import Finding
from clearing.case.units import Fuel
from clearing.checks.facts import Facts
from clearing.checks.finding import over
from clearing.checks.output_curves import startup_curve
from clearing.rules.rules import Rules, StartRules, StateJudged

Broken = tuple[str, Ids, Floats]
"""Family, subjects (n), by how many starts or stops the limit is broken (n, T)."""

FAMILIES = ("unit_starts", "unit_stops", "plant_starts", "plant_stops", "start_spacing", "stop_spacing", "switching")
"""Families that count starts and stops: their penalty is money each, whatever the length of a period."""


def start_limits(known: Facts) -> list[Broken]:
    """All of them."""
    return [*_numbers(known), *_spacing(known), ("switching", known.case.units.id, _switching(known))]


def _numbers(known: Facts) -> list[Broken]:
    """Σ of a day − most; the whole excess stands at the period of the first start (stop) too many."""
    case = known.case
    names = case.units.id
    found: list[Broken] = []
    for part, switched in (("starts", known.started), ("stops", known.stopped)):
        own = {
            int(u): int(m)
            for u, m in zip(case.start_limits.unit, getattr(case.start_limits, f"max_{part}"), strict=True)
        }
        site = {
            int(q): int(m)
            for q, m in zip(case.plant_limits.plant, getattr(case.plant_limits, f"max_{part}"), strict=True)
        }
        by_unit = [_beyond(known, switched[i], own.get(i, -1)) for i in range(len(names))]
        found.append((f"unit_{part}", names, _table(by_unit, known)))
        by_plant = [
            _beyond(known, switched[case.units.plant == q].sum(axis=0), site.get(q, -1))
            for q in range(len(case.participants.plant_id))
        ]
        found.append((f"plant_{part}", case.participants.plant_id, _table(by_plant, known)))
    return found


def _stated(subject: Ints, value: Ints) -> dict[int, int]:
    """Values by subject, without −1."""
    return {int(s): int(v) for s, v in zip(subject, value, strict=True) if v >= 0}


def _beyond(known: Facts, count: np.ndarray, most: int) -> Floats:
    horizon = known.case.horizon
    amount = np.zeros(horizon.periods)
    if most < 0:
        return amount
    seen: dict[int, int] = {}
    first: dict[int, int] = {}
    for t in np.flatnonzero(count).tolist():
        day = (horizon.start_minute + t * horizon.period_minutes) // (24 * 60)
        seen[day] = seen.get(day, 0) + int(count[t])
        if seen[day] > most:
            amount[first.setdefault(day, t)] = seen[day] - most
    return amount


def _spacing(known: Facts) -> list[Broken]:
    """Switches of a plant in the window of the spacing that ends with a period, less one.

    A switch before the horizon takes that one away while it is still within the spacing.
    """
    case, rules = known.case, known.rules.starts
    sites, units = case.participants.plant_id, case.units
    found: list[Broken] = []
    for part, switched, began, default in (
        ("start", known.started, units.initial_on, rules.start_spacing_minutes),
        ("stop", known.stopped, ~units.initial_on, rules.stop_spacing_minutes),
    ):
        own = _stated(case.plant_limits.plant, getattr(case.plant_limits, f"{part}_spacing_minutes"))
        rows = [_crowd(known, units.plant == q, switched, began, own.get(q, default)) for q in range(len(sites))]
        found.append((f"{part}_spacing", sites, _table(rows, known)))
    return found


def _crowd(known: Facts, member: Bools, switched: Bools, began: Bools, spacing: int) -> Floats:
    horizon, units = known.case.horizon, known.case.units
    amount = np.zeros(horizon.periods)
    if spacing <= 0 or not member.any():
        return amount
    count = switched[member].sum(axis=0)
    if not count.any():
        return amount
    for t in range(horizon.periods):
        recent = [k for k in range(t + 1) if (t - k) * horizon.period_minutes < spacing]
        before = units.initial_minutes[member & began] + t * horizon.period_minutes < spacing
        amount[t] = max(0, int(count[recent].sum()) - max(0, 1 - int(before.sum())))
    return amount


def _switching(known: Facts) -> Floats:
    """A unit started on a day on which another one of its plant stops: periods of its switching time that it is off.

    Two such starts of one day within the time count as one too many while the unit is on.
    """
    case, horizon = known.case, known.case.horizon
    own = _stated(case.plant_limits.plant, case.plant_limits.switching_minutes)
    amount = np.zeros(known.on.shape)
    day = (horizon.start_minute + np.arange(horizon.periods) * horizon.period_minutes) // (24 * 60)
    for i in np.flatnonzero(known.started.any(axis=1)).tolist():
        plant = int(case.units.plant[i])
        least = own.get(plant, known.rules.starts.switching_minutes) if plant >= 0 else 0
        others = (case.units.plant == plant) & (np.arange(len(case.units.id)) != i)
        for d in np.unique(day).tolist() if least > 0 else ():
            began = np.flatnonzero(known.started[i] & (day == d))
            if not known.stopped[others][:, day == d].any() or not len(began):
                continue
            for t in range(int(began[0]), horizon.periods):
                within = (began <= t) & ((t - began) * horizon.period_minutes < least)
                amount[i, t] += max(0, int(within.sum()) - int(known.on[i, t]))
    return amount


def start_leads(known: Facts) -> list[Finding]:
    """The first start of a unit off since before the horizon: not before reference clock + lead time of its state."""
    units, horizon = known.case.units, known.case.horizon
    missing, beyond = np.zeros(known.on.shape), np.zeros(known.on.shape)
    for i in np.flatnonzero(~units.initial_on & known.on.any(axis=1)).tolist():
        t = int(np.argmax(known.on[i]))
        begin = horizon.start_minute + t * horizon.period_minutes
        steps = len(startup_curve(known.case, i, int(units.initial_minutes[i]) + t * horizon.period_minutes))
        beyond[i, t] = max(0, steps - t)
        missing[i, t] = max(0.0, first_minute(known.case, known.rules, i, t) - begin + steps * horizon.period_minutes)
    text = "starts before its start-up curve fits into the horizon"
    return [
        *over("START_LEAD", "commitment", units.id, missing, 0.0, "starts before its lead time", unit="min"),
        *over("START_CURVE", "commitment", units.id, beyond, 0.0, text, unit="periods"),
    ]


def first_minute(case: Case, rules: Rules, unit: int, period: int) -> float:
    """Minute at which a unit off since before the horizon, which starts in a period, may be synchronised: reference
    clock + lead time of its state."""
    horizon, own = case.horizon, case.start_leads.reference_minute
    clock = rules.starts.lead_clock_minute if own is None else own
    begin = horizon.start_minute + period * horizon.period_minutes
    judged = begin if rules.starts.judged is StateJudged.SYNC else clock
    off = max(0, int(case.units.initial_minutes[unit]) + judged - horizon.start_minute)
    return clock + _lead(case, rules.starts, unit, off)


def may_start_first(case: Case, rules: Rules, unit: int) -> Bools:
    """Periods (T) in which the first start of a unit off since before the horizon may be: lead time and curve fit."""
    horizon, spent = case.horizon, int(case.units.initial_minutes[unit])
    minutes, climbs = horizon.period_minutes, unit in case.startup_curves.unit
    found, by_period = np.zeros(horizon.periods, dtype=np.bool_), rules.starts.judged is StateJudged.SYNC
    earliest = first_minute(case, rules, unit, 0)
    for t in range(horizon.periods):
        steps = len(startup_curve(case, unit, spent + t * minutes)) if climbs else 0
        earliest = first_minute(case, rules, unit, t) if by_period else earliest
        found[t] = steps <= t and earliest <= horizon.start_minute + (t - steps) * minutes
    return found


def _lead(case: Case, rules: StartRules, unit: int, off_minutes: int) -> float:
    """Lead time of the state of a unit after being off for so long; nuclear and hydro by the case's data only."""
    costs, stated = case.units.start_costs, case.start_leads.minutes
    rows = np.flatnonzero(costs.unit == unit).tolist()
    if not rows:
        return 0.0
    passed = [k for k in rows if off_minutes > costs.after_minutes[k] - int(costs.inclusive[k])]
    row = passed[-1] if passed else rows[0]
    if len(stated) and stated[row] >= 0:
        return float(stated[row])
    if case.units.fuel[unit] in (Fuel.NUCLEAR, Fuel.HYDRO):
        return 0.0
    by_state = (None, rules.lead_hot_minutes, rules.lead_warm_minutes, rules.lead_cold_minutes)
    return by_state[int(costs.state[row])] or 0.0


def _table(rows: list[Floats], known: Facts) -> Floats:
    return np.array(rows).reshape(len(rows), known.case.horizon.periods)
