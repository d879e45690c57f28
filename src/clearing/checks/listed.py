"""Whether the result lists the soft limits that are broken, as they are broken."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.finding import Finding, Severity
from clearing.case.result import Violation
from clearing.checks.facts import Facts
from clearing.checks.finding import first_few, over, tolerance
from clearing.checks.soft import Soft


def violations(known: Facts, soft: tuple[Soft, ...], listed: tuple[Violation, ...]) -> list[Finding]:
    """Broken soft limits that are listed are warnings; unlisted, invented or wrong ones are errors."""
    found: list[Finding] = []
    claimed, price, strangers = _claimed(soft, listed)
    found += first_few(strangers)
    for family, amount, paid in zip(soft, claimed, price, strict=True):
        name, ids = family.family, family.ids
        off, due = np.abs(amount - family.amount_mw), family.due(amount, known.hours)
        real, told = family.amount_mw > 0, amount > 0
        text = f"{name} limit is broken"
        allowed = np.maximum(family.tolerance_mw, tolerance(amount))
        found += over(
            "VIOLATION_NOT_LISTED",
            name,
            ids,
            np.where(real & ~told, off, 0.0),
            allowed,
            f"{text} but not listed",
            family.amount_mw,
        )
        found += over(
            "VIOLATION_AMOUNT",
            name,
            ids,
            np.where(told, off, 0.0),
            allowed,
            "listed violation is not the one found",
            amount,
            family.amount_mw,
        )
        found += over(
            "VIOLATION_PENALTY",
            name,
            ids,
            np.abs(paid - due),
            tolerance(due),
            "penalty is not that of the violation",
            paid,
            due,
            "money",
        )
        found += over(
            "VIOLATION", name, ids, np.where(real & told, family.amount_mw, 0.0), 0.0, text, severity=Severity.WARNING
        )
    return found


def _claimed(soft: tuple[Soft, ...], listed: tuple[Violation, ...]) -> tuple[list[Floats], list[Floats], list[Finding]]:
    """Listed amounts and penalties as arrays like those of `soft`, and findings about entries that fit nowhere."""
    place = {f.family: (j, {name: i for i, name in enumerate(f.ids)}) for j, f in enumerate(soft)}
    amount = [np.zeros(f.amount_mw.shape) for f in soft]
    paid = [np.zeros(f.amount_mw.shape) for f in soft]
    strangers: list[Finding] = []
    periods = soft[0].amount_mw.shape[-1]
    nowhere: tuple[int, dict[str, int]] = (-1, {})
    for entry in listed:
        family, subjects = place.get(entry.family, nowhere)
        row = subjects.get(entry.subject, -1)
        known_period = row >= 0 and 0 <= entry.period < periods
        if not known_period or not entry.amount_mw > 0 or amount[family][row, entry.period] != 0:
            text = f"Listed {entry.amount_mw:.6g} MW in period {entry.period}: unknown, not positive, or listed twice."
            strangers.append(
                Finding(
                    Severity.ERROR,
                    "VIOLATION_UNKNOWN",
                    f"{entry.family}/{entry.subject}",
                    text,
                    entry.subject,
                    entry.period,
                )
            )
            continue
        amount[family][row, entry.period] = entry.amount_mw
        paid[family][row, entry.period] = entry.penalty
    return amount, paid, strangers
