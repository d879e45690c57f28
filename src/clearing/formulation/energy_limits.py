"""Limits on energy over several periods (families 16 and 17)."""

from __future__ import annotations

import numpy as np

from clearing.case.case import Case
from clearing.case.energy_limits import usable_energy
from clearing.milp.columns import Columns
from clearing.milp.rows import RowBlock, row_block


def energy_window(case: Case, columns: Columns) -> RowBlock:
    """min_w ≤ Σ_{t in the window} dt·P_it ≤ max_w, MWh. Shape (W); soft, `joint_limit` a MWh.

    Source: clearing-model.md family 17. Its multiplier moves the marginal value of the unit in all its periods.
    """
    windows, hours = case.energy_windows, case.horizon.hours
    length = windows.last_period - windows.first_period + 1
    row = np.repeat(np.arange(len(length)), length)
    period = np.arange(len(row)) - np.repeat(np.cumsum(length) - length - windows.first_period, length)
    unit = windows.unit[row]
    terms = [
        (row, columns["above"][unit, period], hours),
        (row, columns["on"][unit, period], hours * case.units.p_min_mw[unit, period]),
    ]
    least = np.where(windows.min_mwh > 0.0, windows.min_mwh, -np.inf)
    return row_block("energy_window", (len(length),), least, windows.max_mwh, (), terms)


def storage_cycle(case: Case, columns: Columns) -> RowBlock:
    """Σ_t dt·discharge_gt ≤ max_cycles_g·usable_g, MWh. Shape (C); soft, `joint_limit` a MWh.

    usable: the greatest energy_max less the least energy_min of the horizon.
    Source: clearing-model.md family 16; a reading: what is delivered at the bus counts, over the whole horizon.
    """
    cycles, storage = case.storage_cycles, case.storage
    discharge = columns["discharge"][cycles.storage]
    usable = usable_energy(storage)[cycles.storage]
    row = np.broadcast_to(np.arange(len(discharge))[:, None], discharge.shape)
    most = cycles.max_cycles * usable
    return row_block("storage_cycle", most.shape, -np.inf, most, (), [(row, discharge, case.horizon.hours)])
