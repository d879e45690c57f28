"""Commitment: on, start, stop, and how long a state must last."""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo

from clearing.case.arrays import Flags
from clearing.case.case import CommitmentUse
from models.data import Data


def decided(m: pyo.ConcreteModel, d: Data) -> None:
    """SCUC: on, start, stop are binary variables; no-load, stop cost. Families 6, 7, 10."""
    units = d.case.units
    m.on = pyo.Var(d.units, d.periods, domain=pyo.Binary)
    m.start = pyo.Var(d.units, d.periods, domain=pyo.Binary)
    m.stop = pyo.Var(d.units, d.periods, domain=pyo.Binary)
    _windows(m, d)
    m.no_load_cost = pyo.Expression(
        expr=sum(d.hours * float(units.no_load_cost_per_hour[i]) * m.on[i, t] for i in d.units for t in d.periods)
    )
    m.stop_cost = pyo.Expression(expr=sum(float(units.stop_cost[i]) * m.stop[i, t] for i in d.units for t in d.periods))

    @m.Constraint(d.units, d.periods)
    def commitment(m, i, t):
        """on_it − on_i,t−1 = start_it − stop_it, with on_i,−1 the state before the horizon."""
        before = m.on[i, t - 1] if t > 0 else int(units.initial_on[i])
        return m.on[i, t] - before == m.start[i, t] - m.stop[i, t]

    _least_times(m, d)


def _least_times(m: pyo.ConcreteModel, d: Data) -> None:
    """Minimum up and down times, the time before the horizon counted (family 10)."""
    units = d.case.units
    up = [max(1, d.whole_periods(minutes)) for minutes in units.min_up_minutes]
    down = [max(1, d.whole_periods(minutes)) for minutes in units.min_down_minutes]

    @m.Constraint(d.units, d.periods)
    def min_up(m, i, t):
        """Σ_{k = t−UT_i+1 … t} start_ik ≤ on_it: who started less than UT ago is on. (So start_it ≤ on_it.)"""
        return sum(m.start[i, k] for k in range(max(0, t - up[i] + 1), t + 1)) <= m.on[i, t]

    @m.Constraint(d.units, d.periods)
    def min_down(m, i, t):
        """Σ_{k = t−DT_i+1 … t} stop_ik ≤ 1 − on_it: who stopped less than DT ago is off. (So start + stop ≤ 1.)"""
        return sum(m.stop[i, k] for k in range(max(0, t - down[i] + 1), t + 1)) <= 1 - m.on[i, t]


def _windows(m: pyo.ConcreteModel, d: Data) -> None:
    """on_min ≤ on ≤ on_max (must-run, must-off); as before the horizon for what is left of a least time.

    A commitment that is a floor is must-run where it is on. A validated case has no window against what is left of a
    least time.
    """
    units, given = d.case.units, d.case.commitment
    floor = given is not None and given.use is CommitmentUse.FLOOR
    for i in d.units:
        was, least = units.initial_on[i], (units.min_up_minutes if units.initial_on[i] else units.min_down_minutes)[i]
        left = d.whole_periods(max(0, least - units.initial_minutes[i]))
        for t in d.periods:
            must = bool(units.on_min[i, t]) or (floor and bool(given.on[i, t]))
            m.on[i, t].setlb(1 if was and t < left else int(must))
            m.on[i, t].setub(0 if not was and t < left else int(units.on_max[i, t]))


def given(m: pyo.ConcreteModel, d: Data, on: Flags) -> None:
    """SCED: on, start, stop are data. on (N, T) of 0/1."""
    before = np.column_stack([d.case.units.initial_on, on[:, :-1]]).astype(int)
    now = np.asarray(on, dtype=int)
    for name, value in (("on", now), ("start", (now > before).astype(int)), ("stop", (now < before).astype(int))):
        table = {(i, t): int(value[i, t]) for i in d.units for t in d.periods}
        m.add_component(name, pyo.Param(d.units, d.periods, initialize=table, domain=pyo.Binary))
