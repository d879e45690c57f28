"""How a check turns arrays of excess into findings: the worst few of each kind, and how many more there are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.finding import Finding, Severity

RELATIVE = 1e-6
"""Every tolerance is this much of the scale of what is compared, and never below this much of one unit."""

MOST = 20
"""Findings listed of one kind; the rest are counted in one more finding."""


def tolerance(*scales: Floats | float) -> Floats:
    """1e-6 · max(1, |scale| …), elementwise; infinite scales (absent limits) do not count. Shape by broadcasting."""
    widest = np.asarray(1.0)
    for scale in scales:
        size = np.abs(np.asarray(scale, dtype=np.float64))
        widest = np.maximum(widest, np.where(np.isfinite(size), size, 1.0))
    return RELATIVE * widest


def over(
    code: str,
    family: str,
    ids: Sequence[str],
    excess: Floats,
    allowed: Floats | float,
    text: str,
    value: Floats | None = None,
    limit: Floats | None = None,
    unit: str = "MW",
    severity: Severity = Severity.ERROR,
) -> list[Finding]:
    """Findings where excess > allowed (a NaN excess counts), worst first. excess (n,) or (n, T) with n = len(ids).

    text says in words what is wrong; value and limit, of the shape of excess, are shown beside it.
    """
    excess = np.asarray(excess, dtype=np.float64)
    wrong = ~(excess <= allowed)
    if not wrong.any():
        return []
    where = np.argwhere(wrong)
    size = excess[wrong]
    order = np.argsort(-np.nan_to_num(size, nan=np.inf, posinf=np.inf), kind="stable")
    found = [
        _one(code, family, ids, tuple(where[j]), float(size[j]), text, value, limit, unit, severity)
        for j in order[:MOST]
    ]
    if len(order) > MOST:
        found.append(
            Finding(severity, code, f"{family}/", f"{len(order) - MOST} more findings of this kind are not listed.")
        )
    return found


def _one(
    code: str,
    family: str,
    ids: Sequence[str],
    at: tuple[int, ...],
    size: float,
    text: str,
    value: Floats | None,
    limit: Floats | None,
    unit: str,
    severity: Severity,
) -> Finding:
    subject = ids[at[0]]
    period = int(at[1]) if len(at) > 1 else -1
    when = f" in period {period}" if period >= 0 else ""
    return Finding(
        severity=severity,
        code=code,
        path=f"{family}/{subject}",
        message=f"{subject}: {text}{when}, off by {size:.6g} {unit}.",
        subject=subject,
        period=period,
        value="" if value is None else f"{float(value[at]):.9g}",
        limit="" if limit is None else f"{float(limit[at]):.9g}",
    )


def single(
    code: str, family: str, text: str, value: float | None = None, limit: float | None = None, subject: str = ""
) -> Finding:
    """One error about a number of the whole result."""
    return Finding(
        severity=Severity.ERROR,
        code=code,
        path=f"{family}/{subject}",
        message=text,
        subject=subject,
        value="" if value is None else f"{value:.12g}",
        limit="" if limit is None else f"{limit:.12g}",
    )


def first_few(found: list[Finding]) -> list[Finding]:
    """At most MOST findings of one code, and one more that counts the rest; order is kept."""
    by_code: dict[str, list[Finding]] = {}
    for finding in found:
        by_code.setdefault(finding.code, []).append(finding)
    kept: list[Finding] = []
    for code, group in by_code.items():
        kept += group[:MOST]
        if len(group) > MOST:
            text = f"{len(group) - MOST} more findings of this kind are not listed."
            kept.append(Finding(group[0].severity, code, group[0].path.split("/")[0] + "/", text))
    return kept


def note(code: str, family: str, text: str) -> Finding:
    """A remark that does not fail the audit."""
    return Finding(Severity.NOTE, code, f"{family}/", text)
