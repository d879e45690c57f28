"""The sheet of a CSV case folder with entry into the market."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.case.arrays import Ids, Ints
from clearing.case.case import Case
from clearing.case.entry import NO_ENTRY, MarketEntry, day_text, ordinal, with_factors
from clearing.formats.csv_columns import Sheet
from clearing.formats.csv_layout_resources import MARKET_ENTRY
from clearing.formats.csv_sheets import Reading, Values

_DAYS = ("first_day", "last_day")


def with_entry(case: Case, reading: Reading) -> Case:
    """The case with its table and the factors that follow from it; virtual plants and buses have been read."""
    entry = _read(reading)
    day, buses = case.horizon.operating_day.toordinal(), len(case.network.bus_id)
    plants, notes = with_factors(case.virtual_plants, entry, day, buses)
    return replace(case, entry=entry, virtual_plants=plants, notes=(*case.notes, *notes))


def _read(reading: Reading) -> MarketEntry:
    values = reading.sheet(MARKET_ENTRY)
    for row, name in enumerate(values["resource"]):
        if not name:
            reading.problems.add("EMPTY_ID", f"{MARKET_ENTRY.name}.csv:resource:row {row + 1}", "An id is empty.")
    for name in _DAYS:
        values[name] = _days(reading, name, values[name])
    return MarketEntry(**values) if values["resource"] else NO_ENTRY


def _days(reading: Reading, name: str, texts: Ids) -> Ints:
    found = np.array([ordinal(text) for text in texts], dtype=np.int64)
    for row, text in enumerate(texts):
        if found[row] == 0 and (text or name == "first_day"):
            path = f"{MARKET_ENTRY.name}.csv:{name}:row {row + 1}"
            reading.problems.add("BAD_DATE", path, "A day is written YYYY-MM-DD.", value=text, limit="YYYY-MM-DD")
    return found


def tables(case: Case) -> tuple[tuple[Sheet, Values], ...]:
    """Sheet and values."""
    values: Values = {each.field: getattr(case.entry, each.field) for each in MARKET_ENTRY.columns}
    for name in _DAYS:
        values[name] = tuple(day_text(day) for day in values[name].tolist())
    return ((MARKET_ENTRY, values),)
