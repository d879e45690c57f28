"""Elements whose flow is limited: branches with a rating, and interfaces, in one table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, Ids, Ints, freeze
from clearing.case.case import Case
from clearing.case.schedule import Flows
from clearing.grid.islands import Islands
from clearing.grid.shift_factors import ShiftFactors, shift_factors

BRANCH, INTERFACE = 0, 1
FAMILY = ("branch", "interface")


@dataclass(frozen=True, slots=True)
class Monitored:
    """E elements, K buses, T periods: lower ≤ sensitivity @ injection + offset ≤ upper, MW.

    kind (E)    BRANCH or INTERFACE; id (E); sensitivity (E, K); offset (E); lower, upper (E, T)
    """

    kind: Ints
    id: Ids
    sensitivity: Floats
    offset: Floats
    lower: Floats
    upper: Floats

    def __post_init__(self) -> None:
        freeze(self)

    def flow(self, injection: Floats) -> Floats:
        """Flow (E, T) for injections (K, T)."""
        return np.asarray(self.sensitivity @ injection + self.offset[:, None])


@dataclass(frozen=True, slots=True)
class Grid:
    """Islands, shift factors and limited elements of one network."""

    islands: Islands
    factors: ShiftFactors
    monitored: Monitored


def _interface_matrix(case: Case) -> Floats:
    network = case.network
    matrix = np.zeros((len(network.interface_id), len(network.branch_id)))
    np.add.at(matrix, (network.term_interface, network.term_branch), network.term_coefficient)
    return matrix


def grid(case: Case, islands: Islands) -> Grid:
    """Everything the network rows need, derived once."""
    network, periods = case.network, case.horizon.periods
    factors = shift_factors(network, islands)
    rated = np.flatnonzero(np.isfinite(network.branch_limit_mw) & network.branch_in_service)
    terms = _interface_matrix(case)
    limit = np.broadcast_to(network.branch_limit_mw[rated, None], (len(rated), periods))
    monitored = Monitored(
        kind=np.repeat([BRANCH, INTERFACE], [len(rated), len(terms)]).astype(np.int64),
        id=(*(network.branch_id[b] for b in rated), *network.interface_id),
        sensitivity=np.concatenate([factors.factor[rated], terms @ factors.factor]),
        offset=np.concatenate([factors.offset[rated], terms @ factors.offset]),
        lower=np.concatenate([-limit, network.interface_min_mw]),
        upper=np.concatenate([limit, network.interface_max_mw]),
    )
    return Grid(islands, factors, monitored)


def flows(case: Case, grid_: Grid, injection: Floats) -> Flows:
    """Flows of every branch and interface for bus injections (K, T)."""
    branch = np.asarray(grid_.factors.factor @ injection + grid_.factors.offset[:, None])
    return Flows(branch_mw=branch, interface_mw=_interface_matrix(case) @ branch)
