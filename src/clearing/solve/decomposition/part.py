"""What branch and bound of a huge problem is given: less than all of it, without what is clear already."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from clearing.case.arrays import Bools, Floats
from clearing.formulation.model import Model
from clearing.milp.problem import Problem
from clearing.solve.decomposition.dual import Rounds
from clearing.solve.decomposition.first_prices import size
from clearing.solve.decomposition.joining import OF_MODES
from clearing.solve.network_rows import GROWN

ON_BOUND = 1e-6
"""MW within which a block stands at a bound."""

CLEAR = 0.1
"""A block whose reduced cost is beyond this part of the price of energy stays where it is. On a day of low prices that
costs 1e-3; with 0.4 branch and bound has not come as far as a solution when its time is up."""


FELT = 0.1
"""MW of a MW that a limit of the network feels at least where blocks stay open for it."""


def without_modes(problem: Problem) -> Problem:
    """The problem with open rows of modes of stores: in parts they say next to nothing, and are a fifth of the rows."""
    lower, upper = problem.row_lower.copy(), problem.row_upper.copy()
    for name in OF_MODES:
        if name in problem.rows:
            lower[problem.rows[name]], upper[problem.rows[name]] = -np.inf, np.inf
    return replace(problem, row_lower=lower, row_upper=upper)


def hold_clear(rounds: Rounds, model: Model, x: Floats, low: Floats, high: Floats) -> None:
    """Hold blocks of units and of renewables whose price is far from what they are worth; moves the bounds in place.

    Only of units whose whole day is decided as the relaxed x has it, so that x is a schedule of theirs. Not of what a
    limit of the network feels: x adds stores up and overloads lines near single ones, and a site that cannot give way
    there costs a penalty. On a province day with 152 such rows that was 2 % of the objective.
    """
    assert rounds.best is not None
    of, y, columns = rounds.of, rounds.best.y, model.problem.columns
    reduced_cost = of.cost(y)
    above, on = columns["above"][model.unit_curve.resource], columns["on"][model.unit_curve.resource]
    of_units, of_sites = columns["segment"].ravel(), columns["renewable_segment"].ravel()
    worth = np.concatenate([(reduced_cost[of_units] + reduced_cost[above].ravel()), reduced_cost[of_sites]])
    blocks, far = np.concatenate([of_units, of_sites]), CLEAR * size(y[np.isin(of.row, model.problem.rows["balance"])])
    settled = (high[on] - low[on] == 0.0).all(axis=1) & (np.abs(x[on] - low[on]) <= ON_BOUND).all(axis=1)
    felt = felt_by_limits(model)
    sure = np.concatenate([np.repeat(settled, on.shape[1]) & ~felt[above].ravel(), ~felt[of_sites]])
    none, whole = blocks[(worth > far) & sure], blocks[(worth < -far) & sure]
    x = x.copy()
    x[columns["segment"]] = _filled(model, x[columns["above"]])
    none, whole = none[x[none] <= low[none] + ON_BOUND], whole[x[whole] >= high[whole] - ON_BOUND]
    high[none], low[whole] = low[none], high[whole]


def felt_by_limits(model: Model) -> Bools:
    """Columns of which a limit of the network that has joined feels FELT or more."""
    found = np.zeros(len(model.problem.cost), dtype=np.bool_)
    if GROWN in model.problem.rows:
        rows = sp.csr_array(sp.csr_array(model.problem.matrix)[model.problem.rows[GROWN]])
        found[rows.indices[np.abs(rows.data) >= FELT]] = True
    return found


def hold_shed(model: Model, x: Floats, low: Floats, high: Floats) -> None:
    """Hold load that a relaxed x sheds nowhere, but for one bus a period, the largest; moves the bounds in place.

    Two columns in five of a province's branch and bound are load that might be shed at some bus.
    """
    shed = model.problem.columns["shed"]
    idle = x[shed] <= low[shed] + ON_BOUND
    if len(shed):
        idle[high[shed].argmax(axis=0), np.arange(shed.shape[1])] = False
    high[shed[idle]] = low[shed[idle]]


def _filled(model: Model, above: Floats) -> Floats:
    """Blocks (M, T) that outputs above the least (N, T) fill, the cheapest first."""
    width, unit = model.unit_curve.width_mw, model.unit_curve.resource
    total = np.cumsum(width, axis=0)
    first = np.searchsorted(unit, unit)  # the first block of the same unit
    return np.clip(above[unit] - (total - total[first] - width + width[first]), 0.0, width)
