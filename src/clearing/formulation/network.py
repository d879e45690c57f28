"""Branch and interface limits by shift factors, also after contingencies (family 14)."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats, Ints
from clearing.formulation.injections import Injection
from clearing.grid.monitored import Grid
from clearing.milp.rows import RowBlock, row_block

# Terms below this share of a MW move no flow that matters and would only thicken the rows.
SMALLEST_FACTOR = 1e-9


def network(
    name: str, grid: Grid, element: Ints, period: Ints, terms: tuple[Injection, ...], fixed: Floats, given_mw: Floats
) -> RowBlock:
    """lower ≤ Σ_k G_lkt·injection_kt + offset_lt − what is lost ≤ upper for chosen pairs (element, period), n rows.

    G from the topology of the period: shift factors of a branch, or their weighted sum over those of an interface, and
    after a contingency G_l + Σ F_lm·G_m over the branches lost. A resource that is lost has no part in its rows: it is
    made up at the reference, where G is 0 on the mean. given_mw (N, T): output of units within the fixed injection.
    """
    rows, sensitivity = np.arange(len(element))[:, None], grid.sensitivity(element, period)
    scattered, gone = [], grid.lost(element, period)
    for term in terms:
        factor = sensitivity[:, term.bus] * term.coefficient[:, period].T
        if term.row is not None and gone.nnz:
            resource = grid.security.resource_of(term.source, term.row)
            factor[gone[:, np.maximum(resource, 0)].toarray() * (resource >= 0) != 0.0] = 0.0
        factor[np.abs(factor) < SMALLEST_FACTOR] = 0.0
        scattered.append((rows, term.column[:, period].T, factor))
    given = np.einsum("nk,kn->n", sensitivity, fixed[:, period]) + grid.offset(element, period)
    if gone.nnz:
        units = grid.security.unit
        given -= (gone[:, : len(units)].toarray() * given_mw[units][:, period].T).sum(axis=1)
    lower = grid.monitored.lower[element, period] - given
    upper = grid.monitored.upper[element, period] - given
    return row_block(name, (len(element),), lower, upper, (), scattered)
