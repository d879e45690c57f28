"""Blocks of rows: what a family of constraints returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from clearing.milp.columns import ABSENT, Index


@dataclass(frozen=True, slots=True)
class RowBlock:
    """lower ≤ A x ≤ upper for the rows of one kind.

    name           family name
    shape          shape of the family (units × periods …); rows are counted in C order
    row, column, value   nonzeros: row within the block, column in the whole problem
    lower, upper   (size,), ±inf where a side is open
    """

    name: str
    shape: tuple[int, ...]
    row: Index
    column: Index
    value: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(self.lower)


Term = tuple[Index, ArrayLike]
"""Columns in the family's shape (ABSENT = no term) and coefficients that broadcast to it."""

Scattered = tuple[Index, Index, ArrayLike]
"""Row within the block, column, coefficient: equal shapes after broadcasting."""


def row_block(
    name: str,
    shape: tuple[int, ...],
    lower: ArrayLike,
    upper: ArrayLike,
    terms: Sequence[Term] = (),
    scattered: Sequence[Scattered] = (),
) -> RowBlock:
    """A block from terms aligned with its rows and from scattered nonzeros; repeated entries add up."""
    size = int(np.prod(shape))
    here = np.arange(size, dtype=np.int64).reshape(shape)
    parts = [(here, index, coefficient) for index, coefficient in terms] + list(scattered)
    rows, columns, values = [], [], []
    for row, column, coefficient in parts:
        row_b, column_b, value_b = np.broadcast_arrays(row, column, np.asarray(coefficient, dtype=np.float64))
        keep = (column_b != ABSENT) & (value_b != 0.0)
        rows.append(row_b[keep])
        columns.append(column_b[keep])
        values.append(value_b[keep])
    return RowBlock(
        name,
        shape,
        np.concatenate(rows) if rows else np.zeros(0, np.int64),
        np.concatenate(columns) if columns else np.zeros(0, np.int64),
        np.concatenate(values) if values else np.zeros(0),
        np.broadcast_to(np.asarray(lower, dtype=np.float64), shape).ravel(),
        np.broadcast_to(np.asarray(upper, dtype=np.float64), shape).ravel(),
    )
