"""How every clearing of a day ended: gap, audit, what its binding period broke."""

from __future__ import annotations

from dataclasses import dataclass

from clearing.case.finding import Finding, Severity
from clearing.case.result import ClearingResult, Reason


@dataclass(frozen=True, slots=True)
class Clearing:
    """One clearing. name: of its file; label: end of the binding period, "" for a whole day.

    violations, penalty   of binding periods; of a whole day all
    faults                findings of the audit that are errors
    warnings              about its case: values far from an earlier one, say
    """

    name: str
    label: str
    reason: Reason
    objective: float | None
    gap: float | None
    audited: bool
    violations: int
    penalty: float
    faults: tuple[Finding, ...]
    warnings: tuple[Finding, ...]


def clearing_of(name: str, result: ClearingResult, label: str = "") -> Clearing:
    """What a result says about itself. label: of the binding period of an interval; "" = all periods are meant."""
    meant = [v for v in result.violations if not label or v.period == 0]
    ended = result.termination
    return Clearing(
        name=name,
        label=label,
        reason=ended.reason,
        objective=ended.objective,
        gap=ended.gap,
        audited=bool(result.audit_passed),
        violations=len(meant),
        penalty=sum(v.penalty for v in meant),
        faults=tuple(f for f in result.audit if f.severity is Severity.ERROR),
        warnings=tuple(f for f in result.notes if f.severity is Severity.WARNING),
    )
