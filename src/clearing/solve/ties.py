"""The tie rule: which of equally good dispatches is taken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Bools, Floats, Ints
from clearing.formulation.curves import Curve
from clearing.formulation.model import Model
from clearing.milp.columns import Index, column_block
from clearing.milp.highs import Highs
from clearing.milp.problem import matrix_of
from clearing.milp.rows import row_block
from clearing.solve.network_rows import NetworkRows

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


def spread_ties(model: Model, highs: Highs, rows: NetworkRows) -> bool:
    """Turn the solved dispatch into the search for the tie rule's choice among its optima; False = nothing to choose.

    Renewables run before units at equal price; equal offers at a bus get MW in proportion to offered MW above p_min
    (clearing-model.md), as far as ramps and awards let them: the sum of deviations from proportional shares is least.
    """
    free = highs.hold_optimal_face()
    columns = model.problem.columns
    segment = columns["renewable_segment"]
    ties = equal_offers(model, free)
    if not ties.groups and not free[segment].any():
        return False
    every = np.arange(rows.columns.count)
    cost = np.zeros(len(every))
    cost[segment] = -RENEWABLES_FIRST
    highs.set_costs(every, cost)
    _add_shares(ties, highs, rows)
    return True


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


def _add_shares(ties: Ties, highs: Highs, rows: NetworkRows) -> None:
    """Σ blocks of a resource = share of its group · offered + above − below; above and below cost 1 a MW."""
    count = len(ties.offered)
    share = rows.columns.add(column_block("tie_share", (ties.groups,), 0.0, 1.0))
    off = rows.columns.add(column_block("tie_deviation", (2, count), 0.0, np.inf, 1.0))
    block = row_block(
        "tie",
        (count,),
        0.0,
        0.0,
        [(share[ties.of_group], -ties.offered), (off[0], -1.0), (off[1], 1.0)],
        [(ties.resource, ties.column, 1.0)],
    )
    added = rows.columns.blocks[-2:]
    highs.add_columns(
        *(np.concatenate([np.ravel(getattr(b, side)) for b in added]) for side in ("cost", "lower", "upper"))
    )
    highs.add_rows(matrix_of([block], rows.columns.count), block.lower, block.upper)
