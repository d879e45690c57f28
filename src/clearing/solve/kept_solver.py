"""Solver instances that outlive a dispatch: the next problem of the same shape changes their data."""

from __future__ import annotations

from clearing.milp.highs import Highs
from clearing.milp.problem import Problem

LARGE = 20_000
"""Columns from which the thorough part of the presolve costs more than it saves."""


MOST = 2
"""Instances kept: a dispatch, and its pricing run where relaxed limits give that another shape."""


class KeptSolver:
    """At most MOST instances, by the shape of their matrix. Each begins every problem without a basis, as new."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, ...], Highs] = {}

    def of(self, problem: Problem, threads: int) -> Highs:
        """An instance that holds the relaxation of a problem."""
        shape = problem.matrix.shape
        kept = self._kept.pop(shape, None)  # where changing it fails, it is not asked again
        if kept is None or not kept.become(problem, threads):
            kept = relaxed(problem, threads)
        while len(self._kept) >= MOST:
            self._kept.pop(next(iter(self._kept)))  # the longest unused
        self._kept[shape] = kept
        return kept


def relaxed(problem: Problem, threads: int) -> Highs:
    """A new instance with the relaxation of a problem."""
    highs = Highs(problem, threads=threads, relaxed=True)
    if len(problem.cost) > LARGE:
        highs.light_presolve()
    return highs
