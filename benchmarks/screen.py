"""How well tenfold errors are seen, and how often what is right is called far, over a year of RTS-GMLC.

    python -m benchmarks.screen [--every 1] [--errors 20000] [--seed 1] [--begin 1] [--days 365]

Every hourly day is held against the day before, and every quarter-hourly interval of two hours (eight periods, sampled)
against the interval before. Nothing in the data is wrong, so whatever is flagged there is a false flag. Then errors are
seeded, one a case: a row drawn from all rows of loads, renewable forecasts, offers and limits, whole or (of series) one
of its values that is at least 20 % of the row's greatest, ten times too large or too small.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.real_time import rts_folder
from clearing.case.case import Case
from clearing.case.interval import cut
from clearing.case.plausible import plausible
from clearing.case.units import Fuel
from clearing.formats import rts_gmlc
from clearing.formats.rts_gmlc import source

TABLES = {
    "load": ("loads", "mw"),
    "wind": ("renewables", "forecast_mw"),
    "sun and water": ("renewables", "forecast_mw"),
    "unit limit": ("units", "p_max_mw"),
    "branch limit": ("network", "branch_limit_mw"),
    "offer": ("units", "price_per_mwh"),
}
LEAST_SHARE = 0.2
INTERVALS = 8
"""Looked at, of every day."""


def values_of(case: Case, kind: str) -> np.ndarray:
    """Rows and periods of a kind of data."""
    table, name = TABLES[kind]
    found = case.units.offers.price_per_mwh if kind == "offer" else getattr(getattr(case, table), name)
    return found[:, None] if found.ndim == 1 else found


def rows_of(case: Case, kind: str) -> np.ndarray:
    """Rows in which an error can be: some value that is not 0 and has a limit."""
    values = values_of(case, kind)
    rows = np.isfinite(values).all(axis=1) & (np.abs(np.where(np.isfinite(values), values, 0.0)).max(axis=1) > 0.0)
    if TABLES[kind][0] == "renewables":
        rows &= (case.renewables.fuel == Fuel.WIND) == (kind == "wind")
    return np.flatnonzero(rows)


def wrong(case: Case, kind: str, row: int, rng: np.random.Generator) -> tuple[Case, str]:
    """The case with one tenfold error, and what it is."""
    values = values_of(case, kind).copy()
    cells = np.ones(values.shape[1], dtype=bool)
    if rng.random() < 0.5 and kind in ("load", "wind", "sun and water"):
        size = np.abs(values[row])
        cells[:] = False
        cells[rng.choice(np.flatnonzero(size >= LEAST_SHARE * size.max()))] = True
    factor = 10.0 if rng.random() < 0.5 else 0.1
    values[row, cells] *= factor
    what = f"{kind}, {'a row' if cells.all() else 'one value'} × {factor:g}"
    table, name = TABLES[kind]
    own = getattr(case, table)
    if kind == "offer":
        return replace(case, units=replace(own, offers=replace(own.offers, price_per_mwh=values))), what
    return replace(case, **{table: replace(own, **{name: values[:, 0] if kind == "branch limit" else values})}), what


def seen(case: Case, before: Case, kind: str, row: int) -> bool:
    """Whether a finding names the row."""
    table = TABLES[kind][0]
    own = getattr(case, table)
    name = (
        case.network.branch_id[row]
        if table == "network"
        else own.id[own.offers.resource[row] if kind == "offer" else row]
    )
    return any(
        f.subject == name or f.subject.startswith(f"{name} ") for f in plausible(case, before) if table in f.path
    )


def kind_of(case: Case, path: str, subject: str) -> str:
    """The kind of data that a finding is about; a path where it is none of those in which errors are seeded."""
    stem = path.partition("[")[0]
    if stem == "case.renewables.forecast_mw":
        name = next((i for i in case.renewables.id if subject == i or subject.startswith(f"{i} ")), "")
        wind = bool(name) and case.renewables.fuel[case.renewables.id.index(name)] == Fuel.WIND
        return "wind" if wind else "sun and water"
    for kind, (table, name) in TABLES.items():
        if stem.startswith(f"case.{table}.") and stem.endswith(name):
            return kind
    return stem


@dataclass
class Trial:
    """What cases held against earlier ones have shown: false flags of the data as they are, and errors seen."""

    cases: int = 0
    flags: int = 0
    flagged: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)
    seeded: Counter[str] = field(default_factory=Counter)
    hit: Counter[str] = field(default_factory=Counter)

    def hold(self, case: Case, before: Case, errors: int, rng: np.random.Generator) -> None:
        """One case as it is, and with so many errors, one at a time."""
        found = {(f.path, f.subject) for f in plausible(case, before)}
        self.false.update(kind_of(case, path, subject) for path, subject in found)
        self.cases, self.flags, self.flagged = self.cases + 1, self.flags + len(found), self.flagged + bool(found)
        self.rows.update({kind: len(rows_of(case, kind)) for kind in TABLES})
        places = [(kind, row) for kind in TABLES for row in rows_of(case, kind).tolist()]
        for _ in range(errors):
            kind, row = places[rng.integers(len(places))]
            changed, what = wrong(case, kind, row, rng)
            self.seeded[what] += 1
            self.hit[what] += seen(changed, before, kind, row)

    def told(self, name: str) -> None:
        """Print it."""
        every_row = self.rows.total()
        shares = f"({self.flags / every_row:.3%})", f"({self.flagged / self.cases:.2%})"
        print(f"{name}: {self.cases} cases, {every_row} rows compared, {self.flags} flagged {shares[0]}, "
              f"{self.flagged} cases with a flag {shares[1]}")  # fmt: skip
        for kind in sorted(set(self.rows) | set(self.false)):
            share = f" ({self.false[kind] / self.rows[kind]:.3%})" if self.rows[kind] else ""
            print(f"    flagged though right, {kind}: {self.false[kind]} of {self.rows[kind]}{share}")
        hit, seeded = self.hit, self.seeded
        print(f"{name}: {hit.total()} of {seeded.total()} errors seen ({hit.total() / max(1, seeded.total()):.2%})")
        for kind in TABLES:
            parts = [what for what in seeded if what.startswith(f"{kind},")]
            seen_, all_ = sum(hit[w] for w in parts), sum(seeded[w] for w in parts)
            if all_:
                print(f"    seen, {kind}: {seen_} of {all_} ({seen_ / all_:.2%})")
        for what in sorted(seeded):
            print(f"    {what}: {hit[what]} of {seeded[what]} ({hit[what] / seeded[what]:.2%})", flush=True)


def main() -> None:
    """Print both trials."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1, help="1 = every day of the year, 12 = every twelfth")
    parser.add_argument("--errors", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--begin", type=int, default=1, help="first day, counted from the second of January")
    parser.add_argument("--days", type=int, default=365, help="span of days that is looked at")
    asked = parser.parse_args()
    rng = np.random.default_rng(asked.seed)
    vars(source)["read_frame"] = lambda path, *_, **__: _frame(path)
    folder, first = rts_folder(), dt.date(2020, 1, 1)
    numbers = range(asked.begin, min(asked.begin + asked.days, 366), asked.every)
    days, quarters = Trial(), Trial()
    for k, d in enumerate(numbers):  # one day in memory at a time
        before, day = (str(first + dt.timedelta(days=j)) for j in (d - 1, d))
        hourly, earlier = (rts_gmlc.read(folder, day=j, series="DAY_AHEAD", period_minutes="60") for j in (day, before))
        errors = asked.errors * (k + 1) // len(numbers) - asked.errors * k // len(numbers)
        days.hold(hourly, earlier, errors, rng)
        whole = rts_gmlc.read(folder, day=day, series="REAL_TIME", period_minutes="15")
        for j, t in enumerate(rng.choice(88, INTERVALS, replace=False).tolist()):
            share = errors * (j + 1) // INTERVALS - errors * j // INTERVALS
            quarters.hold(cut(whole, t + 1, t + 8), cut(whole, t, t + 7), share, rng)
    days.told("day against day")
    quarters.told("interval against interval")


@cache
def _frame(path: Path) -> pd.DataFrame:
    """Every file is read once, not once a day."""
    return pd.read_csv(path)


if __name__ == "__main__":
    main()
