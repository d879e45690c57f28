"""Tables of a run as pages of rows: read from the Parquet files of its folder, a page at a time."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from clearing.console.workspace import Unknown
from clearing.tables.tables import NAMES

KEPT_FRAMES = 6
TIME = ("label", "period_end")
PRICES, FIRST_FIELD = "prices", "price_per_mwh"
TITLES = {
    "prices": "Prices by bus and period",
    "price_series": "Prices of systems, zones and reserves",
    "dispatch": "Dispatch, MW",
    "commitment": "Commitment",
    "flows": "Flows, MW",
    "reserves": "Reserves held, MW",
    "bindings": "Limits that bind",
    "violations": "Violations",
    "starts": "Starts",
    "make_whole": "Make-whole payments",
    "findings": "Findings of the audit",
    "termination": "How it ended",
    "costs": "Parts of the cost",
}


class Results:
    """The last few tables that were looked at stay read; a file that changes is read again."""

    def __init__(self) -> None:
        self._frames: OrderedDict[tuple[Path, int, str], pd.DataFrame] = OrderedDict()

    def names(self, folder: Path) -> list[tuple[str, str]]:
        """(name, title) of the tables of a run: those of TITLES first, then the others in the order of files."""
        there = {path.stem for path in folder.glob("*.parquet")}
        order = [
            *TITLES,
            *(n for n in NAMES if n not in TITLES),
            *sorted(n for n in there if n.startswith("explained_")),
        ]
        return [(n, TITLES.get(n, n.replace("_", " ").capitalize())) for n in order if n in there]

    def page(self, folder: Path, name: str, find: str, offset: int, limit: int, field: str = "") -> dict[str, Any]:
        """Rows that hold `find` in a text, from `offset` on; series have a column a period. Raises Unknown."""
        fields = self.fields(folder, name)
        chosen = field if field in fields else (fields[0] if fields else "")
        frame = self._wide(folder, name, chosen)
        texts = [column for column in frame.columns if not _numeric(frame[column])]
        if find and texts:
            folded = find.casefold()
            hits = np.zeros(len(frame), dtype=bool)
            for column in texts:
                hits |= frame[column].astype(str).str.casefold().str.contains(folded, regex=False).to_numpy()
            frame = frame[hits]
        shown = frame.iloc[offset : offset + limit]
        return {
            "table": name,
            "columns": [str(column) for column in frame.columns],
            "numeric": [c not in texts for c in frame.columns],
            "keys": len(texts) if fields or self._is_series(folder, name) else 0,
            "rows": [[_plain(value) for value in row] for row in shown.itertuples(index=False, name=None)],
            "total": len(frame),
            "offset": offset,
            "fields": fields,
            "field": chosen,
        }

    def fields(self, folder: Path, name: str) -> list[str]:
        """Values of a bus and period to choose from; empty for other tables."""
        if name != PRICES:
            return []
        frame = self._read(folder, name)
        return sorted((c for c in frame.columns if _numeric(frame[c])), key=lambda c: c != FIRST_FIELD)

    def _is_series(self, folder: Path, name: str) -> bool:
        frame = self._read(folder, name)
        return "value" in frame.columns and TIME[0] in frame.columns and _numeric(frame["value"])

    def _wide(self, folder: Path, name: str, field: str) -> pd.DataFrame:
        frame = self._read(folder, name)
        if field or self._is_series(folder, name):
            return self._kept(folder, name, field or "value", lambda: _pivoted(frame, field or "value"))
        return frame.drop(columns=[TIME[1]], errors="ignore")

    def _read(self, folder: Path, name: str) -> pd.DataFrame:
        path = folder / f"{name}.parquet"
        if not name.replace("_", "").isalnum() or not path.is_file():
            raise Unknown(name)
        return self._kept(folder, name, "", lambda: pd.read_parquet(path))

    def _kept(self, folder: Path, name: str, what: str, make: Any) -> pd.DataFrame:
        path = folder / f"{name}.parquet"
        key = (path, path.stat().st_mtime_ns, what)
        frame: pd.DataFrame | None = self._frames.pop(key, None)
        if frame is None:
            frame = make()
        self._frames[key] = frame
        while len(self._frames) > 2 * KEPT_FRAMES:
            self._frames.popitem(last=False)
        return frame


def _pivoted(frame: pd.DataFrame, field: str) -> pd.DataFrame:
    """One row a resource, one column a period under its END label; both in the order of the file."""
    keys = [c for c in frame.columns if c not in TIME and not _numeric(frame[c])]
    if frame.empty:
        return frame[keys]
    labels = list(dict.fromkeys(frame[TIME[0]]))
    columns = frame[TIME[0]].map({label: k for k, label in enumerate(labels)}).to_numpy()
    rows, ids = pd.factorize(pd.MultiIndex.from_frame(frame[keys]) if len(keys) > 1 else frame[keys[0]])
    values = np.full((len(ids), len(labels)), np.nan)
    values[rows, columns] = frame[field].to_numpy(dtype=np.float64)
    names = pd.DataFrame(list(ids), columns=keys)
    return pd.concat([names, pd.DataFrame(values, columns=labels)], axis=1)


def _numeric(column: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(column))


def _plain(value: Any) -> Any:
    """A cell as JSON knows it: six digits after the point, null where there is no number."""
    if isinstance(value, float | np.floating):
        return round(float(value), 6) + 0.0 if np.isfinite(value) else (None if np.isnan(value) else str(value))
    if isinstance(value, np.bool_ | bool):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    return "" if value is None else str(value)
