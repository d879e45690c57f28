"""What the dispatch of one real-time interval leaves to the next: limits that were met, rows, the basis."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.case.case import Case
from clearing.case.horizon import Horizon
from clearing.grid.monitored import AFTER, INTERFACE, Grid
from clearing.grid.pairs import Pairs
from clearing.solve.dispatch import Dispatch
from clearing.solve.kept_solver import KeptSolver
from clearing.solve.warm_start import NO_ROW, WarmStart

Key = tuple[int, int, int]


class Carried:
    """One stream's memory; empty at first. It changes how fast an interval is solved, never what is asked of it.

    Limits after contingencies that an earlier interval met are watched from the start, and its rows and basis begin
    the dispatch where it is large enough for that to pay (warm_start.py). solver: its instance serves dispatch and
    pricing run of every interval. case: the interval before, which the next one is compared with (case/plausible.py).
    """

    def __init__(self) -> None:
        self.solver = KeptSolver()
        self.case: Case | None = None
        self._met: Grid | None = None
        self._start: WarmStart | None = None
        self._horizon: Horizon | None = None

    def known(self, grid: Grid) -> Grid:
        """The grid with the limits after contingencies that were met before and are of this case still."""
        if self._met is None or not _alike(grid, self._met):
            return grid
        met = self._met.monitored
        after = met.kind >= AFTER
        return grid.watching(Pairs(met.kind[after] - AFTER, met.row[after], met.contingency[after]))

    def start(self, grid: Grid, horizon: Horizon) -> WarmStart | None:
        """Where the dispatch on a grid may begin; None where an element that has a row is not limited here.

        In later periods of the same length it begins where those of the same clock ended.
        """
        if self._met is None or self._start is None or self._horizon is None or not _alike(grid, self._met):
            return None
        before, now = self._horizon, grid.monitored.upper.shape[1]
        shift = _periods_between(before, horizon)
        if self._start.limit.shape[1] != now or before.period_minutes != horizon.period_minutes or shift is None:
            return None
        place = {key: row for row, key in enumerate(_keys(grid))}
        rows = np.array([place.get(key, -1) for key in _keys(self._met)], dtype=np.int64)
        met = self._start.later(shift)
        mine = rows[: len(met.limit)]
        if (mine[met.active.any(axis=1)] < 0).any():
            return None
        limit = np.full(grid.monitored.upper.shape, NO_ROW, dtype=np.int8)
        broken = np.zeros((len(met.broken), *limit.shape), dtype=np.bool_)
        limit[mine[mine >= 0]] = met.limit[mine >= 0]
        broken[:, mine[mine >= 0]] = met.broken[:, mine >= 0]
        return replace(met, limit=limit, broken=broken)

    def keep(self, dispatch: Dispatch, horizon: Horizon) -> None:
        """Remember a dispatch in place of the one before."""
        self._met, self._start, self._horizon = dispatch.grid, dispatch.start, horizon


def _periods_between(one: Horizon, other: Horizon) -> int | None:
    """Periods from the start of one horizon to that of a later one; None where it is not later by whole periods."""
    minutes = (other.operating_day - one.operating_day).days * 1440 + other.start_minute - one.start_minute
    return minutes // one.period_minutes if minutes >= 0 and minutes % one.period_minutes == 0 else None


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
