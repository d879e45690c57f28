"""Lists of (name, text) for the report: where the result comes from and how the clearing ended."""

from __future__ import annotations

from clearing.case.case import Case
from clearing.case.result import BoundKind, Reason, Termination
from clearing.report.about import About
from clearing.report.values import amount, percent

Facts = list[tuple[str, str]]

REASONS = {
    Reason.UNSPECIFIED: "It is not said why the clearing ended.",
    Reason.OPTIMAL_WITHIN_GAP: "Solved to the gap that was asked for.",
    Reason.TIME_LIMIT_WITH_SOLUTION: "Time was up; this is the best schedule found by then.",
    Reason.TIME_LIMIT_WITHOUT_SOLUTION: "Time was up before any schedule was found.",
    Reason.INTERRUPTED_WITH_SOLUTION: "Stopped by the caller; this is the best schedule found by then.",
    Reason.INTERRUPTED_WITHOUT_SOLUTION: "Stopped by the caller before any schedule was found.",
    Reason.WORK_LIMIT_WITH_SOLUTION: "The work limit was reached; this is the best schedule found by then.",
    Reason.WORKER_LOST_WITH_SOLUTION: "The worker was lost; this is the last schedule it had found.",
    Reason.COMMITMENT_GIVEN: "The commitment was given; there was nothing to search.",
    Reason.NUMERICAL_FAILURE: "The solver failed numerically.",
}
BOUNDS = {
    BoundKind.UNSPECIFIED: "kind not stated",
    BoundKind.NONE: "none",
    BoundKind.SOLVER_CLAIMED: "claimed by the MIP solver",
    BoundKind.LP_RELAXATION: "optimum of a linear relaxation",
    BoundKind.LAGRANGIAN: "Lagrangian, rechecked",
}


def provenance(case: Case, about: About) -> Facts:
    """Case, day, rules, ids, versions."""
    horizon = case.horizon
    rules = " ".join(part for part in (about.rules_name or "not stated", about.rules_version) if part)
    size = (
        f"{len(case.units.id)} units, {len(case.renewables.id)} renewable sites, {len(case.storage.id)} storage units, "
        f"{len(case.ties.id)} ties, {len(case.network.bus_id)} buses, {len(case.network.branch_id)} branches"
    )
    facts = [
        ("Case", case.name or "not named"),
        ("Operating day", f"{horizon.operating_day.isoformat()} (UTC+8)"),
        ("Periods", f"{horizon.periods} of {horizon.period_minutes} min, labelled by their end"),
        ("Size", size),
        ("Rule set", rules),
        ("Rule digest", about.rules_digest),
        ("Overrides", ", ".join(f"{k} = {v}" for k, v in about.rules_overrides) or "none"),
        ("Request", about.request_id),
        ("Request digest", about.request_digest),
        ("Server", about.server_version),
        ("Solver", about.solver_version),
    ]
    return [(name, text) for name, text in facts if text]


def ending(termination: Termination, about: About) -> Facts:
    """Reason, objective, bound and its kind, gaps, pricing."""
    bound = amount(termination.bound, 2)
    facts = [
        ("Reason", termination.reason.name),
        ("Objective", amount(termination.objective, 2)),
        ("Bound", f"{bound} ({BOUNDS[termination.bound_kind]})" if termination.bound is not None else "none"),
        ("Gap reached", percent(termination.gap, 4)),
        ("Gap asked", percent(termination.gap_asked, 4)),
        ("Absolute gap", amount(termination.absolute_gap, 2)),
        ("Priced", "yes" if termination.priced else "no"),
        ("Detail", termination.detail),
    ]
    if about.wall_seconds is not None:
        facts.append(("Seconds in the worker", amount(about.wall_seconds, 2)))
    if about.queue_seconds is not None:
        facts.append(("Seconds in the queue", amount(about.queue_seconds, 2)))
    if about.threads:
        facts.append(("Solver threads", str(about.threads)))
    return [(name, text) for name, text in facts if text]
