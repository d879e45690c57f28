"""Vectorised checks on columns that return findings: one a row, with the first period where it is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from clearing.case.arrays import Bools, Ints
from clearing.case.finding import Finding, Severity

CAP = 20
"""Most findings of one code at one field; one more says how many rows were left out."""

MOST_ID_BYTES = 128
MOST_BYTES_OF_CHARACTER = 4
TOLERANCE = 1e-8
"""MW, MWh and prices that differ by less are equal: rounding of doubles, well below what a solver lets pass (1e-7)."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column under test: path in the request (`case.units.p_min_mw`) and the subject of every row.

    across: names of the second dimension where that is not the periods (units of a reserve product).
    """

    path: str
    subjects: Sequence[str]
    across: Sequence[str] | None = None

    def at(self, row: int) -> str:
        """Path of one row."""
        return f"{self.path}[{row}]"


@dataclass(frozen=True, slots=True)
class Range:
    """What a number may be: [low, high], without an end that is open; ±inf only where it means `no limit`."""

    low: float
    high: float
    open_low: bool = False
    minus_infinity: bool = False
    plus_infinity: bool = False
    open_high: bool = False

    def text(self) -> str:
        """The range in words."""
        extra = " or -inf" if self.minus_infinity else " or +inf" if self.plus_infinity else ""
        return f"in {'(' if self.open_low else '['}{self.low:g}, {self.high:g}{')' if self.open_high else ']'}{extra}"


def shown(value: Any) -> str:
    """A number as findings show it."""
    return f"{float(value):.10g}"


def flag(
    code: str,
    field: Field,
    bad: Bools,
    message: str,
    values: Any = None,
    limit: Any = "",
    severity: Severity = Severity.ERROR,
) -> list[Finding]:
    """Findings for the rows where `bad` (n) or (n, T) holds; values and limit: arrays of either shape, limit or a text.

    A row that is bad in several periods gives one finding, at the first of them, that says how many there are.
    """
    by_row = bad.any(axis=1) if bad.ndim == 2 else bad
    rows = np.flatnonzero(by_row)
    findings = []
    for row in rows[:CAP].tolist():
        column = int(np.argmax(bad[row])) if bad.ndim == 2 else -1
        findings.append(
            Finding(
                severity,
                code,
                field.at(row),
                message + _where(field, column, int(bad[row].sum())),
                subject=field.subjects[row] if row < len(field.subjects) else "",
                period=-1 if field.across else column,
                value="" if values is None else _cell(values, row, column),
                limit=limit if isinstance(limit, str) else _cell(limit, row, column),
            )
        )
    return findings + left_out(code, field.path, len(rows) - CAP, severity)


def _where(field: Field, column: int, count: int) -> str:
    if field.across and column >= 0:
        return f" (at {field.across[column]}{f' and {count - 1} more' if count > 1 else ''})"
    return f" (in {count} periods)" if count > 1 else ""


def left_out(code: str, path: str, rest: int, severity: Severity) -> list[Finding]:
    """The finding that keeps count of those beyond the cap; none where nothing was left out."""
    if rest <= 0:
        return []
    return [Finding(severity, code, path, f"{rest} more rows with the same fault", value=str(rest))]


def _cell(array: Any, row: int, column: int) -> str:
    value = np.asarray(array)[row]
    return shown(value[max(column, 0)] if np.ndim(value) == 1 else value)


def in_range(field: Field, values: Any, allowed: Range) -> list[Finding]:
    """NOT_FINITE, NEGATIVE, NOT_POSITIVE, TOO_LARGE, OUT_OF_RANGE against an allowed range."""
    limit = allowed.text()
    infinite = (np.isposinf(values) & (not allowed.plus_infinity)) | (
        np.isneginf(values) & (not allowed.minus_infinity)
    )
    finite = np.isfinite(values)
    below = finite & ((values <= allowed.low) if allowed.open_low else (values < allowed.low))
    above = finite & ((values >= allowed.high) if allowed.open_high else (values > allowed.high))
    huge = above if allowed.high >= 1e4 else np.zeros_like(above)
    if allowed.low <= -1e4:
        huge, below = huge | below, np.zeros_like(below)
    low_code = "OUT_OF_RANGE"
    if allowed.low == 0.0:
        low_code = "NOT_POSITIVE" if allowed.open_low else "NEGATIVE"
    return [
        *flag("NOT_FINITE", field, np.isnan(values) | infinite, "not a finite number", values, limit),
        *flag(low_code, field, below, "below what is allowed", values, limit),
        *flag("TOO_LARGE", field, huge, "too large to be meant", values, limit),
        *flag("OUT_OF_RANGE", field, above & ~huge, "above what is allowed", values, limit),
    ]


def in_table(field: Field, index: Ints, size: int, absent: bool, table: str) -> list[Finding]:
    """INDEX_OUT_OF_RANGE: an index column must point into its table (−1 = none where absence is allowed)."""
    bad = (index < (-1 if absent else 0)) | (index >= size)
    limit = f"{-1 if absent else 0} to {size - 1}"
    return flag("INDEX_OUT_OF_RANGE", field, bad, f"there is no such row in {table}", index, limit)


def in_choices(field: Field, values: Any, choices: Sequence[int]) -> list[Finding]:
    """UNKNOWN_ENUM: a value that is no member of an enum."""
    bad = ~np.isin(values, choices)
    return flag("UNKNOWN_ENUM", field, bad, "not one of the choices", values, ", ".join(str(c) for c in choices))


def zero_or_one(field: Field, values: Any) -> list[Finding]:
    """NOT_ZERO_OR_ONE: flags are 0 or 1."""
    return flag("NOT_ZERO_OR_ONE", field, (values != 0) & (values != 1), "a flag is 0 or 1", values, "0 or 1")


def good_ids(path: str, ids: Sequence[str]) -> list[Finding]:
    """EMPTY_ID, ID_TOO_LONG, BAD_ID, DUPLICATE_ID within one table."""
    if _all_good(ids):
        return []
    field = Field(path, [str(i)[:MOST_ID_BYTES] for i in ids])
    empty = np.array([i == "" for i in ids], dtype=np.bool_)
    long = np.array([len(i.encode(errors="replace")) > MOST_ID_BYTES for i in ids], dtype=np.bool_)
    bad = np.array([not i.isprintable() for i in ids], dtype=np.bool_)
    return [
        *flag("EMPTY_ID", field, empty, "an id is not empty"),
        *flag("ID_TOO_LONG", field, long, "the id is too long", limit=f"≤ {MOST_ID_BYTES} bytes"),
        *flag("BAD_ID", field, bad, "an id is printable text on one line"),
        *flag("DUPLICATE_ID", field, repeated(ids) & ~empty, "an earlier row has this id", limit="unique"),
    ]


def _all_good(ids: Sequence[str]) -> bool:
    """Whether there is nothing to look for row by row, told from the ids together."""
    short = max(map(len, ids), default=0) * MOST_BYTES_OF_CHARACTER <= MOST_ID_BYTES
    return short and "" not in (known := set(ids)) and len(known) == len(ids) and "".join(ids).isprintable()


def repeated(ids: Sequence[str]) -> Bools:
    """Rows whose id an earlier row has."""
    if len(set(ids)) == len(ids):
        return np.zeros(len(ids), dtype=np.bool_)
    seen: Counter[str] = Counter()
    again = []
    for name in ids:
        again.append(seen[name] > 0)
        seen[name] += 1
    return np.array(again, dtype=np.bool_)


def ranges(bad: Bools) -> list[tuple[int, int]]:
    """(first, last) of every run of True in a row (T)."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], bad.astype(np.int8), [0]))))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]
