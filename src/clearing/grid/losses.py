"""Losses of the DC power flow: r·f² by branch, and what a MW more at a bus adds to them."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from clearing.case.arrays import Floats
from clearing.case.network import Network
from clearing.grid.monitored import Grid
from clearing.grid.topology import BASE_MVA


def branch_losses(network: Network, flow: Floats) -> Floats:
    """MW lost on every branch (L, T) at flows (L, T): r·f² per unit, so r_pu·f²/100; 0 where a branch is out."""
    return np.asarray(network.branch_resistance_pu[:, None] / BASE_MVA * flow**2)


def island_losses(network: Network, grid: Grid, injection: Floats) -> tuple[Floats, Floats]:
    """Losses (I, T), MW, and loss factors (K, T) at injections (K, T) of a network by period.

    factor_kt = Σ_l ∂loss_l/∂injection_kt = Σ_l 2·r_l·f_lt/100·G_lk: MW lost more for 1 MW injected at the bus and
    withdrawn at the reference of its island. What an island loses leaves it at its reference too, so that flows are
    those of the injections; the factor of the reference is 0.
    """
    flow, islands = grid.branch_flow(injection), grid.islands
    lost = branch_losses(network, flow)
    total = np.zeros((islands.count, flow.shape[1]))
    np.add.at(total, (islands.of_bus[network.branch_from], np.arange(flow.shape[1])), lost)
    slope = 2.0 / BASE_MVA * network.branch_resistance_pu[:, None] * flow
    factor = np.zeros(injection.shape)
    for c, topology in enumerate(grid.topologies):
        here = np.flatnonzero(grid.of_period == c)
        factor[:, here] = topology.sensitivity(sp.csr_array(slope[:, here].T)).T
    return total, factor
