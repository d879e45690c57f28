"""Output below p_min on the way up to it and down from it: start-up and shut-down curves (family 12).

A start in period t is the first period at or above p_min; the L steps of its curve lie in the L periods before it, so
that the unit is synchronised at the beginning of period t − L. A stop in period t is the first period below p_min; the
steps of its curve lie in t, t + 1, … The unit is off line (on = 0) in all of them. Readings: docs/formulation.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from clearing.case.arrays import Flags, Floats, Ints, freeze
from clearing.case.units import Units

if TYPE_CHECKING:
    from clearing.case.case import Case


class CurveState(IntEnum):
    """Start state that a curve is for; numbers from 1 are those of StartState."""

    ALL = 0
    HOT = 1
    WARM = 2
    COLD = 3


@dataclass(frozen=True, slots=True)
class OutputCurves:
    """M points of start-up curves, or of shut-down curves, one a period.

    unit (M)     unit index
    state (M)    StartState that the curve is for, 0 = all states; 0 for shut-down curves
    step (M)     from 1, in time order
    mw (M)       output, from 0 to p_min
    """

    unit: Ints
    state: Ints
    step: Ints
    mw: Floats

    def __post_init__(self) -> None:
        freeze(self)


_NONE = np.zeros(0, dtype=np.int64)
NO_CURVES = OutputCurves(_NONE, _NONE, _NONE, np.zeros(0))


def has_curves(case: Case) -> bool:
    """Whether any unit has a curve."""
    return bool(len(case.startup_curves.unit) or len(case.shutdown_curves.unit))


def at_p_min(units: Units, startup: OutputCurves, shutdown: OutputCurves) -> Units:
    """Units with SU = SD = p_min, the greatest of the horizon, where a unit with the curve states no limit (+inf)."""
    found = []
    for given, curves in ((units.startup_limit_mw, startup), (units.shutdown_limit_mw, shutdown)):
        limit = given.copy()
        own = np.unique(curves.unit[(curves.unit >= 0) & (curves.unit < len(limit))])
        own = own[np.isposinf(limit[own])]
        if len(own) and units.p_min_mw.shape[1]:
            limit[own] = units.p_min_mw[own].max(axis=1)
        found.append(limit)
    return replace(units, startup_limit_mw=found[0], shutdown_limit_mw=found[1])


def length(curves: OutputCurves, units: int) -> Ints:
    """Most steps of any curve of a unit (N); 0 where it has none."""
    most = np.zeros(units, dtype=np.int64)
    np.maximum.at(most, curves.unit, curves.step)
    return most


def by_state(case: Case) -> Ints:
    """Units (n) with a start-up curve for each of their states."""
    curves = case.startup_curves
    return np.unique(curves.unit[curves.state > 0])


def startup_table(case: Case) -> tuple[Floats, Ints]:
    """Start-up curves by row: MW (M + N, L), step k in column k − 1, and steps (M + N).

    Row m < M is that of row m of the start costs; row M + i is that of unit i without start states, else of its
    coldest.
    """
    curves, costs, count = case.startup_curves, case.units.start_costs, len(case.units.id)
    rows = len(costs.unit)
    owner = np.concatenate([costs.unit, np.arange(count)])
    last = np.zeros(count, dtype=np.int64)
    last[costs.unit] = costs.state  # rows of a unit are in order, so the last one stays
    state = np.concatenate([costs.state, last])
    mw = np.zeros((rows + count, int(curves.step.max(initial=0))))
    steps = np.zeros(rows + count, dtype=np.int64)
    for unit, of, step, value in zip(curves.unit, curves.state, curves.step, curves.mw, strict=True):
        mine = (owner == unit) & ((of == 0) | (state == of))
        mw[mine, step - 1] = value
        steps[mine] = np.maximum(steps[mine], step)
    return mw, steps


def shutdown_table(case: Case) -> Floats:
    """Shut-down curves (N, L), step k in column k − 1."""
    curves = case.shutdown_curves
    mw = np.zeros((len(case.units.id), int(curves.step.max(initial=0))))
    mw[curves.unit, curves.step - 1] = curves.mw
    return mw


def state_row(case: Case, offline: Ints) -> Ints:
    """Row of `startup_table` (N, T) of a start after so many minutes off line (N, T)."""
    costs, count = case.units.start_costs, len(case.units.id)
    rows = len(costs.unit)
    found = np.broadcast_to(rows + np.arange(count)[:, None], offline.shape).copy()
    for k in range(rows):
        unit = costs.unit[k]
        applies = offline[unit] >= costs.after_minutes[k] + (0 if costs.inclusive[k] else 1)
        first = k == 0 or costs.unit[k - 1] != unit
        found[unit] = np.where(applies | first, k, found[unit])
    return found


def first_start_steps(case: Case) -> Ints:
    """Steps (N, T) of the curve of a start in a period by a unit that has been off since before the horizon."""
    here = np.arange(case.horizon.periods) * case.horizon.period_minutes
    offline = np.asarray(case.units.initial_minutes)[:, None] + here
    if not len(case.startup_curves.unit):
        return np.zeros(offline.shape, dtype=np.int64)
    return np.asarray(startup_table(case)[1][state_row(case, offline)])


def rest_mw(case: Case) -> Floats:
    """What is left in the horizon (N, T) of the shut-down curve of a unit that stopped before it.

    Off for m minutes, so its first ⌊m / period⌋ steps are over.
    """
    units, periods = case.units, case.horizon.periods
    rest, table = np.zeros((len(units.id), periods)), shutdown_table(case)
    for i in np.unique(case.shutdown_curves.unit[~units.initial_on[case.shutdown_curves.unit]]).tolist():
        left = table[i, int(units.initial_minutes[i]) // case.horizon.period_minutes :][:periods]
        rest[i, : len(left)] = left
    return rest


def curve_output(case: Case, on: Flags) -> Floats:
    """Output on curves (N, T), MW, of a commitment: 0 on line; a start beyond the horizon has no curve inside."""
    units, minutes, periods = case.units, case.horizon.period_minutes, case.horizon.periods
    total = np.zeros(on.shape)
    if not has_curves(case):
        return total
    up, steps = startup_table(case)
    down = shutdown_table(case)
    total += rest_mw(case)
    for i in np.union1d(case.startup_curves.unit, case.shutdown_curves.unit).tolist():
        state, off = bool(units.initial_on[i]), 0 if units.initial_on[i] else int(units.initial_minutes[i])
        for t in range(periods):
            if on[i, t] and not state:
                row = int(state_row(case, np.full((len(units.id), 1), off))[i, 0])
                for k in range(int(steps[row])):
                    at = t - int(steps[row]) + k
                    total[i, at] += up[row, k] if at >= 0 else 0.0
            if state and not on[i, t]:
                span = min(down.shape[1], periods - t)
                total[i, t : t + span] += down[i, :span]
            state = bool(on[i, t])
            off = 0 if state else off + minutes
    return np.where(on > 0, 0.0, total)


def counted_from_sync(case: Case) -> Case:
    """The case with min up times that count from synchronisation: shorter by the steps of the start-up curve.

    Of a unit with a curve a state by those of its shortest, so that no start counts more than its own.
    """
    curves, minutes = case.startup_curves, case.horizon.period_minutes
    if not len(curves.unit):
        return case
    least = case.units.min_up_minutes.copy()
    for i in np.unique(curves.unit).tolist():
        mine = curves.unit == i
        steps = min(int(curves.step[mine & (curves.state == s)].max()) for s in np.unique(curves.state[mine]))
        least[i] = max(0, int(least[i]) - steps * minutes)
    return replace(case, units=replace(case.units, min_up_minutes=least))
