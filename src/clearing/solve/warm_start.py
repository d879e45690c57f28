"""Where one dispatch ended, for a dispatch of the same layout to begin: of the same periods, or of later ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from clearing.case.arrays import Bools, Floats, Ints
from clearing.milp.elastic import OVER, SHORT
from clearing.milp.highs import Highs
from clearing.milp.standing import BASIC, LOWER, Standing
from clearing.solve.network_rows import NetworkRows, grown

LARGE = 20_000
"""Columns from which a warm start pays. Smaller problems start cold, so that their prices do not depend on a path."""

NO_ROW = -1

AT_BOUND = 1e-6
"""A value within this of a bound, MW or MWh, is at it."""

ROW = "row "
"""What stands before the name of a block of rows in a layout."""

Layout = tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class WarmStart:
    """An optimal basis: E monitored elements, T periods, S parts of the slack of a network row (side and step).

    layout              names and shapes of the problem's blocks
    own                 standing of the problem's own columns and rows; None = the solver had no basis
    value               of its own columns; NaN in periods that came later
    limit (E, T)        standing of the network row of a pair, NO_ROW where there is none
    broken (S, E, T)    which of its slack columns are basic
    block               by name of columns: which block of the offers each row is; those without any width are left out
    moved               whether it was of earlier periods
    """

    layout: Layout
    own: Standing | None
    value: Floats
    limit: NDArray[np.int8]
    broken: Bools
    block: Mapping[str, Ints]
    moved: bool = False

    @property
    def active(self) -> Bools:
        """Pairs (E, T) that had a row."""
        return np.asarray(self.limit != NO_ROW)

    @staticmethod
    def of(highs: Highs, rows: NetworkRows, x: Floats) -> WarmStart:
        """The optimal basis of an LP just solved, at its solution x."""
        found, columns, own_rows = highs.standing(), len(highs.problem.cost), len(highs.problem.row_lower)
        limit = np.full(rows.active.shape, NO_ROW, dtype=np.int8)
        part, element, period = rows.slack
        broken = np.zeros((int(part.max(initial=0)) + 1, *limit.shape), dtype=np.bool_)
        limit[rows.element, rows.period] = BASIC
        if found is None:
            return WarmStart(_layout(highs), None, x[:columns], limit, broken, rows.blocks)
        limit[rows.element, rows.period] = found.row[own_rows : own_rows + len(rows.element)]
        basic = found.column[columns : columns + len(part)] == BASIC
        broken[part[basic], element[basic], period[basic]] = True
        own = Standing(found.column[:columns], found.row[:own_rows])
        return WarmStart(_layout(highs), own, x[:columns], limit, broken, rows.blocks)

    def later(self, shift: int) -> WarmStart:
        """As a start `shift` periods later: every period as it stood, those that came behind the last one like it.

        Rows of the network that did not bind are left out, so that none stays for ever.
        """
        if self.own is None or not shift:
            return replace(self, moved=True)
        periods = self.limit.shape[1]
        at = np.minimum(np.arange(periods) + shift, periods - 1)
        fresh = np.arange(periods) + shift >= periods
        column, row, value = self.own.column.copy(), self.own.row.copy(), self.value.copy()
        for of_row, part in _of_periods(self.layout, periods):
            standing = row if of_row else column
            standing[part] = standing[part].reshape(-1, periods)[:, at].ravel()
            if not of_row:
                value[part] = np.where(fresh, np.nan, value[part].reshape(-1, periods)[:, at]).ravel()
        limit, binding = self.limit[:, at], (self.limit != NO_ROW) & (self.limit != BASIC)
        return replace(
            self,
            own=Standing(column, row),
            value=value,
            limit=np.where(binding[:, at], limit, np.int8(NO_ROW)),
            broken=(self.broken & binding)[:, :, at],
            moved=True,
        )

    def fitted(self, layout: Layout, block: Mapping[str, Ints]) -> WarmStart | None:
        """For a problem of the same layout but for blocks of offers that it lacks or has besides; None = it is another.

        A new block begins at its lower bound.
        """
        if layout == self.layout:
            return self
        pairs = list(zip(self.layout, layout, strict=False))
        alike = len(layout) == len(self.layout) and all(
            was == now or (was[0] == now[0] and was[0] in block and was[1][1:] == now[1][1:]) for was, now in pairs
        )
        if self.own is None or not alike:
            return None
        column, value, first = [], [], 0
        for (name, was), (_, now) in pairs:
            if name.startswith(ROW):
                break
            part = slice(first, first := first + int(np.prod(was)))
            standing, at = self.own.column[part].reshape(was), self.value[part].reshape(was)
            if was != now:
                place = {row: k for k, row in enumerate(self.block[name].tolist())}
                old = np.array([place.get(row, -1) for row in block[name].tolist()], dtype=np.int64)
                standing, at = (
                    np.concatenate([a, np.full((1, *was[1:]), b, dtype=a.dtype)])[old]
                    for a, b in ((standing, LOWER), (at, np.nan))
                )
            column.append(standing.ravel())
            value.append(at.ravel())
        own = Standing(np.concatenate(column), self.own.row)
        return replace(self, layout=layout, own=own, value=np.concatenate(value), block=block)


def _of_periods(layout: Layout, periods: int) -> Iterator[tuple[bool, slice]]:
    """Blocks that have the periods as their last axis: whether of rows, and their place among all rows or columns."""
    own = {name.removeprefix(ROW) for name, shape in layout if name.startswith(ROW) and shape[-1] == periods}
    first = {True: 0, False: 0}
    for name, shape in layout:
        of_row, begin = name.startswith(ROW), first[name.startswith(ROW)]
        first[of_row] = end = begin + int(np.prod(shape))
        # slack of a soft row has the rows in one axis
        if shape[-1] == periods or name.removesuffix(SHORT).removesuffix(OVER) in own:
            yield of_row, slice(begin, end)


def begin(
    highs: Highs, rows: NetworkRows, starts: Sequence[WarmStart | None], held: Ints, active: Bools | None
) -> None:
    """Give a fresh instance its first rows, and the basis of the first start that fits where that pays.

    active: pairs that shall have a row, whether the start had it or not;
    held: columns fixed since. They leave the basis: a basic one would keep the multiplier that it set while free.
    """
    layout, large = _layout(highs), len(highs.problem.cost) > LARGE
    fitting = (s.fitted(layout, rows.blocks) for s in starts if large and s is not None)
    start = next((s for s in fitting if s is not None), None)
    pairs = rows.active if active is None else active
    if start is None:
        rows.add(pairs)
        return
    pairs, limit = grown(pairs, len(rows.active)), _limit(start, len(rows.active))
    rows.add(pairs | (limit != NO_ROW))
    if start.own is None:
        return
    own = start.own.column.copy()
    if start.moved:
        own[_off_bounds(highs, start)] = BASIC
    own[held[own[held] == BASIC]] = LOWER
    part, element, period = rows.slack
    known = (part < len(start.broken)) & (element < len(start.limit))
    basic = np.zeros(len(part), dtype=np.bool_)
    basic[known] = start.broken[part[known], element[known], period[known]]
    column = np.concatenate([own, np.where(basic, BASIC, LOWER).astype(np.int8)])
    of_limit = limit[rows.element, rows.period]
    row = np.concatenate([start.own.row, np.where(of_limit == NO_ROW, np.int8(BASIC), of_limit)])
    highs.stand(Standing(column, row), near=start.moved)


def _limit(start: WarmStart, elements: int) -> NDArray[np.int8]:
    """Standing of the network rows on a grid that may have grown since."""
    more = np.full((elements - len(start.limit), start.limit.shape[1]), NO_ROW, dtype=np.int8)
    return np.concatenate([start.limit, more])


def _off_bounds(highs: Highs, start: WarmStart) -> Bools:
    """Columns out of the basis whose bound has left them: where a store must end is where it passes a period later."""
    lower, upper, value = highs.problem.lower, highs.problem.upper, start.value
    inside = (value > lower + AT_BOUND) & (value < upper - AT_BOUND)
    assert start.own is not None
    return np.asarray(inside & (start.own.column != BASIC))


def _layout(highs: Highs) -> Layout:
    columns, rows = highs.problem.columns, highs.problem.rows
    return (
        *((name, columns[name].shape) for name in columns.names()),
        *((ROW + name, index.shape) for name, index in rows.items()),
    )
