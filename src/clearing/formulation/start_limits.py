"""Most starts and stops in a day, by unit and by plant (family 11)."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Ints
from clearing.case.case import Case
from clearing.formulation.plant_data import PlantData
from clearing.milp.columns import Columns, Index
from clearing.milp.rows import RowBlock, row_block


def unit_starts(case: Case, plants: PlantData, columns: Columns) -> RowBlock:
    """Σ_{t in day} start_it ≤ max_starts_i. Shape (units with a limit, days)."""
    chosen, most = limited(case.start_limits.unit, case.start_limits.max_starts)
    return _limit("unit_starts", columns["start"], _rows(np.arange(len(plants.plant)), chosen), most, plants.day)


def unit_stops(case: Case, plants: PlantData, columns: Columns) -> RowBlock:
    """Σ_{t in day} stop_it ≤ max_stops_i. Shape (units with a limit, days)."""
    chosen, most = limited(case.start_limits.unit, case.start_limits.max_stops)
    return _limit("unit_stops", columns["stop"], _rows(np.arange(len(plants.plant)), chosen), most, plants.day)


def plant_starts(plants: PlantData, columns: Columns) -> RowBlock:
    """Σ_{i in plant} Σ_{t in day} start_it ≤ max_starts of the plant. Shape (plants with a limit, days)."""
    chosen, most = limited(np.arange(len(plants.max_starts)), plants.max_starts)
    return _limit("plant_starts", columns["start"], _rows(plants.plant, chosen), most, plants.day)


def plant_stops(plants: PlantData, columns: Columns) -> RowBlock:
    """Σ_{i in plant} Σ_{t in day} stop_it ≤ max_stops of the plant. Shape (plants with a limit, days)."""
    chosen, most = limited(np.arange(len(plants.max_stops)), plants.max_stops)
    return _limit("plant_stops", columns["stop"], _rows(plants.plant, chosen), most, plants.day)


def limited(subject: Ints, most: Ints) -> tuple[Ints, Ints]:
    """Subjects that have a limit, and their limits."""
    return subject[most >= 0], most[most >= 0]


def _rows(group: Ints, chosen: Ints) -> Ints:
    """Row of every unit (N): the place of its group among the chosen ones, −1 where it is none of them."""
    row = np.full(int(max(group.max(initial=-1), chosen.max(initial=-1))) + 2, -1, dtype=np.int64)
    row[chosen] = np.arange(len(chosen))
    return np.asarray(row[group])  # group −1 reads the last place, which no group has


def _limit(name: str, switch: Index, row_of: Ints, most: Ints, day: Ints) -> RowBlock:
    days = int(day.max(initial=-1)) + 1
    unit = np.flatnonzero(row_of >= 0)
    row = row_of[unit][:, None] * days + day
    return row_block(name, (len(most), days), -np.inf, most[:, None], (), [(row, switch[unit], 1.0)])
