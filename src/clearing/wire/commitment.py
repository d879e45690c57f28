"""The commitment of an earlier result, over the units and periods of another case."""

from __future__ import annotations

import datetime as dt

import numpy as np

from clearing.case.arrays import Flags, Ints
from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.case.horizon import Horizon
from clearing.v1 import case_pb2, schedule_pb2

MOST_NAMED = 5
DAY_MINUTES = 1440


def commitment_of(pb: schedule_pb2.Result, case: Case) -> tuple[Flags | None, list[Finding]]:
    """on (N, T) of the case's units, by id and by clock: each period as the period of the result that holds its start.

    So an hourly day-ahead commitment serves a case of quarters, and a later part of the day. None with
    COMMITMENT_INCOMPLETE where the result has a unit or a moment of the case not.
    """
    periods, units = case.horizon.periods, case.units.id
    own, missing = held(pb), []
    unknown = [name for name in units if name not in own]
    if unknown:
        missing.append(f"the units {_named(unknown)}")
    at = places(pb.horizon, case.horizon)
    if (at < 0).any():
        labels = case.horizon.labels()
        missing.append(f"the periods {_named([labels[t] for t in np.flatnonzero(at < 0).tolist()])}")
    if missing:
        text = f"The result has no commitment of {' and '.join(missing)}."
        return None, [Finding(Severity.ERROR, "COMMITMENT_INCOMPLETE", "result.owner_results", text)]
    on = np.array([own[name][at] for name in units], dtype=np.int8).reshape(len(units), periods)
    return on, []


def held(pb: schedule_pb2.Result) -> dict[str, Flags]:
    """Unit id → on over the periods of the result, for columns of a right length."""
    periods = pb.horizon.periods
    found: dict[str, Flags] = {}
    for owner in pb.owner_results:
        count, given = len(owner.units.id), len(owner.units.on)
        if count == 0 or given not in (count, count * periods):
            continue
        rows = np.broadcast_to(np.array(owner.units.on, dtype=np.int8).reshape(count, -1), (count, periods))
        found |= dict(zip(owner.units.id, rows, strict=True))
    return found


def places(of: case_pb2.Horizon, to: Horizon, *, any_day: bool = False) -> Ints:
    """(T) Period of the result in which each period of the case starts; −1 = none.

    any_day: where the days have nothing in common, the time of day counts, from the first day of either.
    """
    at = np.full(to.periods, -1, dtype=np.int64)
    try:
        days = (to.operating_day - dt.date.fromisoformat(of.operating_day)).days
    except ValueError:
        return at
    if of.period_minutes < 1:
        return at
    minute = to.start_minute + to.period_minutes * np.arange(to.periods, dtype=np.int64)
    for shift in (days, 0) if any_day else (days,):
        at = (minute + shift * DAY_MINUTES - of.start_minute) // of.period_minutes
        at = np.where((at >= 0) & (at < of.periods), at, -1)
        if (at >= 0).any():
            break
    return at


def _named(names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
