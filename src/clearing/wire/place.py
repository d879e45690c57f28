"""Puts rows that name ids into arrays in the order of the case's table."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

import numpy as np

from clearing.case.arrays import Flags, Floats, Ids, Ints
from clearing.wire.fields import Table, index_of


class Rows:
    """Rows of one or several table messages that together hold every id of `ids` exactly once, in any order.

    path   where MISSING_ROW is reported

    Findings UNKNOWN_ID, DUPLICATE_ID, and MISSING_ROW where an id has no row.
    """

    def __init__(self, tables: Sequence[Table], key: str, ids: Ids, path: str, periods: int) -> None:
        self.tables = tables
        self.count = len(ids)
        self.periods = periods
        self._at: list[Ints] = []
        index = index_of(ids)
        seen = np.zeros(self.count, dtype=np.bool_)
        for table in tables:
            table.ids(key)
            at = table.references(key, index)
            own = at[at >= 0]
            for row in own[seen[own]].tolist():
                table.problems.error(
                    "DUPLICATE_ID", f"{table.path}.{key}", "The id has a row elsewhere.", value=ids[row]
                )
            seen[own] = True
            self._at.append(at)
        missing = np.flatnonzero(~seen)
        if missing.size and tables:
            message = f"{missing.size} id(s) of the case have no row."
            tables[0].problems.fatal("MISSING_ROW", path, message, value=ids[missing[0]], limit=f"{self.count} rows")

    def series(self, name: str, default: float | None = None) -> Floats:
        """(count, T) in the order of the case."""
        full = np.zeros((self.count, self.periods))
        for table, at in zip(self.tables, self._at, strict=True):
            full[at[at >= 0]] = table.series(name, default)[at >= 0]
        return full

    def flags(self, name: str, default: Flags | None = None) -> Flags:
        """(count, T) of 0/1; default (count, T) stands where the column is absent."""
        full = np.zeros((self.count, self.periods), dtype=np.int8)
        for table, at in zip(self.tables, self._at, strict=True):
            own = None if default is None or not self.count else default[at]
            full[at[at >= 0]] = table.flags(name, own)[at >= 0]
        return full

    def enum_series(self, name: str, kind: type[IntEnum]) -> Flags:
        """(count, T) of an enum in the order of the case."""
        full = np.zeros((self.count, self.periods), dtype=np.int8)
        for table, at in zip(self.tables, self._at, strict=True):
            full[at[at >= 0]] = table.enum_series(name, kind)[at >= 0]
        return full

    def floats(self, name: str) -> Floats:
        """(count) in the order of the case."""
        full = np.zeros(self.count)
        for table, at in zip(self.tables, self._at, strict=True):
            full[at[at >= 0]] = table.floats(name)[at >= 0]
        return full

    def states(self, name: str) -> bool:
        """Whether any of the messages states the column."""
        return any(len(getattr(table.message, name)) > 0 for table in self.tables)
