"""Limits on the starts and stops of units and plants, derived once: the case's own values over the rule set's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Ints, freeze
from clearing.case.case import Case
from clearing.rules.rules import StartRules


@dataclass(frozen=True, slots=True)
class PlantData:
    """Q plants, N units, T periods.

    max_starts, max_stops (Q)              most in a day, −1 = no limit
    start_spacing, stop_spacing (Q)        minutes, 0 = no limit
    switching (Q)                          minutes, 0 = no limit
    plant (N)                              plant of a unit, −1 = none
    day (T)                                day a period begins in, 0 = that of the first period
    """

    max_starts: Ints
    max_stops: Ints
    start_spacing: Ints
    stop_spacing: Ints
    switching: Ints
    plant: Ints
    day: Ints

    def __post_init__(self) -> None:
        freeze(self)


def plant_data(case: Case, rules: StartRules) -> PlantData:
    """Derive the table."""
    table, count = case.plant_limits, len(case.participants.plant_id)

    def own(values: Ints, default: int) -> Ints:
        full = np.full(count, default, dtype=np.int64)
        full[table.plant] = np.where(values == -1, default, values)
        return full

    begin = case.horizon.start_minute + np.arange(case.horizon.periods) * case.horizon.period_minutes
    return PlantData(
        max_starts=own(table.max_starts, -1),
        max_stops=own(table.max_stops, -1),
        start_spacing=own(table.start_spacing_minutes, rules.start_spacing_minutes),
        stop_spacing=own(table.stop_spacing_minutes, rules.stop_spacing_minutes),
        switching=own(table.switching_minutes, rules.switching_minutes),
        plant=case.units.plant,
        day=begin // 1440 - case.horizon.start_minute // 1440,
    )
