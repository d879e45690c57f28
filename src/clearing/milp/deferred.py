"""Rows that a solver instance gets only where a solution breaks them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from clearing.milp.highs import Highs
from clearing.milp.problem import Problem

TOLERANCE = 1e-6
"""A row counts as kept when it is broken by less than this times max(1, |side|)."""


class Deferred:
    """A problem split into rows that every instance has and rows that wait.

    Leaving rows out relaxes the problem, so every bound without them holds for the whole.
    waiting (rows): which have not been broken so far.
    """

    def __init__(self, problem: Problem, names: Collection[str]) -> None:
        self._problem = problem
        self.waiting = np.zeros(len(problem.row_lower), dtype=np.bool_)
        for name in names:
            if name in problem.rows:
                self.waiting[problem.rows[name]] = True

    def core(self) -> Problem:
        """The problem without the rows that wait."""
        whole, kept = self._problem, ~self.waiting
        return replace(
            whole, matrix=whole.matrix[kept], row_lower=whole.row_lower[kept], row_upper=whole.row_upper[kept], rows={}
        )

    def add_broken(self, x: NDArray[np.float64], highs: Highs) -> int:
        """Give an instance of the core the waiting rows that x breaks; returns how many. They wait no longer."""
        rows = np.flatnonzero(self._broken(x))
        whole = self._problem
        highs.add_rows(whole.matrix[rows], whole.row_lower[rows], whole.row_upper[rows])
        self.waiting[rows] = False
        return len(rows)

    def _broken(self, x: NDArray[np.float64]) -> NDArray[np.bool_]:
        whole = self._problem
        value = whole.matrix @ x[: whole.matrix.shape[1]]
        over = np.maximum(whole.row_lower - value, value - whole.row_upper)
        side = np.where(value < whole.row_lower, whole.row_lower, whole.row_upper)
        scale = np.maximum(1.0, np.abs(np.where(np.isfinite(side), side, 1.0)))
        return np.asarray(self.waiting & (over > TOLERANCE * scale))
