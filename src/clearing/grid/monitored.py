"""Elements whose flow is limited in the network as it is in each period: branches with a rating, interfaces, and
either of them after a contingency."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from clearing.case.arrays import Bools, Floats, Ids, Ints, freeze
from clearing.case.case import Case
from clearing.case.network import branch_limits
from clearing.case.schedule import Flows
from clearing.grid.islands import Islands, islands
from clearing.grid.pairs import Pairs
from clearing.grid.security import Security, interface_matrix, security
from clearing.grid.topology import Topology, topologies

BRANCH, INTERFACE = 0, 1
AFTER = 2
"""What a contingency adds to the kind of the element that is watched after it."""
FAMILY = ("branch", "interface", "contingency", "contingency_interface")


@dataclass(frozen=True, slots=True)
class Monitored:
    """E elements, L branches, R resources that contingencies lose, T periods, C topologies; in topology c
    lower ≤ weight_c @ branch flow − lost_c @ resource output ≤ upper, MW.

    kind (E)            BRANCH or INTERFACE, plus AFTER where it is watched after a contingency
    id (E)              of the branch or interface; after a contingency `id|contingency`
    row (E)             row of the branch or interface
    contingency (E)     −1 = none
    weight (C) of (E, L)  sparse: flow of the element = Σ weight · branch flow; outage factors stand in it
    lost (C) of (E, R)  sparse: MW on the element for 1 MW of a resource that its contingency loses
    lower, upper (E, T) ∓inf where there is no limit, and where a branch is out or a contingency is not watched
    """

    kind: Ints
    id: Ids
    row: Ints
    contingency: Ints
    weight: tuple[sp.csr_array, ...]
    lost: tuple[sp.csr_array, ...]
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
    monitored           limited elements; a branch that is out has no flow
    security            contingencies, of which only the pairs with an element in `monitored` have been met so far

    Flows and rows of anything that is a weighted sum of branch flows follow from `topologies[c].sensitivity(weight)`
    and `.offset`; elements after a contingency are such sums whose weights (outage factors) differ by topology.
    """

    islands: Islands
    topologies: tuple[Topology, ...]
    of_period: Ints
    monitored: Monitored
    security: Security

    def __post_init__(self) -> None:
        freeze(self)

    def knows(self, pairs: Pairs) -> Bools:
        """Which of the pairs (n) the grid limits already."""
        known, after = self.monitored, np.flatnonzero(self.monitored.kind >= AFTER)
        met = Pairs(known.kind[after] - AFTER, known.row[after], known.contingency[after])
        return np.isin(pairs.keys(), met.keys())

    def watching(self, pairs: Pairs) -> Grid:
        """The grid that also limits elements after contingencies; pairs it has already are left out."""
        known, fresh = self.monitored, pairs.unique()
        fresh = fresh.chosen(~self.knows(fresh))
        if not len(fresh.row):
            return self
        added = self.security.elements(fresh)
        return replace(
            self,
            monitored=Monitored(
                kind=np.concatenate([known.kind, fresh.interface + AFTER]),
                id=(*known.id, *added.id),
                row=np.concatenate([known.row, fresh.row]),
                contingency=np.concatenate([known.contingency, fresh.contingency]),
                weight=tuple(sp.vstack(both, format="csr") for both in zip(known.weight, added.weight, strict=True)),
                lost=tuple(sp.vstack(both, format="csr") for both in zip(known.lost, added.lost, strict=True)),
                lower=np.concatenate([known.lower, added.lower]),
                upper=np.concatenate([known.upper, added.upper]),
            ),
        )

    def driven(self, injection: Floats) -> Floats:
        """Flow (L, T) of every branch that injections (K, T) drive, phase shifters aside."""
        flow = np.zeros((len(self.topologies[0].live), injection.shape[1]))
        for c, topology in enumerate(self.topologies):
            here = self.of_period == c
            flow[:, here] = topology.driven(injection[:, here])
        return flow

    def branch_flow(self, injection: Floats) -> Floats:
        """Flow (L, T) of every branch for injections (K, T)."""
        offset = np.stack([topology.offset for topology in self.topologies], axis=1)
        return self.driven(injection) + offset[:, self.of_period]

    def flow(self, injection: Floats, lost: Floats) -> Floats:
        """Flow (E, T) of the elements for injections (K, T) and outputs (R, T) of what contingencies lose."""
        return self.of_elements(self.branch_flow(injection), lost)

    def of_elements(self, branch_flow: Floats, lost: Floats) -> Floats:
        """Flow (E, T) of the elements for flows of the branches (L, T) and outputs (R, T)."""
        found = np.zeros((len(self.monitored.id), branch_flow.shape[1]))
        for c in range(len(self.topologies)):
            here = self.of_period == c
            gone = self.monitored.lost[c] @ lost[:, here]
            found[:, here] = self.monitored.weight[c] @ branch_flow[:, here] - gone
        return found

    def sensitivity(self, element: Ints, period: Ints) -> Floats:
        """MW on each of n pairs of element and period for 1 MW at a bus, withdrawn at the reference: (n, K)."""
        found = np.zeros((len(element), self.islands.of_bus.shape[0]))
        for c, topology in enumerate(self.topologies):
            here = self.of_period[period] == c
            asked, place = np.unique(element[here], return_inverse=True)
            found[here] = topology.sensitivity(self.monitored.weight[c][asked])[place]
        return found

    def offset(self, element: Ints, period: Ints) -> Floats:
        """Flow (n) of each pair of element and period that phase shifters drive."""
        pairs = zip(self.monitored.weight, self.topologies, strict=True)
        driven = np.stack([weight @ topology.offset for weight, topology in pairs], axis=1)
        return np.asarray(driven[element, self.of_period[period]])

    def lost(self, element: Ints, period: Ints) -> sp.csr_array:
        """MW on each of n pairs of element and period for 1 MW of what its contingency loses: (n, R)."""
        found = sp.csr_array((len(element), self.security.lost_count))
        after = (self.monitored.contingency[element] >= 0).any() and self.security.lost_count
        for c, lost in enumerate(self.monitored.lost if after else ()):
            here = sp.diags_array((self.of_period[period] == c).astype(np.float64))
            found = sp.csr_array(found + here @ lost[element])
        return found

    def at_bus(self, bus: int) -> Floats:
        """MW on every element (E, T) for 1 MW injected at one bus and withdrawn at the reference."""
        unit = np.zeros((self.islands.of_bus.shape[0], 1))
        unit[bus] = 1.0
        pairs = zip(self.monitored.weight, self.topologies, strict=True)
        columns = [weight @ topology.driven(unit)[:, 0] for weight, topology in pairs]
        return np.asarray(np.stack(columns, axis=1)[:, self.of_period])

    def at_all_buses(self, value: Floats) -> Floats:
        """Σ_e value_et · (MW on element e for 1 MW at bus k): (E, T) → (K, T)."""
        found = np.zeros((self.islands.of_bus.shape[0], value.shape[1]))
        for c, topology in enumerate(self.topologies):
            here = np.flatnonzero(self.of_period == c)
            here = here[(value[:, here] != 0.0).any(axis=0)]
            weight = sp.csr_array(sp.csr_array(value[:, here].T) @ self.monitored.weight[c])
            found[:, here] = topology.sensitivity(weight).T
        return found


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
    watch = security(case, states, of_period)
    weight = sp.vstack([own, interface_matrix(network)], format="csr")
    monitored = Monitored(
        kind=np.repeat([BRANCH, INTERFACE], [len(rated), len(network.interface_id)]).astype(np.int64),
        id=(*map(network.branch_id.__getitem__, rated.tolist()), *network.interface_id),
        row=np.concatenate([rated, np.arange(len(network.interface_id))]),
        contingency=np.full(weight.shape[0], -1, dtype=np.int64),
        weight=(weight,) * len(states),
        lost=(sp.csr_array((weight.shape[0], watch.lost_count)),) * len(states),
        lower=np.concatenate([-limit[rated], network.interface_min_mw]),
        upper=np.concatenate([limit[rated], network.interface_max_mw]),
    )
    return Grid(where, states, of_period, monitored, watch)


def flows(case: Case, grid_: Grid, injection: Floats) -> Flows:
    """Flows of every branch and interface for bus injections (K, T)."""
    branch = grid_.branch_flow(injection)
    return Flows(branch_mw=branch, interface_mw=interface_matrix(case.network) @ branch)
