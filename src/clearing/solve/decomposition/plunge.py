"""A dive in a part of a huge problem: its relaxation, units settled a few at a time, and solved again from there.

On a province the relaxation takes 2 to 13 s and the dive one or two; branch and bound is at its first cuts then.
"""

from __future__ import annotations

import time

import numpy as np

from clearing.case.arrays import Bools, Floats
from clearing.formulation.model import Model
from clearing.milp.highs import Highs, Limits, Watch
from clearing.milp.outcome import Condition
from clearing.milp.reduced import Reduced
from clearing.solve.decomposition.restricted import Found, found_at
from clearing.solve.dive import next_settled
from clearing.solve.quick_start import nearest
from clearing.solve.search import Search


def plunge(search: Search, model: Model, part: Reduced, seconds: float | None) -> Found | None:
    """A solution whose units are at commitments nearest to what the others left them; None where it was cut short, or
    where settled units leave no solution."""
    ends = None if seconds is None else time.monotonic() + seconds
    highs = Highs(part.problem, threads=search.control.threads, seed=search.options.seed, relaxed=True)

    def solved() -> Floats | None:
        left = None if ends is None else max(0.0, ends - time.monotonic())
        outcome = highs.run(Limits(seconds=left), Watch(stopped=search.over))
        optimal = outcome.condition is Condition.OPTIMAL and outcome.x is not None
        return part.whole(outcome.x) if optimal and outcome.x is not None else None

    index = model.problem.columns["on"]
    place = np.full(len(model.problem.cost), -1, dtype=np.int64)
    place[part.columns] = np.arange(len(part.columns))
    held: Bools = np.zeros(len(index), dtype=np.bool_)
    while (x := solved()) is not None:
        share = x[index]
        target = nearest(model.data, share - 0.5)
        target[held] = np.rint(share[held]).astype(np.int8)
        chosen = next_settled(model, share, target, held)
        if not len(chosen):
            return found_at(model, x)
        cells, at = place[index[chosen]], target[chosen].astype(np.float64)
        highs.set_bounds(cells[cells >= 0], at[cells >= 0], at[cells >= 0])
        held[chosen] = True
    return None
