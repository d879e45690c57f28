"""The start list: which unit starts when, how cold, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Ints
from clearing.case.case import Case
from clearing.case.schedule import Schedule
from clearing.case.units import StartState, Units


@dataclass(frozen=True, slots=True)
class Start:
    """unit and period are indices; minutes_off counts the time before the horizon; cost in money."""

    unit: int
    period: int
    minutes_off: int
    state: StartState
    cost: float


def starts(case: Case, schedule: Schedule) -> list[Start]:
    """All starts by period, then unit."""
    unit, period = np.nonzero(schedule.start)
    off = _minutes_off(case, schedule)[unit, period]
    order = np.lexsort((unit, period))
    return [_start(case.units, int(unit[j]), int(period[j]), int(off[j])) for j in order]


def _minutes_off(case: Case, schedule: Schedule) -> Ints:
    """Minutes a unit has been off before each period (N, T); only read where it starts."""
    on = schedule.on > 0
    periods = np.arange(on.shape[1])
    last_on = np.maximum.accumulate(np.where(on, periods, -1), axis=1)
    before = np.concatenate([np.full((on.shape[0], 1), -1), last_on[:, :-1]], axis=1)
    minutes = (periods - before - 1) * case.horizon.period_minutes
    earlier = np.where(case.units.initial_on, 0, case.units.initial_minutes)[:, None]
    return np.asarray(np.where(before < 0, minutes + earlier, minutes), dtype=np.int64)


def _start(units: Units, unit: int, period: int, minutes_off: int) -> Start:
    costs = units.start_costs
    rows = np.flatnonzero(costs.unit == unit)
    after = costs.after_minutes[rows]
    applies = rows[np.where(costs.inclusive[rows], minutes_off >= after, minutes_off > after)]
    if applies.size == 0:
        return Start(unit, period, minutes_off, StartState.UNSPECIFIED, 0.0)
    return Start(unit, period, minutes_off, StartState(int(costs.state[applies[-1]])), float(costs.cost[applies[-1]]))
