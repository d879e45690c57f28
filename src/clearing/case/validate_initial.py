"""Initial states and must-run, must-off windows: is there any way through the horizon?"""

from __future__ import annotations

import numpy as np

from clearing.case import validate_units
from clearing.case.arrays import Bools, Flags, Floats, Ints
from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.case.predicates import TOLERANCE, Field, flag
from clearing.case.validate_way import first_stuck, implied_windows, limits
from clearing.rules.rules import Rules

CLASHES = frozenset(
    {
        *("INITIAL_OUTPUT_CANNOT_FOLLOW", "MUST_RUN_AND_MUST_OFF", "MIN_UP_AGAINST_MUST_OFF"),
        *("MIN_DOWN_AGAINST_MUST_RUN", "COMMITMENT_WINDOWS_CLASH", "FIXED_OUTPUT_OUTSIDE_LIMITS"),
        *("FIXED_OUTPUT_IN_MUST_OFF", "FIXED_OUTPUT_BEYOND_RAMP"),
    }
)
"""Codes that say why a unit has no way through the horizon."""


def states(case: Case, rules: Rules) -> list[Finding]:
    """What a unit says it did before the first period is possible in itself."""
    units = case.units
    on, mw, spent = units.initial_on, units.initial_mw, units.initial_minutes
    output, minutes = Field("case.units.initial_mw", units.id), Field("case.units.initial_minutes", units.id)
    greatest = units.p_max_mw.max(axis=1, initial=0.0)
    above = on & (mw > greatest + TOLERANCE)
    return [
        *flag(
            "INITIAL_OFF_WITH_OUTPUT", output, ~on & (mw > 0), "off before the first period, yet with output", mw, "0"
        ),
        *flag(
            "INITIAL_OUTPUT_ABOVE_P_MAX", output, above, "above p_max of every period", mw, greatest, Severity.WARNING
        ),
        *flag("INITIAL_MINUTES_ZERO", minutes, on & (spent == 0), "on, but for no time", spent, "> 0"),
        *flag(
            "INITIAL_MINUTES_ZERO",
            minutes,
            ~on & (spent == 0) & (units.min_down_minutes > 0),
            "off for no time, so the whole min-down time lies ahead",
            spent,
            "> 0",
            Severity.WARNING,
        ),
    ]


def outputs(case: Case, rules: Rules) -> list[Finding]:
    """INITIAL_OUTPUT_CANNOT_FOLLOW: the ramps lead from the initial output neither into the limits nor to a stop.

    A unit that must be on from the start is followed as long as it must. Any other is judged at the first period,
    and, if it must be off from period s on, by the s periods it has to ramp down to its shutdown limit.
    """
    units, minutes = case.units, case.horizon.period_minutes
    on, mw, may = units.initial_on, units.initial_mw, units.on_max == 1
    least, _ = implied_windows(case)
    owed = np.ceil((units.min_up_minutes - units.initial_minutes) / minutes)[:, None]
    needed = (least == 1) | (np.arange(case.horizon.periods)[None, :] < owed)
    forced = np.logical_and.accumulate(on[:, None] & may & needed, axis=1)
    empty = _unreachable(case)
    stuck = forced & empty
    stuck[:, 0] |= on & ~needed[:, 0] & may[:, 0] & empty[:, 0] & (mw > units.shutdown_limit_mw + TOLERANCE)
    stuck[:, 1:] &= ~np.logical_or.accumulate(stuck, axis=1)[:, :-1]  # the first is enough

    ahead = np.where((~may).any(axis=1), np.argmax(~may, axis=1), -1)
    fallen = mw - np.where(ahead > 0, units.ramp_down_mw_per_minute * minutes * ahead, 0.0)
    high = on & (ahead >= 0) & (fallen > units.shutdown_limit_mw + TOLERANCE) & ~stuck.any(axis=1)
    code, field = "INITIAL_OUTPUT_CANNOT_FOLLOW", Field("case.units.initial_mw", units.id)
    within, limit = "no ramp leads from it into the limits of this period", "within the ramps"
    down = "too high to be at the shutdown limit when the unit must be off"
    return [
        *flag(code, field, stuck, within, mw, limit, Severity.WARNING),
        *flag(code, field, high, down, mw, units.shutdown_limit_mw, Severity.WARNING),
    ]


def _unreachable(case: Case) -> Bools:
    """(N, T): no output within limits and fixed outputs is within the ramps, going on from the initial output."""
    known = limits(case)
    least, most = known.mw, known.mw
    empty = np.zeros(known.low.shape, dtype=np.bool_)
    for t in range(known.low.shape[1]):
        least = np.maximum(known.low[:, t], least - known.down)
        most = np.minimum(known.high[:, t], most + known.up)
        empty[:, t] = least > most + TOLERANCE
    return empty


def windows(case: Case, rules: Rules) -> list[Finding]:
    """Must-run and must-off windows against each other, the initial state, min up and min down."""
    units, horizon = case.units, case.horizon
    must, may = units.on_min == 1, units.on_max == 1
    t = np.arange(horizon.periods)[None, :]
    owed = np.ceil((units.min_up_minutes - units.initial_minutes) / horizon.period_minutes)[:, None]
    resting = np.ceil((units.min_down_minutes - units.initial_minutes) / horizon.period_minutes)[:, None]
    on = units.initial_on[:, None]
    both = must & ~may
    running, idle = on & (t < owed) & ~may, ~on & (t < resting) & must
    clash = clashes(case, *implied_windows(case))
    clash &= ~(both | running | idle).any(axis=1)[:, None]
    least, most = Field("case.units.on_min", units.id), Field("case.units.on_max", units.id)
    return [
        *_clash("MUST_RUN_AND_MUST_OFF", least, both, "must run and must be off in one period"),
        *_clash("MIN_UP_AGAINST_MUST_OFF", most, running, "must be off while the initial min-up time still runs"),
        *_clash("MIN_DOWN_AGAINST_MUST_RUN", least, idle, "must run while the initial min-down time still runs"),
        *_clash(
            "COMMITMENT_WINDOWS_CLASH",
            least,
            clash,
            "no commitment fits the initial state, min up, min down, must-run, must-off and fixed outputs up to here",
        ),
    ]


def _clash(code: str, field: Field, bad: Bools, message: str) -> list[Finding]:
    """A warning: which of the two gives way is said by validate_give_way.py."""
    return flag(code, field, bad, message, severity=Severity.WARNING)


def ways(case: Case, rules: Rules) -> list[Finding]:
    """NO_WAY_THROUGH: all limits of a unit together leave nothing, though no one of the other checks says why."""
    stuck = first_stuck(case, *implied_windows(case))
    others = (states, outputs, windows, validate_units.limits, validate_units.fixed_outputs)
    named = {
        f.subject for check in others for f in check(case, rules) if f.severity is Severity.ERROR or f.code in CLASHES
    }
    stuck &= np.array([name not in named for name in case.units.id], dtype=np.bool_)[:, None]
    message = "limits, ramps, fixed outputs, windows and min times of the unit leave no way to reach this period"
    return _clash("NO_WAY_THROUGH", Field("case.units.id", case.units.id), stuck, message)


def clashes(case: Case, least: Flags, most: Flags) -> Bools:
    """(N, T): the first period that no commitment within least and most reaches.

    Of each state only the greatest age matters: whoever has been on (off) longer may do all that others may.
    Ages are minutes, −1 = the state cannot be reached.
    """
    units, minutes = case.units, case.horizon.period_minutes
    on_age: Ints = np.where(units.initial_on, units.initial_minutes, -1)
    off_age: Ints = np.where(units.initial_on, -1, units.initial_minutes)
    dead = np.zeros(least.shape, dtype=np.bool_)
    for t in range(least.shape[1]):
        starts = (off_age >= 0) & (off_age >= units.min_down_minutes)
        stops = (on_age >= 0) & (on_age >= units.min_up_minutes)
        stay_on, stay_off = np.where(on_age >= 0, on_age + minutes, -1), np.where(off_age >= 0, off_age + minutes, -1)
        on_age = np.where(most[:, t] == 0, -1, np.maximum(stay_on, np.where(starts, minutes, -1)))
        off_age = np.where(least[:, t] == 1, -1, np.maximum(stay_off, np.where(stops, minutes, -1)))
        dead[:, t] = (on_age < 0) & (off_age < 0)
    first: Bools = dead & (np.cumsum(dead, axis=1) == 1)
    return first


def broken_times(case: Case, on: Flags) -> tuple[Bools, Bools]:
    """(N, T) twice: stops before the min-up time, starts before the min-down time is over."""
    units, minutes = case.units, case.horizon.period_minutes
    age: Floats = units.initial_minutes.astype(np.float64)
    was = units.initial_on.astype(np.int8)
    early_stop, early_start = np.zeros(on.shape, dtype=np.bool_), np.zeros(on.shape, dtype=np.bool_)
    for t in range(on.shape[1]):
        turned = on[:, t] != was
        early_stop[:, t] = turned & (was == 1) & (age < units.min_up_minutes)
        early_start[:, t] = turned & (was == 0) & (age < units.min_down_minutes)
        age = np.where(turned, 0.0, age) + minutes
        was = on[:, t]
    return early_stop, early_start
