"""What a result says about how it ended: bound, gap, reason."""

from __future__ import annotations

from clearing.case.finding import Finding
from clearing.case.result import BoundKind, ClearingResult, Reason, Termination
from clearing.checks.finding import RELATIVE, single
from clearing.rules.rules import Rules

WITHOUT = (Reason.TIME_LIMIT_WITHOUT_SOLUTION, Reason.INTERRUPTED_WITHOUT_SOLUTION, Reason.NUMERICAL_FAILURE)
"""Reasons that go with no schedule."""


def termination(rules: Rules, result: ClearingResult) -> list[Finding]:
    """bound ≤ objective; gap as defined; OPTIMAL_WITHIN_GAP only where a gap asked for is met; priced as said."""
    end = result.termination
    return [*_bound(end), *_gap(end), *_reason(rules, end), *_presence(result)]


def _bound(end: Termination) -> list[Finding]:
    if end.bound is None:
        claimed = end.bound_kind not in (BoundKind.NONE, BoundKind.UNSPECIFIED)
        return [single("BOUND", "termination", "A kind of bound is named but no bound is given.")] if claimed else []
    if end.bound_kind in (BoundKind.NONE, BoundKind.UNSPECIFIED):
        return [single("BOUND", "termination", "A bound is given but not what certifies it.", end.bound)]
    if end.objective is None or end.bound <= end.objective + RELATIVE * max(1.0, abs(end.objective)):
        return []
    text = f"The bound {end.bound:.9g} exceeds the objective {end.objective:.9g}."
    return [single("BOUND", "termination", text, end.bound, end.objective)]


def gaps(end: Termination) -> tuple[float, float] | None:
    """Relative and absolute gap that follow from objective and bound; None where one is missing."""
    if end.objective is None or end.bound is None:
        return None
    absolute = end.objective - end.bound
    return absolute / max(abs(end.objective), abs(end.bound), 1.0), absolute


def _gap(end: Termination) -> list[Finding]:
    right = gaps(end)
    if right is None:
        stray = end.gap is not None or end.absolute_gap is not None
        return [single("GAP", "termination", "A gap is given without objective and bound.")] if stray else []
    found: list[Finding] = []
    size = max(1.0, abs(end.objective or 0.0))
    # a bound above the objective within tolerance may be reported as no gap at all
    for name, claim, value, allowed in (
        ("relative", end.gap, right[0], RELATIVE * 1e-3),
        ("absolute", end.absolute_gap, right[1], RELATIVE * 1e-3 * size),
    ):
        if claim is None:
            continue
        if not min(abs(claim - value), abs(claim - max(value, 0.0))) <= allowed + RELATIVE * abs(value):
            text = f"The {name} gap is claimed as {claim:.9g}; objective and bound give {value:.9g}."
            found.append(single("GAP", "termination", text, claim, value, name))
    return found


def _reason(rules: Rules, end: Termination) -> list[Finding]:
    if not 0 <= end.gap_asked < 1:
        return [single("GAP", "termination", "The gap asked for is not in [0, 1).", end.gap_asked)]
    if end.reason is not Reason.OPTIMAL_WITHIN_GAP:
        return []
    right = gaps(end)
    if right is None:
        return [single("TERMINATION", "termination", "Optimality is claimed without an objective and a bound.")]
    relative, absolute = right
    if (
        relative <= end.gap_asked * (1 + RELATIVE) + 1e-12
        or absolute <= rules.solve.absolute_gap * (1 + RELATIVE) + 1e-9
    ):
        return []
    text = f"Optimality is claimed at a gap of {relative:.6g}; {end.gap_asked:.6g} was asked for."
    return [single("TERMINATION", "termination", text, relative, end.gap_asked)]


def _presence(result: ClearingResult) -> list[Finding]:
    end, found = result.termination, []
    if (result.schedule is None) != (end.reason in WITHOUT) and not (
        end.reason in (Reason.NUMERICAL_FAILURE, Reason.UNSPECIFIED) and result.schedule is not None
    ):
        text = f"Reason {end.reason.name} does not go with {'no' if result.schedule is None else 'a'} schedule."
        found.append(single("TERMINATION", "termination", text))
    if end.priced != (result.prices is not None):
        text = f"priced is {str(end.priced).lower()} but there are {'no ' if result.prices is None else ''}prices."
        found.append(single("TERMINATION", "termination", text))
    if result.schedule is None and end.objective is not None:
        found.append(single("OBJECTIVE", "termination", "An objective is given without a schedule.", end.objective))
    return found
