"""Limits of branches and interfaces, from the source's ratings and the design flows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .days import SPRING_NOON, Day
from .losses import circuits_out
from .series import HOUR
from .topology import Topology

MARGIN = 1.3
"""Rating over the greatest design flow, where the source's rating is lower."""
OUTLET = 1.5
"""Ratings of all branches at a bus over what may be fed in or taken out there."""
EMERGENCY = 1.2
SEASONS = (0.78, 0.92)
"""Limit over the greatest design flow on the few elements that are meant to bind: on those with most flow on the sunny
spring day, whose dispatch curtails what the design flows spread evenly, and on those with most flow on the others."""
TIGHT_BRANCHES, TIGHT_INTERFACES = (4, 8), (3, 4)
"""How many there are, by season."""
APART = 1.2
"""Spring flow over any other from which an element counts as one of spring, so that it is no bottleneck elsewhere."""
LEAST_TIGHT_MW = 150.0
INTERFACE_MARGIN = 1.25
LEAST_INTERFACE_MW = 300.0
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


def ratings(day: Day, grid: Topology, designs: Mapping[str, np.ndarray], at_bus_mw: np.ndarray) -> Ratings:
    """Rate the network. designs: injections (K, n) by day; at_bus_mw (K): most that a bus may feed in or draw."""
    flow = {name: grid.flow(injection) for name, injection in designs.items()}
    spring, others = _largest(flow, True), _largest(flow, False)
    largest = np.maximum(spring, others)
    limit = _with_outlets(grid, np.maximum(grid.rate_mw, MARGIN * largest), at_bus_mw)
    load = np.where(grid.meshed() & (largest > LEAST_TIGHT_MW), largest / grid.rate_mw, 0.0)
    place = grid.zone[grid.start]
    tight = _pick(load, spring, others, place, TIGHT_BRANCHES)
    limit[tight] = tightness(spring, others)[tight] * largest[tight]
    limit = 5.0 * np.ceil(limit / 5.0)
    live = np.ones(len(limit), dtype=np.bool_)
    lost = circuits_out(day.lines_out, grid, designs[day.name], limit, tight)
    live[lost] = False
    through = {name: np.asarray(grid.terms @ f) for name, f in flow.items()}
    most, weak = _interfaces(day, grid, through, lost)
    return Ratings(limit, -most, most, live, tight, weak)


def _largest(flow: Mapping[str, np.ndarray], spring: bool) -> np.ndarray:
    chosen = [np.abs(f).max(axis=1) for name, f in flow.items() if (name == SPRING_NOON.name) == spring]
    return np.asarray(np.max(chosen, axis=0))


def _with_outlets(grid: Topology, limit: np.ndarray, at_bus_mw: np.ndarray) -> np.ndarray:
    total = np.zeros(len(at_bus_mw))
    for side in (grid.start, grid.end):
        np.add.at(total, side, limit)
    factor = np.maximum(1.0, OUTLET * at_bus_mw / np.maximum(total, 1.0))
    return np.asarray(limit * np.maximum(factor[grid.start], factor[grid.end]))


def tightness(spring: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Limit over the greatest design flow of elements meant to bind, by their season."""
    return np.where(spring > APART * others, *SEASONS)


def _pick(
    load: np.ndarray, spring: np.ndarray, others: np.ndarray, place: np.ndarray, counts: tuple[int, int]
) -> np.ndarray:
    """The elements with most load among those of spring and among the rest, one a place and season."""
    chosen: list[int] = []
    for each, season in zip(counts, (spring > APART * others, spring <= others), strict=True):
        taken: set[int] = set()
        for element in np.argsort(-np.where(season, load, 0.0), kind="stable").tolist():
            if len(taken) == each or not season[element] or load[element] <= 0.0:
                break
            if int(place[element]) not in taken:
                taken.add(int(place[element]))
                chosen.append(element)
    return np.sort(np.array(chosen, dtype=np.int64))


def _interfaces(
    day: Day, grid: Topology, through: Mapping[str, np.ndarray], lost: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Limits (S, T) of both directions, and which cut-sets are meant to bind: areas with most flow of their season."""
    spring, others = _largest(through, True), _largest(through, False)
    largest = np.maximum(spring, others)
    area = np.array([name.startswith("area") for name in grid.interface_id])
    weak = _pick(np.where(area, largest, 0.0), spring, others, np.arange(len(area)), TIGHT_INTERFACES)
    base = np.maximum(INTERFACE_MARGIN * largest, LEAST_INTERFACE_MW)
    base[weak] = tightness(spring, others)[weak] * largest[weak]
    touched = np.asarray(np.abs(grid.terms[:, lost]).sum(axis=1)).ravel() > 0.0
    touched[weak] = False
    base = np.where(touched, day.weak_interfaces, 1.0) * base
    daytime = np.where((HOUR > 8.0) & (HOUR < 20.0), DAYTIME, 1.0)
    return 10.0 * np.ceil(base[:, None] * daytime / 10.0), weak
