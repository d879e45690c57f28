"""CSV tables read as text and taken apart column by column; every fault is recorded with file, line and column."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from clearing.case.arrays import Bools, Floats, Ids, Ints
from clearing.formats.findings import Problems, is_special

MOST_MAGNITUDE = 1e12
MOST_WHOLE = 10_000_000
FLAGS = {"0": False, "1": True, "false": False, "true": True}


class Table:
    """A CSV file: text cells by column; `line[k]` is the line of the file that row k stands on."""

    def __init__(
        self, file: str, columns: Sequence[str], cells: pd.DataFrame, line: Sequence[int], problems: Problems
    ) -> None:
        self.file = file
        self.columns = tuple(columns)
        self.line = tuple(line)
        self.rows = len(line)
        self.problems = problems
        self._cells = cells

    def fault(self, code: str, row: int, column: str, message: str, *, value: object = "", limit: str = "") -> None:
        """Record a fault in a cell."""
        path = f"{self.file}:line {self.line[row]}:{column}"
        self.problems.add(code, path, message, value=value, limit=limit)

    def where(self, keep: Bools) -> Table:
        """The rows for which `keep` is true."""
        line = [n for n, k in zip(self.line, keep, strict=True) if k]
        return Table(self.file, self.columns, self._cells.loc[np.asarray(keep)], line, self.problems)

    def texts(self, column: str) -> list[str]:
        """Cells of a column without surrounding blanks; a missing column is recorded and read as blank."""
        if column not in self.columns:
            self.problems.add("MISSING_COLUMN", f"{self.file}:{column}", "The column is missing.")
            return [""] * self.rows
        cells = self._cells.iloc[:, self.columns.index(column)]
        return ["" if c is None or c != c else str(c).strip() for c in cells]  # noqa: PLR0124  NaN: a short line

    def ids(self, column: str = "id") -> Ids:
        """Names: none blank, none twice."""
        names = self.texts(column)
        times = Counter(names)
        for row, name in enumerate(names):
            if not name:
                self.fault("MISSING_VALUE", row, column, "A name is needed.")
            elif times[name] > 1:
                self.fault("DUPLICATE_ID", row, column, "The name stands more than once.", value=name)
        return tuple(names)

    def numbers(
        self,
        column: str,
        least: float = -MOST_MAGNITUDE,
        most: float = MOST_MAGNITUDE,
        *,
        blank: float | None = None,
        infinite: bool = False,
    ) -> Floats:
        """Numbers within [least, most]; `blank` stands for an empty cell, `infinite` lets ±inf pass."""
        texts = self.texts(column)
        values = _floats([t or "0" for t in texts])
        allowed = (values >= least) & (values <= most)
        if infinite:
            allowed |= np.isinf(values)
        empty = np.array([not t for t in texts], dtype=np.bool_)
        if blank is not None:
            values[empty] = blank
            allowed[empty] = True
        elif column in self.columns:
            for row in np.flatnonzero(empty):
                self.fault("MISSING_VALUE", int(row), column, "A number is needed.")
            allowed[empty] = True
        for row in np.flatnonzero(~allowed):
            code = "NOT_A_NUMBER" if math.isnan(values[row]) else "OUT_OF_RANGE"
            limit = f"[{least:g}, {most:g}]"
            self.fault(code, int(row), column, "A number in range is needed.", value=texts[row], limit=limit)
        values[~allowed] = max(least, 0.0)
        return values

    def whole(self, column: str, least: int = 0, most: int = MOST_WHOLE, *, blank: int | None = None) -> Ints:
        """Whole numbers within [least, most]; `blank` stands for an empty cell."""
        values = self.numbers(column, least, most, blank=blank)
        for row in np.flatnonzero(values != np.floor(values)):
            self.fault("NOT_WHOLE", int(row), column, "A whole number is needed.", value=values[row])
        return np.floor(values).astype(np.int64)

    def flags(self, column: str) -> Bools:
        """0/1 or false/true."""
        return self.choices(column, FLAGS).astype(np.bool_)

    def choices(self, column: str, values: Mapping[str, int]) -> Ints:
        """Words of a list, in any case of letters, as their numbers."""
        chosen = np.zeros(self.rows, dtype=np.int64)
        for row, text in enumerate(self.texts(column)):
            if text.lower() in values:
                chosen[row] = values[text.lower()]
            elif column in self.columns:
                known = ", ".join(values)
                self.fault("UNKNOWN_WORD", row, column, "The word is not one of the list.", value=text, limit=known)
        return chosen

    def index(self, column: str, known: Ids, *, optional: bool = False) -> Ints:
        """Names of another table as its row numbers; −1 for a blank where `optional`."""
        place = {name: k for k, name in enumerate(known)}
        found = np.full(self.rows, -1, dtype=np.int64)
        for row, name in enumerate(self.texts(column)):
            if name in place:
                found[row] = place[name]
            elif (name or not optional) and column in self.columns:
                self.fault("UNKNOWN_ID", row, column, "The name is not known.", value=name)
        return found


def _floats(texts: Sequence[str]) -> Floats:
    """Numbers as Python reads them (exact round trip), NaN where a text is none."""
    try:
        return np.asarray(texts, dtype=np.str_).astype(np.float64)
    except ValueError:
        return np.array([_float(t) for t in texts], dtype=np.float64)


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def read_table(path: Path, problems: Problems) -> Table:
    """Read a CSV file with a header line; what cannot be read is recorded and gives a table without rows."""
    frame = read_frame(path, problems, as_text=True)
    if frame is None or not len(frame):
        return Table(path.name, (), pd.DataFrame(), (), problems)
    header = ["" if c is None or c != c else str(c).strip() for c in frame.iloc[0]]  # noqa: PLR0124  NaN
    for name, times in Counter(header).items():
        if times > 1:
            problems.add("DUPLICATE_COLUMN", f"{path.name}:{name}", "The column stands more than once.", value=name)
    cells = frame.iloc[1:]
    filled = ~(cells.isna() | (cells == "")).all(axis=1)
    line = [int(k) + 1 for k in cells.index[filled]]
    return Table(path.name, header, cells.loc[filled], line, problems)


def read_frame(path: Path, problems: Problems, *, as_text: bool) -> pd.DataFrame | None:
    """A CSV file as text without header line, or as numbers with one; None and a finding if it cannot be read."""
    if is_special(path):
        problems.add("FILE_NOT_READABLE", path.name, "It is no file but a device or a pipe.")
        return None
    plain = {"encoding": "utf-8-sig", "compression": None}  # whatever the suffix: nothing is unpacked here
    try:
        if as_text:
            return pd.read_csv(path, header=None, dtype=object, keep_default_na=False, skip_blank_lines=False, **plain)
        return pd.read_csv(path, low_memory=False, **plain)
    except FileNotFoundError:
        problems.add("FILE_NOT_FOUND", path.name, "There is no such file.")
    except UnicodeDecodeError:
        problems.add("FILE_NOT_TEXT", path.name, "The file is not UTF-8 text.")
    except pd.errors.EmptyDataError:
        problems.add("FILE_EMPTY", path.name, "The file is empty.")
    except (pd.errors.ParserError, ValueError) as error:
        problems.add("FILE_NOT_CSV", path.name, f"The file is not a CSV table: {str(error).splitlines()[0]}.")
    except OSError as error:
        problems.add("FILE_NOT_READABLE", path.name, f"The file cannot be read: {error.strerror}.")
    return None
