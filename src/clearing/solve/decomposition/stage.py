"""The stage of the search: a dual, and commitments from it. Where no dual is to be had, the relaxation stands in."""

from __future__ import annotations

import numpy as np

from clearing.formulation.model import Model
from clearing.solve.decomposition.primal import primal
from clearing.solve.decomposition.result import Dual
from clearing.solve.quick_start import nearest
from clearing.solve.relax import Relaxed
from clearing.solve.search import Search

THRESHOLDS = (0.1, 0.25, 0.75, 0.9, 0.5)
"""Shares above which a unit is taken to be on: what the relaxation is unsure of differs between them."""


def by_relaxation(search: Search, model: Model, relaxed: Relaxed, bound: float) -> None:
    """Better the best commitment from a solved relaxation."""
    primal(search, model, of_relaxed(model, relaxed, bound))


def of_relaxed(model: Model, relaxed: Relaxed, bound: float) -> Dual:
    """What a relaxation says, in the words of a dual."""
    share = np.clip(relaxed.x[model.problem.columns["on"]], 0.0, 1.0)
    rows = len(model.problem.row_lower)
    dual = np.zeros(rows) if relaxed.row_dual is None else relaxed.row_dual[:rows].copy()
    history = np.stack([nearest(model.data, share - threshold) for threshold in THRESHOLDS])
    return Dual(bound, dual, history, share, np.ones(len(share), dtype=np.bool_), ())
