"""Branch and interface limits by shift factors (family 14)."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats, Ints
from clearing.formulation.injections import Injection
from clearing.grid.monitored import Grid
from clearing.milp.rows import RowBlock, row_block

# Terms below this share of a MW move no flow that matters and would only thicken the rows.
SMALLEST_FACTOR = 1e-9


def network(
    name: str, grid: Grid, element: Ints, period: Ints, terms: tuple[Injection, ...], fixed: Floats
) -> RowBlock:
    """lower ≤ Σ_k G_lkt·injection_kt + offset_lt ≤ upper for chosen pairs (element, period), n rows.

    G from the topology of the period: shift factors of a branch, or their weighted sum over those of an interface.
    """
    rows, sensitivity = np.arange(len(element))[:, None], grid.sensitivity(element, period)
    scattered = []
    for term in terms:
        factor = sensitivity[:, term.bus] * term.coefficient[:, period].T
        factor[np.abs(factor) < SMALLEST_FACTOR] = 0.0
        scattered.append((rows, term.column[:, period].T, factor))
    given = np.einsum("nk,kn->n", sensitivity, fixed[:, period]) + grid.offset(element, period)
    lower = grid.monitored.lower[element, period] - given
    upper = grid.monitored.upper[element, period] - given
    return row_block(name, (len(element),), lower, upper, (), scattered)
