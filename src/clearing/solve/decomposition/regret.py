"""Where the gap of a commitment sits, and ways through a dearer one that take it from there.

At the bound's prices the gap of a solution is what its units' schedules cost more than their best ones, and what priced
rows and other columns leave on the table. Where exchanges gain nothing any more, much of it is often with a unit or two
that have no business to be on: no other single unit makes up for them. Such a unit is put where the bound would have
it, whatever that costs, and the others answer the prices of that dispatch.
"""

from __future__ import annotations

import time

import numpy as np

from clearing.case.arrays import Flags, Floats
from clearing.formulation.model import Model
from clearing.solve.decomposition.dual import Rounds
from clearing.solve.decomposition.exchange import exchange
from clearing.solve.decomposition.restricted import Found, cost_of
from clearing.solve.search import Search

WORTH = 0.1
"""Least regret of a unit that is put elsewhere, as part of what a commitment is above the target."""


def relieved(search: Search, model: Model, rounds: Rounds, best: Found, target: float, ends: float | None) -> Found:
    """The best commitment or a better one: units with a great regret are put elsewhere in turn, greatest first.

    ends: by the clock; None = no limit.
    """
    tried: set[tuple[int, bytes]] = set()
    while (
        best.row_dual is not None
        and best.objective > target
        and not (search.over() or (ends is not None and time.monotonic() >= ends))
    ):
        regret, wish = regrets(rounds, best)
        worth = (regret > WORTH * (best.objective - target)) & (wish != best.on).any(axis=1)
        order = np.argsort(-regret, kind="stable")
        unit = next((i for i in order[worth[order]].tolist() if (i, best.on[i].tobytes()) not in tried), None)
        if unit is None:
            break
        tried.add((unit, best.on[unit].tobytes()))
        moved = best.on.copy()
        moved[unit] = wish[unit]
        found = cost_of(search, model, moved)
        if found is None:
            break
        found = exchange(search, model, rounds, found, target, ends, stay=unit)
        best = found if found.objective < best.objective else best
    return best


def regrets(rounds: Rounds, found: Found) -> tuple[Floats, Flags]:
    """What the schedule of every unit (N) costs more than its best one at the bound's prices, ≥ 0, and those (N, T)."""
    of, at, oracle = rounds.of, rounds.best, rounds.oracle
    assert at is not None
    assert oracle is not None
    point = oracle.at(at.y)
    assert point is not None  # the units had schedules at these prices before
    owned = of.unit_of >= 0
    now = np.bincount(of.unit_of[owned], weights=(of.cost(at.y) * found.x)[owned], minlength=len(found.on))
    return now - point.unit_value, point.on.astype(np.int8)
