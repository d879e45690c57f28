"""The sheets of a CSV case folder with contingencies."""

from __future__ import annotations

import numpy as np

from clearing.case.case import Case
from clearing.case.contingencies import NO_CONTINGENCIES, Contingencies, OutageKind
from clearing.formats import csv_layout_network as of_network
from clearing.formats.csv_columns import Sheet
from clearing.formats.csv_sheets import Reading, Values

VOLTAGE = "monitored_min_voltage_kv"
_KIND_SHEETS = {OutageKind.BRANCH: "branches", OutageKind.UNIT: "units", OutageKind.HVDC_LINE: "hvdc_lines"}
_SHEETS = (
    of_network.CONTINGENCIES,
    of_network.CONTINGENCY_OUTAGES,
    of_network.CONTINGENCY_BRANCHES,
    of_network.CONTINGENCY_INTERFACES,
    of_network.CONTINGENCY_EXEMPTIONS,
)


def read(reading: Reading, keys: dict[str, str]) -> Contingencies:
    """The table; needs the sheets of branches, units, lines and interfaces read before."""
    values: Values = {}
    for sheet in _SHEETS:
        values |= reading.sheet(sheet)
    values["outage_element"] = _elements(reading, values["outage_kind"], values["outage_element"])
    least = _voltage(reading, keys.get(VOLTAGE, "0"))
    stated = any(len(column) for column in values.values()) or least
    return Contingencies(monitored_min_voltage_kv=least, **values) if stated else NO_CONTINGENCIES


def _elements(reading: Reading, kinds: np.ndarray, ids: tuple[str, ...]) -> np.ndarray:
    place = {k: {name: row for row, name in enumerate(reading.known[sheet])} for k, sheet in _KIND_SHEETS.items()}
    found = [place.get(OutageKind(k), {}).get(name, -1) for k, name in zip(kinds.tolist(), ids, strict=True)]
    for row, index in enumerate(found):
        if index < 0:
            path = f"{of_network.CONTINGENCY_OUTAGES.name}.csv:element:row {row + 1}"
            reading.problems.add(
                "UNKNOWN_ID", path, "There is no row of this id in the sheet of the kind.", value=ids[row]
            )
    return np.array(found, dtype=np.int64)


def _voltage(reading: Reading, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = np.nan
    if not 0.0 <= value <= 1e4:
        reading.problems.add(
            "OUT_OF_RANGE", f"case.csv:{VOLTAGE}", "A voltage is needed.", value=text, limit="0 … 10000"
        )
        return 0.0
    return value


def tables(case: Case) -> tuple[tuple[Sheet, Values], ...]:
    """Sheets and their values."""
    table = case.contingencies
    ids = {
        OutageKind.BRANCH: case.network.branch_id,
        OutageKind.UNIT: case.units.id,
        OutageKind.HVDC_LINE: case.hvdc_lines.id,
    }
    pairs = zip(table.outage_kind.tolist(), table.outage_element.tolist(), strict=True)
    named = tuple(ids[OutageKind(kind)][row] for kind, row in pairs)
    whole: Values = {c.field: getattr(table, c.field) for sheet in _SHEETS for c in sheet.columns}
    whole["outage_element"] = named
    return tuple((sheet, {c.field: whole[c.field] for c in sheet.columns}) for sheet in _SHEETS)
