"""Reading and writing one sheet of a CSV case folder by its layout."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from clearing.case.arrays import Floats, Ids
from clearing.formats.csv_columns import Column, Kind, Sheet
from clearing.formats.findings import Problems
from clearing.formats.tables import Table, read_table

SERIES = (Kind.SERIES, Kind.FLAG_SERIES, Kind.WHOLE_SERIES)
Values = dict[str, Any]
"""Field of a case table → array (or tuple of names), as the layout's kinds say."""


@dataclass
class Reading:
    """A folder being read: names of the sheets read so far, by sheet, and the labels of the periods."""

    folder: Path
    problems: Problems
    known: dict[str, Ids]

    @property
    def labels(self) -> Ids:
        """END of every period."""
        return self.known["periods"]

    def sheet(self, sheet: Sheet) -> Values:
        """All columns of a sheet; a file that is not there is a sheet without rows."""
        path = self.folder / f"{sheet.name}.csv"
        table = read_table(path, self.problems) if path.exists() else None
        if table is None:
            table = Table(path.name, [c.name for c in sheet.columns], _no_rows(sheet), (), self.problems)
        names = {c.name for c in sheet.columns}
        for column in table.columns:
            if column not in names:
                self.problems.add("UNKNOWN_COLUMN", f"{table.file}:{column}", "The column is not known.", value=column)
        values = {c.field: self._column(sheet, table, c) for c in sheet.columns}
        if sheet.columns[0].kind is Kind.NAME:
            self.known[sheet.name] = values[sheet.columns[0].field]
        return values

    def _column(self, sheet: Sheet, table: Table, column: Column) -> Any:
        if column.kind in SERIES:
            return self._series(sheet, table, column)
        readers: dict[Kind, Callable[[str], Any]] = {
            Kind.NAME: table.ids,
            Kind.TEXT: lambda name: tuple(table.texts(name)),
            Kind.REFERENCE: lambda name: table.index(name, self.known[column.refers]),
            Kind.OPTIONAL_REFERENCE: lambda name: table.index(name, self.known[column.refers], optional=True),
            Kind.WORD: lambda name: table.choices(name, _words(column)),
            Kind.NUMBER: lambda name: table.numbers(name, infinite=True),
            Kind.WHOLE: table.whole,
            Kind.OPTIONAL_WHOLE: lambda name: table.whole(name, blank=-1),
            Kind.FLAG: table.flags,
        }
        return readers[column.kind](column.name)

    def _series(self, sheet: Sheet, table: Table, column: Column) -> Any:
        """Constant cells spread over the periods, blank ones from the series file."""
        constant = table.numbers(column.name, blank=np.nan, infinite=True)
        values = np.repeat(constant[:, None], len(self.labels), axis=1)
        keys = _keys(table, sheet.key)
        own = self._series_file(sheet, column)
        if column.name in table.columns:
            for row in np.flatnonzero(np.isnan(constant)):
                if keys[row] in own:
                    values[row] = own[keys[row]]
                else:
                    message = f"A value is needed here or a line in {sheet.name}.{column.name}.csv."
                    table.fault("MISSING_VALUE", int(row), column.name, message)
            for row in np.flatnonzero(~np.isnan(constant)):
                if keys[row] in own:
                    message = f"The value stands here and in {sheet.name}.{column.name}.csv; leave one blank."
                    table.fault("STATED_TWICE", int(row), column.name, message)
        for key in own.keys() - set(keys):
            name = f"{sheet.name}.{column.name}.csv"
            self.problems.add("UNKNOWN_ID", f"{name}:{' '.join(key)}", "The line belongs to no row.", value=key)
        if column.kind is Kind.SERIES:
            return values
        if column.kind is Kind.WHOLE_SERIES:
            if np.any(np.isinf(values) | (values != np.rint(values)) & ~np.isnan(values)):
                self.problems.add("UNKNOWN_WORD", f"{table.file}:{column.name}", "Only whole numbers are allowed.")
            return np.nan_to_num(values, posinf=0.0, neginf=0.0).astype(np.int64)
        if np.any((values != 0.0) & (values != 1.0) & ~np.isnan(values)):
            self.problems.add("UNKNOWN_WORD", f"{table.file}:{column.name}", "Only 0 and 1 are allowed.")
            return np.zeros(values.shape, dtype=np.int8)
        return np.nan_to_num(values).astype(np.int8)

    def _series_file(self, sheet: Sheet, column: Column) -> dict[tuple[str, ...], Floats]:
        path = self.folder / f"{sheet.name}.{column.name}.csv"
        if not path.exists():
            return {}
        table = read_table(path, self.problems)
        if table.columns[len(sheet.key) :] != self.labels:
            message = "The columns must be the key and the END of every period."
            limit = f"{', '.join(sheet.key)}, {self.labels[0]} … {self.labels[-1]}"
            self.problems.add("WRONG_COLUMNS", path.name, message, value=", ".join(table.columns[:8]), limit=limit)
            return {}
        series = [table.numbers(label, infinite=True) for label in self.labels]
        keys = _keys(table, sheet.key)
        first: dict[tuple[str, ...], int] = {}
        for row, key in enumerate(keys):
            if first.setdefault(key, row) != row:
                table.fault("DUPLICATE_ID", row, sheet.key[0], "The row stands more than once.", value=" ".join(key))
        return {key: np.array([s[row] for s in series]) for row, key in enumerate(keys)}


def _no_rows(sheet: Sheet) -> pd.DataFrame:
    return pd.DataFrame({c.name: [] for c in sheet.columns}, dtype=object)


def _keys(table: Table, key: Sequence[str]) -> list[tuple[str, ...]]:
    return list(zip(*(table.texts(k) for k in key), strict=True))


def _words(column: Column) -> dict[str, int]:
    words: type[IntEnum] = column.words or IntEnum
    return {w.name.lower(): int(w) for w in words}


def write_sheet(folder: Path, sheet: Sheet, values: Mapping[str, Any], known: Mapping[str, Ids]) -> None:
    """Write `<sheet>.csv` and the series files it needs; a sheet without rows is not written."""
    cells: dict[str, list[str]] = {}
    series: dict[str, Any] = {}
    for column in sheet.columns:
        value = values[column.field]
        if column.kind in SERIES:
            constant = [bool(np.all(row == row[0])) for row in value]
            cells[column.name] = [text(row[0]) if c else "" for row, c in zip(value, constant, strict=True)]
            series[column.name] = [row for row, c in zip(value, constant, strict=True) if not c], constant
        else:
            cells[column.name] = _texts(column, value, known)
    frame = pd.DataFrame(cells, dtype=object)
    if not len(frame):
        return
    frame.to_csv(folder / f"{sheet.name}.csv", index=False, lineterminator="\n")
    for name, (rows, constant) in series.items():
        if rows:
            keys = frame.loc[[not c for c in constant], list(sheet.key)].reset_index(drop=True)
            wide = pd.DataFrame([[text(v) for v in row] for row in rows], columns=list(known["periods"]), dtype=object)
            path = folder / f"{sheet.name}.{name}.csv"
            pd.concat([keys, wide], axis=1).to_csv(path, index=False, lineterminator="\n")


def _texts(column: Column, value: Any, known: Mapping[str, Ids]) -> list[str]:
    match column.kind:
        case Kind.NAME | Kind.TEXT:
            return list(value)
        case Kind.REFERENCE | Kind.OPTIONAL_REFERENCE:
            return [known[column.refers][k] if k >= 0 else "" for k in value]
        case Kind.OPTIONAL_WHOLE:
            return ["" if v == -1 else text(v) for v in value]
        case Kind.WORD:
            names = {number: word for word, number in _words(column).items()}
            return [names[int(v)] for v in value]
        case _:
            return [text(v) for v in value]


def text(value: float) -> str:
    """The shortest text that reads back as the same number."""
    return repr(float(value)).removesuffix(".0")
