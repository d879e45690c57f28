"""Start lead time: when a unit that is off since before the horizon can be synchronised (family 13)."""

from __future__ import annotations

import pyomo.environ as pyo

from clearing.case.units import Fuel, StartState
from clearing.rules.rules import StateJudged
from models.curves import startup_curve
from models.data import Data, rows_of, start_state


def first_start(m: pyo.ConcreteModel, d: Data) -> None:
    """The first start waits for the order: b_t − L·dt ≥ clock + lead of its state.

    b_t is the beginning of the period, L the steps of its start-up curve: it is synchronised so much earlier.

    The state is that at the clock, or at synchronisation, as the rule set says; later starts are known at the clock.
    """
    units, horizon = d.case.units, d.case.horizon
    clock = d.case.start_leads.reference_minute
    clock = d.rules.starts.lead_clock_minute if clock is None else clock
    rows = rows_of(units.start_costs.unit, d.units)

    def too_early(i: int, t: int) -> bool:
        if units.initial_on[i] or not rows[i]:
            return False
        begin = horizon.start_minute + t * horizon.period_minutes
        climb = len(startup_curve(d, i, int(units.initial_minutes[i]) + t * horizon.period_minutes))
        judged = begin if d.rules.starts.judged is StateJudged.SYNC else clock
        off = max(0, int(units.initial_minutes[i]) + judged - horizon.start_minute)
        return begin - climb * horizon.period_minutes < clock + _lead_minutes(
            d, rows[i][start_state(d.case, rows[i], off)]
        )

    @m.Constraint([(i, t) for i in d.units for t in d.periods if too_early(i, t)])
    def start_lead(m, i, t):
        """start_it ≤ Σ_{k < t} stop_ik: it is not the first start."""
        return m.start[i, t] <= sum(m.stop[i, k] for k in range(t))


def _lead_minutes(d: Data, row: int) -> float:
    """Of a row of the start costs: its own; else the rule set's for its state, which is for thermal units only."""
    costs, stated, rules = d.case.units.start_costs, d.case.start_leads.minutes, d.rules.starts
    if len(stated) and stated[row] >= 0:
        return float(stated[row])
    if d.case.units.fuel[costs.unit[row]] in (Fuel.NUCLEAR, Fuel.HYDRO):
        return 0.0
    by_state = {
        StartState.HOT: rules.lead_hot_minutes,
        StartState.WARM: rules.lead_warm_minutes,
        StartState.COLD: rules.lead_cold_minutes,
    }
    return by_state.get(StartState(int(costs.state[row]))) or 0.0
