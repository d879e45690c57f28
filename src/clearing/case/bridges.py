"""Which losses of branches part an electrical island."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from clearing.case.arrays import Bools, Ints
from clearing.case.network import Network


def parting(network: Network, live: Bools, outages: Sequence[Ints]) -> Bools:
    """Which outages (C) part an island of the branches in service (L).

    One branch by the bridges of the network, sets by trying them.
    """
    single = bridges(network, live)
    whole = _components(network, live)
    found = np.zeros(len(outages), dtype=np.bool_)
    for c, lost in enumerate(outages):
        if len(lost) == 1:
            found[c] = single[lost[0]]
        elif len(lost):
            left = live.copy()
            left[lost] = False
            found[c] = _components(network, left) > whole
    return found


def bridges(network: Network, live: Bools) -> Bools:
    """Branches (L) in service (live) whose loss parts an island: no other way between their ends (Tarjan 1974)."""
    ends = np.stack([network.branch_from, network.branch_to])
    around: list[list[tuple[int, int]]] = [[] for _ in network.bus_id]
    for line in np.flatnonzero(live & (ends[0] != ends[1])).tolist():
        a, b = int(ends[0, line]), int(ends[1, line])
        around[a].append((b, line))
        around[b].append((a, line))
    seen, low = [-1] * len(around), [0] * len(around)
    found = np.zeros(len(network.branch_id), dtype=np.bool_)
    count = 0
    for root in range(len(around)):
        if seen[root] >= 0:
            continue
        stack = [(root, -1, iter(around[root]))]
        seen[root] = low[root] = count
        count += 1
        while stack:
            bus, via, ways = stack[-1]
            for other, line in ways:
                if line == via:
                    continue
                if seen[other] < 0:
                    seen[other] = low[other] = count
                    count += 1
                    stack.append((other, line, iter(around[other])))
                    break
                low[bus] = min(low[bus], seen[other])
            else:
                stack.pop()
                if stack:
                    before = stack[-1][0]
                    low[before] = min(low[before], low[bus])
                    found[via] = low[bus] > seen[before]
    return found


def _components(network: Network, live: Bools) -> int:
    ends = (network.branch_from[live], network.branch_to[live])
    size = len(network.bus_id)
    count, _ = connected_components(sp.coo_array((np.ones(int(live.sum())), ends), shape=(size, size)), directed=False)
    return int(count)
