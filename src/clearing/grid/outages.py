"""Flows after branches are lost: outage factors, and which outages part an island.

With H_lm the flow on l of 1 MW sent from the from-end of m to its to-end, the loss of a set S moves the flows to

    f_l + Σ_{m in S} F_lm · f_m,     F_·S = H_·S (I − H_SS)^−1

(f before the outage, flows driven by phase shifters included). For one branch this is the line outage distribution
factor H_lm / (1 − H_mm). Source: Guo, Fu, Li & Shahidehpour 2009
(direct calculation of line outage distribution factors).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from clearing.case.arrays import Bools, Floats, Ints, freeze
from clearing.case.network import Network
from clearing.grid.cache import KEPT, digest
from clearing.grid.topology import Topology
from clearing.grid.transfers import single_outages, transfers


@dataclass(frozen=True, slots=True)
class OutageFactors:
    """C outages, M entries: the branches of all outages that part no island, an outage's together and in order.

    parts (C)                 True: the outage parts an island; its flows are no linear function of those before
    first (C + 1)             entries of outage c: first[c] … first[c + 1] − 1 (none where it parts an island)
    branch (M)                branch that is lost
    factor (M, L)             F: what each MW on the lost branch before adds to every branch; −1 on itself
    """

    parts: Bools
    first: Ints
    branch: Ints
    factor: Floats

    def __post_init__(self) -> None:
        freeze(self)

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        return int(self.parts.nbytes + self.first.nbytes + self.branch.nbytes + self.factor.nbytes)

    def after(self, outage: int, flow: Floats) -> Floats:
        """Flows (L, T) after an outage that parts no island, from flows (L, T) before it."""
        own = slice(int(self.first[outage]), int(self.first[outage + 1]))
        return np.asarray(flow + self.factor[own].T @ flow[self.branch[own]])


def outage_factors(network: Network, topology: Topology, outages: Sequence[Ints]) -> OutageFactors:
    """Factors of every outage in one state of the network, each a set of branches that are in service in it.

    A set that holds a branch out of service, or one twice, is the caller's fault. Found again where this process has
    had the same outages in a network of the same content.
    """
    sizes = np.array([len(lost) for lost in outages], dtype=np.int64)
    lost = np.concatenate([np.zeros(0, dtype=np.int64), *outages])
    key = digest("outages", np.frombuffer(topology.digest, dtype=np.uint8), sizes, lost)
    return KEPT.get(key, lambda: new_outage_factors(network, topology, outages))


def new_outage_factors(network: Network, topology: Topology, outages: Sequence[Ints]) -> OutageFactors:
    """As `outage_factors`, formed anew and kept nowhere."""
    parts = parting(network, topology.live, outages)
    kept = [np.zeros(0, dtype=np.int64) if gone else np.asarray(own) for gone, own in zip(parts, outages, strict=True)]
    first = np.concatenate([[0], np.cumsum([len(own) for own in kept])]).astype(np.int64)
    branch = np.concatenate([np.zeros(0, dtype=np.int64), *kept]).astype(np.int64)
    factor = transfers(topology, branch)
    single_outages(factor, branch, first[:-1][np.diff(first) == 1])
    for own in (slice(a, b) for a, b in pairwise(first.tolist()) if b > a + 1):
        lost = branch[own]
        alone = np.eye(len(lost)) - factor[own, lost]  # (m, n): H_nm is factor[m, n]
        factor[own] = np.linalg.solve(alone, factor[own])
        factor[own, lost] = -np.eye(len(lost))
    return OutageFactors(parts, first, branch, factor)


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
