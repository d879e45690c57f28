"""The tie rule: which of equally good dispatches is taken."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from clearing.case.arrays import Bools, Floats, Ints
from clearing.formulation.curves import Curve
from clearing.formulation.model import Model
from clearing.milp.columns import Columns, Index, column_block
from clearing.milp.highs import Highs, Limits, Watch
from clearing.milp.outcome import Condition, Face
from clearing.milp.problem import Problem, extended, matrix_of
from clearing.milp.reduced import reduced
from clearing.milp.rows import RowBlock, row_block
from clearing.solve.network_rows import NetworkRows

ROUNDS = 50
"""Choices that are made again for limits of the network; each adds at least one row."""

RENEWABLES_FIRST = 1e3
"""MW of deviation from proportional shares that a MW more of renewables is worth."""


@dataclass(frozen=True, slots=True)
class Ties:
    """Members of groups of equal offers: same bus, period and price, at least two resources.

    group (m) from 0; column (m) of a block; resource (m): which of the group's resources, from 0 over all groups
    offered (R) MW of each resource in its group; of_group (R)
    """

    column: Index
    resource: Ints
    offered: Floats
    of_group: Ints
    groups: int


def shared_ties(model: Model, highs: Highs, rows: NetworkRows, x: Floats, limits: Limits, watch: Watch) -> Floats:
    """The tie rule's choice among the optima of a dispatch just solved; x, one of them, where there is none to choose.

    Renewables run before units at equal price; equal offers at a bus get MW in proportion to offered MW above p_min
    (clearing-model.md), as far as ramps and awards let them: the sum of deviations from proportional shares is least.
    The search has an instance of its own, over the columns that differ among the optima: few are left of a problem.
    Where a choice breaks limits of the network that have no row yet, they get one, and it is made again.
    """
    face = highs.optimal_face()
    segment = model.problem.columns["renewable_segment"]
    ties = equal_offers(model, face.free)
    if not ties.groups and not face.free[segment].any():
        return x
    found = x
    for _ in range(ROUNDS):
        whole = highs.whole()
        chosen = _least_deviation(ties, _with_new_rows(face, whole), whole, segment, highs.threads, limits, watch)
        if chosen is None:
            return x
        found = chosen
        if not rows.add_broken(found):
            break
    return found


def equal_offers(model: Model, free: Bools) -> Ties:
    """Groups among the blocks whose column is free to move."""
    case, columns = model.case, model.problem.columns
    parts = (
        (columns["segment"], model.unit_curve, case.units.bus, 0),
        (columns["renewable_segment"], model.renewable_curve, case.renewables.bus, len(case.units.id)),
    )
    found = [_movable(index, curve, bus, first, free) for index, curve, bus, first in parts]
    column, resource, bus, period, price, width = (np.concatenate(values) for values in zip(*found, strict=True))
    key = np.stack([bus, period, np.round(price, 9)], axis=1) if len(column) else np.zeros((0, 3))
    _, group = np.unique(key, axis=0, return_inverse=True)
    pairs, pair = np.unique(np.stack([group.ravel(), resource], axis=1), axis=0, return_inverse=True)
    pair = pair.ravel()
    crowded = np.bincount(pairs[:, 0].astype(np.int64), minlength=1) >= 2 if len(pairs) else np.zeros(1, bool)
    kept = crowded[pairs[:, 0].astype(np.int64)]
    offered = np.bincount(pair, weights=width, minlength=len(pairs))[kept]
    place = np.cumsum(kept) - 1
    groups, of_group = np.unique(pairs[kept, 0], return_inverse=True)
    member = kept[pair]
    return Ties(column[member], place[pair[member]], offered, of_group.ravel(), len(groups))


def _movable(
    index: Index, curve: Curve, bus: Ints, first: int, free: Bools
) -> tuple[Index, Ints, Ints, Ints, Floats, Floats]:
    block, period = np.nonzero(free[index] & (curve.width_mw > 0.0))
    resource = curve.resource[block]
    here = (block, period)
    return index[here], resource + first, bus[resource], period, curve.price_per_mwh[here], curve.width_mw[here]


def _with_new_rows(face: Face, whole: Problem) -> Face:
    """The face within the rows that came since. Breaking one of them costs what no optimum pays: its slack is 0."""
    rows, slack = len(face.row_lower), np.zeros(len(whole.cost) - len(face.lower))
    return Face(
        np.concatenate([face.free, slack > 0.0]),
        np.concatenate([face.lower, slack]),
        np.concatenate([face.upper, slack]),
        np.concatenate([face.row_lower, whole.row_lower[rows:]]),
        np.concatenate([face.row_upper, whole.row_upper[rows:]]),
    )


def _least_deviation(
    ties: Ties, face: Face, whole: Problem, segment: Index, threads: int, limits: Limits, watch: Watch
) -> Floats | None:
    """The point of a face that the tie rule asks for; None where the search for it was cut short."""
    columns = Columns(first=len(whole.cost))
    block = _shares(ties, columns)
    cost, lower, upper = (
        np.concatenate([np.ravel(getattr(b, side)) for b in columns.blocks]) for side in ("cost", "lower", "upper")
    )
    on_face = replace(whole, cost=np.zeros(len(whole.cost)), row_lower=face.row_lower, row_upper=face.row_upper)
    on_face.cost[segment] = -RENEWABLES_FIRST
    own = (matrix_of([block], columns.count), block.lower, block.upper)
    problem = extended(on_face, [(cost, lower, upper)], [own], {})
    low, high = np.concatenate([face.lower, lower]), np.concatenate([face.upper, upper])
    part = reduced(problem, low, high)
    if part is not None and part.settled:
        return part.lower[: len(whole.cost)]
    asked = replace(problem, lower=low, upper=high) if part is None else part.problem
    outcome = Highs(asked, threads=threads, relaxed=True).run(limits, watch)
    if outcome.condition is not Condition.OPTIMAL or outcome.x is None:
        return None
    return (outcome.x if part is None else part.whole(outcome.x))[: len(whole.cost)]


def _shares(ties: Ties, columns: Columns) -> RowBlock:
    """Σ blocks of a resource = share of its group · offered + above − below; above and below cost 1 a MW."""
    count = len(ties.offered)
    share = columns.add(column_block("tie_share", (ties.groups,), 0.0, 1.0))
    off = columns.add(column_block("tie_deviation", (2, count), 0.0, np.inf, 1.0))
    return row_block(
        "tie",
        (count,),
        0.0,
        0.0,
        [(share[ties.of_group], -ties.offered), (off[0], -1.0), (off[1], 1.0)],
        [(ties.resource, ties.column, 1.0)],
    )
