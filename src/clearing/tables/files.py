"""Tables as files: CSV for spreadsheets, Parquet for programs."""

from __future__ import annotations

import importlib.util
from enum import StrEnum
from pathlib import Path

import numpy as np
import pandas as pd

from clearing.tables.frame import PERIOD, is_series, tidy
from clearing.tables.tables import Tables


class TableFormat(StrEnum):
    """json: no tables, the result's own JSON is all."""

    CSV = "csv"
    PARQUET = "parquet"
    JSON = "json"


def can_write_parquet() -> bool:
    """Whether the extra `parquet` is installed."""
    try:
        return importlib.util.find_spec("pyarrow") is not None
    except ValueError:  # None in its place among the loaded modules: it is kept out
        return False


def write_csv(folder: Path, tables: Tables) -> list[Path]:
    """`<table>.csv` of everything the result holds; UTF-8 with a byte order mark, which spreadsheets need.

    Series tables are turned: one row a resource, a column a period under its END label. In list tables the period is
    its label.
    """
    return [_write_csv(folder / f"{name}.csv", table) for name, table in tables]


def write_parquet(folder: Path, tables: Tables) -> list[Path]:
    """`<table>.parquet` of everything the result holds, in long form: one row a value or event, period_end in UTC+8.

    Raises ModuleNotFoundError without the extra `parquet`.
    """
    written = []
    for name, table in tables:
        path = folder / f"{name}.parquet"
        tidy(table).to_parquet(path, engine="pyarrow", index=False)
        written.append(path)
    return written


def _write_csv(path: Path, table: pd.DataFrame) -> Path:
    if is_series(table):
        table = (table.droplevel(PERIOD[1]) if table.index.nlevels > 1 else table).T
    flat = table.reset_index().drop(columns=[PERIOD[1]], errors="ignore")
    for column in flat.select_dtypes("floating").columns:
        flat[column] = flat[column].to_numpy() + np.float64(0.0)  # turns −0 into 0
    flat.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")
    return path
