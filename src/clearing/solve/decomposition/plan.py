"""Where a kernel writes the schedule that its value belongs to."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np

from clearing.case.arrays import Floats
from clearing.solve.decomposition.data import Units
from clearing.solve.decomposition.paths import STOPPED_FIRST


class Plan(NamedTuple):
    """Values of the units' columns: on, start, stop, above (N, T), save (A, T), award (P, T); value (N) of them."""

    on: Floats
    start: Floats
    stop: Floats
    above: Floats
    save: Floats
    award: Floats
    value: Floats


def empty_plan(units: Units) -> Plan:
    """All off."""
    shape = units.on_min.shape
    on, start, stop, above = (np.zeros(shape) for _ in range(4))
    return Plan(
        on, start, stop, above, np.zeros(units.arc_first_start.shape), np.zeros(units.cap.shape), np.zeros(shape[0])
    )


@numba.njit(cache=False)
def clear(units: Units, i: int, plan: Plan) -> None:
    """Wipe the rows of a unit."""
    plan.on[i] = 0.0
    plan.start[i] = 0.0
    plan.stop[i] = 0.0
    plan.above[i] = 0.0
    for k in range(units.arc_first[i], units.arc_first[i + 1]):
        plan.save[units.arc_of[k]] = 0.0
    for k in range(units.award_first[i], units.award_first[i + 1]):
        plan.award[units.award_of[k]] = 0.0


@numba.njit(cache=False)
def write_run(i: int, first: int, last: int, arc: int, plan: Plan) -> None:
    """A run first … last (first −1: on since before the horizon), its start in the state of an arc (−1: coldest)."""
    periods = plan.on.shape[1]
    for t in range(max(first, 0), last + 1):
        plan.on[i, t] = 1.0
    if first >= 0:
        plan.start[i, first] = 1.0
        if arc >= 0:
            plan.save[arc, first] = 1.0
    if last + 1 < periods:
        plan.stop[i, last + 1] = 1.0


@numba.njit(cache=False)
def write_end(i: int, before: int, plan: Plan) -> None:
    """What was before the first run of the horizon."""
    if before == STOPPED_FIRST:
        plan.stop[i, 0] = 1.0
