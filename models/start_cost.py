"""Start cost by how long the unit was off, in four formulations.

Whole periods off count, plus the minutes off before the horizon. All but `by_state` lean on costs that do not fall with
time off, and on nothing else but the cost asking for the state; units of which that is not so keep `by_state`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import pyomo.environ as pyo

from clearing.bench.variants import StartCost
from models.data import Data, rows_of, start_state


@dataclass(frozen=True)
class Starts:
    """Start states of units: rows of the cost table, hottest first."""

    d: Data
    rows: dict[int, list[int]]

    def state(self, i: int, minutes: int) -> int:
        """Place of the state among those of the unit, after so many minutes off."""
        return start_state(self.d.case, self.rows[i], minutes)

    def after(self, i: int, lag: int) -> int:
        """State of a start so many periods after the stop."""
        return self.state(i, lag * self.d.case.horizon.period_minutes)

    def before(self, i: int, t: int) -> int | None:
        """State of a start in t of a unit that is off since before the horizon; None where it was on."""
        units = self.d.case.units
        if units.initial_on[i]:
            return None
        return self.state(i, int(units.initial_minutes[i]) + t * self.d.case.horizon.period_minutes)

    def cost(self, i: int, s: int) -> float:
        """Money of a start in the state."""
        return float(self.d.case.units.start_costs.cost[self.rows[i][s]])


def start_costs(m: pyo.ConcreteModel, d: Data, form: StartCost = StartCost.STATES) -> None:
    """m.start_cost in the formulation asked for."""
    starts = Starts(d, rows_of(d.case.units.start_costs.unit, d.units))
    exact = [i for i in d.units if form is StartCost.STATES or _chosen_by_more_than_cost(starts, i)]
    m.start_cost = pyo.Expression(expr=0)
    by_state(m, starts, exact)
    FORMS[form](m, starts, [i for i in d.units if starts.rows[i] and i not in exact])


def _chosen_by_more_than_cost(starts: Starts, i: int) -> bool:
    """Whether a colder state costs less than a warmer one, or brings a start-up curve of its own."""
    costs = [starts.cost(i, s) for s in range(len(starts.rows[i]))]
    return any(b < a for a, b in pairwise(costs)) or i in starts.d.case.startup_curves.unit


def by_state(m: pyo.ConcreteModel, starts: Starts, among: list[int]) -> None:
    """One binary a start state, exact whatever the costs are: the rows of TYPES, the coldest state's too, and time off.

    start_state_ist = 1 where unit i starts in t in its s-th state (s = 0 the hottest).
    """
    d = starts.d
    states = [(i, s) for i in among for s in range(len(starts.rows[i]))]
    m.start_state = pyo.Var(states, d.periods, domain=pyo.Binary)
    m.start_cost.expr += sum(starts.cost(i, s) * m.start_state[i, s, t] for i, s in states for t in d.periods)

    @m.Constraint([i for i in among if starts.rows[i]], d.periods)
    def start_state_sum(m, i, t):
        """Σ_s start_state_ist = start_it: every start is in one state."""
        return sum(m.start_state[i, s, t] for s in range(len(starts.rows[i]))) == m.start[i, t]

    @m.Constraint(states, d.periods)
    def start_window(m, i, s, t):
        """start_state_ist ≤ Σ_{k: state s after a stop in k} stop_ik + [off before the horizon, and state s by now]."""
        stops = sum(m.stop[i, k] for k in range(t) if starts.after(i, t - k) == s)
        return m.start_state[i, s, t] <= stops + int(starts.before(i, t) == s)

    @m.Constraint(states, d.periods)
    def start_offline(m, i, s, t):
        """n_s·start_state_ist ≤ Σ_{k = t−n_s … t−1} (1 − on_ik): off for the n_s periods that state s takes.

        So a later stop, whose state is warmer, cannot lie between. Periods before the horizon: see start_window.
        """
        needed = next((n for n in range(1, t + 1) if starts.after(i, n) >= s), t)
        if s == 0 or needed == 0:
            return pyo.Constraint.Skip
        return needed * m.start_state[i, s, t] <= sum(1 - m.on[i, k] for k in range(t - needed, t))


def three_bin(m: pyo.ConcreteModel, starts: Starts, among: list[int]) -> None:
    """A cost variable a start, above what each state would cost: on, start, stop and nothing else is binary.

    Source: the formulation "3-bin" that Knueven, Ostrowski & Watson, A novel matching formulation for startup costs in
    unit commitment (Mathematical Programming Computation 12, 2020) hold theirs against; with on alone in place of start
    and stop it is Carrión & Arroyo, IEEE Trans. Power Systems 21(3), 2006.
    """
    d = starts.d
    states = [(i, s) for i in among for s in range(len(starts.rows[i]))]
    m.start_money = pyo.Var(among, d.periods, domain=pyo.NonNegativeReals)
    m.start_cost.expr += sum(m.start_money[i, t] for i in among for t in d.periods)

    @m.Constraint(states, d.periods)
    def start_least_cost(m, i, s, t):
        """start_money_it ≥ cost_s·(start_it − Σ_{k: a state hotter than s after a stop in k} stop_ik − [the same])."""
        stops = sum(m.stop[i, k] for k in range(t) if starts.after(i, t - k) < s)
        before = starts.before(i, t)
        return m.start_money[i, t] >= starts.cost(i, s) * (
            m.start[i, t] - stops - int(before is not None and before < s)
        )


def types(m: pyo.ConcreteModel, starts: Starts, among: list[int]) -> None:
    """One binary a type of start; a stop recent enough allows a warm one, and the coldest is always allowed.

    Source: Morales-España, Latorre & Ramos, Tight and compact MILP formulation for the thermal unit commitment problem,
    IEEE Trans. Power Systems 28(4), 2013, where start types are those of Simoglou et al., 2010.
    """
    d = starts.d
    all_types = [(i, s) for i in among for s in range(len(starts.rows[i]))]
    m.start_type = pyo.Var(all_types, d.periods, domain=pyo.Binary)
    m.start_cost.expr += sum(starts.cost(i, s) * m.start_type[i, s, t] for i, s in all_types for t in d.periods)

    @m.Constraint([(i, s) for i, s in all_types if s < len(starts.rows[i]) - 1], d.periods)
    def start_type_window(m, i, s, t):
        """start_type_ist ≤ Σ_{k: state s after a stop in k} stop_ik + [off before the horizon, and state s by now]."""
        stops = sum(m.stop[i, k] for k in range(t) if starts.after(i, t - k) == s)
        return m.start_type[i, s, t] <= stops + int(starts.before(i, t) == s)

    @m.Constraint(among, d.periods)
    def start_type_sum(m, i, t):
        """Σ_s start_type_ist = start_it."""
        return sum(m.start_type[i, s, t] for s in range(len(starts.rows[i]))) == m.start[i, t]


BEFORE = -1
"""Period that stands for a stop before the horizon."""


def match(m: pyo.ConcreteModel, starts: Starts, among: list[int]) -> None:
    """A start is matched with the stop that it comes after, and saves what that warmth is worth; no stop serves twice.

    Source: Knueven, Ostrowski & Watson, A novel matching formulation for startup costs in unit commitment (Mathematical
    Programming Computation 12, 2020), the formulation "Match": two rows and the cost, with savings against the coldest.
    """
    d = starts.d
    pairs: list[tuple[int, int, int]] = []
    for i in among:
        coldest, down = len(starts.rows[i]) - 1, max(1, d.whole_periods(d.case.units.min_down_minutes[i]))
        pairs += [(i, k, t) for t in d.periods for k in range(t - down + 1) if starts.after(i, t - k) < coldest]
        pairs += [(i, BEFORE, t) for t in d.periods if (was := starts.before(i, t)) is not None and was < coldest]
    m.match = pyo.Var(pairs, domain=pyo.Binary)
    of_start, of_stop = rows_by(pairs, 2), rows_by(pairs, 1)

    def saving(i: int, k: int, t: int) -> float:
        state = starts.before(i, t) if k == BEFORE else starts.after(i, t - k)
        assert state is not None
        return starts.cost(i, len(starts.rows[i]) - 1) - starts.cost(i, state)

    cold = sum(starts.cost(i, len(starts.rows[i]) - 1) * m.start[i, t] for i in among for t in d.periods)
    m.start_cost.expr += cold - sum(saving(*pair) * m.match[pair] for pair in pairs)

    @m.Constraint(list(of_start))
    def match_start(m, i, t):
        """Σ_k match_ikt ≤ start_it."""
        return sum(m.match[pair] for pair in of_start[i, t]) <= m.start[i, t]

    @m.Constraint(list(of_stop))
    def match_stop(m, i, k):
        """Σ_t match_ikt ≤ stop_ik; of a stop before the horizon: ≤ 1."""
        return sum(m.match[pair] for pair in of_stop[i, k]) <= (1 if k == BEFORE else m.stop[i, k])


def rows_by(pairs: list[tuple[int, int, int]], place: int) -> dict[tuple[int, int], list[tuple[int, int, int]]]:
    """Pairs of a unit by their stop (place 1) or their start (place 2)."""
    found: dict[tuple[int, int], list[tuple[int, int, int]]] = {}
    for pair in pairs:
        found.setdefault((pair[0], pair[place]), []).append(pair)
    return found


FORMS: dict[StartCost, Callable[[pyo.ConcreteModel, Starts, list[int]], None]] = {
    StartCost.STATES: lambda m, starts, among: None,
    StartCost.THREE_BIN: three_bin,
    StartCost.TYPES: types,
    StartCost.MATCH: match,
}
