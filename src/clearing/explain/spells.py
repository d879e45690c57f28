"""Stretches of time: spells on line and off, and the periods in which data leaves no choice."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Ids, Ints
from clearing.case.case import Case
from clearing.case.explanations import Parts, UnitReason
from clearing.case.lead_times import first_start
from clearing.case.schedule import Schedule
from clearing.formulation.unit_data import initial_periods_left, too_high_to_stop
from clearing.rules.rules import Rules

Stretch = tuple[int, int, int, UnitReason, float, str]
"""Unit, first and last period, reason, margin, subject."""


def runs(mask: Bools) -> tuple[Ints, Ints, Ints]:
    """Row, first and last column of every run of True in (n, T), by row, then time."""
    edge = np.diff(np.pad(mask.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    row, first = np.nonzero(edge == 1)
    _, behind = np.nonzero(edge == -1)
    return row, first, behind - 1


def equal_runs(codes: Ints) -> tuple[Ints, Ints, Ints]:
    """Row, first and last column of every run of one nonzero code in (n, T), by row, then time."""
    change = np.ones((codes.shape[0], codes.shape[1] + 1), dtype=np.bool_)
    change[:, 1:-1] = codes[:, 1:] != codes[:, :-1]
    row, first = np.nonzero(change[:, :-1] & (codes != 0))
    _, last = np.nonzero(change[:, 1:] & (codes != 0))
    return row, first, last


def forced_on(case: Case, schedule: Schedule) -> Ints:
    """UnitReason (N, T) of periods on line that data forces, 0 elsewhere.

    In this order: fixed output above 0, must-run, what the initial state leaves no choice in; then the rest of the min
    up time after a start in a period that is forced so.
    """
    units, periods = case.units, case.horizon.periods
    here = np.arange(periods)
    left_on, _ = initial_periods_left(case)
    code = np.where((here < left_on[:, None]) | too_high_to_stop(case), UnitReason.INITIAL_STATE, 0)
    code = np.where(units.on_min == 1, UnitReason.MUST_RUN, code)
    held = units.fixed_mw > 0
    code[units.fixed_unit[held], units.fixed_period[held]] = UnitReason.FIXED_OUTPUT
    code = np.where(schedule.on == 1, code, 0)
    length = min_up_periods(case)
    for i, s in zip(*np.nonzero((schedule.start == 1) & (code != 0)), strict=True):
        tail = code[i, s : s + length[i]]
        tail[tail == 0] = UnitReason.MIN_UP
    return np.where(schedule.on == 1, code, 0)


def forced_off(case: Case, rules: Rules, schedule: Schedule) -> Ints:
    """UnitReason (N, T) of periods off that data forces, 0 elsewhere.

    In this order: must-off or outage, fixed output 0, the rest of the initial min down time, start lead time.
    """
    units, periods = case.units, case.horizon.periods
    here = np.arange(periods)
    _, left_off = initial_periods_left(case)
    never_on = np.cumsum(schedule.on, axis=1) == 0
    early = never_on & ~units.initial_on[:, None] & ~first_start(case, rules)
    code = np.where(early, UnitReason.LEAD_TIME, 0)
    code = np.where(here < left_off[:, None], UnitReason.INITIAL_STATE, code)
    unit, period = units.fixed_unit, units.fixed_period
    none = (units.fixed_mw == 0) & (units.p_min_mw[unit, period] > 0)
    code[unit[none], period[none]] = UnitReason.FIXED_OUTPUT
    code = np.where(units.on_max == 0, UnitReason.MUST_OFF, code)
    return np.where(schedule.on == 0, code, 0)


def min_up_periods(case: Case) -> Ints:
    """Least periods on line (N)."""
    return np.maximum(1, -(-case.units.min_up_minutes // case.horizon.period_minutes))


def min_down_periods(case: Case) -> Ints:
    """Least periods off (N)."""
    return np.maximum(1, -(-case.units.min_down_minutes // case.horizon.period_minutes))


def parts(rows: list[Stretch]) -> Parts:
    """Stretches as a table, by unit, then time."""
    ordered = sorted(rows, key=lambda row: row[:2])
    subject: Ids = tuple(row[5] for row in ordered)
    whole = np.array([row[:4] for row in ordered], dtype=np.int64).reshape(-1, 4)
    margin = np.array([row[4] for row in ordered], dtype=np.float64)
    unit, first, last, reason = (whole[:, k].copy() for k in range(4))
    return Parts(unit, first, last, reason, margin, subject)
