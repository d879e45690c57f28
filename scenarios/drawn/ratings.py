"""Limits of branches and interfaces, from the source's ratings and the design flows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .days import DESIGN_DAYS, Day
from .losses import circuits_out
from .series import HOUR
from .size import Size
from .topology import Topology

MARGIN = 1.3
"""Rating over the greatest design flow, where the source's rating is lower."""
OUTLET = 1.5
"""Ratings of all branches at a bus over what may be fed in or taken out there."""
EMERGENCY = 1.2
SHARE = {"winter-peak": 0.92, "spring-noon": 0.78, "tight-reserve": 0.92}
"""Limit over the greatest design flow on the few elements meant to bind, by the day with their greatest flow; lower in
spring, when the dispatch curtails what the design flows spread evenly."""
APART = 0.9
"""An element is of a day when its flow on the other two stays below this times its limit there."""
LEAST_TIGHT_MW = 150.0
INTERFACE_MARGIN = 1.25
LEAST_INTERFACE_MW = 300.0
DESIGNED = {day.name for day in DESIGN_DAYS}
DAYTIME = 0.95
"""Interface limits from 8:00 to 20:00 over those at night: warm conductors, work on parallel lines."""


@dataclass(frozen=True, slots=True)
class Ratings:
    """branch (L) MW; interface_min, interface_max (S, T); in_service (L); tight branches and interfaces, by index."""

    branch: np.ndarray
    interface_min: np.ndarray
    interface_max: np.ndarray
    in_service: np.ndarray
    tight_branches: np.ndarray
    tight_interfaces: np.ndarray


def ratings(size: Size, day: Day, grid: Topology, designs: Mapping[str, np.ndarray], at_bus_mw: np.ndarray) -> Ratings:
    """Rate the network for the design days.

    designs: injections (K, n) by day; at_bus_mw (K): most that a bus may feed in or draw. A branch
    without a rating in the source has no limit here either.
    """
    flow = {name: grid.flow(injection) for name, injection in designs.items() if name in DESIGNED}
    by_day = {name: np.abs(f).max(axis=1) for name, f in flow.items()}
    largest = np.asarray(np.max(list(by_day.values()), axis=0))
    limit = _with_outlets(grid, np.where(grid.rated, np.maximum(grid.rate_mw, MARGIN * largest), np.inf), at_bus_mw)
    may = grid.meshed() & grid.rated & (largest > LEAST_TIGHT_MW)
    load = np.where(may, largest / np.maximum(grid.rate_mw, 1.0), 0.0)
    tight = _pick(load, by_day, grid.zone[grid.start], size.tight_branches)
    for branch, most in tight.items():
        limit[branch] = most
    limit = 5.0 * np.ceil(limit / 5.0)
    live = np.ones(len(limit), dtype=np.bool_)
    bottlenecks = np.array(sorted(tight), dtype=np.int64)
    lost = circuits_out(day.lines_out, grid, designs[day.name], limit, bottlenecks)
    live[lost] = False
    through = {name: np.abs(np.asarray(grid.terms @ f)).max(axis=1) for name, f in flow.items()}
    most_through, weak = _interfaces(size, day, grid, through, lost)
    return Ratings(limit, -most_through, most_through, live, bottlenecks, weak)


def _with_outlets(grid: Topology, limit: np.ndarray, at_bus_mw: np.ndarray) -> np.ndarray:
    total = np.zeros(len(at_bus_mw))
    for side in (grid.start, grid.end):
        np.add.at(total, side, limit)
    factor = np.maximum(1.0, OUTLET * at_bus_mw / np.maximum(total, 1.0))
    return np.asarray(limit * np.maximum(factor[grid.start], factor[grid.end]))


def _pick(load: np.ndarray, by_day: Mapping[str, np.ndarray], place: np.ndarray, each: int) -> dict[int, float]:
    """Limits of the elements meant to bind: by day the most loaded that bind on no other day, one a place and day."""
    chosen: dict[int, float] = {}
    for name, share in SHARE.items():
        limit = share * by_day[name]
        others = np.max([by_day[other] for other in SHARE if other != name], axis=0)
        score = np.where((others < APART * limit) & (by_day[name] > LEAST_TIGHT_MW), load, 0.0)
        taken: set[int] = set()
        for element in np.argsort(-score, kind="stable").tolist():
            if len(taken) == each or score[element] <= 0.0:
                break
            if int(place[element]) not in taken:
                taken.add(int(place[element]))
                chosen[element] = float(limit[element])
    return chosen


def _interfaces(
    size: Size, day: Day, grid: Topology, through: Mapping[str, np.ndarray], lost: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Limits (S, T) of both directions, and which cut-sets are meant to bind: of areas, with most flow on a day."""
    largest = np.asarray(np.max(list(through.values()), axis=0))
    area = np.array([name.startswith("area") for name in grid.interface_id])
    score = np.where(area & (largest > LEAST_INTERFACE_MW), largest, 0.0)
    weak = _pick(score, through, np.arange(len(area)), size.tight_interfaces)
    base = np.maximum(INTERFACE_MARGIN * largest, LEAST_INTERFACE_MW)
    touched = np.asarray(np.abs(grid.terms[:, lost]).sum(axis=1)).ravel() > 0.0
    base = np.where(touched, day.weak_interfaces, 1.0) * base
    for interface, most in weak.items():
        base[interface] = most
    daytime = np.where((HOUR > 8.0) & (HOUR < 20.0), DAYTIME, 1.0)
    return 10.0 * np.ceil(base[:, None] * daytime / 10.0), np.array(sorted(weak), dtype=np.int64)
