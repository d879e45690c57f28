"""Starts and stops: how many a day, how far apart (family 11). SCUC only; soft, money a start or stop too many."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any

import pyomo.environ as pyo

from clearing.case.arrays import Bools, Ints
from models.data import Data
from models.soft import Table, slack, within


def a_day(m: pyo.ConcreteModel, d: Data) -> None:
    """Limits by unit and by plant. The day of a period is the one it begins in; −1 = no limit."""
    units, plants, members = d.case.start_limits, d.case.plant_limits, plant_units(d)
    own_starts, own_stops = (_a_day(d, units.unit, most) for most in (units.max_starts, units.max_stops))
    of_starts, of_stops = (_a_day(d, plants.plant, most) for most in (plants.max_starts, plants.max_stops))

    def sums(switch: Any, who: list[int], day: int) -> Any:
        return sum(switch[i, t] for i in who for t in d.periods if d.days[t] == day)

    limits = {"unit_starts": own_starts, "unit_stops": own_stops, "plant_starts": of_starts, "plant_stops": of_stops}
    given = {name: many(m, d, name, most) for name, most in limits.items()}

    @m.Constraint(list(own_starts))
    def unit_starts(m, i, day):
        """Σ_{t in day} start_it ≤ max_starts_i."""
        return within(-inf, sums(m.start, [i], day) + given["unit_starts"](i, day), own_starts[i, day])

    @m.Constraint(list(own_stops))
    def unit_stops(m, i, day):
        """Σ_{t in day} stop_it ≤ max_stops_i."""
        return within(-inf, sums(m.stop, [i], day) + given["unit_stops"](i, day), own_stops[i, day])

    @m.Constraint([at for at in of_starts if members[at[0]]])
    def plant_starts(m, q, day):
        """Σ_{i in plant} Σ_{t in day} start_it ≤ max_starts of the plant."""
        return within(-inf, sums(m.start, members[q], day) + given["plant_starts"](q, day), of_starts[q, day])

    @m.Constraint([at for at in of_stops if members[at[0]]])
    def plant_stops(m, q, day):
        """Σ_{i in plant} Σ_{t in day} stop_it ≤ max_stops of the plant."""
        return within(-inf, sums(m.stop, members[q], day) + given["plant_stops"](q, day), of_stops[q, day])


def spacing(m: pyo.ConcreteModel, d: Data) -> None:
    """Two starts at a plant, and two stops, are so many minutes apart or more; a time of the case wins over the rules'.

    A start (stop) before the horizon counts: while it is within the spacing there is room for none.
    """
    own, rules, members, was_on = d.case.plant_limits, d.rules.starts, plant_units(d), d.case.units.initial_on
    starts = plant_minutes(d, own.start_spacing_minutes, rules.start_spacing_minutes)
    stops = plant_minutes(d, own.stop_spacing_minutes, rules.stop_spacing_minutes)
    room_starts, room_stops = _room(d, starts, was_on), _room(d, stops, ~was_on)
    more, later = many(m, d, "start_spacing", room_starts), many(m, d, "stop_spacing", room_stops)

    def recent(q: int, minutes: int, t: int) -> list[tuple[int, int]]:
        """Units of the plant and the periods up to t that begin less than so many minutes before t."""
        return [(i, k) for i in members[q] for k in range(max(0, t - d.whole_periods(minutes) + 1), t + 1)]

    @m.Constraint(list(room_starts))
    def start_spacing(m, q, t):
        """Σ_{i in plant} Σ_{k = t−n+1 … t} start_ik ≤ 1, n = ⌈spacing/minutes⌉."""
        return within(-inf, sum(m.start[at] for at in recent(q, starts[q], t)) + more(q, t), room_starts[q, t])

    @m.Constraint(list(room_stops))
    def stop_spacing(m, q, t):
        """Σ_{i in plant} Σ_{k = t−n+1 … t} stop_ik ≤ 1, the same of stops."""
        return within(-inf, sum(m.stop[at] for at in recent(q, stops[q], t)) + later(q, t), room_stops[q, t])


def many(m: pyo.ConcreteModel, d: Data, name: str, high: Table) -> Callable[..., Any]:
    """By how many a limit is exceeded, at money each."""
    return slack(m, d, name, d.rules.starts.penalty, {}, high, weight=1.0)


def plant_units(d: Data) -> dict[int, list[int]]:
    """Units by plant."""
    return {q: [i for i in d.units if d.case.units.plant[i] == q] for q in d.plants}


def plant_minutes(d: Data, own: Ints, rule: int) -> dict[int, int]:
    """Minutes by plant: its own where its row states them, else the rule set's."""
    stated = {int(q): int(value) for q, value in zip(d.case.plant_limits.plant, own, strict=True) if value >= 0}
    return {q: stated.get(q, rule) for q in d.plants}


def _a_day(d: Data, subject: Ints, most: Ints) -> dict[tuple[int, int], float]:
    """Limits by subject and day."""
    limits = {int(s): float(n) for s, n in zip(subject, most, strict=True) if n >= 0}
    return {(s, day): n for s, n in limits.items() for day in sorted(set(d.days))}


def _room(d: Data, minutes: dict[int, int], switched: Bools) -> dict[tuple[int, int], float]:
    """1 by plant with a spacing and period, less the units whose last switch before the horizon is within it; ≥ 0."""
    members, before, length = plant_units(d), d.case.units.initial_minutes, d.case.horizon.period_minutes
    return {
        (q, t): max(0.0, 1.0 - sum(before[i] + t * length < minutes[q] for i in members[q] if switched[i]))
        for q in d.plants
        for t in d.periods
        if minutes[q] > 0 and members[q]
    }
