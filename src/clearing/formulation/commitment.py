"""Commitment logic."""

from __future__ import annotations

import numpy as np

from clearing.formulation.unit_data import UnitData
from clearing.milp.columns import ABSENT, Columns, Index
from clearing.milp.rows import RowBlock, row_block


def shifted(index: Index, by: int) -> Index:
    """Columns of period t − by in place of t; ABSENT where that lies outside the horizon. index: (n, T)."""
    out = np.full_like(index, ABSENT)
    if by >= 0:
        out[:, by:] = index[:, : index.shape[1] - by]
    else:
        out[:, :by] = index[:, -by:]
    return out


def commitment(data: UnitData, columns: Columns) -> RowBlock:
    """on_it − on_{i,t−1} = start_it − stop_it, with on_{i,0} the initial state. Shape (N, T). Family 7."""
    on = columns["on"]
    right = np.zeros(on.shape)
    if on.shape[1]:
        right[:, 0] = data.was_on
    terms = [(on, 1.0), (shifted(on, 1), -1.0), (columns["start"], -1.0), (columns["stop"], 1.0)]
    return row_block("commitment", on.shape, right, right, terms)
