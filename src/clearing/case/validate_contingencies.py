"""Contingencies: elements, what they do to the network, exemptions."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Ints
from clearing.case.bridges import parting
from clearing.case.case import Case
from clearing.case.contingencies import OutageKind, lost
from clearing.case.finding import Finding, Severity
from clearing.case.islands import states
from clearing.case.network import live_branches
from clearing.case.predicates import Field, flag
from clearing.rules.rules import Rules

_PATH = "case.contingencies"
MOST_VOLTAGE_KV = 1e4


def contingencies(case: Case, rules: Rules) -> list[Finding]:
    """Every contingency loses something that is there, once; what is watched is stated once."""
    table, warning = case.contingencies, Severity.WARNING
    if not table.id and not len(table.outage_contingency):
        return []
    least = table.monitored_min_voltage_kv
    if not (np.isfinite(least) and 0.0 <= least <= MOST_VOLTAGE_KV):
        path, limit = f"{_PATH}.monitored_min_voltage_kv", f"0 to {MOST_VOLTAGE_KV:g}"
        return [Finding(Severity.ERROR, "OUT_OF_RANGE", path, "Out of range.", value=str(least), limit=limit)]
    count = {
        OutageKind.BRANCH: len(case.network.branch_id),
        OutageKind.UNIT: len(case.units.id),
        OutageKind.HVDC_LINE: len(case.hvdc_lines.id),
    }
    most = np.array([count[OutageKind(k)] for k in table.outage_kind.tolist()], dtype=np.int64)
    of = [table.id[c] for c in table.outage_contingency.tolist()]
    element = Field(f"{_PATH}.outage_element", of)
    unknown = table.outage_element >= most
    if unknown.any():
        return flag("INDEX_OUT_OF_RANGE", element, unknown, "no row of its kind has this number", table.outage_element)
    lost_rows = np.stack([table.outage_contingency, table.outage_kind, table.outage_element], axis=1)
    exempt_rows = np.stack([table.exempt_contingency, table.exempt_branch], axis=1)
    exempt = Field(f"{_PATH}.exempt_branch", [table.id[c] for c in table.exempt_contingency.tolist()])
    nothing = np.bincount(table.outage_contingency, minlength=len(table.id)) == 0
    found = [
        *flag("CONTINGENCY_WITHOUT_ELEMENT", Field(f"{_PATH}.id", table.id), nothing, "nothing is lost in it"),
        *flag("DUPLICATE_OUTAGE", element, _again(lost_rows), "an earlier row loses the element in this contingency"),
        *flag("DUPLICATE_EXEMPTION", exempt, _again(exempt_rows), "an earlier row says so", severity=warning),
    ]
    for name, rows, ids in (
        ("monitored_branch", table.monitored_branch, case.network.branch_id),
        ("monitored_interface", table.monitored_interface, case.network.interface_id),
    ):
        field = Field(f"{_PATH}.{name}", [ids[row] for row in rows.tolist()])
        found += flag("DUPLICATE_MONITORED", field, _again(rows[:, None]), "an earlier row names it", severity=warning)
    return found + _same(case) + effects(case)


def _again(rows: Ints) -> Bools:
    """Rows (n) equal to an earlier one of (n, m)."""
    again = np.ones(len(rows), dtype=np.bool_)
    again[np.unique(rows, axis=0, return_index=True)[1]] = False
    return again


def _same(case: Case) -> list[Finding]:
    """DUPLICATE_CONTINGENCY: an earlier one loses the same elements."""
    table, seen = case.contingencies, set[tuple[object, ...]]()
    parts = [lost(table, kind) for kind in (OutageKind.BRANCH, OutageKind.UNIT, OutageKind.HVDC_LINE)]
    again = np.zeros(len(table.id), dtype=np.bool_)
    for c in range(len(table.id)):
        key = tuple(tuple(part[c].tolist()) for part in parts)
        again[c] = key in seen and any(key)
        seen.add(key)
    text = "an earlier contingency loses the same elements"
    return flag("DUPLICATE_CONTINGENCY", Field(f"{_PATH}.id", table.id), again, text, severity=Severity.WARNING)


def effects(case: Case) -> list[Finding]:
    """OUTAGE_OUT_OF_SERVICE and CONTINGENCY_PARTS_ISLAND: what is not watched, and why."""
    table, network = case.contingencies, case.network
    live = live_branches(network, case.horizon.periods)
    branches = table.outage_kind == OutageKind.BRANCH
    dead = np.zeros(len(table.outage_kind), dtype=np.bool_)
    dead[branches] = ~live[table.outage_element[branches]].any(axis=1)
    element = Field(f"{_PATH}.outage_element", [table.id[c] for c in table.outage_contingency.tolist()])
    text = "the branch is out of service over the whole horizon: its loss changes nothing"
    parts = np.asarray(parted(case).any(axis=1))
    parting = (
        "the loss parts an island in some periods: what stays connected depends on who balances the parts, so no flow "
        "is watched after it in those periods"
    )
    where, warning = Field(f"{_PATH}.id", table.id), Severity.WARNING
    return [
        *flag("OUTAGE_OUT_OF_SERVICE", element, dead, text, severity=warning),
        *flag("CONTINGENCY_PARTS_ISLAND", where, parts, parting, severity=warning),
    ]


def parted(case: Case) -> Bools:
    """Contingencies whose branches in service part an island, by state of the network (C, states)."""
    network, known = case.network, states(case.network, case.horizon.periods)
    sets = lost(case.contingencies, OutageKind.BRANCH)
    return np.stack([parting(network, live, [s[live[s]] for s in sets]) for live in known.live], axis=1)
