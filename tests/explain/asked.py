"""Clears small markets to optimality and reads their explanations."""

from __future__ import annotations

from clearing.case.case import Case
from clearing.case.explanations import Explanations, Parts, UnitReason
from clearing.case.finding import Severity
from clearing.case.result import ClearingResult
from clearing.day_ahead import clear
from clearing.rules.load import load
from clearing.rules.rules import Rules
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions

GENERIC = load("generic")
Told = list[tuple[int, int, str, str]]
"""First and last period, reason, subject."""


def cleared(case: Case, rules: Rules = GENERIC) -> ClearingResult:
    """The answer at gap 0; fails unless it passes the audit."""
    answer = clear(case, rules, SolveOptions(gap=0.0), RunControl())
    assert [f for f in answer.audit if f.severity is Severity.ERROR] == []
    assert answer.explanations is not None
    return answer


def explained(case: Case, rules: Rules = GENERIC) -> Explanations:
    """What the answer says of itself; every unit and period has exactly one reason."""
    answer = cleared(case, rules)
    assert answer.explanations is not None
    assert answer.schedule is not None
    for parts, on in ((answer.explanations.on, 1), (answer.explanations.off, 0)):
        seen = [
            (i, t)
            for i, a, b in zip(parts.unit, parts.first_period, parts.last_period, strict=True)
            for t in range(a, b + 1)
        ]
        assert sorted(seen) == [
            (i, t) for i, row in enumerate(answer.schedule.on) for t, x in enumerate(row) if x == on
        ]
    return answer.explanations


def told(case: Case, parts: Parts, unit: str) -> Told:
    """What parts say of one unit, in time."""
    i = case.units.id.index(unit)
    return [
        (int(parts.first_period[k]), int(parts.last_period[k]), UnitReason(int(parts.reason[k])).name, parts.subject[k])
        for k in range(len(parts.unit))
        if parts.unit[k] == i
    ]


def margin(case: Case, parts: Parts, unit: str, period: int) -> float:
    """Margin of the part of a unit that holds a period."""
    i = case.units.id.index(unit)
    (k,) = [
        k
        for k in range(len(parts.unit))
        if parts.unit[k] == i and parts.first_period[k] <= period <= parts.last_period[k]
    ]
    return float(parts.margin[k])
