"""What the dispatch of one real-time interval leaves to the next: limits that were met, rows, the basis."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from clearing.case.arrays import Ints
from clearing.case.case import Case
from clearing.case.horizon import Horizon
from clearing.case.kept import Judged
from clearing.grid.monitored import AFTER, INTERFACE, Grid, Monitored
from clearing.grid.pairs import Pairs
from clearing.solve.dispatch import Dispatch
from clearing.solve.kept_solver import KeptSolver
from clearing.solve.warm_start import NO_ROW, WarmStart


@dataclass(frozen=True, slots=True)
class _Ended:
    """A solved dispatch of an earlier interval: its grid, where it ended, its periods."""

    grid: Grid
    at: WarmStart | None
    horizon: Horizon


class Carried:
    """One stream's memory; empty at first. It changes how fast an interval is solved, never what is asked of it.

    Limits after contingencies that an earlier interval met are watched from the start, and rows and bases of its
    dispatch and of its pricing run begin those where they are large enough for that to pay (warm_start.py). solver: its
    instances serve dispatch and pricing run of every interval. case: the interval before, which the next one is
    compared with (case/plausible.py); judged: what was found of its tables (case/kept.py).
    """

    def __init__(self) -> None:
        self.solver = KeptSolver()
        self.case: Case | None = None
        self.judged = Judged()
        self._cleared: _Ended | None = None
        self._priced: _Ended | None = None

    def known(self, grid: Grid) -> Grid:
        """The grid with the limits after contingencies that were met before and are of this case still.

        Also those that a pricing run alone has met: where it ended is no start on a grid that does not know them.
        """
        for ended in (self._cleared, self._priced):
            if ended is not None and _alike(grid, ended.grid):
                met = ended.grid.monitored
                after = met.kind >= AFTER
                grid = grid.watching(Pairs(met.kind[after] - AFTER, met.row[after], met.contingency[after]))
        return grid

    def start(self, grid: Grid, horizon: Horizon) -> WarmStart | None:
        """Where the dispatch on a grid may begin; None where an element that has a row is not limited here."""
        return _start(self._cleared, grid, horizon)

    def priced_start(self, grid: Grid, horizon: Horizon) -> WarmStart | None:
        """Where the pricing run on a grid may begin: nearer than the dispatch, which has other penalties."""
        return _start(self._priced, grid, horizon)

    def keep(self, dispatch: Dispatch, horizon: Horizon) -> None:
        """Remember a dispatch in place of the one before."""
        self._cleared = _Ended(dispatch.grid, dispatch.start, horizon)

    def keep_priced(self, priced: Dispatch, horizon: Horizon) -> None:
        """Remember a pricing run in place of the one before."""
        self._priced = _Ended(priced.grid, priced.start, horizon)


def _start(ended: _Ended | None, grid: Grid, horizon: Horizon) -> WarmStart | None:
    """Where a dispatch ended, for the periods of a horizon and the rows of a grid: in later periods by the clock."""
    if ended is None or ended.at is None or not _alike(grid, ended.grid):
        return None
    before, now = ended.horizon, grid.monitored.upper.shape[1]
    shift = _periods_between(before, horizon)
    if ended.at.limit.shape[1] != now or before.period_minutes != horizon.period_minutes or shift is None:
        return None
    rows = _places(ended.grid.monitored, grid.monitored)
    met = ended.at.later(shift)
    mine = rows[: len(met.limit)]
    if (mine[met.active.any(axis=1)] < 0).any():
        return None
    limit = np.full(grid.monitored.upper.shape, NO_ROW, dtype=np.int8)
    broken = np.zeros((len(met.broken), *limit.shape), dtype=np.bool_)
    limit[mine[mine >= 0]] = met.limit[mine >= 0]
    broken[:, mine[mine >= 0]] = met.broken[:, mine >= 0]
    return replace(met, limit=limit, broken=broken)


def _periods_between(one: Horizon, other: Horizon) -> int | None:
    """Periods from the start of one horizon to that of a later one; None where it is not later by whole periods."""
    minutes = (other.operating_day - one.operating_day).days * 1440 + other.start_minute - one.start_minute
    return minutes // one.period_minutes if minutes >= 0 and minutes % one.period_minutes == 0 else None


def _places(before: Monitored, now: Monitored) -> Ints:
    """Row of each earlier element (n) among those of now, −1 where it is none of them."""
    width = [1 + max(int(getattr(m, name).max(initial=0)) for m in (before, now)) for name in ("row", "contingency")]
    old, new = ((m.kind * width[0] + m.row) * (width[1] + 1) + m.contingency + 1 for m in (before, now))
    order = np.argsort(new)
    at = order[np.minimum(np.searchsorted(new[order], old), len(new) - 1)] if len(new) else np.zeros_like(old)
    return np.where(new[at] == old, at, -1) if len(new) else at - 1


def _alike(one: Grid, other: Grid) -> bool:
    """Whether rows of contingencies, branches and interfaces of one grid are rows of the other.

    Which ones they name there is no matter: a limit too many is watched, and is the case's own.
    """
    branches = len(one.topologies[0].live) == len(other.topologies[0].live)
    interfaces, others = (int((g.monitored.kind == INTERFACE).sum()) for g in (one, other))
    return branches and interfaces == others and one.security.contingencies.id == other.security.contingencies.id
