"""Limits of unit groups, plants and starts that keep a unit where it is."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Flags, Ints
from clearing.case.explanations import UnitReason
from clearing.case.linear_limits import weights
from clearing.explain.setting import Setting

Why = tuple[UnitReason, str]
"""Reason and what it points at."""


def least_group(table: Setting, unit: int, first: int, last: int) -> str:
    """The group of the unit that needs it on: as many members on line as it must have in some period; '' = none."""
    groups = table.case.unit_groups
    for j in groups.member_group[groups.member_unit == unit].tolist():
        members = groups.member_unit[groups.member_group == j]
        on = table.schedule.on[members, first : last + 1].sum(axis=0)
        least = groups.min_on[j, first : last + 1]
        if np.any((least > 0) & (on <= least)):
            return str(groups.id[j])
    return ""


def full_group(table: Setting, unit: int, first: int, last: int) -> str:
    """A group of the unit with as many members on line as it may have in some period; '' = none."""
    groups = table.case.unit_groups
    for j in groups.member_group[groups.member_unit == unit].tolist():
        members = groups.member_unit[groups.member_group == j]
        on = table.schedule.on[members, first : last + 1].sum(axis=0)
        most = groups.max_on[j, first : last + 1]
        if np.any((most >= 0) & (on >= most)):
            return str(groups.id[j])
    return ""


def own_group(table: Setting, unit: int, first: int, last: int) -> str:
    """The group of the unit whose output limit has the greatest multiplier in these periods; '' = none."""
    groups = table.case.unit_groups
    mine = groups.member_group[groups.member_unit == unit].tolist()
    return groups.id[mine[0]] if mine and np.any(table.group_value[unit, first : last + 1]) else ""


def own_linear(table: Setting, unit: int, first: int, last: int, against: bool = False) -> str:
    """The linear limit that adds most to what a MW of the unit is worth in these periods, or takes most off it."""
    limits = table.case.linear_limits
    mine = weights(limits, "unit", len(table.case.units.id))[:, unit]
    worth = mine * table.linear_pull[:, first : last + 1].sum(axis=1) * (-1.0 if against else 1.0)
    return limits.id[int(np.argmax(worth))] if len(worth) and worth.max() > 0.0 else ""


def no_stop(table: Setting, period: int, unit: int) -> str:
    """What forbids one more stop of the unit in the period: its id or its plant's; '' = nothing."""
    limits, plants = table.case.start_limits, table.plants
    return _too_many(table, table.schedule.stop, limits.max_stops, plants.max_stops, period, unit) or _crowded(
        table, table.schedule.stop, plants.stop_spacing, period, unit
    )


def no_start(table: Setting, period: int, unit: int) -> str:
    """What forbids one more start of the unit in the period: its id or its plant's; '' = nothing."""
    limits, plants = table.case.start_limits, table.plants
    return _too_many(table, table.schedule.start, limits.max_starts, plants.max_starts, period, unit) or _crowded(
        table, table.schedule.start, plants.start_spacing, period, unit
    )


def _too_many(table: Setting, switch: Flags, of_units: Ints, of_plants: Ints, period: int, unit: int) -> str:
    case, plants = table.case, table.plants
    today = plants.day == plants.day[period]
    own = of_units[case.start_limits.unit == unit]
    if own.size and 0 <= own[0] <= switch[unit, today].sum():
        return case.units.id[unit]
    plant = int(plants.plant[unit])
    if plant < 0 or of_plants[plant] < 0:
        return ""
    members = plants.plant == plant
    return case.participants.plant_id[plant] if switch[members][:, today].sum() >= of_plants[plant] else ""


def _crowded(table: Setting, switch: Flags, spacing: Ints, period: int, unit: int) -> str:
    """The plant, where another unit of it switches within the spacing around the period."""
    plant = int(table.plants.plant[unit])
    if plant < 0 or spacing[plant] <= 0:
        return ""
    reach = -(-int(spacing[plant]) // table.case.horizon.period_minutes)
    near = slice(max(0, period - reach + 1), period + reach)
    others = (table.plants.plant == plant) & (np.arange(len(table.plants.plant)) != unit)
    return table.case.participants.plant_id[plant] if switch[others, near].any() else ""


def switching(table: Setting, unit: int, start: int, period: int) -> str:
    """The plant whose switching time keeps a started unit on in the period, another unit of it having stopped."""
    plants = table.plants
    plant = int(plants.plant[unit])
    if plant < 0 or plants.switching[plant] <= 0:
        return ""
    reach = -(-int(plants.switching[plant]) // table.case.horizon.period_minutes)
    others = (plants.plant == plant) & (np.arange(len(plants.plant)) != unit)
    today = plants.day == plants.day[start]
    stopped = table.schedule.stop[others][:, today].any()
    return table.case.participants.plant_id[plant] if period < start + reach and stopped else ""
