"""Energy that captive plants took in place of their own output, month by month (clause 9.5.1.5 of Xinjiang).

    E  = (T2 reading − T1 reading) · ratio                energy taken in the window, T1 … T2 by the dispatcher's
    order M1 = E − (T2 − T1) · P1 − x                           real-time active power
    M2, M3 = E − x                                        spinning reserve, shutdown: more than two units
    M2, M3 = capacity · (1 − aux) · T − x, at most E      two units or fewer; T of M3 ends with the published stop
    plan W  = W1 + W2,  W2 = ΣM1 + ΣM2 + ΣM3,  W1 = W − W2     W3 = what was fed in, apart

x: energy of the window that is no shaving (9.5.1.5, 1.7.3). Energy is whole kWh: every product is formed in whole
numbers and rounded once, half up. A window where the formula falls below 0 counts 0 and is marked; one above E
counts E and is marked. Readings of the text (P1, several units, how many units are few) are settings of the rule set.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from clearing.case.arrays import Bools, Ints, freeze
from clearing.rules.substitution_metering import P1, MeteringRules, SeveralUnits
from clearing.substitution.quantities import half_up

READING_DIGITS = 10_000  # readings and the auxiliary rate come in ten-thousandths
MINUTES = 60


class Cause(IntEnum):
    """Why energy of a window is no shaving."""

    OTHER_UNIT_TRIP = 1  # output adjusted again because other units tripped (boundary 2)
    OWN_OUTAGE = 2  # unplanned outage of another own unit
    BEYOND_PLAN = 3  # beyond the published stop plan (boundary 3)
    HEAT_SUPPLY = 4  # heat supply ordered by government stops new energy (1.7.3)


CAUSES = {
    1: (Cause.OWN_OUTAGE, Cause.HEAT_SUPPLY),
    2: (Cause.OTHER_UNIT_TRIP, Cause.OWN_OUTAGE, Cause.HEAT_SUPPLY),
    3: (Cause.OWN_OUTAGE, Cause.BEYOND_PLAN, Cause.HEAT_SUPPLY),
}
"""Boundary → causes that its clause knows; 1.7.3 excludes outages and heat supply whatever the boundary."""


@dataclass(frozen=True, slots=True)
class Windows:
    """Shaving windows of a month, one row a window (n); times in minutes from the start of the month.

    enterprise, boundary            row of the captive enterprise; 1, 2 or 3
    start_minute, end_minute        by the dispatcher's order
    plan_start_minute, plan_end_minute   published stop plan, read for boundary 3
    taken_kwh                       E, of `metered`
    load_before_kw, increase_kw     take-off load before the adjustment, and what it was increased by
    shaving_load_kw                 take-off load while shaving, read where several units count by load
    capacity_kw, auxiliary          of the units that reserve or stop, auxiliary rate in ten-thousandths
    excluded_kwh                    x, energy that is no shaving
    """

    enterprise: Ints
    boundary: Ints
    start_minute: Ints
    end_minute: Ints
    plan_start_minute: Ints
    plan_end_minute: Ints
    taken_kwh: Ints
    load_before_kw: Ints
    increase_kw: Ints
    shaving_load_kw: Ints
    capacity_kw: Ints
    auxiliary: Ints
    excluded_kwh: Ints

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Shaved:
    """Per window (n): energy_kwh, above (the formula gave more than was taken), below (less than 0),
    by_capacity (two units or fewer), beyond_minutes (of a stop, outside its plan)."""

    energy_kwh: Ints
    above: Bools
    below: Bools
    by_capacity: Bools
    beyond_minutes: Ints

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class CaptiveMonth:
    """Per enterprise (C), kWh: shaved_kwh (C, 3) by boundary, substitution W2, total take W, grid purchase W1, W3."""

    shaved_kwh: Ints
    substitution_kwh: Ints
    take_kwh: Ints
    purchase_kwh: Ints
    feed_in_kwh: Ints

    def __post_init__(self) -> None:
        freeze(self)


def metered(start: Ints, end: Ints, ratio: Ints, turns_at: Ints) -> Ints:
    """Energy (n), kWh, between two readings in ten-thousandths; a register returns to 0 at turns_at (0 = never)."""
    difference = end - start + np.where(end < start, turns_at, 0)
    return half_up(difference * ratio, READING_DIGITS)


def shaved(windows: Windows, units: Ints, rules: MeteringRules) -> Shaved:
    """M of every window (n). units (C): how many units an enterprise has."""
    w = windows
    minutes = w.end_minute - w.start_minute
    few = units[w.enterprise] <= rules.few_units
    by_capacity = few & (w.boundary > 1)
    p1 = w.load_before_kw if rules.p1 is P1.LOAD_BEFORE else w.increase_kw
    several = w.taken_kwh
    if rules.several_units is SeveralUnits.LOAD:
        several = np.minimum(half_up(w.shaving_load_kw * minutes, MINUTES), w.taken_kwh)
    beyond = np.where(w.boundary == 3, minutes - _within_plan(w), 0)
    share = READING_DIGITS - w.auxiliary
    capacity = half_up(w.capacity_kw * share * (minutes - beyond), MINUTES * READING_DIGITS)
    active = w.taken_kwh - half_up(p1 * minutes, MINUTES)
    gross = np.select([w.boundary == 1, by_capacity], [active, capacity], several)
    net = gross - w.excluded_kwh
    return Shaved(np.clip(net, 0, w.taken_kwh), net > w.taken_kwh, net < 0, by_capacity, beyond)


def captive_month(windows: Windows, found: Shaved, take_kwh: Ints, feed_in_kwh: Ints) -> CaptiveMonth:
    """W, W1, W2 and W3 of every enterprise. W1 is negative where windows hold more than the month's meter: the caller
    refuses such readings."""
    by_boundary = np.zeros((len(take_kwh), 3), dtype=np.int64)
    np.add.at(by_boundary, (windows.enterprise, windows.boundary - 1), found.energy_kwh)
    w2 = by_boundary.sum(axis=1)
    return CaptiveMonth(by_boundary, w2, take_kwh, take_kwh - w2, feed_in_kwh)


def overlapping(windows: Windows, by_capacity: Bools) -> list[tuple[int, int]]:
    """Pairs of windows of one enterprise that count the same meter at the same time: both by its readings."""
    rows = np.flatnonzero(~by_capacity)
    order = rows[np.lexsort((windows.start_minute[rows], windows.enterprise[rows]))].tolist()
    found, latest = [], -1
    for row in order:
        same = latest >= 0 and windows.enterprise[latest] == windows.enterprise[row]
        if same and windows.start_minute[row] < windows.end_minute[latest]:
            found.append((latest, row))
        if not same or windows.end_minute[row] > windows.end_minute[latest]:
            latest = row
    return found


def _within_plan(w: Windows) -> Ints:
    """Minutes (n) of a window that lie inside the published stop plan."""
    begin = np.maximum(w.start_minute, w.plan_start_minute)
    return np.asarray(np.maximum(np.minimum(w.end_minute, w.plan_end_minute) - begin, 0))
