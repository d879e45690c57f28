"""Corruptions of the commitment: flags, windows, minimum times."""

from __future__ import annotations

from typing import Any

import numpy as np

from clearing.case.result import ClearingResult
from tests.checks.corrupt import Draw, changed, corruption, set_cell, with_schedule

Made = "tuple[str, ClearingResult] | None"


@corruption("commitment", "COMMITMENT_LOGIC")
def flip_on(draw: Draw) -> Made:
    on = draw.schedule.on
    return set_cell(draw, "on", on > -1, lambda at: 1 - on[at])


@corruption("commitment", "COMMITMENT_LOGIC")
def flip_start(draw: Draw) -> Made:
    start = draw.schedule.start
    return set_cell(draw, "start", start > -1, lambda at: 1 - start[at])


@corruption("commitment", "COMMITMENT_LOGIC")
def flip_stop(draw: Draw) -> Made:
    stop = draw.schedule.stop
    return set_cell(draw, "stop", stop > -1, lambda at: 1 - stop[at])


@corruption("commitment", "COMMITMENT_BINARY")
def not_binary(draw: Draw) -> Made:
    return set_cell(draw, "on", draw.known.on, lambda at: int(draw.rng.choice([2, 3, 100])))


def recommit(draw: Draw, unit: int, row: Any) -> ClearingResult:
    """Another on-row of one unit with matching starts, stops and no output where off."""
    on = changed(draw.schedule.on, unit, row)
    before = np.concatenate([draw.case.units.initial_on[:, None].astype(np.int8), on[:, :-1]], axis=1)
    units = draw.case.units
    output = np.clip(draw.schedule.dispatch_mw, units.p_min_mw * on, units.p_max_mw * on)
    start, stop = (on > before).astype(np.int8), (on < before).astype(np.int8)
    return with_schedule(draw, on=on, start=start, stop=stop, dispatch_mw=output)


@corruption("commitment", "MUST_RUN")
def must_run(draw: Draw) -> Made:
    at = draw.cell((draw.case.units.on_min == 1) & draw.known.on)
    return None if at is None else (str(at), recommit(draw, at[0], changed(draw.schedule.on[at[0]], at[1], 0)))


@corruption("commitment", "MUST_OFF")
def must_off(draw: Draw) -> Made:
    at = draw.cell((draw.case.units.on_max == 0) & ~draw.known.on)
    return None if at is None else (str(at), recommit(draw, at[0], changed(draw.schedule.on[at[0]], at[1], 1)))


def _blip(draw: Draw, minutes: Any, state: int) -> Made:
    """One period in a state that must last two or more, then the other state again."""
    horizon = draw.case.horizon
    long = (minutes > horizon.period_minutes)[:, None] & np.ones(horizon.periods, dtype=bool)
    long[:, -1] = False
    long[:, 0] &= draw.case.units.initial_on == (1 - state)
    at = draw.cell(long)
    if at is None:
        return None
    row = np.array(draw.schedule.on[at[0]])
    row[max(at[1] - 1, 0)] = 1 - state
    row[at[1]], row[at[1] + 1] = state, 1 - state
    return str(at), recommit(draw, at[0], row)


@corruption("commitment", "MIN_UP_TIME")
def min_up(draw: Draw) -> Made:
    return _blip(draw, draw.case.units.min_up_minutes, 1)


@corruption("commitment", "MIN_DOWN_TIME")
def min_down(draw: Draw) -> Made:
    return _blip(draw, draw.case.units.min_down_minutes, 0)


def _initial(draw: Draw, minutes: Any, state: bool) -> Made:
    units = draw.case.units
    held = (units.initial_on == state) & (minutes > units.initial_minutes)
    held &= (units.on_max[:, 0] == 1) if state else True
    at = draw.cell(held)
    return (
        None if at is None else (str(at), recommit(draw, at[0], changed(draw.schedule.on[at[0]], 0, 0 if state else 1)))
    )


@corruption("commitment", "MIN_UP_TIME")
def initial_up(draw: Draw) -> Made:
    return _initial(draw, draw.case.units.min_up_minutes, True)


@corruption("commitment", "MIN_DOWN_TIME")
def initial_down(draw: Draw) -> Made:
    return _initial(draw, draw.case.units.min_down_minutes, False)


@corruption("commitment", "COMMITMENT_GIVEN")
def given(draw: Draw) -> Made:
    if draw.case.commitment is None or draw.case.commitment.use.name != "FIXED":
        return None
    at = draw.cell(draw.known.on)
    return None if at is None else (str(at), recommit(draw, at[0], changed(draw.schedule.on[at[0]], at[1], 0)))
