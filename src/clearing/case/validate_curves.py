"""Start-up and shut-down curves."""

from __future__ import annotations

import numpy as np

from clearing.case.case import Case
from clearing.case.finding import Finding
from clearing.case.output_curves import OutputCurves, length
from clearing.case.predicates import Field, flag
from clearing.rules.rules import Rules


def curves(case: Case, rules: Rules) -> list[Finding]:
    """CURVE_STEPS, CURVE_ABOVE_P_MIN, CURVE_STATES, CURVE_LIMIT_ABOVE_P_MIN, CURVE_MIN_DOWN."""
    units, found = case.units, list[Finding]()
    for name, table in (("startup_curves", case.startup_curves), ("shutdown_curves", case.shutdown_curves)):
        if not len(table.unit):
            continue
        ids = [units.id[i] for i in table.unit.tolist()]
        least = _least_p_min(case)[table.unit]
        step, mw = Field(f"case.{name}.step", ids), Field(f"case.{name}.mw", ids)
        text = "steps of a curve are 1, 2, … without a gap, each once"
        found += flag("CURVE_STEPS", step, _broken_steps(table), text, table.step, "1 to its number of steps")
        text = "a curve lies below p_min, the least of the horizon"
        found += flag("CURVE_ABOVE_P_MIN", mw, table.mw > least + 1e-9, text, table.mw, least)
    return [*found, *_states(case), *_limits(case), *_min_down(case)]


def _least_p_min(case: Case) -> np.ndarray:
    return np.asarray(case.units.p_min_mw.min(axis=1, initial=np.inf))


def _broken_steps(table: OutputCurves) -> np.ndarray:
    wrong = np.zeros(len(table.unit), dtype=np.bool_)
    for unit, state in set(zip(table.unit.tolist(), table.state.tolist(), strict=True)):
        mine = np.flatnonzero((table.unit == unit) & (table.state == state))
        wrong[mine] = sorted(table.step[mine].tolist()) != list(range(1, len(mine) + 1))
    return wrong


def _states(case: Case) -> list[Finding]:
    """A unit has one curve for all of its start states, or one for each of them and for no other."""
    units, costs, table = case.units, case.units.start_costs, case.startup_curves
    wrong = np.zeros(len(table.unit), dtype=np.bool_)
    for i in np.unique(table.unit[table.state > 0]).tolist():
        mine = table.unit == i
        wrong[mine] = set(table.state[mine].tolist()) != set(costs.state[costs.unit == i].tolist())
    at = Field("case.startup_curves.state", [units.id[i] for i in table.unit.tolist()])
    text = "a unit with a curve for a start state has one for each of its start states, and no other"
    down = Field("case.shutdown_curves.state", [units.id[i] for i in case.shutdown_curves.unit.tolist()])
    stated = case.shutdown_curves.state != 0
    return [
        *flag("CURVE_STATES", at, wrong, text, table.state, "the states of units.start_costs"),
        *flag("CURVE_STATES", down, stated, "a shut-down curve is for no start state", limit="0"),
    ]


def _limits(case: Case) -> list[Finding]:
    """SU = SD = p_min of a unit with curves."""
    units, count = case.units, len(case.units.id)
    greatest = units.p_min_mw.max(axis=1, initial=0.0)
    start = (length(case.startup_curves, count) > 0) & (units.startup_limit_mw > greatest + 1e-9)
    stop = (length(case.shutdown_curves, count) > 0) & (units.shutdown_limit_mw > greatest + 1e-9)
    text = "a unit with a curve starts and stops at p_min, at most the greatest of the horizon"
    code = "CURVE_LIMIT_ABOVE_P_MIN"
    return [
        *flag(code, Field("case.units.startup_limit_mw", units.id), start, text, units.startup_limit_mw, greatest),
        *flag(code, Field("case.units.shutdown_limit_mw", units.id), stop, text, units.shutdown_limit_mw, greatest),
    ]


def _min_down(case: Case) -> list[Finding]:
    units, count = case.units, len(case.units.id)
    both = length(case.startup_curves, count) + length(case.shutdown_curves, count)
    least = both * case.horizon.period_minutes
    short = (both > 0) & (units.min_down_minutes < least)
    text = "min down time is shorter than the start-up and the shut-down curve together"
    return flag("CURVE_MIN_DOWN", Field("case.units.min_down_minutes", units.id), short, text,
                units.min_down_minutes, least)  # fmt: skip
