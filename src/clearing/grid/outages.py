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

from clearing.case.arrays import Bools, Floats, Ints, freeze
from clearing.case.bridges import parting
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
    key = digest("outages", np.frombuffer(topology.electrical, dtype=np.uint8), sizes, lost)
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
