"""Capacity on line by period: rows that follow from others, and that a solver cuts better than those they follow from.

Balance plus reserve upward less the headrooms: Σ p_max·on − Σ (p_max − SU)·start − Σ (p_max − SD)·stop ≥ load +
reserve − renewables − shortages, knapsacks in the commitment alone. The relaxation stays as it is; covers of these rows
are what closes the gap of small systems, which bounds by prices leave open.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from clearing.case.arrays import Floats, Ints
from clearing.formulation.model import Model
from clearing.formulation.variables import directions

RENEWABLES = ("renewable_segment", "renewable_floor")
"""Columns that stand at their greatest output in these rows."""

NEEDED = ("balance", "product", "headroom")


def capacity_rows(model: Model) -> tuple[sp.csr_array, Floats] | None:
    """Rows (T) over all columns and their lower sides; None where an award is in no headroom or takes part of it."""
    problem, rows, periods = model.problem, model.problem.rows, model.case.horizon.periods
    if any(name not in rows for name in NEEDED) or rows["balance"].shape[0] != 1 or not periods:
        return None
    up = np.flatnonzero(model.case.reserves.direction == 1)
    summed = [(rows["balance"][0], 1.0), *((rows["product"][q], 1.0) for q in up)]
    summed += [(row, -1.0) for row in rows["headroom"]]
    matrix = sp.csr_array((periods, len(problem.row_lower)))
    lower = np.zeros(periods)
    for row, sign in summed:
        if len(row) != periods:
            return None
        matrix = matrix + sp.csr_array((np.full(periods, sign), (np.arange(periods), row)), shape=matrix.shape)
        lower += problem.row_lower[row] if sign > 0.0 else -problem.row_upper[row]
    found = sp.csr_array(matrix @ sp.csr_array(problem.matrix))
    found, lower = _without(model, found, lower)
    found.eliminate_zeros()
    own = _columns(model)
    if not np.isfinite(lower).all() or np.isin(found.indices, own).any():
        return None
    return found, lower


def _without(model: Model, rows: sp.csr_array, lower: Floats) -> tuple[sp.csr_array, Floats]:
    """Rows with the renewables at the bounds that weaken them."""
    problem = model.problem
    index = np.concatenate([problem.columns[name].ravel() for name in RENEWABLES])
    part = sp.csc_array(rows)[:, index]
    most = part.maximum(0.0) @ problem.upper[index] + part.minimum(0.0) @ problem.lower[index]
    keep = np.ones(len(problem.cost))
    keep[index] = 0.0
    return sp.csr_array(rows @ sp.diags_array(keep)), lower - most


def _columns(model: Model) -> Ints:
    """Columns of output and of awards upward, which must have cancelled."""
    columns, up = model.problem.columns, directions(model.case, model.awards)[0] > 0.0
    return np.concatenate([columns["above"].ravel(), columns["award"][up].ravel()])
