"""Loads and islands by bus. The report stands on the case alone, so it works them out for itself."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats, Ints
from clearing.case.case import Case
from clearing.case.network import Network


def bus_load_mw(case: Case) -> Floats:
    """Load of every bus, MW (K, T)."""
    load = np.zeros((len(case.network.bus_id), case.horizon.periods))
    np.add.at(load, case.loads.bus, case.loads.mw)
    return load


def bus_island(network: Network) -> Ints:
    """Island of every bus (K): connected components of the branches in service, numbered by their first bus."""
    parent = list(range(len(network.bus_id)))

    def root(bus: int) -> int:
        while parent[bus] != bus:
            parent[bus] = parent[parent[bus]]
            bus = parent[bus]
        return bus

    live = network.branch_in_service
    for a, b in zip(network.branch_from[live].tolist(), network.branch_to[live].tolist(), strict=True):
        low, high = sorted((root(a), root(b)))
        parent[high] = low
    roots = np.array([root(k) for k in range(len(parent))], dtype=np.int64)
    return np.asarray(np.unique(roots, return_inverse=True)[1], dtype=np.int64).reshape(-1)


def island_load_mwh(case: Case) -> Floats:
    """Load energy of every island (I)."""
    energy = bus_load_mw(case).sum(axis=1) * case.horizon.hours
    return np.asarray(np.bincount(bus_island(case.network), weights=energy), dtype=np.float64)


def main_island(case: Case) -> int:
    """Index of the island with the greatest load energy; its λ is the system price that is shown."""
    return int(np.argmax(island_load_mwh(case)))
