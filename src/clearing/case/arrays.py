"""Array types shared by all tables, and the helper that freezes them."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Flags = NDArray[np.int8]
Ids = tuple[str, ...]


def freeze(table: Any) -> None:
    """Make every array of a dataclass read-only; called from `__post_init__` of the tables.

    Views that numpy already marks read-only (`broadcast_to`) are left as they are, so a series that is
    constant over the horizon costs the memory of one column.
    """
    for field in fields(table):
        value = getattr(table, field.name)
        if isinstance(value, np.ndarray):
            value.setflags(write=False)


def over_periods(column: Any, periods: int) -> Floats:
    """Spread one value a row over all periods without copying: shape (n,) → (n, T), read-only."""
    column = np.asarray(column, dtype=np.float64)
    return np.broadcast_to(column[:, None], (column.shape[0], periods))
