"""Elements whose flow is limited, branches with a rating and interfaces, in the network as it is in each period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from clearing.case.arrays import Floats, Ids, Ints, freeze
from clearing.case.case import Case
from clearing.case.network import Network, branch_limits
from clearing.case.schedule import Flows
from clearing.grid.islands import Islands, islands
from clearing.grid.topology import Topology, topologies

BRANCH, INTERFACE = 0, 1
FAMILY = ("branch", "interface")


@dataclass(frozen=True, slots=True)
class Monitored:
    """E elements, L branches, T periods: lower ≤ weight @ branch flow ≤ upper, MW.

    kind (E)            BRANCH or INTERFACE; id (E)
    weight (E, L)       sparse: flow of the element = Σ weight · branch flow
    lower, upper (E, T) ∓inf where there is no limit, and where a branch is out
    """

    kind: Ints
    id: Ids
    weight: sp.csr_array
    lower: Floats
    upper: Floats

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Grid:
    """The network by period: K buses, L branches, E limited elements, T periods, C topologies.

    islands             islands and references by period
    topologies (C)      the different states of the branches
    of_period (T)       topology of each period
    monitored           limited elements; weights are the same in all topologies, a branch that is out has no flow

    Flows and rows of anything that is a weighted sum of branch flows follow from `topologies[c].sensitivity(weight)`
    and `.offset`; elements after a contingency are such sums whose weights (outage factors) differ by topology.
    """

    islands: Islands
    topologies: tuple[Topology, ...]
    of_period: Ints
    monitored: Monitored

    def __post_init__(self) -> None:
        freeze(self)

    def driven(self, injection: Floats) -> Floats:
        """Flow (L, T) of every branch that injections (K, T) drive, phase shifters aside."""
        flow = np.zeros((self.monitored.weight.shape[1], injection.shape[1]))
        for c, topology in enumerate(self.topologies):
            here = self.of_period == c
            flow[:, here] = topology.driven(injection[:, here])
        return flow

    def branch_flow(self, injection: Floats) -> Floats:
        """Flow (L, T) of every branch for injections (K, T)."""
        offset = np.stack([topology.offset for topology in self.topologies], axis=1)
        return self.driven(injection) + offset[:, self.of_period]

    def flow(self, injection: Floats) -> Floats:
        """Flow (E, T) of the elements for injections (K, T)."""
        return np.asarray(self.monitored.weight @ self.branch_flow(injection))

    def sensitivity(self, element: Ints, period: Ints) -> Floats:
        """MW on each of n pairs of element and period for 1 MW at a bus, withdrawn at the reference: (n, K)."""
        found = np.zeros((len(element), self.islands.of_bus.shape[0]))
        for c, topology in enumerate(self.topologies):
            here = self.of_period[period] == c
            asked, place = np.unique(element[here], return_inverse=True)
            found[here] = topology.sensitivity(self.monitored.weight[asked])[place]
        return found

    def offset(self, element: Ints, period: Ints) -> Floats:
        """Flow (n) of each pair of element and period that phase shifters drive."""
        driven = np.stack([self.monitored.weight @ topology.offset for topology in self.topologies], axis=1)
        return np.asarray(driven[element, self.of_period[period]])

    def at_bus(self, bus: int) -> Floats:
        """MW on every element (E, T) for 1 MW injected at one bus and withdrawn at the reference."""
        unit = np.zeros((self.islands.of_bus.shape[0], 1))
        unit[bus] = 1.0
        columns = [self.monitored.weight @ topology.driven(unit)[:, 0] for topology in self.topologies]
        return np.asarray(np.stack(columns, axis=1)[:, self.of_period])

    def at_all_buses(self, value: Floats) -> Floats:
        """Σ_e value_et · (MW on element e for 1 MW at bus k): (E, T) → (K, T)."""
        found = np.zeros((self.islands.of_bus.shape[0], value.shape[1]))
        for c, topology in enumerate(self.topologies):
            here = np.flatnonzero(self.of_period == c)
            here = here[(value[:, here] != 0.0).any(axis=0)]
            weight = sp.csr_array(sp.csr_array(value[:, here].T) @ self.monitored.weight)
            found[:, here] = topology.sensitivity(weight).T
        return found


def interface_matrix(network: Network) -> sp.csr_array:
    """Coefficients of the branches in the interfaces (S, L)."""
    shape = (len(network.interface_id), len(network.branch_id))
    terms = (network.term_interface, network.term_branch)
    return sp.csr_array(sp.coo_array((network.term_coefficient, terms), shape=shape))


def grid(case: Case) -> Grid:
    """Everything the network rows need, derived once."""
    network, periods = case.network, case.horizon.periods
    where = islands(case)
    states, of_period = topologies(case, where)
    normal, _ = branch_limits(network, periods)
    limit = np.where(np.stack([state.live for state in states], axis=1)[:, of_period], normal, np.inf)
    rated = np.flatnonzero(np.isfinite(limit).any(axis=1))
    own = sp.csr_array(
        (np.ones(len(rated)), (np.arange(len(rated)), rated)), shape=(len(rated), len(network.branch_id))
    )
    monitored = Monitored(
        kind=np.repeat([BRANCH, INTERFACE], [len(rated), len(network.interface_id)]).astype(np.int64),
        id=(*(network.branch_id[b] for b in rated), *network.interface_id),
        weight=sp.vstack([own, interface_matrix(network)], format="csr"),
        lower=np.concatenate([-limit[rated], network.interface_min_mw]),
        upper=np.concatenate([limit[rated], network.interface_max_mw]),
    )
    return Grid(where, states, of_period, monitored)


def flows(case: Case, grid_: Grid, injection: Floats) -> Flows:
    """Flows of every branch and interface for bus injections (K, T)."""
    branch = grid_.branch_flow(injection)
    return Flows(branch_mw=branch, interface_mw=interface_matrix(case.network) @ branch)
