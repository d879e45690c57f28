"""What the dispatch of one real-time interval leaves to the next: limits that were met, rows, the basis."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.grid.monitored import AFTER, INTERFACE, Grid
from clearing.grid.pairs import Pairs
from clearing.solve.dispatch import Dispatch
from clearing.solve.warm_start import WarmStart

Key = tuple[int, int, int]


class Carried:
    """One stream's memory; empty at first. It changes how fast an interval is solved, never what is asked of it.

    Limits after contingencies that an earlier interval met are watched from the start, and its rows and basis begin
    the dispatch where it is large enough for that to pay (warm_start.py).
    """

    def __init__(self) -> None:
        self._met: Grid | None = None
        self._start: WarmStart | None = None

    def known(self, grid: Grid) -> Grid:
        """The grid with the limits after contingencies that were met before and are of this case still."""
        if self._met is None or not _alike(grid, self._met):
            return grid
        met = self._met.monitored
        after = met.kind >= AFTER
        return grid.watching(Pairs(met.kind[after] - AFTER, met.row[after], met.contingency[after]))

    def start(self, grid: Grid) -> WarmStart | None:
        """Where the dispatch on a grid may begin; None where an element that has a row is not limited here."""
        if self._met is None or self._start is None or not _alike(grid, self._met):
            return None
        place = {key: row for row, key in enumerate(_keys(grid))}
        rows = np.array([place.get(key, -1) for key in _keys(self._met)], dtype=np.int64)
        rounds = []
        for pairs in self._start.rounds:
            mine = rows[: len(pairs)]
            if pairs.shape[1] != grid.monitored.upper.shape[1] or (mine[pairs.any(axis=1)] < 0).any():
                return None
            moved = np.zeros(grid.monitored.upper.shape, dtype=np.bool_)
            moved[mine[mine >= 0]] = pairs[mine >= 0]
            rounds.append(moved)
        return replace(self._start, rounds=tuple(rounds))

    def keep(self, dispatch: Dispatch) -> None:
        """Remember a dispatch in place of the one before."""
        self._met, self._start = dispatch.grid, dispatch.start


def _keys(grid: Grid) -> list[Key]:
    known = grid.monitored
    return list(zip(known.kind.tolist(), known.row.tolist(), known.contingency.tolist(), strict=True))


def _alike(one: Grid, other: Grid) -> bool:
    """Whether rows of contingencies, branches and interfaces of one grid are rows of the other.

    Which ones they name there is no matter: a limit too many is watched, and is the case's own.
    """
    branches = len(one.topologies[0].live) == len(other.topologies[0].live)
    interfaces, others = (int((g.monitored.kind == INTERFACE).sum()) for g in (one, other))
    return branches and interfaces == others and one.security.contingencies.id == other.security.contingencies.id
