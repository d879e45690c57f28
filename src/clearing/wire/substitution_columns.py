"""Columns of whole numbers with their ids: what several messages of substitution trading check alike."""

from __future__ import annotations

import calendar
import re
from datetime import date

import numpy as np
from google.protobuf.message import Message

from clearing.case.arrays import Bools, Ids, Ints
from clearing.wire.fields import Index, Table
from clearing.wire.problems import MOST_PER_COLUMN, Problems

MOST_KWH = 10**11
MOST_PRICE_MILLI = 10**7
MOST_READING = 10**12
MOST_RATIO = 10**6
MOST_KW = 10**7
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])\Z")


class Columns(Table):
    """A table whose findings name the row's id; every reader judges what it reads."""

    def __init__(self, message: Message, path: str, key: str, periods: int, problems: Problems) -> None:
        super().__init__(message, path, key, periods, problems)
        problems.only(message, path)
        self.names: Ids = tuple(str(name) for name in getattr(message, key))

    def within(self, name: str, values: Ints, low: int, high: int) -> Ints:
        """The values (n) or (n, T), one finding a row that has one outside [low, high]; that row reads 0 or `low`."""
        outside = (values < low) | (values > high)
        self.each(name, outside, values, "OUT_OF_RANGE", f"{low} to {high}")
        return np.where(outside, max(low, 0), values)

    def kwh(self, name: str, default: int | None = None, low: int = 0) -> Ints:
        """(n) Energy."""
        return self.within(name, self.whole(name, default), low, MOST_KWH)

    def kwh_series(self, name: str, default: int | None = None) -> Ints:
        """(n, T) Energy by month."""
        return self.within(name, self.whole_series(name, default), 0, MOST_KWH)

    def milli(self, name: str, default: int | None = None) -> Ints:
        """(n) Prices, thousandths of money per MWh."""
        return self.within(name, self.whole(name, default), -MOST_PRICE_MILLI, MOST_PRICE_MILLI)

    def has(self, name: str) -> bool:
        """Whether the column is there."""
        return len(getattr(self.message, name)) > 0

    def owners(self) -> Ids:
        """(n) Owners; '' where none is named."""
        return self.texts("owner") if self.has("owner") else ("",) * self.rows

    def refer(self, name: str, index: Index, optional: bool = False) -> tuple[Ints, Bools]:
        """(n) Rows of another table and whether each is there; −1 where it is not."""
        rows = self.references(name, index, optional=optional)
        return rows, rows >= 0

    def truths(self, name: str) -> Bools:
        """(n) Column of 0 and 1, required."""
        return np.asarray(self.within(name, self.whole(name), 0, 1) == 1)

    def readings(self, start: str, end: str, ratio: str, turns_at: str) -> tuple[Ints, Ints, Ints, Ints]:
        """(n) Readings at both ends, ratio, and where the register turns; a finding where it runs back."""
        first = self.within(start, self.whole(start), 0, MOST_READING)
        last = self.within(end, self.whole(end), 0, MOST_READING)
        factor = self.within(ratio, self.whole(ratio), 1, MOST_RATIO)
        turns = self.within(turns_at, self.whole(turns_at, 0), 0, MOST_READING)
        backwards = (last < first) & (turns <= first)
        self.each(end, backwards, last, "READING_BACKWARDS", f"≥ {start}, or {turns_at} above both")
        return first, np.where(backwards, first, last), factor, turns

    def each(
        self, name: str, wrong: Bools, values: Ints, code: str, limit: str, message: str = "Out of range."
    ) -> None:
        """One finding a row (n) or (n, T) that is wrong."""
        by_row = wrong.any(axis=1) if wrong.ndim == 2 else wrong
        for row in np.flatnonzero(by_row)[:MOST_PER_COLUMN].tolist():
            period = int(np.argmax(wrong[row])) if wrong.ndim == 2 else -1
            value = int(values[row, period] if wrong.ndim == 2 else values[row])
            subject = self.names[row] if row < len(self.names) else ""
            self.problems.error(
                code, f"{self.path}.{name}[{row}]", message, subject=subject, period=period, value=value, limit=limit
            )


def month(text: str, path: str, problems: Problems) -> tuple[int, int]:
    """Year and month of YYYY-MM; (2000, 1) after a finding."""
    found = _MONTH.match(text)
    if found is None:
        problems.error("BAD_DATE", path, "Not a month.", value=text, limit="YYYY-MM")
        return 2000, 1
    return int(found[1]), int(found[2])


def minutes_of(year: int, number: int) -> int:
    """Minutes that a month has."""
    return calendar.monthrange(year, number)[1] * 24 * 60 if year else 0


def days(table: Columns, name: str, year: int) -> tuple[Ints, Ints]:
    """(n) Month, 1 to 12, and day of a column of YYYY-MM-DD; a finding where it is no day of the year."""
    months, numbers = np.ones(table.rows, dtype=np.int64), np.ones(table.rows, dtype=np.int64)
    for row, text in enumerate(table.texts(name)):
        try:
            day = date.fromisoformat(text)
            if day.year != year or len(text) != 10:
                raise ValueError(text)
            months[row], numbers[row] = day.month, day.day
        except ValueError:
            table.problems.error(
                "BAD_DATE", f"{table.path}.{name}[{row}]", "Not a day of the year.", subject=table.names[row],
                value=text, limit=f"YYYY-MM-DD of {year}",
            )  # fmt: skip
    return months, numbers
