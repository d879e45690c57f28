"""A basis for the dispatch of a commitment, from the merit order: most of what a simplex would have to find.

In every period all cheaper blocks stand at their widths and all dearer ones at 0, one is basic for the balance; the
output of a unit is basic in the row that adds up its blocks, and what is left of its headroom is its award. Ramps and
reserves that this breaks are what the simplex mends; the dual simplex flips blocks to the right bound by itself.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clearing.case.arrays import Floats, Ints
from clearing.formulation.model import Model
from clearing.formulation.variables import directions
from clearing.milp.reduced import Reduced
from clearing.milp.standing import BASIC, LOWER, UPPER, Standing


def merit_basis(model: Model, part: Reduced) -> Standing | None:
    """Of what is left of a model at a held commitment; None where it has not the rows that this knows."""
    problem, names = model.problem, model.problem.rows
    if any(name not in names for name in ("output", "headroom", "balance")) or names["balance"].shape[0] != 1:
        return None
    place = _places(part.columns, len(problem.cost))
    row = _places(part.rows, len(problem.row_lower))
    columns, rows = np.full(len(part.columns), LOWER, dtype=np.int8), np.full(len(part.rows), BASIC, dtype=np.int8)
    above, output = place[problem.columns["above"]], row[names["output"]]
    headroom, balance = row[names["headroom"]], row[names["balance"][0]]
    if above.shape != output.shape or headroom.shape != above.shape:
        return None
    summed = (above >= 0) & (output >= 0)
    columns[above[summed]], rows[output[summed]] = BASIC, LOWER
    _awards(model, part, place, headroom, (columns, rows))
    blocks = place[problem.columns["segment"]]
    blocks = np.where(summed[model.unit_curve.resource], blocks, -1)
    blocks = np.concatenate([blocks, place[problem.columns["renewable_segment"]]])
    for t in np.flatnonzero(balance >= 0).tolist():
        chosen = _marginal(part, blocks[:, t], float(part.problem.row_lower[balance[t]]))
        if chosen >= 0:
            columns[chosen], rows[balance[t]] = BASIC, LOWER
    return Standing(columns, rows)


def _places(chosen: Ints, count: int) -> Ints:
    place = np.full(count, -1, dtype=np.int64)
    place[chosen] = np.arange(len(chosen))
    return place


def _awards(
    model: Model, part: Reduced, place: Ints, headroom: Ints, statuses: tuple[NDArray[np.int8], NDArray[np.int8]]
) -> None:
    """One award a unit and period is basic in its headroom, where its own cap cannot hold it."""
    awards, (columns, rows) = model.awards, statuses
    column, held = place[model.problem.columns["award"]], headroom[awards.unit]
    for p in np.flatnonzero(directions(model.case, awards)[0] > 0.0).tolist():
        t = np.flatnonzero((column[p] >= 0) & (held[p] >= 0))
        t = t[part.problem.upper[column[p, t]] >= part.problem.row_upper[held[p, t]] - 1e-9]
        t = t[rows[held[p, t]] == BASIC]
        columns[column[p, t]], rows[held[p, t]] = BASIC, UPPER


def _marginal(part: Reduced, blocks: Ints, need: float) -> int:
    """The block at which the cheapest first reach the need; −1 without any."""
    open_ = blocks[blocks >= 0]
    if not len(open_):
        return -1
    order = open_[np.argsort(part.problem.cost[open_], kind="stable")]
    width: Floats = np.minimum(part.problem.upper[order], 1e9)
    return int(order[min(int(np.searchsorted(np.cumsum(width), need)), len(order) - 1)])
