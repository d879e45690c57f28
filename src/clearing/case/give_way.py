"""Where hard data of a unit clash, the weakest give way: the case that is cleared, and what was changed to get there.

Strength, from the rules (clearing-model.md, "Always a dispatch"): availability > initial output > fixed output >
ramps, start-up and shut-down limits > min up, min down, start lead time > must-run. What is weaker in that order gives
way before what is stronger; availability (p_min, p_max, outages, energy bounds) and the state before the horizon never
do. A ramp can always give way to an initial output, so the initial output never has to. What couples units (network,
balance, reserve, energy windows) is soft and no matter of this module. Readings: docs/formulation.md.
"""

from __future__ import annotations

from dataclasses import replace
from threading import local

import numpy as np

from clearing.case.arrays import Bools, Floats
from clearing.case.case import Case
from clearing.case.floor import floored
from clearing.case.follow import followed
from clearing.case.give_way_resources import storage, virtual_plants
from clearing.case.give_way_step import Step
from clearing.case.give_way_unit import Given, LeadChange, give
from clearing.case.lead_times import first_start, fits, lead_minutes, orderable, since_order, start_row
from clearing.case.output_curves import counted_from_sync, length
from clearing.case.predicates import TOLERANCE
from clearing.case.reserve_kinds import ProductKind, is_kind
from clearing.case.reserves import Direction
from clearing.case.validate_way import implied_windows, ways
from clearing.rules.rules import MinUpFrom, Rules, StartRules

RAMPS = {"ramp_up": ("up", "ramp_up_mw_per_minute"), "ramp_down": ("down", "ramp_down_mw_per_minute")}
LIMITS = {"startup_limit": ("start", "startup_limit_mw"), "shutdown_limit": ("stop", "shutdown_limit_mw")}
TIMES = {"min_up": ("min_up", "min_up_minutes"), "min_down": ("min_down", "min_down_minutes")}
"""Family of a step → field of `Way` and column of the units."""


_Latest = tuple[Case, StartRules, tuple[Case, tuple[Step, ...]]]
_LATEST = local()
"""Last case of each thread, starting rules, and what was found: validation, clearing and audit ask for the same."""


def give_way(case: Case, rules: Rules) -> tuple[Case, tuple[Step, ...]]:
    """The case with as little changed as leaves every resource a way through the horizon, and every change.

    The same case where nothing clashes. What is nonsense in itself (p_min above p_max), which validation refuses,
    stays as it is. A commitment given as a floor is must-run here (floor.py), and gives way as must-run does; one
    that is followed is made FIXED, as far as all other hard data allow (follow.py).
    """
    latest: _Latest | None = getattr(_LATEST, "found", None)
    if latest is None or latest[0] is not case or latest[1] != rules.starts:
        _LATEST.found = latest = (case, rules.starts, _given_way(case, rules))
    return latest[2]


def _given_way(case: Case, rules: Rules) -> tuple[Case, tuple[Step, ...]]:
    case = floored(case)
    case = counted_from_sync(case) if rules.starts.min_up_from is MinUpFrom.SYNC else case
    case, fixed = _fixed_outputs(case, rules)
    case, units = _units(case, rules)
    case, stores = storage(case)
    case, plants = virtual_plants(case)
    case, commitment = followed(case, rules)
    return case, (*fixed, *units, *stores, *plants, *commitment)


def _fixed_outputs(case: Case, rules: Rules) -> tuple[Case, list[Step]]:
    """A fixed output moves to the nearest MW that availability allows: 0 in an outage, else within p_min and p_max.

    One above 0 says that the unit is on, so it moves to 0 in an outage only; and where the unit, off before the
    horizon, cannot have been ordered yet because the reference clock of the lead times comes later, or its start-up
    curve does not fit in before.
    """
    units = case.units
    i, t, mw = units.fixed_unit, units.fixed_period, units.fixed_mw
    low, high = units.p_min_mw[i, t], units.p_max_mw[i, t]
    out = (units.on_max[i, t] == 0) | (~units.initial_on[i] & ~orderable(case, rules)[i, t])
    moved = np.where(mw == 0, 0.0, np.where(out, 0.0, np.clip(mw, low, np.maximum(low, high))))
    changed = np.abs(moved - mw) > TOLERANCE
    if not changed.any():
        return case, []
    steps = [
        Step("fixed_output", units.id[i[k]], int(t[k]), float(mw[k]), float(moved[k]), "units.fixed_mw", k)
        for k in np.flatnonzero(changed).tolist()
    ]
    return replace(case, units=replace(units, fixed_mw=np.where(changed, moved, mw))), steps


def _units(case: Case, rules: Rules) -> tuple[Case, list[Step]]:
    """Units without a way, one by one: what a fixed output of 0 says of on and off outranks must-run."""
    units = case.units
    least, most = implied_windows(replace(case, units=replace(units, on_min=np.zeros_like(units.on_min))))
    must, first = units.on_min == 1, first_start(case, rules)
    suspects = np.flatnonzero(units.initial_on | (least == 1).any(axis=1) | must.any(axis=1))
    curves = length(case.startup_curves, len(units.id)) + length(case.shutdown_curves, len(units.id))
    found: dict[int, Given] = {}
    for i, way in zip(suspects.tolist(), ways(case, suspects, least, most, first=first), strict=True):
        if replace(way, least=np.maximum(way.least, units.on_min[i])).there():
            continue
        wanting = replace(way, wanted=np.ascontiguousarray(units.on_min[i]))
        least_down = int(curves[i]) * case.horizon.period_minutes
        given = give(wanting, [] if units.initial_on[i] else _leads(case, rules, i, first[i]), least_down)
        if given is not None:
            found[i] = given
    if not found:
        return case, []
    steps = [step for i, given in found.items() for step in _steps(case, i, given)]
    return _changed(case, rules, found), steps


def _leads(case: Case, rules: Rules, unit: int, first: Bools) -> list[LeadChange]:
    """For every period in which the unit may not start for the first time: the lead time that would let it."""
    since, row = since_order(case, rules)[unit], start_row(case, rules)[unit]
    lead, room = lead_minutes(case, rules.starts), fits(case)[unit]
    found = []
    for t in np.flatnonzero(~first & (since >= 0) & room).tolist():
        k, enough = int(row[t]), int(since[t])
        lowered = np.ascontiguousarray(first | ((row == k) & (since >= enough) & room))
        found.append(LeadChange(k, float(lead[k]), enough, lowered))
    return found


def _steps(case: Case, i: int, given: Given) -> list[Step]:
    name, before, after = case.units.id[i], given.before, given.after
    steps = [Step("must_run", name, t, 1.0, 0.0, "units.on_min", i) for t in np.flatnonzero(given.given_up).tolist()]
    for family, (field, column) in (TIMES | RAMPS | LIMITS).items():
        if family in given.stuck:
            was, now = float(getattr(before, field)), float(getattr(after, field))
            steps.append(Step(family, name, given.stuck[family], was, now, f"units.{column}", i))
    if given.lead is not None:
        change, period = given.lead, given.stuck["start_lead"]
        steps.append(
            Step("start_lead", name, period, change.before, float(change.after), "start_leads.minutes", change.row)
        )
    return steps


def _changed(case: Case, rules: Rules, found: dict[int, Given]) -> Case:
    """The case with the limits of these units as they are after giving way.

    Reserve awards keep the caps that the given ramps set: a ramp gives way to get the unit through the day, not to
    make it faster.
    """
    units, minutes = case.units, case.horizon.period_minutes
    columns = {column: getattr(units, column).copy() for _, column in (RAMPS | LIMITS | TIMES).values()}
    columns["on_min"] = units.on_min.copy()
    leads = case.start_leads.minutes.copy()
    for i, given in found.items():
        for family, (field, column) in (RAMPS | LIMITS | TIMES).items():
            if family in given.stuck:
                per = minutes if family in RAMPS else 1
                columns[column][i] = getattr(given.after, field) / per
        columns["on_min"][i, given.given_up == 1] = 0
        if given.lead is not None:
            leads = leads if len(leads) else np.full(len(units.start_costs.unit), -1, dtype=np.int64)
            leads[given.lead.row] = given.lead.after
    return replace(
        case,
        units=replace(units, **columns),
        start_leads=replace(case.start_leads, minutes=leads),
        reserves=replace(
            case.reserves, unit_max_mw=_caps(case, [i for i, given in found.items() if RAMPS.keys() & given.stuck])
        ),
    )


def _caps(case: Case, changed: list[int]) -> Floats:
    """unit_max_mw (Q, N) with what the given ramps of some units allow within the response time."""
    reserves, units = case.reserves, case.units
    up = (reserves.direction == Direction.UP)[:, None]
    rate = np.where(up, units.ramp_up_mw_per_minute[changed], units.ramp_down_mw_per_minute[changed])
    flexible = is_kind(case.reserve_kinds, len(reserves.product_id), ProductKind.FLEXIBLE_RAMPING)
    longest = np.where(flexible, case.horizon.period_minutes, np.inf)
    minutes = np.broadcast_to(np.minimum(reserves.response_minutes, longest)[:, None], rate.shape)
    limited = np.isfinite(rate) & np.isfinite(minutes)
    most = reserves.unit_max_mw.copy()
    by_ramp = np.where(limited, np.where(limited, rate, 0.0) * np.where(limited, minutes, 0.0), np.inf)
    most[:, changed] = np.minimum(most[:, changed], by_ramp)
    return most
