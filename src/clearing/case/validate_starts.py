"""Limits on starts and stops by unit and plant, lead times."""

from __future__ import annotations

import numpy as np

from clearing.case.case import Case, CommitmentUse
from clearing.case.finding import Finding, Severity
from clearing.case.lead_times import first_start, lead_minutes
from clearing.case.predicates import Field, flag, repeated
from clearing.case.validate_way import first_stuck, implied_windows
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


_BOUND = frozenset({CommitmentUse.FIXED, CommitmentUse.HINT})


def leads(case: Case, rules: Rules) -> list[Finding]:
    """Must-run windows (fixed outputs among them) and given commitments leave time for the first start."""
    table, units = case.start_leads, case.units
    windows, first = implied_windows(case), first_start(case, rules)
    late, stuck = first_stuck(case, *windows, first=first), first_stuck(case, *windows)
    late[stuck.any(axis=1)] = False  # said already
    text = "must run before a unit that has been off so long can be synchronised (start lead time)"
    at = Field("case.units.on_min", units.id)
    findings = flag("START_LEAD_AGAINST_MUST_RUN", at, late, text, severity=Severity.WARNING)
    given = case.commitment
    if given is not None and given.use in _BOUND and given.on.shape == first.shape:
        severity = Severity.ERROR if given.use is CommitmentUse.FIXED else Severity.WARNING
        began = (np.cumsum(given.on, axis=1) == 1) & (given.on == 1) & ~units.initial_on[:, None]
        text = "on before a unit that has been off so long can be synchronised (start lead time)"
        field = Field("case.commitment.on", units.id)
        findings += flag("COMMITMENT_AGAINST_START_LEAD", field, began & ~first, text, severity=severity)
    if len(table.minutes):
        lead, unit = lead_minutes(case, rules.starts), units.start_costs.unit
        before = np.concatenate(([0.0], lead[:-1]))
        falls = (lead < before) & (np.diff(unit, prepend=-1) == 0)
        field = Field("case.start_leads.minutes", [units.id[i] for i in unit.tolist()])
        text = "a colder start takes less time"
        findings += flag("START_LEAD_FALLS", field, falls, text, lead, before, Severity.WARNING)
    return findings


def _again(names: list[str]) -> np.ndarray:
    return np.asarray(repeated(names), dtype=np.bool_)
