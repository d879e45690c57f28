"""Planned outages by period, and contingencies of branches.

    planned_outage          of a branch or a direct-current line: out in the periods in which it is true
    contingency             { name: { branch_contingency: a branch, or a list of one } }: the branch is lost, all others
                            with a `rating_emergency` are watched at it; without one there is no limit afterwards
    contingency_flow_violation_cost   of the system, money per MWh; else half of `load_mismatch_cost`

Here a limit after a contingency costs what the line's limit before one costs, so the file is refused where it has the
two apart on a line that is watched.
"""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Floats, Ids, Ints
from clearing.case.branch_windows import NO_OUTAGES, BranchOutages
from clearing.case.contingencies import NO_CONTINGENCIES, Contingencies, OutageKind
from clearing.case.flow_penalties import FlowPenalties, own_price
from clearing.case.network import Network
from clearing.formats.egret.fields import Source, only, stated, values
from clearing.formats.egret.products import mismatch
from clearing.formats.json_fields import JsonObject

COST = "contingency_flow_violation_cost"
LOST = "branch_contingency"
SHARE = 2.0
"""`load_mismatch_cost` over the penalty after contingencies that it implies."""


def out(row: JsonObject, periods: int) -> Bools:
    """Periods (T) in which an element is out as planned."""
    found = np.zeros(periods, dtype=np.bool_)
    for t, value in enumerate(values(row, "planned_outage", periods)):
        if value not in (None, True, False):
            row.problems.add("WRONG_TYPE", f"{row.path}.planned_outage", "True or false is needed.", value=value)
            break
        found[t] = bool(value)
    return found


def outages(source: Source) -> BranchOutages:
    """Windows of the branches that are out in some periods."""
    found: list[tuple[int, int, int]] = []
    for k, (_, row) in enumerate(source.kind("branch")):
        edges = np.diff(np.concatenate([[False], out(row, source.periods), [False]]).astype(np.int8))
        first, behind = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
        found += [(k, a, b - 1) for a, b in zip(first.tolist(), behind.tolist(), strict=True)]
    if not found:
        return NO_OUTAGES
    branch, first, last = (np.array(column, dtype=np.int64) for column in zip(*found, strict=True))
    return BranchOutages(branch, first, last)


def contingencies(source: Source, network: Network, penalties: FlowPenalties) -> Contingencies:
    """Losses of a branch each; one that names none is refused, though Egret passes over it."""
    rows = source.kind("contingency")
    if not rows:
        return NO_CONTINGENCIES
    lost = np.array([_lost(row, network.branch_id) for _, row in rows], dtype=np.int64)
    _same_price(source, network, penalties)
    none: Ints = np.zeros(0, dtype=np.int64)
    kind = np.full(len(lost), OutageKind.BRANCH, dtype=np.int64)
    ids = tuple(name for name, _ in rows)
    return Contingencies(ids, np.arange(len(lost)), kind, lost, none, 0.0, none, none, none)


def _lost(row: JsonObject, branch_id: Ids) -> int:
    only(row, (LOST,))
    value = row.fields.get(LOST)
    names = value if isinstance(value, list) else [value]
    path = f"{row.path}.{LOST}"
    if len(names) != 1:
        row.problems.add("FIELD_NOT_READ", path, "A contingency loses one branch there.", value=len(names), limit="1")
    elif not isinstance(names[0], str):
        row.problems.add("WRONG_TYPE", path, "The name of a branch is needed.", value=names[0])
    elif names[0] not in branch_id:
        row.problems.add("UNKNOWN_ID", path, "There is no such branch.", value=names[0])
    else:
        return branch_id.index(names[0])
    return 0


def _same_price(source: Source, network: Network, penalties: FlowPenalties) -> None:
    """Refuse a penalty after contingencies that is not that of a watched line before them."""
    system, asked = source.system, np.nan
    if stated(system, COST):
        asked = system.number(COST, 0.0)
    elif stated(system, "load_mismatch_cost"):
        asked = mismatch(system) / SHARE
    own: Floats = own_price(penalties.branch, penalties.branch_price_per_mwh, len(network.branch_id))
    watched = np.isfinite(network.branch_emergency_limit_mw)
    other = watched & ~(np.isclose(own, asked, rtol=1e-12, atol=0.0) | (np.isnan(own) & np.isnan(asked)))
    if other.any():
        k = int(np.flatnonzero(other)[0])
        system.problems.add(
            "FIELD_NOT_READ",
            f"{system.path}.{COST}",
            "A limit after a contingency costs here what the limit of the line costs before one.",
            subject=network.branch_id[k],
            value="the rule set's" if np.isnan(asked) else f"{asked:g}",
            limit="the rule set's" if np.isnan(own[k]) else f"{own[k]:g}",
        )
