"""Branches and interfaces."""

from __future__ import annotations

import numpy as np

from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.case.predicates import TOLERANCE, Field, flag
from clearing.rules.rules import Rules


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
            "ZERO_REACTANCE", at("branch_reactance_pu"), reactance == 0, "a branch has a reactance", reactance, "≠ 0"
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
    dead = ~network.branch_in_service[network.term_branch]
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
            dead,
            "the branch is out of service; its flow counts as 0",
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
