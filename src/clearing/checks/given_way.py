"""Hard data that gave way: the audit derives the same steps from the case and compares them with those listed."""

from __future__ import annotations

import numpy as np

from clearing.case.finding import Finding, Severity
from clearing.case.give_way_step import Step
from clearing.case.result import Violation
from clearing.case.violation_units import unit_of
from clearing.checks.finding import RELATIVE, first_few

Key = tuple[str, str, int]


def given_way(steps: tuple[Step, ...], listed: tuple[Violation, ...]) -> list[Finding]:
    """Every step that the case asks for is listed once, with its amount and without a penalty, and no other is."""
    due = {(s.family, s.subject, s.period): s for s in steps}
    found: list[Finding] = []
    told: set[Key] = set()
    for entry in listed:
        key = (entry.family, entry.subject, entry.period)
        step = due.get(key)
        if step is None or key in told:
            text = "Listed as given way, but the case does not ask for it, or listed twice."
            found.append(_finding("GIVEN_WAY_UNKNOWN", key, text, entry.amount_mw))
            continue
        told.add(key)
        if not np.abs(entry.amount_mw - step.amount) <= RELATIVE * max(1.0, step.amount):
            text = f"Listed as given way by another amount ({unit_of(entry.family)}) than the case asks for."
            found.append(_finding("GIVEN_WAY_AMOUNT", key, text, entry.amount_mw, step.amount))
        if not np.abs(entry.penalty) <= RELATIVE:
            text = "Hard data that give way have no penalty."
            found.append(_finding("VIOLATION_PENALTY", key, text, entry.penalty, 0.0))
    for key in due.keys() - told:
        text = f"Gives way from {due[key].before:.9g} to {due[key].after:.9g}, but is not listed."
        found.append(_finding("GIVEN_WAY_NOT_LISTED", key, text, None, due[key].amount))
    wrong = sorted(found, key=lambda finding: (finding.path, finding.period))
    return [*first_few(wrong), *first_few([_said(due[key]) for key in sorted(told)])]


def _said(step: Step) -> Finding:
    text = f"{step.subject}: hard data clash, {step.family} gives way by {step.amount:.6g} {unit_of(step.family)}."
    key = (step.family, step.subject, step.period)
    return _finding("GIVEN_WAY", key, text, step.after, step.before, Severity.WARNING)


def _finding(
    code: str, key: Key, text: str, value: float | None, limit: float | None = None,
    severity: Severity = Severity.ERROR,
) -> Finding:  # fmt: skip
    family, subject, period = key
    return Finding(
        severity,
        code,
        f"{family}/{subject}",
        text,
        subject,
        period,
        value="" if value is None else f"{value:.9g}",
        limit="" if limit is None else f"{limit:.9g}",
    )
