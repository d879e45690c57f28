"""Contingency list: circuits of the high-voltage grid and the large units."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.case.bridges import parting
from clearing.case.case import Case
from clearing.case.contingencies import Contingencies, OutageKind
from clearing.grid.monitored import grid
from clearing.grid.outages import outage_factors

LARGE_MW = 900.0
"""Units at least this large are lost one by one."""
SECURE = 1.0
"""Emergency limit over the greatest design flow after a loss, where 1.2 times the normal limit is lower."""


def secured(case: Case, least_kv: float, designs: np.ndarray) -> Case:
    """The case with its list: every circuit in service of the high-voltage grid, every large unit.

    least_kv: circuits and transformers with both ends at this voltage or more are lost one by one, and watched after
    every loss. Left out are circuits whose loss parts the network, and those after whose loss what stands fixed at an
    end of theirs cannot leave it (`_stranded`), which no dispatch can mend; the notes name these.
    designs (K, n): injections of the design flows. Emergency limits of what is watched are raised to what these need
    after every loss of a circuit in the list.
    """
    network, units = case.network, case.units
    kilovolt = network.bus_voltage_kv
    high = np.minimum(kilovolt[network.branch_from], kilovolt[network.branch_to]) >= least_kv
    circuits = np.flatnonzero(high & network.branch_in_service)
    circuits = circuits[~parting(network, network.branch_in_service, [np.array([b]) for b in circuits.tolist()])]
    stranded = _stranded(case)[circuits]
    left_out, circuits = circuits[stranded], circuits[~stranded]
    large = np.flatnonzero(units.p_max_mw.max(axis=1) >= LARGE_MW)
    kind = np.repeat([OutageKind.BRANCH, OutageKind.UNIT], [len(circuits), len(large)]).astype(np.int64)
    none = np.zeros(0, dtype=np.int64)
    listed = Contingencies(
        id=(*(f"N-{network.branch_id[b]}" for b in circuits), *(f"N-{units.id[i]}" for i in large)),
        outage_contingency=np.arange(len(kind)),
        outage_kind=kind,
        outage_element=np.concatenate([circuits, large]),
        monitored_branch=none,
        monitored_min_voltage_kv=least_kv,
        monitored_interface=none,
        exempt_contingency=none,
        exempt_branch=none,
    )
    need = SECURE * _after(case, designs, np.flatnonzero(high), circuits)
    limit = np.maximum(network.branch_emergency_limit_mw, 5.0 * np.ceil(need / 5.0))
    raised = int((limit > network.branch_emergency_limit_mw).sum())
    named = ", ".join(network.branch_id[b] for b in left_out.tolist())
    notes = [f"Emergency limits of {raised} branches are {SECURE:g} times the greatest design flow after a loss."]
    if named:
        why = "Not in the list of contingencies, since a link could not leave its bus"
        notes.append(f"{why}: {named}; links are run back then.")
    return replace(
        case,
        network=replace(network, branch_emergency_limit_mw=limit),
        contingencies=listed,
        notes=(*case.notes, *notes),
    )


def _after(case: Case, designs: np.ndarray, rows: np.ndarray, circuits: np.ndarray) -> np.ndarray:
    """Greatest flow (L) of the design injections after the loss of any of the circuits, on the branches `rows`."""
    state = grid(case).topologies[0]
    flow = state.driven(designs) + state.offset[:, None]
    factors = outage_factors(case.network, state, [np.array([b]) for b in circuits.tolist()])
    most, watched = np.zeros(len(flow)), flow[rows]
    for lost, factor in zip(factors.branch.tolist(), factors.factor, strict=True):
        left = np.abs(watched + factor[rows, None] * flow[lost]).max(axis=1)
        most[rows] = np.maximum(most[rows], np.where(rows == lost, 0.0, left))
    return most


def _stranded(case: Case) -> np.ndarray:
    """Branches (L) without which links and loads at an end exceed the emergency limits of what is left there.

    A unit or a store at the bus can give way, a link with a fixed schedule cannot: its converter is run back by
    protection when such a circuit trips, which a dispatch knows nothing of.
    """
    network = case.network
    fixed = np.zeros((len(network.bus_id), case.horizon.periods))
    np.add.at(fixed, case.ties.bus, case.ties.import_mw)
    np.add.at(fixed, case.loads.bus, -case.loads.mw)
    most = np.abs(fixed).max(axis=1)
    limit = np.where(network.branch_in_service, network.branch_emergency_limit_mw, 0.0)
    free = np.isinf(limit)
    room, ways = np.zeros(len(most)), np.zeros(len(most), dtype=np.int64)
    ends = (network.branch_from, network.branch_to)
    for end in ends:
        np.add.at(room, end, np.where(free, 0.0, limit))
        np.add.at(ways, end, free)
    left = [np.where(ways[end] - free > 0, np.inf, room[end] - np.where(free, 0.0, limit)) for end in ends]
    return np.asarray((most[ends[0]] > left[0]) | (most[ends[1]] > left[1]))
