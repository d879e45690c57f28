"""What a solver says, in the project's own words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray


class Condition(Enum):
    """How a solve ended."""

    OPTIMAL = "optimal"  # within the gap asked, for a MIP
    TIME_LIMIT = "time_limit"
    WORK_LIMIT = "work_limit"
    INTERRUPTED = "interrupted"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of one solve.

    x                    (columns) or None when there is no feasible point
    objective            of x, or None
    bound                proven lower bound, or None
    row_dual             (rows), ∂objective/∂row side; LP only, else None
    detail               the solver's own words
    """

    condition: Condition
    x: NDArray[np.float64] | None
    objective: float | None
    bound: float | None
    row_dual: NDArray[np.float64] | None
    nodes: int
    detail: str


@dataclass(frozen=True, slots=True)
class Face:
    """All optima of an LP: free = columns that differ among them; bounds of columns and rows that make it the face."""

    free: NDArray[np.bool_]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    row_lower: NDArray[np.float64]
    row_upper: NDArray[np.float64]
