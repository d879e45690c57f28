"""Which limits on starts and stops a schedule breaks; amounts are numbers of starts or stops, not MW."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Floats, Ids, Ints
from clearing.case.case import Case
from clearing.case.result import Violation
from clearing.case.schedule import Schedule
from clearing.formulation.plant_data import PlantData, plant_data
from clearing.formulation.plant_spacing import room
from clearing.rules.rules import Rules, Steps

Excess = tuple[str, Ids, Floats]
"""Family, subjects (n), and by how many the limit is broken (n, T)."""


def start_violations(case: Case, rules: Rules, schedule: Schedule) -> list[Violation]:
    """Every broken limit of families 11 and 13, with its penalty."""
    plants = plant_data(case, rules.starts)
    start, stop = schedule.start.astype(np.int64), schedule.stop.astype(np.int64)
    return [
        Violation(family, ids[s], int(t), float(amount[s, t]), paid(float(amount[s, t]), rules.starts.penalty))
        for family, ids, amount in (
            *_numbers(case, plants, start, stop),
            *_spacing(case, plants, start, stop),
            ("switching", case.units.id, _left_early(case, plants, schedule)),
        )
        for s, t in zip(*np.nonzero(amount), strict=True)
    ]


def paid(amount: float, steps: Steps) -> float:
    """Stepped penalty of a number of starts, stops or changes, money."""
    money = 0.0
    for width, price in steps:
        part = min(amount, width)
        money += part * price
        amount -= part
    return money


def _numbers(case: Case, plants: PlantData, start: Ints, stop: Ints) -> list[Excess]:
    limits, units, sites = case.start_limits, case.units.id, case.participants.plant_id
    names = tuple(units[i] for i in limits.unit)
    by_plant = _by_plant(start, plants), _by_plant(stop, plants)
    return [
        ("unit_starts", names, _too_many(start[limits.unit], limits.max_starts, plants.day)),
        ("unit_stops", names, _too_many(stop[limits.unit], limits.max_stops, plants.day)),
        ("plant_starts", sites, _too_many(by_plant[0], plants.max_starts, plants.day)),
        ("plant_stops", sites, _too_many(by_plant[1], plants.max_stops, plants.day)),
    ]


def _too_many(count: Ints, most: Ints, day: Ints) -> Floats:
    """All that is above the limit of a day, at the period in which the limit is first broken; (n, T)."""
    excess = np.zeros(count.shape)
    for d in np.unique(day):
        inside = np.flatnonzero(day == d)
        running = np.cumsum(count[:, inside], axis=1)
        over = (running > most[:, None]) & (most >= 0)[:, None]
        row = np.flatnonzero(over.any(axis=1))
        excess[row, inside[np.argmax(over[row], axis=1)]] = running[row, -1] - most[row]
    return excess


def _spacing(case: Case, plants: PlantData, start: Ints, stop: Ints) -> list[Excess]:
    sites, on = case.participants.plant_id, case.units.initial_on
    return [
        ("start_spacing", sites, _crowded(case, plants, plants.start_spacing, start, on)),
        ("stop_spacing", sites, _crowded(case, plants, plants.stop_spacing, stop, ~on)),
    ]


def _crowded(case: Case, plants: PlantData, spacing: Ints, switch: Ints, came_so: Bools) -> Floats:
    """Switches of a plant within the spacing up to a period, above what the row allows (Q, T)."""
    total = np.concatenate([np.zeros((len(spacing), 1)), np.cumsum(_by_plant(switch, plants), axis=1)], axis=1)
    here = np.arange(case.horizon.periods)
    length = -(-spacing // case.horizon.period_minutes)
    first = np.maximum(here + 1 - length[:, None], 0)
    within = total[:, 1:] - np.take_along_axis(total, first, axis=1)
    beyond = np.maximum(0.0, within - room(case, plants.plant, spacing, came_so))
    return np.where((spacing > 0)[:, None], beyond, 0.0)


def _left_early(case: Case, plants: PlantData, schedule: Schedule) -> Floats:
    """Starts of a day on which another unit of the plant stops, within the switching time up to a period, while the
    started unit is off, or beyond the one that it is on from (N, T)."""
    amount = np.zeros(schedule.on.shape)
    minutes = np.append(plants.switching, 0)[plants.plant]
    length = -(-minutes // case.horizon.period_minutes)
    first = np.maximum(np.arange(case.horizon.periods) + 1 - length[:, None], 0)
    for d in np.unique(plants.day):
        today = plants.day == d
        stopped = np.append(_by_plant(schedule.stop[:, today].astype(np.int64), plants).sum(axis=1), 0)
        other = stopped[plants.plant] > schedule.stop[:, today].sum(axis=1)
        total = np.concatenate([np.zeros((len(length), 1)), np.cumsum(schedule.start * today, axis=1)], axis=1)
        within = total[:, 1:] - np.take_along_axis(total, first, axis=1)
        amount += np.where(((minutes > 0) & other)[:, None], np.maximum(0.0, within - schedule.on), 0.0)
    return amount


def _by_plant(switch: Ints, plants: PlantData) -> Ints:
    """Sum over the units of a plant (Q, T)."""
    total = np.zeros((len(plants.max_starts), switch.shape[1]), dtype=np.int64)
    member = np.flatnonzero(plants.plant >= 0)
    np.add.at(total, plants.plant[member], switch[member])
    return total
