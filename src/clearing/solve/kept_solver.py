"""A solver instance that outlives a dispatch: the next problem of the same shape changes its data."""

from __future__ import annotations

from clearing.milp.highs import Highs
from clearing.milp.problem import Problem

LARGE = 20_000
"""Columns from which the thorough part of the presolve costs more than it saves."""


class KeptSolver:
    """At most one instance. It begins every problem without a basis, as a new one would."""

    def __init__(self) -> None:
        self._highs: Highs | None = None

    def of(self, problem: Problem, threads: int) -> Highs:
        """An instance that holds the relaxation of a problem."""
        kept, self._highs = self._highs, None  # where changing it fails, it is not asked again
        if kept is None or not kept.become(problem, threads):
            kept = relaxed(problem, threads)
        self._highs = kept
        return kept


def relaxed(problem: Problem, threads: int) -> Highs:
    """A new instance with the relaxation of a problem."""
    highs = Highs(problem, threads=threads, relaxed=True)
    if len(problem.cost) > LARGE:
        highs.light_presolve()
    return highs
