"""A plant that stops one unit and starts another on a day keeps the started one on for a while (family 11).

SCUC only; soft, money for each period short of it.
"""

from __future__ import annotations

from math import inf

import pyomo.environ as pyo

from models.data import Data
from models.soft import within
from models.starts import many, plant_minutes, plant_units


def switching(m: pyo.ConcreteModel, d: Data) -> None:
    """Which stop belongs to which start: those of one day, in either order."""
    units, rules = d.case.units, d.rules.starts
    minutes = plant_minutes(d, d.case.plant_limits.switching_minutes, rules.switching_minutes)
    of_plant = {q: members for q, members in plant_units(d).items() if minutes[q] > 0 and len(members) > 1}
    least = {i: d.whole_periods(minutes[q]) for q, members in of_plant.items() for i in members}
    pairs = [(i, j) for members in of_plant.values() for i in members for j in members if i != j]
    days = sorted(set(d.days))
    m.stops_in_day = pyo.Var(list(least), days, bounds=(0, 1))
    m.other_stops_in_day = pyo.Var(list(least), days, bounds=(0, 1))

    @m.Constraint(list(least), d.periods)
    def stopped(m, i, t):
        """stopped_id ≥ stop_it, t in day d: the unit stops on the day."""
        return m.stops_in_day[i, d.days[t]] >= m.stop[i, t]

    @m.Constraint(pairs, days)
    def switched(m, i, j, day):
        """switched_id ≥ stopped_jd: another unit of the plant does."""
        return m.other_stops_in_day[i, day] >= m.stops_in_day[j, day]

    def starts(i: int, day: int, t: int) -> list[int]:
        """Periods of the day in which a start has the unit on in t."""
        return [k for k in range(max(0, t - least[i] + 1), t + 1) if d.days[k] == day]

    def fit(i: int) -> int:
        """Starts that fit into the time: min up and min down lie between two of them."""
        spell = sum(max(1, d.whole_periods(time[i])) for time in (units.min_up_minutes, units.min_down_minutes))
        return -(-least[i] // spell)

    places = {(i, day, t): float(fit(i)) for i in least for day in days for t in d.periods if starts(i, day, t)}
    short = many(m, d, "switching", places)

    @m.Constraint(list(places))
    def switching(m, i, day, t):
        """Σ_{k in day, t−n < k ≤ t} start_ik ≤ on_it + U_i·(1 − switched_id), n = ⌈switching/minutes⌉."""
        begun = sum(m.start[i, k] for k in starts(i, day, t))
        return within(
            -inf, begun - m.on[i, t] + fit(i) * m.other_stops_in_day[i, day] + short(i, day, t), places[i, day, t]
        )
