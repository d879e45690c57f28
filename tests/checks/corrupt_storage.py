"""Corruptions of storage with least MW, losses and given modes."""

from __future__ import annotations

import numpy as np

from clearing.case.resources import StorageMode
from tests.checks.corrupt import Draw, corruption, set_cell

Made = "tuple[str, ClearingResult] | None"


@corruption("value", "STORAGE_MIN")
def storage_below_least(draw: Draw) -> Made:
    """A unit that runs, at half of its least MW."""
    table, schedule = draw.case.storage, draw.schedule
    for name, mw, least in (
        ("charge_mw", schedule.charge_mw, table.charge_min_mw),
        ("discharge_mw", schedule.discharge_mw, table.discharge_min_mw),
    ):
        found = set_cell(draw, name, (least > 0) & (mw > 1e-3), lambda at, least=least: 0.5 * least[at])
        if found is not None:
            return found
    return None


@corruption("value", "STORAGE_GIVEN")
def storage_in_another_mode(draw: Draw) -> Made:
    """Charging where idle or discharging is given."""
    given = draw.case.storage.given_mode
    mask = (given == StorageMode.IDLE) | (given == StorageMode.DISCHARGE)
    return set_cell(draw, "charge_mw", mask, lambda at: draw.size(10.0))


@corruption("value", "STORAGE_ENERGY")
def storage_loses_nothing(draw: Draw) -> Made:
    """Energy at the end of the first period as if none had been lost in it."""
    table, hours = draw.case.storage, draw.case.horizon.hours
    lost = (1.0 - (1.0 - table.self_discharge_per_hour[:, 0]) ** hours) * table.initial_energy_mwh
    mask = np.zeros(draw.schedule.energy_mwh.shape, dtype=bool)
    mask[:, 0] = lost > 1e-3
    energy = draw.schedule.energy_mwh
    return set_cell(draw, "energy_mwh", mask, lambda at: energy[at] + lost[at[0]])
