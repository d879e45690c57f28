"""Corruptions of starts and stops: too many in a day, too close at a plant."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.checks.corrupt import Draw, changed, corruption
from tests.checks.corrupt_commitment import Made, recommit


def _alternating(draw: Draw, unit: int) -> Any:
    """On and off by turns, so that a unit that was on is off at first."""
    periods = draw.case.horizon.periods
    return (np.arange(periods) + int(draw.case.units.initial_on[unit])) % 2


@corruption("commitment", "VIOLATION_NOT_LISTED|VIOLATION_AMOUNT")
def too_many_starts(draw: Draw) -> Made:
    limits, periods = draw.case.start_limits, draw.case.horizon.periods
    at = draw.cell((limits.max_starts >= 0) & (limits.max_starts < (periods - 1) // 2))
    unit = -1 if at is None else int(limits.unit[at[0]])
    row = None if at is None else _alternating(draw, unit)
    return None if row is None or (row == draw.schedule.on[unit]).all() else (str(unit), recommit(draw, unit, row))


@corruption("commitment", "VIOLATION_NOT_LISTED|VIOLATION_AMOUNT")
def crowded_starts(draw: Draw) -> Made:
    """A second start beside one of the same plant."""
    plant, started, on = draw.case.units.plant, draw.known.started, draw.known.on
    spaced = np.zeros(len(draw.case.participants.plant_id) + 1, dtype=bool)
    spaced[draw.case.plant_limits.plant[draw.case.plant_limits.start_spacing_minutes > 0]] = True
    beside = np.array([started[plant == q].any(axis=0) for q in plant]).reshape(started.shape)
    before = np.concatenate([draw.case.units.initial_on[:, None], on[:, :-1]], axis=1)
    at = draw.cell(beside & ~on & ~before & spaced[plant][:, None])
    return None if at is None else (str(at), recommit(draw, at[0], changed(draw.schedule.on[at[0]], at[1], 1)))


@corruption("commitment", "START_LEAD")
def early_start(draw: Draw) -> Made:
    """On from the first period, where the lead time of every state is longer than nothing."""
    costs, stated = draw.case.units.start_costs, draw.case.start_leads.minutes
    late = (
        np.ones(len(draw.case.units.id), dtype=bool) if len(stated) else np.zeros(len(draw.case.units.id), dtype=bool)
    )
    np.logical_and.at(late, costs.unit[: len(stated)], stated > 0)
    at = draw.cell(late & ~draw.case.units.initial_on & np.isin(np.arange(len(late)), costs.unit))
    return None if at is None else (str(at), recommit(draw, at[0], np.ones(draw.case.horizon.periods, dtype=np.int8)))


@corruption("commitment", "VIOLATION_NOT_LISTED|VIOLATION_AMOUNT")
def left_early(draw: Draw) -> Made:
    """A unit that is on for one period on a day on which another of its plant stops."""
    plant, started, stopped = draw.case.units.plant, draw.known.started, draw.known.stopped
    minutes = np.zeros(len(draw.case.participants.plant_id) + 1, dtype=np.int64)
    minutes[draw.case.plant_limits.plant] = draw.case.plant_limits.switching_minutes
    long = (minutes[plant] > draw.case.horizon.period_minutes) & ~draw.known.on.any(axis=1)
    long &= ~draw.case.units.initial_on & ~started.any(axis=1)
    beside = np.array([stopped[plant == q].any() for q in plant], dtype=bool)
    at = draw.cell(np.repeat((long & beside)[:, None], draw.case.horizon.periods - 1, axis=1))
    return None if at is None else (str(at), recommit(draw, at[0], changed(draw.schedule.on[at[0]], at[1], 1)))
