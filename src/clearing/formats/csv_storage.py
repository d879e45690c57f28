"""The sheets of storage in a CSV case folder: units, and what some of them state beyond that."""

from __future__ import annotations

import numpy as np

from clearing.case.case import Case
from clearing.case.pumped_hydro import NO_PUMPED_HYDRO, PumpedHydro
from clearing.case.resources import Storage
from clearing.formats import csv_layout_resources as of_resources
from clearing.formats.csv_columns import Sheet
from clearing.formats.csv_sheets import Reading, Values

PUMPED_SHEETS = (of_resources.RESERVOIRS, of_resources.PUMPED_HYDRO)


def read(reading: Reading) -> Storage:
    """Storage units; one without a line in `storage_modes.csv` has no least MW, no loss and no given mode."""
    values, modes = reading.sheet(of_resources.STORAGE), reading.sheet(of_resources.STORAGE_MODES)
    row, count = modes.pop("storage"), len(values["id"])
    for again in np.flatnonzero(np.bincount(row[row >= 0], minlength=count) > 1):
        path, message = f"{of_resources.STORAGE_MODES.name}.csv:storage", "The row stands more than once."
        reading.problems.add("DUPLICATE_ID", path, message, value=values["id"][again])
    for field, own in modes.items():
        values[field] = np.zeros((count, *own.shape[1:]), dtype=own.dtype)
        values[field][row[row >= 0]] = own[row >= 0]
    return Storage(**values)


def read_pumped(reading: Reading) -> PumpedHydro:
    """Pumped hydro with its reservoirs; owners, plants and buses have been read."""
    reservoirs = reading.sheet(of_resources.RESERVOIRS)
    found = PumpedHydro(**reservoirs, **reading.sheet(of_resources.PUMPED_HYDRO))
    return found if found.id or found.reservoir_id else NO_PUMPED_HYDRO


def tables(case: Case) -> tuple[tuple[Sheet, Values], ...]:
    """Sheets and their values."""
    table = case.storage
    own = {c.field: getattr(table, c.field) for c in of_resources.STORAGE_MODES.columns[1:]}
    stated = np.zeros(len(table.id), dtype=np.bool_)
    for values in own.values():
        stated |= values.reshape(len(table.id), -1).any(axis=1) if len(table.id) else stated
    row = np.flatnonzero(stated)
    modes = {"storage": row, **{field: values[row] for field, values in own.items()}}
    return (
        (of_resources.STORAGE, {c.field: getattr(table, c.field) for c in of_resources.STORAGE.columns}),
        (of_resources.STORAGE_MODES, modes),
        *((s, {c.field: getattr(case.pumped_hydro, c.field) for c in s.columns}) for s in PUMPED_SHEETS),
    )
