"""What a day makes of the fleet: limits and windows by period, and the state just before midnight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .days import Day
from .draws import stream
from .fleet import COAL_300, COAL_1000, HEAT, Fleet
from .merit import average_cost, fill
from .series import HOUR, PERIODS

HEAT_LEAST, HEAT_MOST = 0.7, 0.93
"""Share of capacity between which a unit that serves district heat can move."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """p_min, p_max, on_min, on_max (N, T); initial state (N); heat, outage (N) for the notes."""

    p_min: np.ndarray
    p_max: np.ndarray
    on_min: np.ndarray
    on_max: np.ndarray
    heat: np.ndarray
    outage: np.ndarray
    initial_on: np.ndarray
    initial_minutes: np.ndarray
    initial_mw: np.ndarray


def conditions(
    seed: int,
    day: Day,
    fleet: Fleet,
    blocks: tuple[np.ndarray, np.ndarray],
    net_load_mw: np.ndarray,
    spare_mw: float,
) -> Conditions:
    """Windows of the day, then the commitment by merit order that carries the net load (T) of its first quarter.

    spare_mw: capacity on line beyond it; in the province the least positive reserve of the rules
    """
    rng = stream(seed, "conditions", day.name)
    n = len(fleet.id)
    most_heat = round(day.heat_share * (fleet.kind == COAL_300).sum())
    heat = day.heating & (fleet.heat_rank >= 0) & (fleet.heat_rank <= most_heat)
    on_max = np.ones((n, PERIODS), dtype=np.int8)
    outage = _outages(rng, day, fleet, heat, on_max)
    on_min = np.zeros((n, PERIODS), dtype=np.int8)
    on_min[(heat | fleet.nuclear) & ~outage] = 1
    p_min = np.where(heat, np.round(HEAT_LEAST * fleet.capacity_mw), fleet.least_mw)
    most = np.where(heat, np.floor(HEAT_MOST * fleet.capacity_mw), fleet.capacity_mw)
    hot = day.derating * np.clip(np.cos((HOUR - 15.0) * np.pi / 16.0), 0.0, 1.0)
    p_max = np.floor(most[:, None] * (1.0 - np.where(fleet.nuclear, 0.0, 1.0)[:, None] * hot))
    on = _on_before(fleet, blocks, on_min[:, 0] == 1, on_max[:, 0] == 1, p_max[:, 0], net_load_mw[0] + spare_mw)
    needed = np.where(on, net_load_mw[0] - p_min[on].sum(), 0.0).max()
    above = fill(blocks, np.where(on, p_min, 0.0), np.where(on, p_max[:, 0], 0.0), np.array([needed]))[:, 0]
    level = np.where(on, np.clip(np.floor(10.0 * (p_min + above)) / 10.0, p_min, p_max[:, 0]), 0.0)
    return Conditions(
        p_min=np.repeat(p_min[:, None], PERIODS, axis=1),
        p_max=p_max,
        on_min=on_min,
        on_max=on_max,
        heat=heat,
        outage=outage,
        initial_on=on,
        initial_minutes=_minutes(rng, fleet, on, heat, outage | (on_max == 0).any(axis=1)),
        initial_mw=level,
    )


def _outages(rng: np.random.Generator, day: Day, fleet: Fleet, heat: np.ndarray, on_max: np.ndarray) -> np.ndarray:
    """Planned outages, trips of large units, the largest nuclear unit; fills on_max, returns who is out all day (N)."""
    out = np.zeros(len(fleet.id), dtype=np.bool_)
    coal = np.flatnonzero((fleet.kind < HEAT) & ~heat)
    out[rng.choice(coal, size=round(day.planned_out * len(coal)), replace=False)] = True
    if not day.heating:
        out[fleet.kind == HEAT] = True  # back-pressure: no heat, no power
    if day.trips:
        large = rng.permutation(np.flatnonzero((fleet.kind == COAL_1000) & ~out))
        out[large[: day.trips]] = True
        on_max[large[day.trips], day.trip_hour < HOUR] = 0
    if day.nuclear_out:
        out[np.flatnonzero(fleet.nuclear)[-1]] = True
    on_max[out] = 0
    return out


def _on_before(
    fleet: Fleet,
    blocks: tuple[np.ndarray, np.ndarray],
    must: np.ndarray,
    may: np.ndarray,
    p_max: np.ndarray,
    needed_mw: float,
) -> np.ndarray:
    """Who is on at midnight (N): those that must, then the cheapest until the capacity suffices."""
    order = np.lexsort((average_cost(fleet, blocks), ~must))
    order = order[may[order]]
    before = np.cumsum(p_max[order]) - p_max[order]
    on = np.zeros(len(must), dtype=np.bool_)
    on[order[before < needed_mw]] = True
    return np.asarray(on | (must & may))


def _minutes(rng: np.random.Generator, fleet: Fleet, on: np.ndarray, heat: np.ndarray, free: np.ndarray) -> np.ndarray:
    """Quarters already spent in the state (N), in minutes: on for 1–30 days, one unit in eight still within min up.

    Off: a sixth hot, a third warm, the rest cold; never within min down. free: must not be held by min up.
    """
    n = len(on)
    spent = fleet.min_up + 15 * rng.integers(4, 96 * 20, n)
    young = (rng.random(n) < 0.125) & ~heat & ~fleet.nuclear & ~free
    spent = np.where(young, 15 * np.maximum(1, np.floor(fleet.min_up / 15 * rng.uniform(0.1, 0.95, n))), spent)
    chance = rng.random(n)
    hot = 15 * rng.integers(8, 40, n)
    warm = 15 * rng.integers(40, 289, n)
    cold = 15 * rng.integers(289, 2000, n)
    rest = np.where(chance < 1 / 6, hot, np.where(chance < 1 / 2, warm, cold))
    return np.where(on, spent, np.maximum(rest, fleet.min_down)).astype(np.int64)
