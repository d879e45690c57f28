"""What multipliers of starts and stops at a plant are worth in a bound: their number in a day, and their spacing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Bools, Floats, Ints
from clearing.case.case import Case
from clearing.checks.bound_sides import soft
from clearing.rules.rules import Rules


@dataclass(frozen=True, slots=True)
class Switches:
    """What a start and a stop in a period are worth (N, T), money; total: limits and penalties, money."""

    start: Floats
    stop: Floats
    total: float


def switches(case: Case, rules: Rules, values: dict[str, Floats]) -> Switches:
    """Worth of multipliers (Q, T): those of a day stand at its first period of the horizon.

    plant_starts, plant_stops      Σ of a day ≤ the plant's most
    start_spacing, stop_spacing    Σ of the periods within the spacing ≤ 1, less what was before the horizon
    """
    table, starts = case.plant_limits, rules.starts
    plants, minutes, periods = len(case.participants.plant_id), case.horizon.period_minutes, case.horizon.periods
    day = (case.horizon.start_minute + np.arange(periods) * minutes) // (24 * 60)
    first = np.searchsorted(day, day)
    member, total = np.flatnonzero(case.units.plant >= 0), 0.0
    found: dict[str, Floats] = {}
    for part, began, default in (
        ("start", case.units.initial_on, starts.start_spacing_minutes),
        ("stop", ~case.units.initial_on, starts.stop_spacing_minutes),
    ):
        daily, spaced = values[f"plant_{part}s"], values[f"{part}_spacing"]
        most = np.full((plants, periods), np.inf)
        stated = _by_plant(plants, table.plant, getattr(table, f"max_{part}s"), -1)
        most[:, np.unique(first)] = np.where(stated < 0, np.inf, stated)[:, None]
        spacing = _by_plant(plants, table.plant, getattr(table, f"{part}_spacing_minutes"), default)
        total += soft(daily, -np.inf, most, starts.penalty, 1.0)
        total += soft(spaced, -np.inf, _room(case, spacing, began), starts.penalty, 1.0)
        worth = np.zeros(case.units.p_max_mw.shape)
        for i in member.tolist():
            q = case.units.plant[i]
            length = -(-int(spacing[q]) // minutes)
            within = [spaced[q, t : t + length].sum() for t in range(periods)]
            worth[i] = daily[q, first] + np.array(within)
        found[part] = worth
    return Switches(found["start"], found["stop"], total)


def _by_plant(plants: int, rows: Ints, stated: Ints, default: int) -> Ints:
    """Values by plant (Q): the case's, else the default."""
    value = np.full(plants, default, dtype=np.int64)
    for q, own in zip(rows.tolist(), stated.tolist(), strict=True):
        value[q] = default if own < 0 else own
    return value


def _room(case: Case, spacing: Ints, began: Bools) -> Floats:
    """Right sides (Q, T): 1, or 0 while a unit that switched before the horizon is within the spacing; inf without."""
    units, horizon = case.units, case.horizon
    room = np.where(spacing > 0, 1.0, np.inf)[:, None] * np.ones(horizon.periods)
    for i in np.flatnonzero(began & (units.plant >= 0)).tolist():
        for t in range(horizon.periods):
            if units.initial_minutes[i] + t * horizon.period_minutes < spacing[units.plant[i]]:
                room[units.plant[i], t] = 0.0
    return room
