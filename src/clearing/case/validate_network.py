"""Branches and interfaces."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools
from clearing.case.branch_windows import BranchLimits, BranchOutages, window_subjects
from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.case.islands import island_heads, states
from clearing.case.network import live_branches
from clearing.case.predicates import TOLERANCE, Field, flag
from clearing.rules.rules import Rules

LEAST_REACTANCE_PU = 1e-9
"""Less than this beside the reactances of lines leaves nothing of them in a sum."""


def buses(case: Case, rules: Rules) -> list[Finding]:
    """NO_BUS: even a copper plate is one bus."""
    if case.network.bus_id:
        return []
    return [Finding(Severity.ERROR, "NO_BUS", "case.network.bus_id", "a case has at least one bus", limit="≥ 1")]


def branches(case: Case, rules: Rules) -> list[Finding]:
    """Reactances and limits that a flow can be computed with."""
    network, ids = case.network, case.network.branch_id

    def at(name: str) -> Field:
        return Field(f"case.network.{name}", ids)

    reactance, limit = network.branch_reactance_pu, network.branch_limit_mw
    loop = network.branch_from == network.branch_to
    emergency = network.branch_emergency_limit_mw
    live = network.branch_in_service
    warning = Severity.WARNING
    resistance = network.branch_resistance_pu
    return [
        *flag(
            "ZERO_REACTANCE",
            at("branch_reactance_pu"),
            np.abs(reactance) < LEAST_REACTANCE_PU,
            "a branch has a reactance",
            reactance,
            "|x| ≥ 1e-9",
        ),
        *flag(
            "NEGATIVE_REACTANCE", at("branch_reactance_pu"), reactance < 0, "a capacitor?", reactance, "> 0", warning
        ),
        *flag(
            "NEGATIVE_RESISTANCE", at("branch_resistance_pu"), resistance < 0, "makes power", resistance, "≥ 0", warning
        ),
        *flag("BRANCH_LOOP", at("branch_to"), loop, "both ends at one bus"),
        *flag(
            "BRANCH_LIMIT_ZERO",
            at("branch_limit_mw"),
            live & (limit == 0),
            "nothing may flow; case files that mean `no limit` write +inf here",
            limit,
            severity=warning,
        ),
        *flag(
            "EMERGENCY_BELOW_NORMAL",
            at("branch_emergency_limit_mw"),
            emergency < limit - TOLERANCE,
            "the limit after a contingency is below the normal one",
            emergency,
            limit,
            warning,
        ),
    ]


def interfaces(case: Case, rules: Rules) -> list[Finding]:
    """Interfaces have terms, limits in order, and a flow that their limits can hold."""
    network, ids = case.network, case.network.interface_id
    low, high = network.interface_min_mw, network.interface_max_mw
    terms = np.bincount(network.term_interface, minlength=len(ids))[: len(ids)]
    place = network.term_interface * max(len(network.branch_id), 1) + network.term_branch
    _, first = np.unique(place, return_index=True)
    again = np.ones(len(place), dtype=np.bool_)
    again[first] = False
    subject = [ids[s] for s in network.term_interface.tolist()]
    dead = ~live_branches(network, case.horizon.periods)[network.term_branch]
    always = np.asarray(dead.all(axis=1))
    warning = Severity.WARNING
    return [
        *flag("INTERFACE_WITHOUT_TERM", Field("case.network.interface_id", ids), terms == 0, "no branch belongs to it"),
        *flag(
            "INTERFACE_MIN_ABOVE_MAX",
            Field("case.network.interface_min_mw", ids),
            low > high + TOLERANCE,
            "least flow is above the greatest",
            low,
            high,
        ),
        *flag(
            "DUPLICATE_TERM",
            Field("case.network.term_branch", subject),
            again,
            "the branch stands in the interface before; coefficients add up",
            severity=warning,
        ),
        *flag(
            "TERM_OUT_OF_SERVICE",
            Field("case.network.term_branch", subject),
            always,
            "the branch is out of service; its flow counts as 0",
            severity=warning,
        ),
        *flag(
            "TERM_OUT_OF_SERVICE",
            Field("case.network.term_branch", subject),
            dead & ~always[:, None],
            "the branch is out for a while; its flow counts as 0 then",
            severity=warning,
        ),
    ]


def penalties(case: Case, rules: Rules) -> list[Finding]:
    """DUPLICATE_PENALTY: a branch or interface has one penalty of its own."""
    own, network, found = case.flow_penalties, case.network, []
    for name, rows, ids in (
        ("branch", own.branch, network.branch_id),
        ("interface", own.interface, network.interface_id),
    ):
        again = np.ones(len(rows), dtype=np.bool_)
        again[np.unique(rows, return_index=True)[1]] = False
        field = Field(f"case.flow_penalties.{name}", [ids[row] for row in rows.tolist()])
        found += flag("DUPLICATE_PENALTY", field, again, "an earlier row has a penalty for it")
    return found


def windows(case: Case, rules: Rules) -> list[Finding]:
    """WINDOW_ENDS_BEFORE_START, OUTAGE_WITHOUT_EFFECT, OVERLAPPING_LIMITS, and limits as in `branches`."""
    network, warning = case.network, Severity.WARNING
    outages, limits = network.branch_outages, network.branch_limit_windows
    outs, lims = window_subjects(outages, network.branch_id), window_subjects(limits, network.branch_id)

    def out(name: str) -> Field:
        return Field(f"case.network.branch_outages.{name}", outs)

    def limit(name: str) -> Field:
        return Field(f"case.network.branch_limit_windows.{name}", lims)

    dead = ~network.branch_in_service[outages.branch]
    zero = network.branch_in_service[limits.branch] & (limits.limit_mw == 0)
    low = limits.emergency_limit_mw < limits.limit_mw - TOLERANCE
    backward, whole = "ends before it starts", "the branch is out over the whole horizon"
    below = "the limit after a contingency is below the normal one"
    return [
        *flag("WINDOW_ENDS_BEFORE_START", out("last_period"), outages.last_period < outages.first_period, backward,
              outages.last_period, outages.first_period),
        *flag("OUTAGE_WITHOUT_EFFECT", out("branch"), dead, whole, severity=warning),
        *flag("WINDOW_ENDS_BEFORE_START", limit("last_period"), limits.last_period < limits.first_period, backward,
              limits.last_period, limits.first_period),
        *flag("OVERLAPPING_LIMITS", limit("branch"), _overlapping(limits), "an earlier window of the branch overlaps"),
        *flag("BRANCH_LIMIT_ZERO", limit("limit_mw"), zero,
              "nothing may flow; case files that mean `no limit` write +inf here", limits.limit_mw, severity=warning),
        *flag("EMERGENCY_BELOW_NORMAL", limit("emergency_limit_mw"), low, below,
              limits.emergency_limit_mw, limits.limit_mw, warning),
    ]  # fmt: skip


def _overlapping(windows: BranchOutages | BranchLimits) -> Bools:
    """Windows (W) that share a period with an earlier row of the same branch."""
    found = np.zeros(len(windows.branch), dtype=np.bool_)
    for branch in np.unique(windows.branch):
        rows = np.flatnonzero(windows.branch == branch)
        first, last = windows.first_period[rows], windows.last_period[rows]
        meet = (first[:, None] <= last) & (first <= last[:, None])
        found[rows] = np.tril(meet, -1).any(axis=1)
    return found


def reference(case: Case, rules: Rules) -> list[Finding]:
    """REFERENCE_WITHOUT_WEIGHT: an island none of whose buses has a weight though the caller gives some."""
    network = case.network
    if network.bus_reference_weight is None:
        return []
    bare = np.zeros(len(network.bus_id), dtype=np.bool_)
    for head in island_heads(network, states(network, case.horizon.periods)):
        total = np.bincount(head, weights=network.bus_reference_weight, minlength=len(head))
        bare[np.unique(head[total[head] == 0.0])] = True
    field = Field("case.network.bus_reference_weight", network.bus_id)
    text = "no bus of the island that begins with this one has a weight: this bus is its reference"
    return flag("REFERENCE_WITHOUT_WEIGHT", field, bare, text, severity=Severity.WARNING)
