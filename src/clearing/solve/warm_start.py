"""Where one dispatch ended, for a dispatch of the same layout to begin: of the same periods, or of later ones."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from clearing.case.arrays import Bools, Ints
from clearing.milp.highs import BASIC, LOWER, Highs, Standing
from clearing.solve.network_rows import NetworkRows

LARGE = 20_000
"""Columns from which a warm start pays. Smaller problems start cold, so that their prices do not depend on a path."""

NO_ROW = -1


@dataclass(frozen=True, slots=True)
class WarmStart:
    """An optimal basis: E monitored elements, T periods, S parts of the slack of a network row (side and step).

    layout              names and shapes of the problem's blocks
    own                 standing of the problem's own columns and rows; None = the solver had no basis
    limit (E, T)        standing of the network row of a pair, NO_ROW where there is none
    broken (S, E, T)    which of its slack columns are basic
    """

    layout: tuple[tuple[str, tuple[int, ...]], ...]
    own: Standing | None
    limit: NDArray[np.int8]
    broken: Bools

    @property
    def active(self) -> Bools:
        """Pairs (E, T) that had a row."""
        return np.asarray(self.limit != NO_ROW)

    @staticmethod
    def of(highs: Highs, rows: NetworkRows) -> WarmStart:
        """The optimal basis of an LP just solved."""
        found, columns, own_rows = highs.standing(), len(highs.problem.cost), len(highs.problem.row_lower)
        limit = np.full(rows.active.shape, NO_ROW, dtype=np.int8)
        part, element, period = rows.slack
        broken = np.zeros((int(part.max(initial=0)) + 1, *limit.shape), dtype=np.bool_)
        limit[rows.element, rows.period] = BASIC
        if found is None:
            return WarmStart(_layout(highs), None, limit, broken)
        limit[rows.element, rows.period] = found.row[own_rows : own_rows + len(rows.element)]
        basic = found.column[columns : columns + len(part)] == BASIC
        broken[part[basic], element[basic], period[basic]] = True
        own = Standing(found.column[:columns], found.row[:own_rows])
        return WarmStart(_layout(highs), own, limit, broken)

    def later(self, shift: int) -> WarmStart:
        """As a start `shift` periods later: the basis as it is, with rows for what bound then, now that much earlier.

        The basis stays dual feasible where offers of the periods are alike; moved with the clock it is not, and takes
        three times as many pivots. Rows that do not bind are left out, so that none stays for ever.
        """
        binding, periods = self.active & (self.limit != BASIC), self.limit.shape[1]
        limit = np.where(binding, self.limit, NO_ROW)
        earlier = np.zeros_like(binding)
        earlier[:, : max(periods - shift, 0)] = binding[:, shift:]
        limit[earlier & ~binding] = BASIC
        return replace(self, limit=limit, broken=self.broken & binding)


ROW = "row "
"""What stands before the name of a block of rows in a layout."""


def begin(highs: Highs, rows: NetworkRows, start: WarmStart | None, held: Ints) -> None:
    """Give a fresh instance the rows and the basis of a start, where it fits and pays.

    held: columns fixed since. They leave the basis: a basic one would keep the multiplier that it set while free.
    """
    if start is None or len(highs.problem.cost) <= LARGE or start.layout != _layout(highs):
        return
    rows.add(start.active)
    if start.own is None:
        return
    column = np.concatenate([start.own.column, np.full(rows.slack.shape[1], LOWER, dtype=np.int8)])
    part, element, period = rows.slack
    known = part < len(start.broken)
    basic = np.zeros(len(part), dtype=np.bool_)
    basic[known] = start.broken[part[known], element[known], period[known]]
    column[len(start.own.column) :][basic] = BASIC
    column[held[column[held] == BASIC]] = LOWER
    highs.stand(Standing(column, np.concatenate([start.own.row, start.limit[rows.element, rows.period]])))


def _layout(highs: Highs) -> tuple[tuple[str, tuple[int, ...]], ...]:
    columns, rows = highs.problem.columns, highs.problem.rows
    return (
        *((name, columns[name].shape) for name in columns.names()),
        *((ROW + name, index.shape) for name, index in rows.items()),
    )
