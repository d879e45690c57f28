"""Which hard data of one unit give way, and how far: least and as little as the order of strength allows.

First the ramps, start-up and shut-down limits are raised as far as they must be where every weaker datum (min times,
start lead time, must-run) has given way completely; then, with those, the min times and the lead time are lowered as
far as they must be without any must-run; then as many must-run periods are kept as these leave possible.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from clearing.case.arrays import Bools, Flags
from clearing.case.way import Way

FINEST_MW = 1e-6
"""A ramp or limit is raised to the next multiple of this."""

FIELDS = {
    **{"startup_limit": "start", "shutdown_limit": "stop", "ramp_up": "up", "ramp_down": "down"},
    **{"min_up": "min_up", "min_down": "min_down", "start_lead": "first"},
}
"""Family of a step → field of `Way`; of equals the first gives way."""

Chosen = tuple[float, Way]
"""How much gives way (MW or minutes), and the limits after it."""
Least = Callable[[Way, Way, str], Chosen]
"""(limits before, limits with the family loosened, family) → the least that this family must give."""


@dataclass(frozen=True, slots=True)
class LeadChange:
    """A lead time lowered so that the unit may start earlier.

    row                 of the start costs
    before, after       lead time, minutes
    first (T)           where the unit may start for the first time then
    """

    row: int
    before: float
    after: int
    first: Bools


@dataclass(frozen=True, slots=True)
class Given:
    """What of a unit gave way.

    before, after       its limits
    lead                the lead time that was lowered, None = none
    given_up (T)        0/1: must-run periods that are given up
    stuck               families but must_run that gave way → the first period out of reach if this one had not
    """

    before: Way
    after: Way
    lead: LeadChange | None
    given_up: Flags
    stuck: dict[str, int]


def give(way: Way, leads: Sequence[LeadChange], least_down: int = 0) -> Given | None:
    """Make a way for a unit without one. way: must-run in `wanted` only; leads: lead times that could be lower.

    least_down: min down time that never gives way (start-up and shut-down curves take it).
    None where data that never give way leave none, which validation refuses.
    """
    anywhere: Bools = np.logical_or.reduce([way.first, *(change.first for change in leads)])
    freed = replace(way, min_up=0, min_down=min(way.min_down, least_down), first=anywhere)
    if not freed.there():
        most = max(float(way.high.max()), way.mw)  # nothing more can be reached beyond
        names = ("startup_limit", "shutdown_limit", "ramp_up", "ramp_down")
        freed = _fewest(freed, {name: most for name in names if getattr(way, FIELDS[name]) < most}, _raised)
    after = replace(freed, min_up=way.min_up, min_down=way.min_down, first=way.first)
    if not after.there():
        loosest: dict[str, Any] = {"min_up": 0, "min_down": freed.min_down, "start_lead": anywhere}
        after = _fewest(after, loosest, lambda before, now, name: _lowered(before, now, name, leads))
    if not after.there():
        return None
    given_up: Flags = ((way.wanted == 1) & (after.best() == 0)).astype(np.int8)
    lead = next((change for change in leads if change.first is after.first), None)
    held = replace(after, least=np.maximum(way.least, way.wanted - given_up))
    changed = [
        name for name, field in FIELDS.items() if field != "first" and getattr(after, field) != getattr(way, field)
    ]
    changed += ["start_lead"] if lead is not None else []
    stuck = {name: _with(held, {name: getattr(way, FIELDS[name])}).stuck() for name in changed}
    return Given(way, after, lead, given_up, stuck)


def _with(way: Way, values: dict[str, Any]) -> Way:
    """Limits with the fields of some families set."""
    return replace(way, **{FIELDS[name]: value for name, value in values.items()})


def _fewest(way: Way, loosest: dict[str, Any], least: Least) -> Way:
    """The fewest families that make a way if they give way; of equally many those that give least, each in its turn
    only as far as it must."""
    for count in range(1, len(loosest) + 1):
        best: Chosen | None = None
        for chosen in combinations(loosest, count):
            now = _with(way, {name: loosest[name] for name in chosen})
            if not now.there():
                continue
            total = 0.0
            for name in chosen:
                amount, now = least(way, now, name)
                total += amount
            if best is None or total < best[0] - FINEST_MW:
                best = total, now
        if best is not None:
            return best[1]
    return way


def _raised(before: Way, now: Way, name: str) -> Chosen:
    """A limit lowered from where it is as far as there is still a way, to a multiple of FINEST_MW."""
    field = FIELDS[name]
    given, most = getattr(before, field), getattr(now, field)
    low, high = given, most
    # Two floats beside one another have no middle; far apart from 0 they may be further apart than FINEST_MW.
    while high - low > FINEST_MW / 1e3 and low < (middle := 0.5 * (low + high)) < high:
        low, high = (low, middle) if _with(now, {name: middle}).there() else (middle, high)
    even = float(np.ceil(high / FINEST_MW - 0.01) * FINEST_MW)
    even = round(even, 6)
    found = even if given < even <= most and _with(now, {name: even}).there() else high
    return found - given, _with(now, {name: found})


def _lowered(before: Way, now: Way, name: str, leads: Sequence[LeadChange]) -> Chosen:
    """A min time raised again as far as there is still a way, or the lead time that has to be lowered least."""
    if name == "start_lead":
        able = [change for change in leads if replace(now, first=change.first).there()]
        best = min(able, key=lambda change: change.before - change.after)
        return best.before - best.after, replace(now, first=best.first)
    field = FIELDS[name]
    low, high = getattr(now, field), getattr(before, field)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _with(now, {name: middle}).there() else (low, middle)
    return getattr(before, field) - low, _with(now, {name: low})
