"""Power transfer distribution factors of the DC power flow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from clearing.case.arrays import Floats, freeze
from clearing.case.network import Network
from clearing.grid.factored import Factored
from clearing.grid.islands import Islands

BASE_MVA = 100.0


@dataclass(frozen=True, slots=True)
class ShiftFactors:
    """flow (L, T) = factor (L, K) @ injection (K, T) + offset (L, 1), MW.

    factor[l, k]   MW on l, from → to, for 1 MW injected at k and withdrawn at the reference of k's island
    offset[l]      flow that the phase shifters drive at no injection
    Branches out of service have zero factor and offset.
    """

    factor: Floats
    offset: Floats

    def __post_init__(self) -> None:
        freeze(self)


def shift_factors(network: Network, islands: Islands) -> ShiftFactors:
    """Factors by one sparse LU of the nodal susceptance matrix, one bus of every island grounded.

    Susceptance is 1/(x·tap), resistance is ignored (the field's usual DC power flow). Reads the network as
    validated: reactances are not 0.
    """
    buses, branches = len(network.bus_id), len(network.branch_id)
    live = np.flatnonzero(network.branch_in_service)
    if not len(live):
        return ShiftFactors(np.zeros((branches, buses)), np.zeros(branches))
    susceptance = BASE_MVA / (network.branch_reactance_pu[live] * network.branch_tap_ratio[live])
    here = np.arange(len(live))
    ends = np.concatenate([network.branch_from[live], network.branch_to[live]])
    signs = np.repeat([1.0, -1.0], len(live))
    incidence = sp.csr_array(sp.coo_array((signs, (np.tile(here, 2), ends)), shape=(len(live), buses)))
    weighted = sp.csr_array(sp.diags_array(susceptance) @ incidence)
    first_of_island = np.unique(islands.of_bus, return_index=True)[1]
    kept = np.setdiff1d(np.arange(buses), first_of_island)
    factor = np.zeros((branches, buses))
    if len(kept):
        nodal = sp.csc_array((incidence.T @ weighted)[kept][:, kept])
        # The matrix is symmetric: factors of all branches are the solves for their own rows.
        factor[np.ix_(live, kept)] = Factored(nodal).solve(weighted[:, kept].toarray())
    factor -= _at_reference(factor, islands)[:, islands.of_bus]
    radians = np.deg2rad(network.branch_shift_degrees[live])
    driven = susceptance * radians
    offset = np.zeros(branches)
    offset += factor @ (incidence.T @ driven)
    offset[live] -= driven
    return ShiftFactors(factor, offset)


def _at_reference(factor: Floats, islands: Islands) -> Floats:
    """Factor of each island's reference (L, I): the load-weighted mean over its buses."""
    mean = np.zeros((islands.count, factor.shape[0]))
    np.add.at(mean, islands.of_bus, (factor * islands.reference_weight).T)
    return mean.T
