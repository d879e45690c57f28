"""Multipliers to begin with, and what size multipliers are of."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.solve.decomposition.lagrangian import Lagrangian


def size(y: Floats) -> float:
    """What size multipliers are of."""
    found = np.abs(y[np.abs(y) > 0.0])
    return max(1e-2, float(np.median(found))) if len(found) else 1.0


def first_prices(of: Lagrangian) -> Floats:
    """Merit order: in every period the average cost at p_max of the unit that the load reaches."""
    model, y = of.model, np.zeros(len(of.row))
    problem, case, hours = model.problem, model.case, model.case.horizon.hours
    place = np.full(len(problem.row_lower), -1, dtype=np.int64)
    place[of.row] = np.arange(len(of.row))
    full = np.zeros(case.units.p_min_mw.shape)
    np.add.at(full, model.unit_curve.resource, model.unit_curve.width_mw * model.unit_curve.price_per_mwh * hours)
    most = np.maximum(case.units.p_max_mw, 1e-6)
    average = (problem.cost[problem.columns["on"]] + full) / most
    rows = problem.rows["balance"]
    free = case.renewables.forecast_mw.sum(axis=0) - case.renewables.min_mw.sum(axis=0)
    for t in range(rows.shape[1]):
        order = np.argsort(average[:, t], kind="stable")
        reach = np.cumsum(most[order, t])
        need = problem.row_lower[rows[:, t]].sum() - free[t]
        k = min(int(np.searchsorted(reach, need)), len(order) - 1)
        y[place[rows[:, t]]] = average[order[k], t]
    return y
