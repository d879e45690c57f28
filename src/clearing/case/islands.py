"""States of the branches over the horizon, and the electrical islands that each one makes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from clearing.case.arrays import Bools, Ids, Ints, freeze
from clearing.case.network import Network, live_branches


@dataclass(frozen=True, slots=True)
class States:
    """C different states of the branches over T periods, in the order in which they first occur.

    live (C, L)       branch in service
    of_period (T)     state of each period
    first (C)         first period of each state
    """

    live: Bools
    of_period: Ints
    first: Ints

    def __post_init__(self) -> None:
        freeze(self)


def states(network: Network, periods: int) -> States:
    """States of the branches; one where there are no outage windows."""
    live = live_branches(network, periods)
    if not len(network.branch_outages.branch):
        return States(live[:, :1].T.copy(), np.zeros(periods, dtype=np.int64), np.zeros(1, dtype=np.int64))
    _, first, of_period = np.unique(live.T, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(first), dtype=np.int64)
    rank[order] = np.arange(len(first))
    return States(live.T[first[order]], rank[of_period.reshape(-1)], first[order])


def first_of_island(network: Network, live: Bools) -> Ints:
    """First bus (K) of the island that each bus is in, with the branches in service (L)."""
    buses = len(network.bus_id)
    ends = (network.branch_from[live], network.branch_to[live])
    graph = sp.coo_array((np.ones(int(live.sum())), ends), shape=(buses, buses))
    count, label = connected_components(graph, directed=False)
    first = np.full(count, buses)
    np.minimum.at(first, label, np.arange(buses))
    return np.asarray(first[label])


def island_heads(network: Network, known: States) -> Ints:
    """First bus of the island that each bus is in, by state: (C, K)."""
    return np.stack([first_of_island(network, live) for live in known.live])


def island_ids(network: Network, periods: int) -> Ids:
    """Names of all islands of a horizon, ordered by their first bus, which names them: they have rows in a result."""
    heads = island_heads(network, states(network, periods))
    return tuple(network.bus_id[k] for k in np.unique(heads))
