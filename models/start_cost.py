"""Start cost by how long the unit was off: one binary a start state, exact whatever the costs are."""

from __future__ import annotations

import pyomo.environ as pyo

from models.data import Data, rows_of, start_state


def by_state(m: pyo.ConcreteModel, d: Data) -> None:
    """start_state_ist = 1 where unit i starts in t in its s-th state (s = 0 the hottest).

    Whole periods off count, plus the minutes off before the horizon.
    """
    costs, units, length = d.case.units.start_costs, d.case.units, d.case.horizon.period_minutes
    rows = rows_of(costs.unit, d.units)
    states = [(i, s) for i in d.units for s in range(len(rows[i]))]

    def state(i: int, minutes: int) -> int:
        """Place of the state among those of the unit."""
        return start_state(d.case, rows[i], minutes)

    m.start_state = pyo.Var(states, d.periods, domain=pyo.Binary)
    m.start_cost = pyo.Expression(
        expr=sum(float(costs.cost[rows[i][s]]) * m.start_state[i, s, t] for i, s in states for t in d.periods)
    )

    @m.Constraint([i for i in d.units if rows[i]], d.periods)
    def start_state_sum(m, i, t):
        """Σ_s start_state_ist = start_it: every start is in one state."""
        return sum(m.start_state[i, s, t] for s in range(len(rows[i]))) == m.start[i, t]

    @m.Constraint(states, d.periods)
    def start_window(m, i, s, t):
        """start_state_ist ≤ Σ_{k: state s after a stop in k} stop_ik + [off before the horizon, and state s by now]."""
        stops = sum(m.stop[i, k] for k in range(t) if state(i, (t - k) * length) == s)
        before = not units.initial_on[i] and state(i, int(units.initial_minutes[i]) + t * length) == s
        return m.start_state[i, s, t] <= stops + int(before)

    @m.Constraint(states, d.periods)
    def start_offline(m, i, s, t):
        """n_s·start_state_ist ≤ Σ_{k = t−n_s … t−1} (1 − on_ik): off for the n_s periods that state s takes.

        So a later stop, whose state is warmer, cannot lie between. Periods before the horizon: see start_window.
        """
        needed = next((n for n in range(1, t + 1) if state(i, n * length) >= s), t)
        if s == 0 or needed == 0:
            return pyo.Constraint.Skip
        return needed * m.start_state[i, s, t] <= sum(1 - m.on[i, k] for k in range(t - needed, t))
