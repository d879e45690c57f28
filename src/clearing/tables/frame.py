"""Indexes and shapes that all tables share; whole columns at a time.

Two shapes. A *series* table has the periods as rows and one column a resource: rows (label, period_end), columns named
by what tells resources apart. A *list* table has one row an event, or one a period and thing, and a named index.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from clearing.case.arrays import Floats, Ids, Ints
from clearing.case.case import Case
from clearing.case.horizon import Horizon

MARKET_TIME = dt.timezone(dt.timedelta(hours=8))
PERIOD = ("label", "period_end")


def period_index(horizon: Horizon) -> pd.MultiIndex:
    """Rows of series tables (T): END label ('00:15' … '24:00', 'D+1 00:15') and END as a timestamp in UTC+8."""
    return pd.MultiIndex.from_arrays([list(horizon.labels()), period_ends(horizon)], names=PERIOD)


def period_ends(horizon: Horizon) -> pd.DatetimeIndex:
    """END of every period (T), UTC+8."""
    day = np.datetime64(horizon.operating_day, "us")
    minutes = horizon.start_minute + np.arange(1, horizon.periods + 1, dtype=np.int64) * horizon.period_minutes
    return pd.DatetimeIndex(day + minutes.astype("timedelta64[m]")).tz_localize(MARKET_TIME)


def series(horizon: Horizon, values: np.ndarray, columns: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """A series table: values (n, T), one row a resource; columns: level name → text of every resource (n)."""
    return pd.DataFrame(np.ascontiguousarray(values.T), index=period_index(horizon), columns=_columns(columns))


def _columns(levels: Mapping[str, Sequence[str]]) -> pd.Index:
    if len(levels) == 1:
        ((name, texts),) = levels.items()
        return pd.Index(list(texts), name=name, dtype="str")
    return pd.MultiIndex.from_arrays([pd.Index(list(texts), dtype="str") for texts in levels.values()], names=levels)


def over_periods(horizon: Horizon, ids: Ids, name: str, columns: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """A list table of every period × thing: columns (n, T); rows (label, period_end, name), period by period."""
    rows, count = period_index(horizon), len(ids)
    codes = np.repeat(np.arange(horizon.periods), count), np.tile(np.arange(count), horizon.periods)
    index = pd.MultiIndex(
        levels=[*rows.levels, pd.Index(list(ids), dtype="str")],
        codes=[*(np.asarray(code)[codes[0]] for code in rows.codes), codes[1]],
        names=(*PERIOD, name),
    )
    return pd.DataFrame({key: _by_period(values, horizon.periods) for key, values in columns.items()}, index=index)


def _by_period(values: np.ndarray, periods: int) -> np.ndarray:
    """A matrix (n, T), or a column (n) that holds in every period, as rows period by period."""
    return np.ascontiguousarray(values.T).reshape(-1) if values.ndim == 2 else np.tile(values, periods)


def events(columns: Mapping[str, object], index: Sequence[str]) -> pd.DataFrame:
    """A list table; `index` names the columns that become its index. Sequences of str become text columns."""
    data = {key: texts(values) if isinstance(values, list | tuple) else values for key, values in columns.items()}
    return pd.DataFrame(data).set_index(list(index))


def texts(values: Sequence[str]) -> pd.Series:
    """A column of text, also where it has no rows."""
    return pd.Series(list(values), dtype="str")


def when(horizon: Horizon, periods: Ints) -> dict[str, object]:
    """Columns label and period_end of 0-based periods (n); '' and NaT for −1 and what lies outside the horizon."""
    inside = (periods >= 0) & (periods < horizon.periods)
    at = np.where(inside, periods, 0)
    ends = period_ends(horizon).take(at).where(inside)
    return {
        "label": texts(np.where(inside, np.array(horizon.labels(), dtype=object)[at], "").tolist()),
        PERIOD[1]: ends,
    }


def whole(values: Sequence[int]) -> Ints:
    """A column of whole numbers."""
    return np.array(values, dtype=np.int64)


def real(values: Sequence[float]) -> Floats:
    """A column of numbers."""
    return np.array(values, dtype=np.float64)


def is_series(frame: pd.DataFrame) -> bool:
    """Whether a table has a column a resource, over periods or hours."""
    return tuple(frame.index.names) == PERIOD or frame.columns.nlevels > 1


def tidy(frame: pd.DataFrame, value: str = "value") -> pd.DataFrame:
    """A table without an index, one row a value or event: series tables become long, list tables keep their columns."""
    if not is_series(frame):
        return frame.reset_index()
    names = frame.columns.to_frame(index=False)
    rows = frame.index.to_frame(index=False)
    long = names.loc[np.repeat(np.arange(len(names)), len(rows))].reset_index(drop=True)
    times = rows.loc[np.tile(np.arange(len(rows)), len(names))].reset_index(drop=True)
    return pd.concat([long, times], axis=1).assign(**{value: frame.to_numpy().T.reshape(-1)})


def bus_names(case: Case, bus: Ints) -> list[str]:
    """Bus ids of rows of buses (n); '' for −1."""
    ids = case.network.bus_id
    return [ids[k] if k >= 0 else "" for k in bus.tolist()]
