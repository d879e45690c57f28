"""The DC power flow of the network in one state, by one sparse LU and without dense matrices of shift factors."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from clearing.case.arrays import Bools, Floats, Ints
from clearing.case.case import Case
from clearing.case.islands import states
from clearing.case.network import Network
from clearing.grid.cache import KEPT, digest
from clearing.grid.factored import Factored
from clearing.grid.islands import Islands

BASE_MVA = 100.0


class Topology:
    """K buses, L branches in one state. flow (L, n) = driven(injection (K, n)) + offset (L, 1), MW from → to.

    electrical              digest of everything but the reference: what outage factors and the LU depend on
    live (L)                branch in service; the others have no flow and no factors
    of_bus (K)              island of the bus
    reference_weight (K)    share in the reference of its island, where what is injected too much leaves
    susceptance (L)         100/(x·tap), MW a radian; 0 where out of service
    offset (L)              flow that the phase shifters drive at no injection
    incidence, carry (L, K) +1 at from, −1 at to, of branches in service; the same times susceptance
    members (I, K)          1 where the bus is in the island
    ends (2, L)             from- and to-bus
    kept                    buses that are not the first of their island, whose angle is 0

    Shift factors G (L, K), MW on a branch for 1 MW injected at a bus and withdrawn at the reference of its island, are
    never formed as a whole: `sensitivity` gives G of any weighted sums of branches, which is what a row of a branch,
    an interface or an element after a contingency (own branch + outage factor · lost branch) needs.
    """

    def __init__(self, network: Network, live: Bools, of_bus: Ints, reference_weight: Floats) -> None:
        self.electrical = digest("electrical", *_electrical(network, live), of_bus)
        self.live, self.of_bus, self.reference_weight = live, of_bus, reference_weight
        buses, branches = len(of_bus), len(live)
        self.ends: Ints = np.stack([network.branch_from, network.branch_to])
        here = np.flatnonzero(live)
        self.susceptance: Floats = np.zeros(branches)
        self.susceptance[here] = BASE_MVA / (network.branch_reactance_pu[here] * network.branch_tap_ratio[here])
        ends = np.concatenate([network.branch_from[here], network.branch_to[here]])
        signs = np.repeat([1.0, -1.0], len(here))
        incidence = sp.coo_array((signs, (np.tile(here, 2), ends)), shape=(branches, buses))
        self.incidence = sp.csr_array(incidence)
        self.carry = sp.csr_array(sp.diags_array(self.susceptance) @ self.incidence)
        self.members = sp.csr_array(sp.coo_array((np.ones(buses), (of_bus, np.arange(buses)))))
        self.kept = np.setdiff1d(np.arange(buses), np.unique(of_bus, return_index=True)[1])
        pull = self.susceptance * np.where(live, np.deg2rad(network.branch_shift_degrees), 0.0)
        self.offset: Floats = self.driven((self.incidence.T @ pull)[:, None])[:, 0] - pull

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays; the LU is kept by itself."""
        tables = (self.incidence, self.carry, self.members)
        sparse = sum(t.data.nbytes + t.indices.nbytes + t.indptr.nbytes for t in tables)
        own = (self.live, self.of_bus, self.reference_weight, self.susceptance, self.offset, self.kept)
        return int(sparse) + sum(array.nbytes for array in own)

    @cached_property
    def factored(self) -> Factored:
        """The nodal matrix of the buses that are not grounded, found again where the reference alone is another."""

        def factored() -> Factored:
            nodal = sp.csc_array(self.incidence.T @ self.carry)
            return Factored(sp.csc_array(nodal[self.kept][:, self.kept]))

        return KEPT.get(digest("factored", np.frombuffer(self.electrical, dtype=np.uint8)), factored)

    def angles(self, right: Floats, *, refine: bool = False) -> Floats:
        """θ (m, K) for every row of injections (m, K) that balance in every island; 0 at the islands' first buses."""
        angle = np.zeros(right.shape)
        if len(self.kept) and len(right):
            angle[:, self.kept] = self.factored.solve(np.ascontiguousarray(right[:, self.kept]), refine)
        return angle

    def driven(self, injection: Floats) -> Floats:
        """Flow (L, n) that injections (K, n) drive, phase shifters aside."""
        excess = self.members @ injection
        balanced = injection - self.reference_weight[:, None] * excess[self.of_bus]
        return np.asarray(self.carry @ self.angles(np.ascontiguousarray(balanced.T)).T)

    def sensitivity(self, weight: sp.csr_array) -> Floats:
        """MW on each weighted sum of branches (m, L) for 1 MW injected at a bus, withdrawn at the reference: (m, K)."""
        # B is symmetric, so the factors of a branch are the angles that its own row drives.
        answer = self.angles(sp.csr_array(weight @ self.carry).toarray())
        mean = self.members @ (answer * self.reference_weight).T
        return np.asarray(answer - mean.T[:, self.of_bus])


def _electrical(network: Network, live: Bools) -> tuple[NDArray[Any], ...]:
    """Every column of the network that flows depend on."""
    return (
        live,
        network.branch_from,
        network.branch_to,
        network.branch_reactance_pu,
        network.branch_tap_ratio,
        network.branch_shift_degrees,
    )


def topology(network: Network, live: Bools, of_bus: Ints, reference_weight: Floats) -> Topology:
    """The topology, found again where this process has had one of the same content."""
    key = digest("topology", *_electrical(network, live), of_bus, reference_weight)
    return KEPT.get(key, lambda: Topology(network, live, of_bus, reference_weight))


def topologies(case: Case, islands: Islands) -> tuple[tuple[Topology, ...], Ints]:
    """The topologies (C) of a case, and which of them each period (T) has."""
    known = states(case.network, case.horizon.periods)
    found = tuple(
        topology(case.network, live, islands.of_bus[:, first], islands.reference_weight[:, first])
        for live, first in zip(known.live, known.first, strict=True)
    )
    return found, known.of_period
