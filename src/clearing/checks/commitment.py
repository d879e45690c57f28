"""Commitment families: logic, windows, minimum up and down times, a commitment that was given."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.case.arrays import Bools, Floats, Ints
from clearing.case.case import CommitmentUse
from clearing.case.finding import Finding, Severity
from clearing.checks.facts import Facts
from clearing.checks.finding import over


def commitment(known: Facts) -> list[Finding]:
    """on_t − on_{t−1} = start_t − stop_t with 0/1 flags, and on_min ≤ on ≤ on_max."""
    return [*_logic(known), *_windows(known), *_given(known)]


def min_times(known: Facts) -> list[Finding]:
    """A unit that starts stays on for its min up time, one that stops stays off for its min down time.

    In whole periods as far as the horizon goes, initial time counted. Where the request fixed the commitment of a unit
    it is a warning: the caller decided. Hard data that clash have given way in the case judged here (case.give_way).
    """
    units, horizon = known.case.units, known.case.horizon
    minutes = horizon.period_minutes
    up = np.maximum(1, -(-units.min_up_minutes // minutes))
    down = np.maximum(1, -(-units.min_down_minutes // minutes))
    on, off = known.on, ~known.on
    left_up = np.where(units.initial_on, -(-(units.min_up_minutes - units.initial_minutes) // minutes), 0)
    left_down = np.where(units.initial_on, 0, -(-(units.min_down_minutes - units.initial_minutes) // minutes))
    found = [
        *_too_short("MIN_UP_TIME", known, on, known.started, up, "goes off before its min up time ends"),
        *_held("MIN_UP_TIME", known, off, left_up, "is off before its initial min up time ends"),
        *_too_short("MIN_DOWN_TIME", known, off, known.stopped, down, "comes on before its min down time ends"),
        *_held("MIN_DOWN_TIME", known, on, left_down, "is on before its initial min down time ends"),
    ]
    bound = _bound(known)
    given = known.case.commitment
    if given is None or not bound.any() or not bool((on == (given.on > 0))[bound].all()):
        return found
    decided = {known.case.units.id[i] for i in np.flatnonzero(bound)}
    return [replace(f, severity=Severity.WARNING) if f.subject in decided else f for f in found]


def _logic(known: Facts) -> list[Finding]:
    schedule, ids = known.schedule, known.case.units.id
    on, start, stop = (np.asarray(x, dtype=np.float64) for x in (schedule.on, schedule.start, schedule.stop))
    stray = sum((np.abs(x - (x > 0.5)) for x in (on, start, stop)), start=np.zeros(on.shape))
    jump = known.on.astype(float) - known.was_on
    both = np.minimum(start, stop)
    return [
        *over("COMMITMENT_BINARY", "commitment", ids, stray, 0.0, "on, start or stop is neither 0 nor 1", unit=""),
        *over(
            "COMMITMENT_LOGIC",
            "commitment",
            ids,
            np.abs(jump - start + stop),
            0.0,
            "start − stop is not the change of on",
            value=start - stop,
            limit=jump,
            unit="",
        ),
        *over("COMMITMENT_LOGIC", "commitment", ids, both, 0.0, "starts and stops at once", unit=""),
    ]


def _windows(known: Facts) -> list[Finding]:
    units, on = known.case.units, known.on
    missing, running = (units.on_min == 1) & ~on, on & (units.on_max == 0)
    return [
        *over("MUST_RUN", "commitment", units.id, missing * 1.0, 0.0, "must run and is off", unit="commitment"),
        *over("MUST_OFF", "commitment", units.id, running * 1.0, 0.0, "must be off and is on", unit=""),
    ]


def _given(known: Facts) -> list[Finding]:
    given = known.case.commitment
    if given is None:
        return []
    wrong = (known.on != (given.on > 0)) & _bound(known)[:, None]
    return over("COMMITMENT_GIVEN", "commitment", known.case.units.id, wrong * 1.0, 0.0, "is not as given", unit="")


def _bound(known: Facts) -> Bools:
    """(N): units that a commitment given as FIXED binds; free ones are decided by the clearing."""
    given, count = known.case.commitment, len(known.case.units.id)
    if given is None or given.use is not CommitmentUse.FIXED:
        return np.zeros(count, dtype=np.bool_)
    return ~np.isin(np.arange(count), given.free)


def _too_short(code: str, known: Facts, state: Bools, begun: Bools, length: Ints, text: str) -> list[Finding]:
    """Periods missing of the `length` periods that state must last from where it began, as far as the horizon goes."""
    periods = state.shape[1]
    total = np.concatenate([np.zeros((len(state), 1)), np.cumsum(state, axis=1)], axis=1)
    here = np.arange(periods)
    end = np.minimum(here + length[:, None], periods)
    held: Floats = np.take_along_axis(total, end, axis=1) - total[:, :-1]
    missing: Floats = np.where(begun, end - here - held, 0.0)
    return over(code, "commitment", known.case.units.id, missing, 0.0, text, unit="periods")


def _held(code: str, known: Facts, wrong: Bools, length: Ints, text: str) -> list[Finding]:
    """Wrong state within the first `length` periods."""
    broken = wrong & (np.arange(wrong.shape[1]) < length[:, None])
    return over(code, "commitment", known.case.units.id, broken.astype(np.float64), 0.0, text, unit="commitment")
