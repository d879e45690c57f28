"""Starts of the units of a plant keep a distance in time, and so do their stops (family 11)."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Floats, Ints
from clearing.case.case import Case
from clearing.formulation.min_up_down import windows
from clearing.formulation.plant_data import PlantData
from clearing.milp.columns import Columns, Index
from clearing.milp.rows import RowBlock, row_block


def start_spacing(case: Case, plants: PlantData, columns: Columns) -> RowBlock:
    """Σ_{i in plant} Σ_{k=t−n+1..t} start_ik ≤ 1, n = ⌈spacing/minutes⌉. Shape (plants with a spacing, T).

    Less what happened before the horizon: 0 on the right while a start before it is within the spacing.
    Source: clearing-model.md family 11 (its window t … t+n−1 is the one of period t+n−1 here).
    """
    chosen = np.flatnonzero(plants.start_spacing)
    right = room(case, plants.plant, plants.start_spacing, case.units.initial_on)[chosen]
    row, column = _windows(case, columns["start"], plants.plant, plants.start_spacing, chosen)
    return row_block("start_spacing", right.shape, -np.inf, right, (), [(row, column, 1.0)])


def stop_spacing(case: Case, plants: PlantData, columns: Columns) -> RowBlock:
    """Σ_{i in plant} Σ_{k=t−n+1..t} stop_ik ≤ 1, the same of stops. Shape (plants with a spacing, T)."""
    chosen = np.flatnonzero(plants.stop_spacing)
    right = room(case, plants.plant, plants.stop_spacing, ~case.units.initial_on)[chosen]
    row, column = _windows(case, columns["stop"], plants.plant, plants.stop_spacing, chosen)
    return row_block("stop_spacing", right.shape, -np.inf, right, (), [(row, column, 1.0)])


def room(case: Case, plant: Ints, spacing: Ints, came_so: Bools) -> Floats:
    """Right sides (Q, T): 1, less the units that came into their initial state within the spacing before; not below 0.

    came_so (N): units whose initial state began with such a switch.
    """
    minutes = case.units.initial_minutes[:, None] + np.arange(case.horizon.periods) * case.horizon.period_minutes
    chosen = np.flatnonzero((plant >= 0) & came_so)
    recent = np.zeros((len(spacing), case.horizon.periods))
    np.add.at(recent, plant[chosen], minutes[chosen] < spacing[plant[chosen], None])
    return np.maximum(0.0, 1.0 - recent)


def _windows(case: Case, switch: Index, plant: Ints, spacing: Ints, chosen: Ints) -> tuple[Index, Index]:
    """Pairs (row (place of the plant among the chosen, t), column (i, k)) with t − n < k ≤ t."""
    periods = case.horizon.periods
    place = np.full(len(spacing) + 1, -1, dtype=np.int64)  # the last for units without a plant
    place[chosen] = np.arange(len(chosen))
    length = np.append(-(-spacing // case.horizon.period_minutes), 0)[plant]
    row, column = windows(switch, length)
    unit, period = row // periods, row % periods
    return place[plant[unit]] * periods + period, column
