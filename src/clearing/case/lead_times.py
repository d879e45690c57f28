"""When a unit that is off since before the horizon can be synchronised at the earliest (family 13).

A unit synchronises at the beginning of its first period on, or of its start-up curve where it has one, and not before
reference clock + lead time of its state.
The state is that at the clock, or that at synchronisation, as the rule set says. Readings: only the first start of a
unit that is off before the horizon waits for its order (a stop and restart within the horizon are known at the clock);
the rule set's lead times hold for thermal units, nuclear and hydro have those of the case only; a unit without start
states has none. Source: clearing-model.md family 13; Shandong no. 16.
"""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Floats, Ints
from clearing.case.case import Case
from clearing.case.output_curves import first_start_steps
from clearing.case.units import Fuel, StartState
from clearing.rules.rules import Rules, StartRules, StateJudged

OWN_DATA = (Fuel.NUCLEAR, Fuel.HYDRO)
"""Fuels that the rule set's lead times do not hold for."""


def first_start(case: Case, rules: Rules) -> Bools:
    """(N, T): whether a unit that has been off since before the horizon may start in a period; True where it was on.

    Min down time and windows are not in it; that a start-up curve fits into the horizon is.
    """
    row, lead = start_row(case, rules), lead_minutes(case, rules.starts)
    wait = np.append(lead, 0.0)[row]
    allowed: Bools = (since_order(case, rules) >= wait) & fits(case)
    return allowed | case.units.initial_on[:, None]


def since_order(case: Case, rules: Rules) -> Ints:
    """(N, T): minutes from the reference clock to the synchronisation of a first start in the period.

    A unit with a start-up curve synchronises the steps of its curve before its first period at p_min.
    """
    return np.asarray(since_clock(case, rules) - first_start_steps(case) * case.horizon.period_minutes)


def fits(case: Case) -> Bools:
    """(N, T): whether the curve of a first start in the period begins within the horizon."""
    return np.asarray(np.arange(case.horizon.periods) >= first_start_steps(case))


def orderable(case: Case, rules: Rules) -> Bools:
    """(N, T): whether a unit off since before the horizon could be on with an order at the clock that takes no time."""
    possible = (since_order(case, rules) >= 0) & fits(case)
    return np.asarray(np.logical_or.accumulate(possible, axis=1))


def since_clock(case: Case, rules: Rules) -> Ints:
    """(T): minutes from the reference clock to the beginning of every period."""
    horizon, clock = case.horizon, case.start_leads.reference_minute
    clock = rules.starts.lead_clock_minute if clock is None else clock
    return np.asarray(horizon.start_minute + np.arange(horizon.periods) * horizon.period_minutes - clock)


def start_row(case: Case, rules: Rules) -> Ints:
    """(N, T): row of the start costs whose lead time a first start in the period waits for; −1 = no start state."""
    units, horizon = case.units, case.horizon
    passed = np.arange(horizon.periods) * horizon.period_minutes
    if rules.starts.judged is not StateJudged.SYNC:
        passed = passed - since_clock(case, rules)  # the clock, from the beginning of the horizon
    return _row(case, np.maximum(0, units.initial_minutes[:, None] + passed))


def lead_minutes(case: Case, rules: StartRules) -> Floats:
    """Lead time (M) of every row of the start costs: the case's, else the rule set's for the state, else 0."""
    costs, stated = case.units.start_costs, case.start_leads.minutes
    by_state = {
        StartState.HOT: rules.lead_hot_minutes,
        StartState.WARM: rules.lead_warm_minutes,
        StartState.COLD: rules.lead_cold_minutes,
    }
    default = np.zeros(len(costs.unit))
    thermal = ~np.isin(case.units.fuel[costs.unit], OWN_DATA)
    for state, minutes in by_state.items():
        default[thermal & (costs.state == state)] = minutes or 0.0
    return default if not len(stated) else np.where(stated >= 0, stated, default)


def longest_lead(case: Case, rules: StartRules) -> Floats:
    """Longest lead time (N) over the start states of a unit, minutes; +inf where a state has none or there is no state.

    A stated 0 is a unit that starts at once; a unit that says nothing is not known to be quick.
    """
    costs, stated = case.units.start_costs, case.start_leads.minutes
    by_state = np.full(len(StartState), np.inf)
    own = (rules.lead_hot_minutes, rules.lead_warm_minutes, rules.lead_cold_minutes)
    for state, minutes in zip((StartState.HOT, StartState.WARM, StartState.COLD), own, strict=True):
        by_state[state] = np.inf if minutes is None else minutes
    default = np.where(np.isin(case.units.fuel[costs.unit], OWN_DATA), np.inf, by_state[costs.state])
    lead = default if not len(stated) else np.where(stated >= 0, stated, default)
    longest = np.full(len(case.units.id), -np.inf)
    np.maximum.at(longest, costs.unit, lead)
    return np.where(np.isneginf(longest), np.inf, longest)


def _row(case: Case, off: Ints) -> Ints:
    """Row (N, T) of the last state that applies after being off for so many minutes (N, T); −1 without states."""
    costs = case.units.start_costs
    found, unit = np.full(off.shape, -1), costs.unit
    passed = off[unit]
    applies = np.where(
        costs.inclusive[:, None], passed >= costs.after_minutes[:, None], passed > costs.after_minutes[:, None]
    )
    applies[np.flatnonzero(np.diff(unit, prepend=-1))] = True
    np.maximum.at(found, unit, np.where(applies, np.arange(len(unit))[:, None], -1))
    return found
