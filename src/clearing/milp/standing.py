"""A simplex basis: how columns and rows stand in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LOWER, BASIC, UPPER, FREE = range(4)
"""How a column or row stands in a basis, as the library numbers it: at a bound, in it, or out of it without bounds."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How every column and every row stands."""

    column: NDArray[np.int8]
    row: NDArray[np.int8]


def nonbasic(value: NDArray[np.float64], lower: NDArray[np.float64], upper: NDArray[np.float64]) -> NDArray[np.int8]:
    """At which bound each of some columns or rows stands if it is not in the basis."""
    at_upper = np.isfinite(upper) & (np.abs(value - upper) < np.abs(value - lower))
    unbounded = np.isinf(lower) & np.isinf(upper)
    return np.where(unbounded, FREE, np.where(at_upper, UPPER, LOWER)).astype(np.int8)
