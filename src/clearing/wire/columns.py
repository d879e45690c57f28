"""Numpy arrays → packed columns."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from clearing.case.arrays import Ids, Ints


def column(values: NDArray[Any]) -> list[Any]:
    """(n) → n values."""
    items: list[Any] = values.tolist()
    return items


def series(values: NDArray[Any], periods: int) -> list[Any]:
    """(n, T) → n values where every row is constant (bit for bit), else n·T row-major.

    An array of another shape than the contract's goes out as it is, so that the server can refuse it.
    """
    if values.ndim == 2 and values.shape[1] == periods and values.size and _constant(values):
        return column(values[:, 0])
    return column(values.reshape(-1))


def names(rows: Ints, ids: Ids) -> list[str]:
    """Row numbers of another table → its ids, −1 → ''. Raises ValueError for rows that table does not have."""
    if rows.size and (rows.min() < -1 or rows.max() >= len(ids)):
        raise ValueError(f"row numbers must lie in −1 … {len(ids) - 1}, found {rows.min()} … {rows.max()}")
    found: list[str] = np.array([*ids, ""], dtype=object)[rows].tolist()
    return found


def _constant(values: NDArray[Any]) -> bool:
    if values.strides[1] == 0:
        return True
    bits: NDArray[Any] = np.ascontiguousarray(values)
    if values.dtype.kind == "f":
        bits = bits.view(np.int64)
    return bool((bits == bits[:, :1]).all())
