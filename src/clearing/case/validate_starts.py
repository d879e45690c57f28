"""Limits on starts and stops by unit and plant."""

from __future__ import annotations

import numpy as np

from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.case.predicates import Field, flag, repeated
from clearing.rules.rules import Rules


def limits(case: Case, rules: Rules) -> list[Finding]:
    """A unit (plant) stands once; a limit that must-run or must-off breaks by itself is a warning, for it is soft."""
    units, table, plants = case.units, case.start_limits, case.plant_limits
    names = [units.id[i] for i in table.unit.tolist()]
    sites = [case.participants.plant_id[q] for q in plants.plant.tolist()]
    on = units.initial_on[table.unit]
    must, never = (units.on_min[table.unit] == 1).any(axis=1), (units.on_max[table.unit] == 0).any(axis=1)
    starts, stops = Field("case.start_limits.max_starts", names), Field("case.start_limits.max_stops", names)
    start_text = "may not start, yet must run; the limit will be broken at its penalty"
    stop_text = "may not stop, yet must be off; the limit will be broken at its penalty"
    no_start, no_stop = ~on & must & (table.max_starts == 0), on & never & (table.max_stops == 0)
    warning = Severity.WARNING
    return [
        *flag("DUPLICATE_ID", Field("case.start_limits.unit", names), _again(names), "stands twice", limit="once"),
        *flag("DUPLICATE_ID", Field("case.plant_limits.plant", sites), _again(sites), "stands twice", limit="once"),
        *flag("START_LIMIT_AGAINST_MUST_RUN", starts, no_start, start_text, table.max_starts, severity=warning),
        *flag("STOP_LIMIT_AGAINST_MUST_OFF", stops, no_stop, stop_text, table.max_stops, severity=warning),
    ]


def _again(names: list[str]) -> np.ndarray:
    return np.asarray(repeated(names), dtype=np.bool_)
