"""Reads columns of one table message into numpy arrays; every fault becomes a finding with its field path."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import IntEnum
from itertools import repeat
from typing import Any

import numpy as np
from google.protobuf.message import Message

from clearing.case.arrays import Bools, Flags, Floats, Ids, Ints, over_periods
from clearing.wire.problems import MOST_PER_COLUMN, Problems

MOST_CELLS = 100_000_000
MOST_ID_BYTES = 128
MOST_BYTES_OF_CHARACTER = 4

Index = Mapping[str, int]


def index_of(ids: Ids) -> Index:
    """Row of every id; of a duplicate the first."""
    return dict(zip(reversed(ids), range(len(ids) - 1, -1, -1), strict=True))


def within(
    problems: Problems, path: str, values: Floats | Ints, low: float, high: float, limit: str = "",
    code: str = "OUT_OF_RANGE",
) -> None:  # fmt: skip
    """One finding a row of a column (n) or series (n, T) with a value outside [low, high] or no number."""
    bad = ~((values >= low) & (values <= high))
    by_row = bad.any(axis=1) if bad.ndim == 2 else bad
    for row in np.flatnonzero(by_row)[:MOST_PER_COLUMN].tolist():
        period = int(np.argmax(bad[row])) if bad.ndim == 2 else -1
        value = float(values[row, period] if bad.ndim == 2 else values[row])
        text = limit or f"{low:g} to {high:g}"
        problems.error(code, f"{path}[{row}]", "Out of range.", period=period, value=value, limit=text)


class Table:
    """One table message while it is read.

    message    the protobuf table
    path       its field path in the request (case.units)
    key        name of the column whose length is the number of rows
    periods    T, or 0 when the horizon itself is wrong and series cannot be judged
    problems   where findings go

    Every reader returns an array of the right shape even after a finding, so that reading goes on.
    """

    def __init__(self, message: Message, path: str, key: str, periods: int, problems: Problems) -> None:
        self.message = message
        self.path = path
        self.periods = periods
        self.problems = problems
        self.rows = len(self._raw(key))
        if self.rows * periods > MOST_CELLS:
            problems.fatal(
                "TOO_LARGE",
                f"{path}.{key}",
                "Rows times periods exceed the limit.",
                value=self.rows * periods,
                limit=MOST_CELLS,
            )
            self.rows = 0

    def ids(self, name: str) -> Ids:
        """(n) Names of the rows; findings EMPTY_ID, ID_TOO_LONG, DUPLICATE_ID."""
        ids: Ids = tuple(self._raw(name))
        first = index_of(ids)
        empty = [row for row, text in enumerate(ids) if not text] if "" in first else []
        may_be_long = MOST_BYTES_OF_CHARACTER * max(map(len, ids), default=0) > MOST_ID_BYTES
        long = [row for row, text in enumerate(ids) if len(text.encode()) > MOST_ID_BYTES] if may_be_long else []
        again = [row for row, text in enumerate(ids) if text and first[text] != row] if len(first) < len(ids) else []
        self._each(name, empty, "EMPTY_ID", "An id is empty.", ids.__getitem__, "non-empty")
        self._each(name, long, "ID_TOO_LONG", "An id is too long.", ids.__getitem__, f"{MOST_ID_BYTES} bytes")
        self._each(name, again, "DUPLICATE_ID", "An earlier row has this id.", ids.__getitem__, "unique")
        return ids

    def texts(self, name: str) -> Ids:
        """(n) Required column of text."""
        texts: Ids = tuple(self._raw(name))
        return texts if self._fits(name, len(texts), optional=False) and texts else ("",) * self.rows

    def references(self, name: str, index: Index, *, optional: bool = False) -> Ints:
        """(n) Ids of another table → rows in it; optional: empty or absent = −1. Finding UNKNOWN_ID."""
        column = self._raw(name)
        if not self._fits(name, len(column), optional=optional) or len(column) == 0:
            return np.full(self.rows, -1, dtype=np.int64)
        rows = np.fromiter(map(index.get, column, repeat(-2)), dtype=np.int64, count=len(column))
        wrong = [row for row in np.flatnonzero(rows == -2).tolist() if not optional or column[row]]
        self._each(
            name, wrong, "UNKNOWN_ID", "There is no row of this id.", lambda row: column[row], "an id of the case"
        )
        rows[rows == -2] = -1
        return rows

    def floats(self, name: str, default: float | Floats | None = None) -> Floats:
        """(n) Column of numbers; default None = required."""
        column: Floats = self._column(name, np.float64, default)
        return column

    def whole(self, name: str, default: int | None = None) -> Ints:
        """(n) Column of whole numbers."""
        column: Ints = self._column(name, np.int64, default)
        return column

    def periods_of(self, name: str) -> Ints:
        """(n) 0-based periods. Finding OUT_OF_RANGE."""
        return self.below(name, self.periods) if self.periods else self.whole(name)

    def below(self, name: str, count: int) -> Ints:
        """(n) Whole numbers 0 … count − 1. Finding OUT_OF_RANGE."""
        column = self.whole(name)
        wrong = np.flatnonzero((column < 0) | (column >= count)).tolist()
        self._each(name, wrong, "OUT_OF_RANGE", "Out of range.", lambda row: int(column[row]), f"0 to {count - 1}")
        return column

    def bools(self, name: str, default: bool | None = None) -> Bools:
        """(n) Column of truth values."""
        column: Bools = self._column(name, np.bool_, default)
        return column

    def enum(self, name: str, kind: type[IntEnum], *, optional: bool = False) -> Ints:
        """(n) Column of an enum; optional: unspecified or absent = 0. Finding UNKNOWN_ENUM."""
        rows: Ints = self._column(name, np.int64, 0 if optional else None)
        if len(self._raw(name)) != self.rows:
            return rows
        allowed = [v for v in kind if optional or v != 0]
        wrong = np.flatnonzero(~np.isin(rows, allowed))
        self._each(
            name,
            wrong.tolist(),
            "UNKNOWN_ENUM",
            "The value is not allowed.",
            lambda row: int(rows[row]),
            _names(allowed),
        )
        rows[wrong] = 0
        return rows

    def enum_series(self, name: str, kind: type[IntEnum]) -> Ints:
        """(n, T) Series of an enum; unspecified or absent = 0. Finding UNKNOWN_ENUM."""
        values: Ints = np.array(self._series(name, np.int64, 0))
        wrong = np.argwhere(~np.isin(values, list(kind)))
        for row, period in wrong[:MOST_PER_COLUMN]:
            value, limit = int(values[row, period]), _names(kind)
            message = "The value is not allowed."
            self._error("UNKNOWN_ENUM", name, row, message, period=int(period), value=value, limit=limit)
        values[tuple(wrong.T)] = 0
        return values

    def series(self, name: str, default: float | Floats | None = None) -> Floats:
        """(n, T) Series: n values stand for all periods, n·T are row-major. default: a number or (n, T)."""
        values: Floats = self._series(name, np.float64, default)
        return values

    def flags(self, name: str, default: int | Flags | None = None) -> Flags:
        """(n, T) Series of 0/1. Finding OUT_OF_RANGE."""
        values: Ints = self._series(name, np.int64, default)
        wrong = np.argwhere((values != 0) & (values != 1))
        for row, period in wrong[:MOST_PER_COLUMN]:
            self._error(
                "OUT_OF_RANGE",
                name,
                row,
                "Must be 0 or 1.",
                period=int(period),
                value=int(values[row, period]),
                limit="0 or 1",
            )
        return np.asarray(values != 0).astype(np.int8)

    def whole_series(self, name: str, default: int | None = None) -> Ints:
        """(n, T) Series of whole numbers."""
        values: Ints = self._series(name, np.int64, default)
        return values

    def matrix(self, name: str, columns: int, default: float) -> Floats:
        """(n, m) Numbers by another table's rows: n values stand for all columns, n·m are row-major."""
        values: Floats = self._spread(name, np.float64, columns, default)
        return values

    def _series(self, name: str, kind: type[np.generic], default: Any) -> Any:
        if self.periods == 0:
            return np.zeros((self.rows, 1), dtype=kind)
        return self._spread(name, kind, self.periods, default)

    def _spread(self, name: str, kind: type[np.generic], columns: int, default: Any) -> Any:
        raw = self._raw(name)
        if len(raw) == 0 and self._absent(name, default is not None):
            return default if isinstance(default, np.ndarray) else _constant(default or 0, self.rows, columns, kind)
        values = np.array(raw, dtype=kind)
        if len(raw) == self.rows:
            return over_periods(values, columns) if kind is np.float64 else np.repeat(values[:, None], columns, axis=1)
        if len(raw) == self.rows * columns:
            return values.reshape(self.rows, columns)
        limit = f"{self.rows} or {self.rows * columns}"
        self.problems.fatal("WRONG_LENGTH", self._at(name), f"Length must be {limit}.", value=len(raw), limit=limit)
        return _constant(0, self.rows, columns, kind)

    def _column(self, name: str, kind: type[np.generic], default: Any) -> Any:
        raw = self._raw(name)
        if self._fits(name, len(raw), optional=default is not None) and len(raw):
            return np.array(raw, dtype=kind)
        return default if isinstance(default, np.ndarray) else np.full(self.rows, default or 0, dtype=kind)

    def _fits(self, name: str, length: int, *, optional: bool) -> bool:
        if length == 0:
            return self._absent(name, optional)
        if length != self.rows:
            self.problems.fatal(
                "WRONG_LENGTH", self._at(name), f"Length must be {self.rows}.", value=length, limit=self.rows
            )
            return False
        return True

    def _absent(self, name: str, optional: bool) -> bool:
        """Judge an empty column; True: nothing is wrong with it."""
        if self.rows == 0 or optional:
            return True
        self.problems.fatal("REQUIRED", self._at(name), f"Required, length {self.rows}.", value=0, limit=self.rows)
        return False

    def _each(
        self, name: str, rows: Sequence[int], code: str, message: str, value: Callable[[int], object], limit: str
    ) -> None:
        more = len(rows) - MOST_PER_COLUMN
        for k, row in enumerate(rows[:MOST_PER_COLUMN]):
            tail = f" ({more} more like this)" if more > 0 and k == MOST_PER_COLUMN - 1 else ""
            self._error(code, name, row, message + tail, value=value(row), limit=limit)

    def _error(self, code: str, name: str, row: int, message: str, **shown: Any) -> None:
        self.problems.error(code, f"{self._at(name)}[{row}]", message, **shown)

    def _at(self, name: str) -> str:
        return f"{self.path}.{name}"

    def _raw(self, name: str) -> Any:
        return getattr(self.message, name)


def vector(values: Sequence[float], path: str, periods: int, problems: Problems) -> Floats | None:
    """(T) from 1 value or T; None where absent. Finding WRONG_LENGTH."""
    if len(values) == 0:
        return None
    if periods and len(values) not in (1, periods):
        limit = f"1 or {periods}"
        problems.fatal("WRONG_LENGTH", path, f"Length must be {limit}.", value=len(values), limit=limit)
        return None
    return np.broadcast_to(np.array(values, dtype=np.float64), (max(periods, len(values)),))


def _constant(value: float, rows: int, columns: int, kind: type[np.generic]) -> Any:
    return np.broadcast_to(np.array(value, dtype=kind), (rows, columns))


def _names(kinds: Iterable[IntEnum]) -> str:
    return ", ".join(k.name for k in kinds)
