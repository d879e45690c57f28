"""Limits beyond those of one unit and period: starts a day, battery cycles, units kept on for voltage."""

from __future__ import annotations

import numpy as np

from clearing.case.energy_limits import StorageCycles
from clearing.case.starts import StartLimits
from clearing.case.unit_groups import UnitGroups

from .conditions import Conditions
from .fleet import COAL_300, COAL_600, GAS, Fleet
from .places import Places
from .series import PERIODS
from .stores import Stores
from .topology import Topology

BATTERY_CYCLES = 2.0


def start_limits(fleet: Fleet) -> StartLimits:
    """Coal of the 600 and 1000 MW classes starts and stops at most once a day, 300 MW once, gas twice."""
    units = np.flatnonzero((fleet.kind <= COAL_300) | (fleet.kind == GAS))
    most = np.where(fleet.kind[units] == GAS, 2, 1).astype(np.int64)
    return StartLimits(unit=units.astype(np.int64), max_starts=most, max_stops=most.copy())


def storage_cycles(stores: Stores) -> StorageCycles:
    """Batteries: two full cycles a day, as their warranties have it; pumped hydro: no limit."""
    batteries = np.arange(stores.batteries)
    return StorageCycles(storage=batteries.astype(np.int64), max_cycles=np.full(len(batteries), BATTERY_CYCLES))


def voltage_support(grid: Topology, at: Places, fleet: Fleet, state: Conditions, areas: int) -> UnitGroups:
    """At least one unit of the 600 MW class on line in the `areas` with most load that have such units on."""
    heaviest = np.argsort(-np.bincount(grid.area, weights=grid.load_mw), kind="stable")
    names: list[str] = []
    groups: list[int] = []
    members: list[int] = []
    for area in heaviest.tolist():
        inside = np.flatnonzero((fleet.kind == COAL_600) & (grid.area[at.units] == area) & ~state.outage)
        if len(names) < areas and state.initial_on[inside].any():
            groups += [len(names)] * len(inside)
            members += inside.tolist()
            names.append(f"support-area-{area + 1}")
    shape = (len(names), PERIODS)
    return UnitGroups(
        id=tuple(names),
        member_group=np.array(groups, dtype=np.int64),
        member_unit=np.array(members, dtype=np.int64),
        min_mw=np.full(shape, -np.inf),
        max_mw=np.full(shape, np.inf),
        min_on=np.ones(shape, dtype=np.int64),
        max_on=np.full(shape, -1, dtype=np.int64),
    )
