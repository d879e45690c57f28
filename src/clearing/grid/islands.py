"""Electrical islands and the reference each one's prices and shift factors refer to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from clearing.case.arrays import Floats, Ids, Ints, freeze
from clearing.case.case import Case
from clearing.case.firm_load import firm_load


@dataclass(frozen=True, slots=True)
class Islands:
    """I islands over K buses, ordered by their first bus.

    id (I)                  id of the island's first bus
    of_bus (K)              island index
    reference_weight (K)    share of the bus in the reference of its island; sums to 1 over an island
    """

    id: Ids
    of_bus: Ints
    reference_weight: Floats

    def __post_init__(self) -> None:
        freeze(self)

    @property
    def count(self) -> int:
        """Number of islands."""
        return len(self.id)

    def total(self, of_bus: Floats) -> Floats:
        """Sum (K, …) over the buses of each island: (I, …)."""
        sums = np.zeros((self.count, *of_bus.shape[1:]))
        np.add.at(sums, self.of_bus, of_bus)
        return sums


def bus_load_mw(case: Case) -> Floats:
    """Load by bus (K, T) that must be served or shed: loads and the least quantities of what bids."""
    load = np.zeros((len(case.network.bus_id), case.horizon.periods))
    np.add.at(load, *firm_load(case))
    return load


def islands(case: Case) -> Islands:
    """Connected components of the branches in service; the reference is spread over the island's load."""
    network = case.network
    buses = len(network.bus_id)
    live = network.branch_in_service
    ends = (network.branch_from[live], network.branch_to[live])
    graph = sp.coo_array((np.ones(int(live.sum())), ends), shape=(buses, buses))
    count, label = connected_components(graph, directed=False)
    first = np.full(count, buses)
    np.minimum.at(first, label, np.arange(buses))
    order = np.argsort(first)
    rank = np.empty(count, dtype=np.int64)
    rank[order] = np.arange(count)
    of_bus = rank[label]
    weight = np.maximum(bus_load_mw(case), 0.0).sum(axis=1)
    total = np.zeros(count)
    np.add.at(total, of_bus, weight)
    weight[first[order][total == 0.0]] = 1.0
    total[total == 0.0] = 1.0
    return Islands(tuple(network.bus_id[k] for k in first[order]), of_bus, weight / total[of_bus])
