"""What two cases hold that is not the same, column by column."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from clearing.case.case import Case
from clearing.report.tables import Table, table
from clearing.report.values import amount

MOST_NAMED = 4
IDS = ("id", "bus_id", "branch_id", "interface_id", "product_id", "zone_id", "reservoir_id")


def input_table(first: Case, other: Case) -> Table:
    """One row a column of the case that differs: how many values, and the first few of them."""
    rows = [(path, str(count), what) for path, count, what in _walk("", first, other, ())]
    return table(("Column", "Values", "What"), rows, {1}, "Both runs were of the same case.")


def _walk(path: str, first: Any, other: Any, ids: tuple[str, ...]) -> Iterator[tuple[str, int, str]]:
    if dataclasses.is_dataclass(first) and type(first) is type(other):
        for part in dataclasses.fields(first):
            if path or part.name not in ("name", "notes"):
                name = f"{path}.{part.name}".lstrip(".")
                a, b = getattr(first, part.name), getattr(other, part.name)
                yield from _walk(name, a, b, _ids(first, part.name))
    elif isinstance(first, np.ndarray) and isinstance(other, np.ndarray):
        yield from _arrays(path, first, other, ids)
    elif first != other:
        yield path, 1, f"{_said(first)} → {_said(other)}"


def _ids(of: Any, column: str) -> tuple[str, ...]:
    """Names of the rows of a column: those of its table with the same prefix, else its only names."""
    own = [name for name in IDS if isinstance(getattr(of, name, None), tuple)]
    fitting = [name for name in own if name != "id" and column.startswith(name.removesuffix("id"))]
    chosen = fitting or [name for name in own if name == "id"]
    found: tuple[str, ...] = getattr(of, chosen[0]) if chosen else ()
    return found


def _arrays(path: str, first: np.ndarray, other: np.ndarray, ids: tuple[str, ...]) -> Iterator[tuple[str, int, str]]:
    if first.shape != other.shape:
        yield path, max(first.size, other.size), f"{first.shape} → {other.shape}"
        return
    apart = first != other
    if first.dtype.kind == "f":
        apart &= ~(np.isnan(first) & np.isnan(other))
    places = np.argwhere(apart)
    if not places.size:
        return
    rows = list(dict.fromkeys(int(place[0]) for place in places)) if first.ndim else []
    named = [_row(first, other, apart, ids, row) for row in rows[:MOST_NAMED]]
    more = f" and {len(rows) - MOST_NAMED} more rows" if len(rows) > MOST_NAMED else ""
    yield path, int(apart.sum()), "; ".join(named) + more


def _row(first: np.ndarray, other: np.ndarray, apart: np.ndarray, ids: tuple[str, ...], row: int) -> str:
    name = ids[row] if row < len(ids) and len(ids) == len(first) else str(row)
    at = (row, *(int(k[0]) for k in np.nonzero(apart[row]))) if first.ndim > 1 else (row,)
    return f"{name}: {_said(first[at])} → {_said(other[at])}"


def _said(value: Any) -> str:
    if isinstance(value, float | np.floating):
        return amount(float(value), 3) if np.isfinite(value) else str(float(value))
    return f"{len(value)} of them" if isinstance(value, tuple) else str(value)
