"""Units: limits, start states, fixed outputs."""

from __future__ import annotations

import numpy as np

from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.case.predicates import TOLERANCE, Field, flag
from clearing.rules.rules import Rules


def limits(case: Case, rules: Rules) -> list[Finding]:
    """p_min ≤ p_max; start-up and shut-down limits reach p_min; consecutive limits lie within a ramp of each other."""
    units = case.units
    ids, low, high = units.id, units.p_min_mw, units.p_max_mw
    findings = flag(
        "P_MIN_ABOVE_P_MAX", Field("case.units.p_min_mw", ids), low > high, "p_min is above p_max", low, high
    )
    need = low.max(axis=1, initial=0.0)
    for name, code in (
        ("startup_limit_mw", "STARTUP_LIMIT_BELOW_P_MIN"),
        ("shutdown_limit_mw", "SHUTDOWN_LIMIT_BELOW_P_MIN"),
    ):
        given = getattr(units, name)
        message = "below the greatest p_min of the unit"
        findings += flag(code, Field(f"case.units.{name}", ids), given < need - TOLERANCE, message, given, need)
    return findings + _steps_beyond_ramp(case)


def _steps_beyond_ramp(case: Case) -> list[Finding]:
    """LIMITS_BEYOND_RAMP: no output of one period can be followed by one of the next: the unit stops, or the ramp
    gives way where it must run in both."""
    units, minutes = case.units, case.horizon.period_minutes
    low, high = units.p_min_mw, units.p_max_mw
    up, down = units.ramp_up_mw_per_minute[:, None] * minutes, units.ramp_down_mw_per_minute[:, None] * minutes
    apart = np.zeros(low.shape, dtype=np.bool_)
    apart[:, 1:] = (low[:, 1:] > high[:, :-1] + up + TOLERANCE) | (high[:, 1:] < low[:, :-1] - down - TOLERANCE)
    field = Field("case.units.p_min_mw", units.id)
    message = "limits of this period and the one before lie further apart than the ramp: the unit cannot be on in both"
    return flag("LIMITS_BEYOND_RAMP", field, apart, message, low, severity=Severity.WARNING)


def costs(case: Case, rules: Rules) -> list[Finding]:
    """A negative no-load cost is allowed (convexified curves have it) but worth a look."""
    no_load = case.units.no_load_cost_per_hour
    field = Field("case.units.no_load_cost_per_hour", case.units.id)
    message = "being on earns money"
    return flag("NEGATIVE_NO_LOAD", field, no_load < 0, message, no_load, severity=Severity.NOTE)


def start_states(case: Case, rules: Rules) -> list[Finding]:
    """States of a unit stand together, begin at 0 minutes, rise in time off, and do not fall in cost."""
    table, ids = case.units.start_costs, case.units.id
    path = "case.units.start_costs"
    if not len(table.unit):
        return []
    subject = [ids[i] for i in table.unit.tolist()]
    before = np.concatenate(([-1], table.unit[:-1]))
    first, split = table.unit != before, table.unit < before
    findings = flag(
        "START_STATES_NOT_GROUPED",
        Field(f"{path}.unit", subject),
        split,
        "the states of a unit stand together, in the order of the units",
    )
    after = table.after_minutes
    late = first & (after != 0)
    field = Field(f"{path}.after_minutes", subject)
    findings += flag("START_STATE_FIRST_NOT_ZERO", field, late, "the first state of a unit applies at once", after, "0")
    prior = np.concatenate(([0], after[:-1]))
    stuck = ~first & (after <= prior)
    findings += flag("START_STATES_NOT_RISING", field, stuck, "time off does not rise over the states", after, prior)
    dearer = np.concatenate(([0.0], table.cost[:-1]))
    falls = ~first & (table.cost < dearer - TOLERANCE)
    field = Field(f"{path}.cost", subject)
    message = "a colder start costs less"
    return findings + flag("START_COST_FALLS", field, falls, message, table.cost, dearer, Severity.WARNING)


def fixed_outputs(case: Case, rules: Rules) -> list[Finding]:
    """Fixed outputs: once a unit and period; 0 or within the limits, not where it must be off, within its ramps, or
    something gives way."""
    units = case.units
    i, t, mw = units.fixed_unit, units.fixed_period, units.fixed_mw
    if not len(i):
        return []
    subject = [units.id[k] for k in i.tolist()]
    place = i * case.horizon.periods + t
    order = np.argsort(place, kind="stable")
    again = np.zeros(len(i), dtype=np.bool_)
    again[order[1:]] = place[order[1:]] == place[order[:-1]]
    field = Field("case.units.fixed_mw", subject)
    low, high = units.p_min_mw[i, t], units.p_max_mw[i, t]
    off = (mw == 0) & (units.on_min[i, t] == 0)  # held at 0: the unit is off
    outside = ~off & ((mw < low - TOLERANCE) | (mw > high + TOLERANCE))
    nearest = np.clip(mw, np.minimum(low, high), high)
    shut, warning = (mw > 0) & (units.on_max[i, t] == 0), Severity.WARNING
    return [
        *flag("DUPLICATE_FIXED_OUTPUT", Field("case.units.fixed_period", subject), again, "fixed twice", t, "once"),
        *flag("FIXED_OUTPUT_OUTSIDE_LIMITS", field, outside & ~shut, "outside p_min and p_max", mw, nearest, warning),
        *flag("FIXED_OUTPUT_IN_MUST_OFF", field, shut, "fixed above 0 where the unit must be off", mw, "0", warning),
        *_fixed_beyond_ramp(case, order),
    ]


def _fixed_beyond_ramp(case: Case, order: np.ndarray) -> list[Finding]:
    """FIXED_OUTPUT_BEYOND_RAMP: fixed outputs of two periods in a row, both on, further apart than the ramp."""
    units, minutes = case.units, case.horizon.period_minutes
    i, t, mw = units.fixed_unit[order], units.fixed_period[order], units.fixed_mw[order]
    follows = (np.diff(i) == 0) & (np.diff(t) == 1) & (mw[1:] > 0) & (mw[:-1] > 0)
    step, unit = np.diff(mw), i[1:]
    up, down = units.ramp_up_mw_per_minute[unit] * minutes, units.ramp_down_mw_per_minute[unit] * minutes
    bad = np.zeros(len(i), dtype=np.bool_)
    limit = np.zeros(len(i))
    bad[order[1:]] = follows & ((step > up + TOLERANCE) | (-step > down + TOLERANCE))
    limit[order[1:]] = mw[:-1] + np.clip(step, -down, up)
    field = Field("case.units.fixed_mw", [units.id[k] for k in units.fixed_unit.tolist()])
    message = "further from the fixed output of the period before than the ramp"
    return flag("FIXED_OUTPUT_BEYOND_RAMP", field, bad, message, units.fixed_mw, limit, Severity.WARNING)
