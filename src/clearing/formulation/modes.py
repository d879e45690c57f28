"""Modes of storage, of pumped hydro and of regulation as one 0/1 table (M, T), which SCED and pricing hold."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Flags, Floats, Ints
from clearing.case.case import Case
from clearing.case.resources import Storage, StorageMode
from clearing.case.schedule import Schedule
from clearing.milp.columns import Columns, Index

NAMES = ("discharging", "charging", "pumping", "generating", "regulating")
"""Blocks of columns that make up the table, in its order; those of pumped hydro and regulation where there are any."""


def three_modes(storage: Storage) -> Ints:
    """Storage units with a least MW: idle is a mode of its own, so charging has a column beside discharging."""
    least: Bools = (storage.charge_min_mw > 0) | (storage.discharge_min_mw > 0)
    return np.asarray(np.flatnonzero(least.any(axis=1)))


def mode_columns(columns: Columns) -> Index:
    """Columns (M, T) of the table."""
    return np.concatenate([columns[name] for name in NAMES if name in columns])


def held(case: Case, modes: Flags | None) -> dict[str, Flags | None]:
    """The table cut into its blocks, all None where modes are free."""
    if modes is None:
        return dict.fromkeys(NAMES)
    pumps, bands = len(case.pumped_hydro.id), len(case.regulation_bands.unit)
    sizes = (len(case.storage.id), len(three_modes(case.storage)), pumps, pumps, bands)
    parts = np.split(modes, np.cumsum(sizes)[:-1])
    return dict(zip(NAMES, parts, strict=True))


def allowed(storage: Storage, mode: StorageMode) -> Bools:
    """Where (G, T) a unit may be in a mode."""
    return np.asarray((storage.given_mode == mode) | (storage.given_mode == StorageMode.UNSPECIFIED))


def forced(storage: Storage, mode: StorageMode) -> Bools:
    """Where (G, T) a mode is given."""
    return np.asarray(storage.given_mode == mode)


def charge_most(storage: Storage) -> Floats:
    """Greatest charging (G, T), 0 where another mode is given."""
    return np.where(allowed(storage, StorageMode.CHARGE), storage.charge_max_mw, 0.0)


def discharge_most(storage: Storage) -> Floats:
    """Greatest discharging (G, T), 0 where another mode is given."""
    return np.where(allowed(storage, StorageMode.DISCHARGE), storage.discharge_max_mw, 0.0)


def nearest_signs(storage: Storage, charge: Floats, discharge: Floats) -> tuple[Flags, Flags]:
    """discharging (G, T) and charging (n, T) that net MW point to, within given modes."""
    out = (discharge > charge) & allowed(storage, StorageMode.DISCHARGE) | forced(storage, StorageMode.DISCHARGE)
    back = (charge > discharge) & allowed(storage, StorageMode.CHARGE) | forced(storage, StorageMode.CHARGE)
    return out.astype(np.int8), back.astype(np.int8)[three_modes(storage)]


def modes_of(case: Case, schedule: Schedule) -> Flags:
    """The table (M, T) that a schedule is in."""
    pumped = schedule.pumped_mode
    turning = (pumped == StorageMode.CHARGE, pumped == StorageMode.DISCHARGE)
    signs = nearest_signs(case.storage, schedule.charge_mw, schedule.discharge_mw)
    regulating = schedule.regulating[case.regulation_bands.unit]
    return np.concatenate([*signs, *(mode.astype(np.int8) for mode in (*turning, regulating))])
