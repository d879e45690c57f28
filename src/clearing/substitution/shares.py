"""Sharing whole numbers: under caps, by rows, and in two dimensions at once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from clearing.case.arrays import Bools, Ints
from clearing.substitution.quantities import fill

_MOST = 2**62


def fill_capped(total: int, weights: Ints, caps: Ints, order: Ints) -> Ints:
    """min(total, Σ caps of what has weight) in proportion to weights (n), at most caps (n) each.

    What a cap holds back is shared by the others in proportion. Without rounding, the shares are min(λ · weight, cap)
    with one λ; largest remainder, equal remainders by `order`.
    """
    found = np.zeros(len(weights), dtype=np.int64)
    open_ = np.flatnonzero((weights > 0) & (caps > 0))
    left = min(total, int(caps[open_].sum()))
    while len(open_) and left:
        own = weights[open_] // np.gcd.reduce(weights[open_])
        full = _above(left, own, caps[open_])
        if not full.any():
            found[open_] = fill(left, own, order[open_])
            break
        held = open_[full]
        found[held] = caps[held]
        left -= int(caps[held].sum())
        open_ = open_[~full]
    return found


def _above(total: int, weights: Ints, caps: Ints) -> Bools:
    """Whose exact share of the total is above its cap."""
    whole = int(weights.sum())
    if max(total * int(weights.max()), int(caps.max()) * whole) < _MOST:
        return np.asarray(total * weights > caps * whole)
    pairs = zip(weights.tolist(), caps.tolist(), strict=True)
    return np.array([total * weight > cap * whole for weight, cap in pairs])


def fill_rows(totals: Ints, weights: Ints) -> Ints:
    """Every total (n) over its row of weights (n, T), as `fill` does; a row that sums to its total stays as it is."""
    found = np.array(weights)
    sums = weights.sum(axis=1)
    found[totals == 0] = 0
    rows = np.flatnonzero((sums != totals) & (totals > 0))
    if not len(rows):
        return found
    own = weights[rows] // np.maximum(np.gcd.reduce(weights[rows], axis=1), 1)[:, None]
    if int(totals[rows].max()) * int(own.max()) >= _MOST:
        for row, weight in zip(rows.tolist(), own, strict=True):
            found[row] = fill(int(totals[row]), weight)
        return found
    parts, remainder = np.divmod(totals[rows, None] * own, own.sum(axis=1)[:, None])
    place = np.empty_like(parts)
    order = np.argsort(-remainder, axis=1, kind="stable")
    np.put_along_axis(place, order, np.broadcast_to(np.arange(parts.shape[1]), parts.shape), axis=1)
    found[rows] = parts + (place < (totals[rows] - parts.sum(axis=1))[:, None])
    return found


def both_margins(rows: Ints, columns: Ints) -> Ints:
    """Whole numbers (n, T) with sums `rows` (n) and `columns` (T), of one total: each cell is rows · columns / total
    rounded down or up, so that it keeps every whole limit which the exact value keeps.

    Cells that are not whole lie on cycles; along a cycle one is raised and the next lowered until one is whole.
    """
    total = int(rows.sum())
    if not total:
        return np.zeros((len(rows), len(columns)), dtype=np.int64)
    cells = [[row * column for column in columns.tolist()] for row in rows.tolist()]
    base = np.array([[cell // total for cell in row] for row in cells], dtype=np.int64)
    rest = {
        (i, t): cell % total for i, row in enumerate(cells) for t, cell in enumerate(row) if cell % total
    }  # of total
    while rest:
        cycle = _cycle(rest)
        up, down = cycle[::2], cycle[1::2]
        step = min(*(total - rest[cell] for cell in up), *(rest[cell] for cell in down))
        for cells_, by in ((up, step), (down, -step)):
            for cell in cells_:
                rest[cell] += by
                if rest[cell] in (0, total):
                    base[cell] += rest.pop(cell) // total
    return base


def _cycle(rest: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Cells of a cycle, each in one line with the next, the last with the first; every line has two cells or none."""
    cells_of: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for cell in rest:
        for axis in (0, 1):
            cells_of.setdefault((axis, cell[axis]), []).append(cell)
    line = next(iter(cells_of))
    path: list[tuple[int, int]] = []
    place = {line: 0}
    while True:
        last = path[-1:]
        cell = next(each for each in cells_of[line] if [each] != last)
        path.append(cell)
        line = (1 - line[0], cell[1 - line[0]])
        if line in place:
            return path[place[line] :]
        place[line] = len(path)
