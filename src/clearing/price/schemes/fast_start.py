"""Extended LMP: fast-start units on line are relaxed between nothing and p_max, with their start cost in the price.

Reading (PJM fast-start pricing since 2021, MISO ELMP without its offline units): fast are units that may set prices,
whose min up time and whose longest lead time are an hour at most. Where the schedule has such a unit on, its commitment
may be any part from 0 to 1 in the pricing run, at its no-load cost and its start cost in equal parts over the min run
time, an hour at least, from its start on; a start before the horizon is sunk. Everything else is as in the pricing run:
other units as committed, what may not set the price held at its output.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.case.arrays import Bools, Floats
from clearing.case.case import Case
from clearing.case.lead_times import longest_lead
from clearing.case.schedule import Schedule
from clearing.formulation.model import Model
from clearing.formulation.start_states import start_arcs
from clearing.milp.highs import Highs, Limits, Watch
from clearing.milp.outcome import Condition
from clearing.milp.problem import Problem
from clearing.price.pricing_run import frozen_outputs
from clearing.rules.rules import Rules
from clearing.solve.control import RunControl
from clearing.solve.decomposition.restricted import held
from clearing.solve.evaluate import commitment_costs

FAST_MINUTES = 60
"""Longest min up time and lead time of a fast unit, and least time that its start cost is spread over."""

LOGIC = ("commitment", "min_up", "min_down", "start_lead", "start_saving", "start_matching", "start_offline")
"""Rows between the commitments of a unit in different periods."""


def fast_units(case: Case, rules: Rules) -> Bools:
    """Which units (N) are fast."""
    units = case.units
    quick = (units.min_up_minutes <= FAST_MINUTES) & (longest_lead(case, rules.starts) <= FAST_MINUTES)
    return np.asarray(units.price_eligible & quick)


def spread_start_cost(case: Case, schedule: Schedule) -> Floats:
    """Start cost (N, T) in equal parts over the min run time from the start on, money; what a run is too short for is
    left out."""
    start, periods = commitment_costs(case, schedule)[1], case.horizon.periods
    minutes = np.maximum(case.units.min_up_minutes, FAST_MINUTES)
    parts = -(-minutes // case.horizon.period_minutes)
    spread = np.zeros(start.shape)
    for i, t in zip(*np.nonzero(start), strict=True):
        for later in range(t, min(t + int(parts[i]), periods)):
            if not schedule.on[i, later]:
                break
            spread[i, later] += start[i, t] / parts[i]
    return spread


def fast_start_duals(
    case: Case, rules: Rules, model: Model, schedule: Schedule, control: RunControl, seconds: float | None = None
) -> Floats | None:
    """Multipliers of all rows of the model; None where the pricing run was cut short."""
    free = fast_units(case, rules)[:, None] & (schedule.on == 1)
    problem = model.problem
    lower, upper = held(model, schedule.on, np.zeros(free.shape, dtype=np.bool_))
    cost, columns = problem.cost.copy(), problem.columns
    lower[columns["on"][free]] = 0.0
    cost[columns["on"]] += np.where(free, spread_start_cost(case, schedule), 0.0)
    fast = free.any(axis=1)
    for name in ("start", "stop"):
        lower[columns[name][fast]] = 0.0
        cost[columns[name][fast]] = 0.0
    saved = columns["start_saving"][fast[start_arcs(case).unit]]
    lower[saved] = upper[saved] = 0.0
    fixed = frozen_outputs(case, rules.prices, schedule) & ~free
    above = (schedule.dispatch_mw - case.units.p_min_mw)[fixed]
    place = columns["above"][fixed]
    lower[place] = upper[place] = np.clip(above, lower[place], upper[place])
    low, high = _without_logic(model, fast)
    relaxed = replace(problem, cost=cost, lower=lower, upper=upper, row_lower=low, row_upper=high)
    outcome = Highs(relaxed, threads=control.threads, relaxed=True).run(
        Limits(seconds=seconds), Watch(stopped=control.stopped)
    )
    return outcome.row_dual if outcome.condition is Condition.OPTIMAL else None


def _without_logic(model: Model, fast: Bools) -> tuple[Floats, Floats]:
    """Sides of all rows, those open that tie commitments of fast units (N) together over time."""
    problem = model.problem
    low, high = problem.row_lower.copy(), problem.row_upper.copy()
    mine = np.zeros(len(problem.cost), dtype=np.bool_)
    for name in ("on", "start", "stop"):
        mine[problem.columns[name][fast]] = True
    for name in LOGIC:
        rows = _rows(problem, name)
        own = rows[(problem.matrix[rows][:, mine] != 0.0).sum(axis=1) > 0] if len(rows) else rows
        low[own], high[own] = -np.inf, np.inf
    return low, high


def _rows(problem: Problem, name: str) -> np.ndarray:
    return problem.rows[name].ravel() if name in problem.rows else np.zeros(0, dtype=np.int64)
