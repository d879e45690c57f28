"""Money of a stretch on line: what its start and stop save or need, and what it earns in all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.explain.setting import Setting, start_cost_after


@dataclass(frozen=True, slots=True)
class Free:
    """A stretch on line that no data forces: what lies before and behind it, and what a stop around it would cost.

    before_on, behind_on   on line just before it (also: initially on), just behind it
    ends                   it reaches the end of the horizon
    """

    unit: int
    first: int
    last: int
    before_on: bool
    behind_on: bool
    ends: bool

    @property
    def periods(self) -> slice:
        """Its periods."""
        return slice(self.first, self.last + 1)


def switching(table: Setting, free: Free) -> float:
    """Money of the starts and stops that being on saves (> 0) or needs (< 0) against being off over the stretch.

    On before and behind: a stop and a start after its length off are saved. On before, to the end: a stop is saved.
    On before, off behind: the stop is needed anyway, and what the next start would cost more is saved. Off before, on
    behind: the start is needed anyway, and what a later one would cost more is saved. Off before and behind: its start
    is needed, and its stop within the horizon.
    """
    case, money, i = table.case, table.money, free.unit
    if free.before_on:
        if free.behind_on:
            minutes = np.array([(free.last - free.first + 1) * case.horizon.period_minutes])
            return float(case.units.stop_cost[i] + start_cost_after(case, i, minutes)[0])
        return float(case.units.stop_cost[i]) if free.ends else _colder_return(table, free)
    if free.behind_on:
        return _colder(table, free)
    stop = 0.0 if free.ends else float(money.stop[i, free.last + 1])
    return -float(money.start[i, free.first]) - stop


def _colder(table: Setting, free: Free) -> float:
    """Money that a start behind the stretch would cost more than the one in its first period."""
    case, i = table.case, free.unit
    on_before = np.flatnonzero(table.schedule.on[i, : free.first])
    begun = int(on_before[-1]) + 1 if len(on_before) else 0
    earlier = 0 if len(on_before) or case.units.initial_on[i] else int(case.units.initial_minutes[i])
    off = np.array([free.first - begun, free.last + 1 - begun]) * case.horizon.period_minutes + earlier
    now, later = start_cost_after(case, i, off)
    return float(later - now)


def _colder_return(table: Setting, free: Free) -> float:
    """Money that the next start would cost more if the unit were off over the stretch already."""
    case, i = table.case, free.unit
    starts = np.flatnonzero(table.schedule.start[i, free.last + 1 :])
    if not len(starts):
        return 0.0
    away = int(starts[0]) + np.array([0, free.last + 1 - free.first])
    now, then = start_cost_after(case, i, away * case.horizon.period_minutes)
    return float(then - now)


def cash(table: Setting, free: Free) -> float:
    """Revenue − costs of the stretch, its start and stop included."""
    total = float(table.money.running[free.unit, free.periods].sum())
    return total + (0.0 if free.before_on or free.behind_on else switching(table, free))
