"""Numbers and names on their way into JSON, tables and plots."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np

from clearing.case.arrays import Floats, Ids
from clearing.case.case import Case
from clearing.case.contingencies import parted

JsonValue: TypeAlias = "bool | int | float | str | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
Json: TypeAlias = dict[str, JsonValue]

LONGEST_LABEL = 28
MOST_TICKS = 12
FEW_TICKS = 6


def numbers(values: Floats, digits: int = 3) -> list[float | None]:
    """A series (T) for JSON: rounded, and null where it is not finite."""
    rounded = np.round(np.asarray(values, dtype=np.float64), digits) + 0.0  # + 0.0 turns −0 into 0
    return [float(v) if ok else None for v, ok in zip(rounded, np.isfinite(rounded), strict=True)]


def matrix(values: Floats, digits: int = 3) -> list[list[float | None]]:
    """Rows of a matrix (n, T) for JSON, as `numbers` writes them."""
    return [numbers(row, digits) for row in values]


def limit_name(case: Case, family: str, subject: str) -> str:
    """A limit as it is read: of one after a contingency its element and what is lost, else its subject."""
    named = parted(case.contingencies, subject) if family in ("contingency", "contingency_interface") else None
    return subject if named is None else f"{named[0]} after {named[1]}"


def plot_name(name: str) -> str:
    """A name as plain text for plotly, which reads a few HTML tags in labels and decodes entities."""
    return html.escape(name, quote=False)


def short(name: str) -> str:
    """A name cut in the middle where it would take the room of the plot."""
    if len(name) <= LONGEST_LABEL:
        return name
    return name[: LONGEST_LABEL - 9] + "…" + name[-8:]


def amount(value: float | None, digits: int = 0) -> str:
    """A number for people: 1,234.50; a dash where there is none."""
    if value is None or not np.isfinite(value):
        return "–"
    text = f"{value + 0.0:,.{digits}f}"
    return text[1:] if text.startswith("-") and not text.strip("-0.,") else text.replace("-", "−")


def percent(value: float | None, digits: int = 2) -> str:
    """A fraction as per cent; a dash where there is none, and no sign before a zero."""
    return "–" if value is None or not np.isfinite(value) else f"{round(100 * value, digits) + 0.0:.{digits}f} %"


def label_of(labels: Ids, period: int) -> str:
    """Label of a period; a dash for −1 and for periods outside the horizon."""
    return labels[period] if 0 <= period < len(labels) else "–"


def spans(periods: Sequence[int], labels: Ids, most: int = 4) -> str:
    """Runs of periods by their END labels: '08:15–12:00, 18:30'; what is past `most` runs is counted."""
    ordered = np.unique(np.asarray(periods, dtype=np.int64))
    if ordered.size == 0:
        return "–"
    breaks = np.flatnonzero(np.diff(ordered) > 1)
    firsts = ordered[np.concatenate(([0], breaks + 1))]
    lasts = ordered[np.concatenate((breaks, [ordered.size - 1]))]
    runs = [
        label_of(labels, int(a)) if a == b else f"{label_of(labels, int(a))}–{label_of(labels, int(b))}"
        for a, b in zip(firsts, lasts, strict=True)
    ]
    rest = len(runs) - most
    return ", ".join(runs[:most]) + (f" and {rest} more runs" if rest > 0 else "")


def ticks(labels: Ids, most: int = MOST_TICKS) -> Json:
    """Category axis over the period-END labels, at most `most` of them written out.

    Labels of later days ("D+1 00:15") are twice as long, so half as many are written.
    """
    if max(map(len, labels), default=0) > len("00:00"):
        most //= 2
    step = next((s for s in (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 96) if len(labels) / s <= most), 96)
    return {
        "type": "category",
        "tickmode": "array",
        "tickvals": list(labels[step - 1 :: step]),
        "categoryorder": "array",
        "categoryarray": list(labels),
        "range": [-0.5, len(labels) - 0.5],
    }
