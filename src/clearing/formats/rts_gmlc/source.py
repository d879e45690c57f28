"""The RTS-GMLC folder: its tables, and its series brought to the periods of the case."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from clearing.case.arrays import Floats
from clearing.formats.findings import FormatError, Problems, refuse
from clearing.formats.tables import Table, read_frame, read_table

DAY_MINUTES = 1440
SERIES = {"DAY_AHEAD": 60, "REAL_TIME": 5}
"""Name of a series → its minutes."""
PERIOD_MINUTES = (5, 15, 30, 60)
KEPT_FILES = 16
"""Files of one resolution, some 100 MB of numbers at five minutes."""
DATE_COLUMNS = ("Year", "Month", "Day")


@dataclass
class Folder:
    """An open folder, the options of the reading, and what was noted on the way."""

    source: Path
    day: dt.date
    series_name: str
    period_minutes: int
    problems: Problems
    buses: Table
    generators: Table
    pointers: Table
    notes: list[str] = field(default_factory=list)
    _frames: dict[Path, pd.DataFrame | None] = field(default_factory=dict)

    @property
    def periods(self) -> int:
        """T, the periods of the day."""
        return DAY_MINUTES // self.period_minutes

    @property
    def hourly(self) -> bool:
        """Whether the series are coarser than a period may be."""
        return self.series_name == "DAY_AHEAD"

    def table(self, name: str) -> Table:
        """A table of SourceData."""
        return read_table(self.source / name, self.problems)

    def pointed(self, parameter: str) -> dict[str, Path]:
        """Object → series file for one parameter (PMax MW, PMin MW, MW Load, Requirement, Natural_Inflow)."""
        simulation = self.pointers.texts("Simulation")
        names = self.pointers.texts("Object")
        parameters = self.pointers.texts("Parameter")
        files = self.pointers.texts("Data File")
        return {
            name: self.source / file
            for sim, name, par, file in zip(simulation, names, parameters, files, strict=True)
            if sim == self.series_name and par == parameter
        }

    def series(self, file: Path, column: str) -> Floats:
        """One series over the T periods of the day; a fault is recorded and read as zero."""
        if file not in self._frames:
            self._frames[file] = self._day_rows(file)
        rows = self._frames[file]
        if rows is None:
            return np.zeros(self.periods)
        steps = DAY_MINUTES // SERIES[self.series_name]
        wide = "Period" not in rows.columns  # one line a day, columns 1 … steps
        if wide:
            cells = rows.iloc[0].reindex([str(k) for k in range(1, steps + 1)])
        elif column in rows.columns:
            cells = rows[column].iloc[np.argsort(_numbers(rows["Period"]), kind="stable")]
        else:
            self.problems.add("MISSING_COLUMN", f"{file.name}:{column}", "The series is missing.")
            return np.zeros(self.periods)
        if cells.size != steps:
            self.problems.add(
                "WRONG_LENGTH",
                f"{file.name}:{column}",
                f"The day {self.day} has the wrong number of values.",
                value=cells.size,
                limit=str(steps),
            )
            return np.zeros(self.periods)
        values = _numbers(cells)
        if not np.isfinite(values).all():
            self.problems.add("NOT_A_NUMBER", f"{file.name}:{column}", f"The day {self.day} holds no numbers.")
            return np.zeros(self.periods)
        return self._to_periods(values)

    def _day_rows(self, file: Path) -> pd.DataFrame | None:
        frame = _year(file, self.problems)
        if frame is None:
            return None
        missing = [c for c in DATE_COLUMNS if c not in frame.columns]
        for column in missing:
            self.problems.add("MISSING_COLUMN", f"{file.name}:{column}", "The column is missing.")
        if missing:
            return None
        wanted = (self.day.year, self.day.month, self.day.day)
        same = np.logical_and.reduce([frame[c] == w for c, w in zip(DATE_COLUMNS, wanted, strict=True)])
        if not same.any():
            self.problems.add("DAY_NOT_FOUND", file.name, "The series has no such day.", value=self.day)
            return None
        return frame.loc[same]

    def _to_periods(self, values: Floats) -> Floats:
        """Means over a period, or values repeated over the periods within a step."""
        step = SERIES[self.series_name]
        if step >= self.period_minutes:
            return np.repeat(values, step // self.period_minutes)
        means: Floats = values.reshape(self.periods, -1).mean(axis=1)
        return means


def _year(file: Path, problems: Problems) -> pd.DataFrame | None:
    """A series file, which holds all days of the year: kept, so that who reads many days parses it once."""
    try:
        state = file.stat()
        return _parsed(file, state.st_mtime_ns, state.st_size)
    except (FormatError, OSError):
        return read_frame(file, problems, as_text=False)


@lru_cache(maxsize=KEPT_FILES)
def _parsed(file: Path, changed_ns: int, size: int) -> pd.DataFrame:
    """The file as it is at this moment and of this size; raises FormatError."""
    problems = Problems()
    frame = read_frame(file, problems, as_text=False)
    problems.stop()
    if frame is None:
        raise FormatError(())
    return frame


def find_source(path: Path) -> Path | None:
    """The SourceData folder of an RTS-GMLC folder, or None."""
    candidates = (path / "SourceData", path / "RTS_Data" / "SourceData", path)
    return next((c for c in candidates if (c / "gen.csv").is_file() and (c / "bus.csv").is_file()), None)


def open_folder(path: Path, day: str, series: str, period_minutes: str, problems: Problems) -> Folder:
    """Check the options and open the tables; FormatError if an option is unusable or there is no SourceData."""
    source = find_source(path)
    if source is None:
        raise refuse("FILE_NOT_FOUND", path.name, "There is no SourceData folder with gen.csv and bus.csv.")
    operating_day = _date(day, problems)
    if series not in SERIES:
        problems.add("OPTION", "series", "Unknown series.", value=series, limit=", ".join(SERIES))
    if str(period_minutes) not in {str(m) for m in PERIOD_MINUTES}:
        limit = ", ".join(str(m) for m in PERIOD_MINUTES)
        problems.add("OPTION", "period_minutes", "Unknown length of a period.", value=period_minutes, limit=limit)
    problems.stop()
    return Folder(
        source=source,
        day=operating_day,
        series_name=series,
        period_minutes=int(period_minutes),
        problems=problems,
        buses=read_table(source / "bus.csv", problems),
        generators=read_table(source / "gen.csv", problems),
        pointers=read_table(source / "timeseries_pointers.csv", problems),
    )


def _date(text: str, problems: Problems) -> dt.date:
    try:
        return dt.date.fromisoformat(str(text))
    except ValueError:
        problems.add("OPTION", "day", "A day is written YYYY-MM-DD.", value=text)
        return dt.date.min


def _numbers(cells: pd.Series) -> Floats:
    """Cells as numbers, NaN what is none or has hundreds of digits."""
    try:
        return np.asarray(pd.to_numeric(cells, errors="coerce"), dtype=np.float64)
    except OverflowError:
        return np.asarray(pd.to_numeric(cells.astype(str), errors="coerce"), dtype=np.float64)
