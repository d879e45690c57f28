"""Is there, for every unit by itself, a commitment and an output that keep all its hard limits through the horizon?

Everything that couples units is soft, so a case whose units all have a way has a dispatch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Bools, Flags, Floats, Ints
from clearing.case.case import Case
from clearing.case.predicates import TOLERANCE

_CHUNK = 256  # units at a time, which bounds the memory of (units, starts) arrays


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

    def rows(self, chosen: Ints) -> Limits:
        """The same of some units."""
        return Limits(*(getattr(self, name)[chosen] for name in self.__slots__))


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


def first_stuck(case: Case, least: Flags, most: Flags, spells: bool = True, first: Bools | None = None) -> Bools:
    """(N, T): the first period that no commitment within least and most with an output within all limits reaches.

    first (N, T): where a unit that is off since before the horizon may start; None = anywhere.
    """
    first = np.ones(least.shape, dtype=np.bool_) if first is None else first
    known = limits(case, spells)
    stuck = np.zeros(least.shape, dtype=np.bool_)
    suspects = np.flatnonzero(known.on | (least == 1).any(axis=1))  # any other unit just stays off
    for begin in range(0, len(suspects), _CHUNK):
        rows = suspects[begin : begin + _CHUNK]
        stuck[rows] = _stuck(known.rows(rows), least[rows], most[rows], first[rows], case.horizon.period_minutes)
    return stuck


def _stuck(known: Limits, least: Flags, most: Flags, first: Bools, minutes: int) -> Bools:
    """Follow, by period of the last start, the interval of outputs that can be reached, and the longest time off.

    Units off after a stop differ in nothing but the time off, of which more is never worse; those off since before
    the horizon (idle) may start where `first` says. An empty interval has low > high.
    """
    count, periods = least.shape
    low, high = np.where(known.on, known.mw, np.inf)[:, None], np.where(known.on, known.mw, -np.inf)[:, None]
    age = known.minutes[:, None]  # minutes on, by slot: on since before the horizon, then one slot a start
    off, idle = np.full(count, -1), ~known.on
    stuck = np.zeros(least.shape, dtype=np.bool_)
    for t in range(periods):
        there, may, must = low <= high + TOLERANCE, most[:, t] == 1, least[:, t] == 1
        stops = (there & (age >= known.min_up[:, None]) & (low <= known.stop[:, None] + TOLERANCE)).any(axis=1)
        starts = may & (off >= 0) & (off >= known.min_down)
        starts |= may & idle & first[:, t] & (known.minutes + t * minutes >= known.min_down)
        stays = there & may[:, None]
        low = np.where(stays, np.maximum(known.low[:, t, None], low - known.down[:, None]), np.inf)
        high = np.where(stays, np.minimum(known.high[:, t, None], high + known.up[:, None]), -np.inf)
        _merge(low, high, age, known.min_up)
        first_low = np.where(starts, known.low[:, t], np.inf)
        first_high = np.where(starts, np.minimum(known.high[:, t], known.start), -np.inf)
        keep: Bools = np.logical_or.reduce(low <= high + TOLERANCE, axis=0)
        keep[0] = True
        low = np.column_stack((low[:, keep], first_low))
        high = np.column_stack((high[:, keep], first_high))
        age = np.column_stack((age[:, keep] + minutes, np.full(count, minutes)))
        off = np.where(must, -1, np.maximum(np.where(off >= 0, off + minutes, -1), np.where(stops, minutes, -1)))
        idle = idle & ~must
        stuck[:, t] = ~(low <= high + TOLERANCE).any(axis=1) & (off < 0) & ~idle
    stuck[:, 1:] &= ~np.logical_or.accumulate(stuck, axis=1)[:, :-1]
    return stuck


def _merge(low: Floats, high: Floats, age: Ints, min_up: Ints) -> None:
    """Put the starts of a unit whose min-up time is over into slot 0, in place, where their intervals share a point.

    From then on they may do the same, and intervals that share a point make up one interval. Slot 0 is the oldest.
    """
    grown = (low <= high) & (age >= min_up[:, None])
    least, most = np.where(grown, low, np.inf), np.where(grown, high, -np.inf)
    shared: Bools = np.where(grown, low, -np.inf).max(axis=1) <= np.where(grown, high, np.inf).min(axis=1)
    merged: Bools = shared & (grown.sum(axis=1) > 1)
    if not merged.any():
        return
    hull = least.min(axis=1), most.max(axis=1)
    gone = grown & merged[:, None]
    low[gone], high[gone] = np.inf, -np.inf
    low[merged, 0], high[merged, 0] = hull[0][merged], hull[1][merged]
    age[merged, 0] = np.maximum(age[merged, 0], min_up[merged])
