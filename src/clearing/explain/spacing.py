"""The times between starts and stops of a plant that a schedule keeps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.case.case import Case
from clearing.case.starts import PlantLimits
from clearing.explain.setting import Setting
from clearing.solve.evaluate_starts import start_violations

COLUMN = {
    "start_spacing": "start_spacing_minutes",
    "stop_spacing": "stop_spacing_minutes",
    "switching": "switching_minutes",
}


def attained_minutes(table: Setting, family: str, plant: str) -> tuple[str, str, str, int, str, float, float]:
    """Row of a remedy: the longest time, in whole periods, that the schedule keeps at the plant."""
    case, minutes = table.case, table.case.horizon.period_minutes
    row = case.participants.plant_id.index(plant)
    before = int(getattr(table.plants, family)[row])
    after = 0
    for periods in range(-(-before // minutes) - 1, 0, -1):
        if not _broken(table, with_time(case, family, plant, periods * minutes), family, plant):
            after = periods * minutes
            break
    return family, plant, "min", -1, "minutes", float(before), float(after)


def with_time(case: Case, family: str, plant: str, minutes: int) -> Case:
    """The case with another time at a plant."""
    limits = _with_row(case.plant_limits, case.participants.plant_id.index(plant))
    at = np.flatnonzero(limits.plant == case.participants.plant_id.index(plant))[0]
    column = getattr(limits, COLUMN[family]).copy()
    column[at] = minutes
    return replace(case, plant_limits=replace(limits, **{COLUMN[family]: column}))


def _with_row(limits: PlantLimits, plant: int) -> PlantLimits:
    """The table with a row for the plant: no limit on numbers, the rule set's times."""
    if plant in limits.plant:
        return limits
    return PlantLimits(
        plant=np.append(limits.plant, plant),
        max_starts=np.append(limits.max_starts, -1),
        max_stops=np.append(limits.max_stops, -1),
        start_spacing_minutes=np.append(limits.start_spacing_minutes, -1),
        stop_spacing_minutes=np.append(limits.stop_spacing_minutes, -1),
        switching_minutes=np.append(limits.switching_minutes, -1),
    )


def _broken(table: Setting, case: Case, family: str, plant: str) -> bool:
    members = {case.units.id[i] for i in np.flatnonzero(case.units.plant == case.participants.plant_id.index(plant))}
    return any(
        v.family == family and (v.subject == plant or v.subject in members)
        for v in start_violations(case, table.rules, table.schedule)
    )
