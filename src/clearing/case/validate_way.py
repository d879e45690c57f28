"""Is there, for every unit by itself, a commitment and an output that keep all its hard limits through the horizon?

Everything that couples units is soft, so a case whose units all have a way has a dispatch; where one has none, its
weakest data give way (give_way.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Bools, Flags, Floats, Ints
from clearing.case.case import Case
from clearing.case.way import NEVER, Way


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of n units over T periods.

    low, high (n, T)                    output while on, MW; fixed outputs put in
    up, down (n)                        most change between periods, MW
    start, stop (n)                     most MW in the first and in the last period on
    min_up, min_down (n)                minutes
    on (n), minutes (n), mw (n)         state before the first period
    """

    low: Floats
    high: Floats
    up: Floats
    down: Floats
    start: Floats
    stop: Floats
    min_up: Ints
    min_down: Ints
    on: Bools
    minutes: Ints
    mw: Floats


def limits(case: Case, spells: bool = True) -> Limits:
    """Limits of all units; spells False: min up and min down do not count."""
    units, minutes = case.units, case.horizon.period_minutes
    low, high = held(case)
    none = np.zeros_like(units.min_up_minutes)
    return Limits(
        low=low,
        high=high,
        up=units.ramp_up_mw_per_minute * minutes,
        down=units.ramp_down_mw_per_minute * minutes,
        start=units.startup_limit_mw,
        stop=units.shutdown_limit_mw,
        min_up=units.min_up_minutes if spells else none,
        min_down=units.min_down_minutes if spells else none,
        on=units.initial_on,
        minutes=units.initial_minutes,
        mw=units.initial_mw,
    )


def held(case: Case) -> tuple[Floats, Floats]:
    """p_min and p_max (N, T) with fixed outputs in their place; a unit held at 0 below its p_min is off anyway."""
    units = case.units
    low, high = units.p_min_mw.copy(), units.p_max_mw.copy()
    i, t, mw = units.fixed_unit, units.fixed_period, units.fixed_mw
    low[i, t] = np.where(mw > 0, mw, low[i, t])
    high[i, t] = np.where((mw > 0) | (low[i, t] == 0), mw, high[i, t])
    return low, high


def implied_windows(case: Case) -> tuple[Flags, Flags]:
    """on_min and on_max (N, T) with what fixed outputs imply: above 0 is on, 0 where p_min > 0 is off."""
    units = case.units
    least, most = units.on_min.copy(), units.on_max.copy()
    i, t, mw = units.fixed_unit, units.fixed_period, units.fixed_mw
    least[i[mw > 0], t[mw > 0]] = 1
    off = (mw == 0) & (units.p_min_mw[i, t] > 0) & (least[i, t] == 0)
    most[i[off], t[off]] = 0
    return least, most


def first_stuck(case: Case, least: Flags, most: Flags, spells: bool = True, first: Bools | None = None) -> Bools:
    """(N, T): the first period that no commitment within least and most with an output within all limits reaches.

    first (N, T): where a unit that is off since before the horizon may start; None = anywhere.
    """
    stuck = np.zeros(least.shape, dtype=np.bool_)
    suspects = np.flatnonzero(case.units.initial_on | (least == 1).any(axis=1))  # any other unit just stays off
    for i, way in zip(suspects, ways(case, suspects, least, most, spells, first), strict=True):
        period = way.stuck()
        if period != NEVER:
            stuck[i, period] = True
    return stuck


def ways(
    case: Case, rows: Ints, least: Flags, most: Flags, spells: bool = True, first: Bools | None = None
) -> Iterator[Way]:
    """Limits of the units `rows`, one after the other; arguments as in `first_stuck`."""
    known, nothing = limits(case, spells), np.zeros(case.horizon.periods, dtype=np.int8)
    first = np.ones(least.shape, dtype=np.bool_) if first is None else first
    ready = np.ascontiguousarray
    for i in rows.tolist():
        yield Way(
            low=ready(known.low[i]),
            high=ready(known.high[i]),
            up=float(known.up[i]),
            down=float(known.down[i]),
            start=float(known.start[i]),
            stop=float(known.stop[i]),
            min_up=int(known.min_up[i]),
            min_down=int(known.min_down[i]),
            on=bool(known.on[i]),
            minutes=int(known.minutes[i]),
            mw=float(known.mw[i]),
            least=ready(least[i], dtype=np.int8),
            most=ready(most[i], dtype=np.int8),
            first=ready(first[i]),
            wanted=nothing,
            period_minutes=case.horizon.period_minutes,
        )
