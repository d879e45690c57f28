"""Minimum up and down times (family 10)."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Ints
from clearing.formulation.unit_data import UnitData
from clearing.milp.columns import Columns, Index
from clearing.milp.rows import RowBlock, row_block


def min_up(data: UnitData, columns: Columns) -> RowBlock:
    """Σ_{k=t−UT_i+1..t} start_ik ≤ on_it: a unit that started within UT periods is on. Shape (N, T).

    Facets of the min up/down polytope (Rajan & Takriti 2005). What is left of the initial up time is in on_min.
    """
    on = columns["on"]
    row, column = windows(columns["start"], data.min_up)
    return row_block("min_up", on.shape, -np.inf, 0.0, [(on, -1.0)], [(row, column, 1.0)])


def min_down(data: UnitData, columns: Columns) -> RowBlock:
    """Σ_{k=t−DT_i+1..t} stop_ik ≤ 1 − on_it: a unit that stopped within DT periods is off. Shape (N, T)."""
    on = columns["on"]
    row, column = windows(columns["stop"], data.min_down)
    return row_block("min_down", on.shape, -np.inf, 1.0, [(on, 1.0)], [(row, column, 1.0)])


def windows(index: Index, length: Ints) -> tuple[Index, Index]:
    """Pairs (row (i, t), column (i, k)) with t − length_i < k ≤ t."""
    count, periods = index.shape
    rows, columns = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    here = np.arange(count * periods).reshape(count, periods)
    for lag in range(int(min(length.max(initial=0), periods))):
        units = np.flatnonzero(length > lag)
        rows.append(here[units, lag:].ravel())
        columns.append(index[units, : periods - lag].ravel())
    return np.concatenate(rows), np.concatenate(columns)
