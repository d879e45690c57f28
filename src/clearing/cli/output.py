"""What commands print: one JSON object on stdout, or findings for people on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
from rich.console import Console
from rich.markup import escape

from clearing.case.arrays import Floats
from clearing.case.finding import Finding, Severity
from clearing.report.values import Json

JsonObject: TypeAlias = Json

TONES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "dim", Severity.UNSPECIFIED: ""}
MOST_SHOWN = 30


def answers() -> Console:
    """Console on stdout, made anew so that it follows a redirected stream; `:bus:` stays what it is."""
    return Console(highlight=False, emoji=False)


def errors() -> Console:
    """The same on stderr."""
    return Console(stderr=True, highlight=False, emoji=False)


def emit(value: JsonObject) -> None:
    """Print the one JSON object of a command; NaN and infinity are refused, names are ASCII-escaped."""
    sys.stdout.write(json.dumps(value, allow_nan=False) + "\n")
    sys.stdout.flush()


def number(value: float | None) -> float | None:
    """A number that JSON knows, or null."""
    return None if value is None or not np.isfinite(value) else float(value)


def series(values: Floats) -> list[float | None]:
    """A row (T) as JSON numbers, null where not finite; every digit is kept, and −0 is 0."""
    values = values + 0.0
    return [v if ok else None for v, ok in zip(values.tolist(), np.isfinite(values).tolist(), strict=True)]


def finding_object(finding: Finding) -> JsonObject:
    """A finding as JSON; all fields are always there."""
    return {
        "severity": finding.severity.name,
        "code": finding.code,
        "path": finding.path,
        "subject": finding.subject,
        "period": finding.period,
        "value": finding.value,
        "limit": finding.limit,
        "message": finding.message,
        "clause": finding.clause,
    }


def finding_objects(findings: Iterable[Finding]) -> list[JsonObject]:
    """Findings as JSON, in their order."""
    return [finding_object(f) for f in findings]


def show_findings(console: Console, findings: Sequence[Finding]) -> None:
    """Findings for people: severity, code, where, what."""
    for finding in findings[:MOST_SHOWN]:
        where = " ".join(part for part in (finding.path, f"({finding.subject})" if finding.subject else "") if part)
        tone = TONES[finding.severity]
        head = f"[{tone}]{finding.severity.name.lower()}[/]" if tone else finding.severity.name.lower()
        given = f" — {finding.value}" if finding.value else ""
        word = "limit" if finding.limit[:1] in "+-0123456789" else "must be"
        limit = f", {word} {finding.limit}" if finding.limit else ""
        console.print(f"{head} {escape(finding.code)} {escape(where)}: {escape(finding.message + given + limit)}")
    if len(findings) > MOST_SHOWN:
        console.print(f"… and {len(findings) - MOST_SHOWN} more; --json lists them all")
