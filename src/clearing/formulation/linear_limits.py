"""Linear limits over outputs, bus injections and branch flows (family 14)."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.linear_limits import weights
from clearing.formulation.curves import Curve
from clearing.formulation.injections import Injection
from clearing.grid.islands import Islands
from clearing.grid.topology import topologies
from clearing.milp.columns import Columns
from clearing.milp.rows import RowBlock, Scattered, row_block

SMALLEST_FACTOR = 1e-9
"""Shift factors below this share of a MW are left out, as in the rows of branches."""


def bus_sensitivity(case: Case, islands: Islands) -> tuple[Floats, Floats]:
    """MW of every limit per MW injected at a bus (C, K, T), and what phase shifters drive at no injection (C, T)."""
    limits, network, periods = case.linear_limits, case.network, case.horizon.periods
    of_bus, nothing = weights(limits, "bus", len(network.bus_id)), np.zeros((len(limits.id), periods))
    if not len(limits.branch):
        return np.broadcast_to(of_bus[:, :, None], (*of_bus.shape, periods)), nothing
    of_branch = sp.csr_array(weights(limits, "branch", len(network.branch_id)))
    states, of_period = topologies(case, islands)
    at_bus = np.stack([of_bus + state.sensitivity(of_branch) for state in states], axis=2)
    at_bus[np.abs(at_bus) < SMALLEST_FACTOR] = 0.0
    offset = np.stack([of_branch @ state.offset for state in states], axis=1)
    return at_bus[:, :, of_period], offset[:, of_period]


def linear_limit(
    case: Case, islands: Islands, terms: tuple[Injection, ...], fixed: Floats, sites: Curve, columns: Columns
) -> RowBlock:
    """min_ct ≤ Σ_i a_ci·P_it + Σ_r a_cr·ρ_rt + Σ_g a_cg·(d_gt − c_gt) + Σ_k (a_ck + Σ_l a_cl·G_lkt)·inj_kt ≤ max_ct.

    Shape (C, T); soft, at the limit's own price or `joint_limit`. terms, fixed (K, T): what enters the network at its
    buses; sites: blocks of the renewables above their least output.
    """
    limits, periods = case.linear_limits, case.horizon.periods
    at_bus, offset = bus_sensitivity(case, islands)
    unit = weights(limits, "unit", len(case.units.id))
    site, store = (
        weights(limits, "renewable", len(case.renewables.id)),
        weights(limits, "storage", len(case.storage.id)),
    )
    one = np.ones
    steady = [
        (unit, columns["above"], one(columns["above"].shape)),
        (unit, columns["on"], case.units.p_min_mw),
        (site[:, sites.resource], columns["renewable_segment"], one(columns["renewable_segment"].shape)),
        (store, columns["discharge"], one(columns["discharge"].shape)),
        (store, columns["charge"], -one(columns["charge"].shape)),
    ]
    parts = [(at_bus[:, t.bus], t.column, t.coefficient) for t in terms]
    parts += [(weight[:, :, None], column, coefficient) for weight, column, coefficient in steady]
    scattered: list[Scattered] = []
    for weight, column, coefficient in parts:
        row, place = np.nonzero(weight.any(axis=2))
        here = row[:, None] * periods + np.arange(periods)
        scattered.append((here, column[place], weight[row, place] * coefficient[place]))
    given = np.einsum("ckt,kt->ct", at_bus, fixed) + offset + site @ case.renewables.min_mw
    shape = (len(limits.id), periods)
    lower, upper = limits.min_mw.reshape(shape) - given, limits.max_mw.reshape(shape) - given
    return row_block("linear_limit", shape, lower, upper, (), scattered)
