"""The auditor's own DC network: islands by connected components, flows and sensitivities by sparse B-θ solves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph
from scipy.sparse.linalg import splu

from clearing.case.arrays import Floats, Ids, Ints
from clearing.case.network import Network

BASE_MVA = 100.0
"""Power base of the per-unit reactances; it matters for phase shifts only."""


@dataclass(frozen=True, slots=True)
class Electrical:
    """K buses, L branches, I islands, ordered by their first bus.

    island (K)           island of a bus
    island_id (I)        id of its first bus
    weight (K)           share of the bus in the reference of its island, adds up to 1 an island
    susceptance_mw (L)   100/(x·tap) MW a radian; 0 where out of service
    shift_rad (L)        phase shift
    incidence (L, K)     +1 at from, −1 at to; empty rows where out of service
    members (I, K)       1 where the bus belongs to the island
    solve                (K, m) right-hand sides → angles (K, m), 0 at the first bus of each island
    """

    island: Ints
    island_id: Ids
    weight: Floats
    susceptance_mw: Floats
    shift_rad: Floats
    incidence: sparse.csr_array
    members: sparse.csr_array
    solve: Callable[[Floats], Floats]


def electrical(network: Network, bus_load_mw: Floats) -> Electrical:
    """Islands, references and the factorised B matrix. bus_load_mw (K, T)."""
    buses, live = len(network.bus_id), network.branch_in_service
    ends = (network.branch_from[live], network.branch_to[live])
    links = sparse.coo_array((np.ones(live.sum()), ends), shape=(buses, buses))
    _, label = csgraph.connected_components(links, directed=False)
    _, first, island = np.unique(label, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    island, first = rank[island], np.sort(first)
    members = sparse.csr_array((np.ones(buses), (island, np.arange(buses))), shape=(len(first), buses))

    susceptance = np.zeros(len(network.branch_id))
    susceptance[live] = BASE_MVA / (network.branch_reactance_pu[live] * network.branch_tap_ratio[live])
    row = np.flatnonzero(live)
    incidence = sparse.csr_array(
        (
            np.concatenate([np.ones(len(row)), -np.ones(len(row))]),
            (np.concatenate([row, row]), np.concatenate(ends)),
        ),
        shape=(len(live), buses),
    )
    return Electrical(
        island=island,
        island_id=tuple(network.bus_id[k] for k in first),
        weight=_reference(bus_load_mw, members, island, first),
        susceptance_mw=susceptance,
        shift_rad=np.where(live, np.deg2rad(network.branch_shift_degrees), 0.0),
        incidence=incidence,
        members=members,
        solve=_factorised(incidence, susceptance, first, buses),
    )


def _reference(bus_load_mw: Floats, members: sparse.csr_array, island: Ints, first: Ints) -> Floats:
    """Weights of the reference: positive load over the horizon; the first bus where an island has none. (K,)."""
    load = np.maximum(bus_load_mw, 0.0).sum(axis=1)
    total = members @ load
    loaded = total[island] > 0
    weight = np.where(loaded, load / np.where(loaded, total[island], 1.0), 0.0)
    weight[first[total <= 0]] = 1.0
    return np.asarray(weight)


def _factorised(
    incidence: sparse.csr_array, susceptance: Floats, first: Ints, buses: int
) -> Callable[[Floats], Floats]:
    keep = np.setdiff1d(np.arange(buses), first)
    if not len(keep):
        return np.zeros_like
    matrix = (incidence.T @ sparse.diags_array(susceptance) @ incidence).tocsc()
    factor = splu(matrix[keep][:, keep].tocsc())

    def solve(right: Floats) -> Floats:
        angles = np.zeros(right.shape)
        angles[keep] = factor.solve(np.ascontiguousarray(right[keep]))
        return angles

    return solve


def island_sum(grid: Electrical, bus_values: Floats) -> Floats:
    """Sum over the buses of each island: (K, T) → (I, T)."""
    return np.asarray(grid.members @ bus_values)


def branch_flows(grid: Electrical, injection_mw: Floats) -> Floats:
    """Flow from → to by branch, MW (L, T); what an island injects too much leaves at its reference (K, T)."""
    balanced = injection_mw - grid.weight[:, None] * island_sum(grid, injection_mw)[grid.island]
    pull = (grid.susceptance_mw * grid.shift_rad)[:, None]
    angles = grid.solve(balanced + grid.incidence.T @ np.broadcast_to(pull, (len(pull), balanced.shape[1])))
    return np.asarray(grid.susceptance_mw[:, None] * (grid.incidence @ angles) - pull)


def shift_flows(grid: Electrical) -> Floats:
    """Flow that phase shifts alone drive, MW (L,)."""
    return branch_flows(grid, np.zeros((len(grid.island), 1)))[:, 0]


def sensitivities(grid: Electrical, combination: sparse.csr_array) -> Floats:
    """MW on each combination of branches (m, L) per MW injected at a bus and withdrawn at the reference: (m, K)."""
    if not combination.shape[0]:
        return np.zeros((0, len(grid.island)))
    right = (grid.incidence.T @ sparse.diags_array(grid.susceptance_mw) @ combination.T).toarray()
    answer = grid.solve(right)
    at_reference = island_sum(grid, grid.weight[:, None] * answer)
    return np.asarray((answer - at_reference[grid.island]).T)
