"""Start-up cost by time offline, as savings against the coldest start."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, Ints, freeze
from clearing.case.case import Case
from clearing.case.output_curves import by_state
from clearing.formulation.unit_data import UnitData
from clearing.milp.columns import ABSENT, Columns
from clearing.milp.rows import RowBlock, row_block


@dataclass(frozen=True, slots=True)
class StartArcs:
    """A warmer-than-coldest states of all units.

    coldest_cost (N)          cost of a unit's last state
    coldest_minutes (N)       least whole minutes offline for which it applies
    row (A)                   of the start costs
    unit (A), saving (A)      coldest cost − cost of this state; > 0 unless the unit is of `falling`
    first_minutes, last_minutes (A)   least and greatest whole minutes offline for which the state applies
    falling (n)               units with a state that costs less than a warmer one, or with a start-up curve a state:
                              cost alone does not choose the state of their starts
    """

    coldest_cost: Floats
    coldest_minutes: Ints
    row: Ints
    unit: Ints
    saving: Floats
    first_minutes: Ints
    last_minutes: Ints
    falling: Ints

    def __post_init__(self) -> None:
        freeze(self)


def start_arcs(case: Case) -> StartArcs:
    """Reads the states as validated: first after_minutes 0, thresholds rising within a unit."""
    costs = case.units.start_costs
    coldest, coldest_minutes = np.zeros(len(case.units.id)), np.zeros(len(case.units.id), dtype=np.int64)
    coldest[costs.unit] = costs.cost  # rows of a unit are in order, so the last one stays
    first = costs.after_minutes + np.where(costs.inclusive, 0, 1)
    coldest_minutes[costs.unit] = first
    last = np.concatenate([first[1:], [0]]) - 1 if len(first) else first
    same = np.concatenate([costs.unit[1:] == costs.unit[:-1], [False]]) if len(first) else np.zeros(0, bool)
    saving = coldest[costs.unit] - costs.cost
    falling = np.unique(costs.unit[:-1][same[:-1] & (np.diff(costs.cost) < 0.0)])
    falling = np.union1d(falling, by_state(case))
    kept = same & ((saving > 0.0) | np.isin(costs.unit, falling))
    return StartArcs(
        coldest, coldest_minutes, np.flatnonzero(kept), costs.unit[kept], saving[kept], first[kept], last[kept], falling
    )


def start_saving(case: Case, data: UnitData, arcs: StartArcs, columns: Columns) -> RowBlock:
    """A start is in a warm state only after a stop that is recent enough (matching formulation).

    saving_at ≤ Σ_{L in the state's window} stop_{i,t−L} + [off before the horizon, and still in the window at t]

    L runs over whole periods offline that the state allows, from the min down time on. Shapes: (A, T).
    Source: clearing-model.md, start cost by state; Knueven, Ostrowski & Watson 2020, section on start-up costs
    (the matching of a stop with a start).
    """
    minutes, periods = case.horizon.period_minutes, case.horizon.periods
    shape = (len(arcs.unit), periods)
    shortest = np.maximum(-(-arcs.first_minutes // minutes), data.min_down[arcs.unit])
    longest = np.minimum(arcs.last_minutes // minutes, periods)
    here = np.arange(periods)
    rows, stops = [], []
    for lag in range(1, periods):
        arc, period = np.nonzero(((shortest <= lag) & (lag <= longest))[:, None] & (here >= lag))
        rows.append(arc * periods + period)
        stops.append(columns["stop"][arcs.unit[arc], period - lag])
    offline = case.units.initial_minutes[arcs.unit][:, None] + here * minutes
    was_off = ~case.units.initial_on[arcs.unit]
    inside = (arcs.first_minutes[:, None] <= offline) & (offline <= arcs.last_minutes[:, None])
    right = (was_off[:, None] & inside).astype(float)
    scattered = [(np.concatenate(rows), np.concatenate(stops), -1.0)] if rows else []
    return row_block("start_saving", shape, -np.inf, right, [(columns["start_saving"], 1.0)], scattered)


def start_matching(case: Case, arcs: StartArcs, columns: Columns) -> RowBlock:
    """At most one warm state a start: Σ_states saving_ast ≤ start_it. Shape (units with warm states, T)."""
    units, place = np.unique(arcs.unit, return_inverse=True)
    periods = case.horizon.periods
    row = place[:, None] * periods + np.arange(periods)
    start = columns["start"][units] if len(units) else np.full((0, periods), ABSENT)
    return row_block(
        "start_matching",
        (len(units), periods),
        -np.inf,
        0.0,
        [(start, -1.0)],
        [(row, columns["start_saving"], 1.0)],
    )


def start_offline(case: Case, arcs: StartArcs, columns: Columns) -> RowBlock:
    """Of units whose state cost does not choose (`falling`): a start in a state has been off as long as it takes.

    σ_it ≤ 1 − on_{i,t−k} for k = 1 … n, n the least whole periods off that the state takes; σ is start_saving, of the
    coldest state start − Σ start_saving, which is 0 where n periods reach beyond a horizon that the unit began on, or
    not off for long enough. Elsewhere savings fall with time off, and cost alone chooses the state. Shape (rows).
    """
    minutes, periods, units = case.horizon.period_minutes, case.horizon.periods, case.units
    row: list[int] = []
    column: list[int] = []
    value: list[float] = []
    right: list[float] = []
    for i in arcs.falling.tolist():
        own = np.flatnonzero(arcs.unit == i)
        warmer, start = columns["start_saving"][own], columns["start"][i]
        states = [(warmer[k : k + 1], [1.0], int(arcs.first_minutes[a])) for k, a in enumerate(own)]
        states.append((np.vstack([start, warmer]), [1.0] + [-1.0] * len(own), int(arcs.coldest_minutes[i])))
        spent = 0 if units.initial_on[i] else int(units.initial_minutes[i])
        for state, signs, first in states:
            needed = -(-first // minutes)
            for t in range(periods):
                before = columns["on"][i, max(0, t - needed) : t].tolist()
                too_early = needed > t and spent + t * minutes < first
                for on in [*before, *([ABSENT] if too_early else [])]:
                    row += [len(right)] * (len(signs) + 1)
                    column += [*state[:, t].tolist(), on]
                    value += [*signs, 1.0]
                    right.append(0.0 if on == ABSENT else 1.0)
    scattered = [(np.array(row, dtype=np.int64), np.array(column, dtype=np.int64), np.array(value))]
    return row_block("start_offline", (len(right),), -np.inf, np.array(right), (), scattered)
