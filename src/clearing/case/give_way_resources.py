"""Storage and virtual plants whose hard data clash: what gives way (order of strength: give_way.py)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.give_way_step import Step
from clearing.case.predicates import TOLERANCE
from clearing.case.resources import Storage
from clearing.case.storage_way import reached_energy, restricted_rows


def storage(case: Case) -> tuple[Case, list[Step]]:
    """Initial energy moves to the nearest energy bound, final bounds to the nearest energy that can be reached.

    Where even without final bounds given modes leave no way, the last one at or before the dead end goes, and again.
    Energy bounds, power limits, least MW and losses are availability and stay. Crossing bounds and an efficiency of 0
    are nonsense, refused elsewhere.
    """
    table, hours, last = case.storage, case.horizon.hours, case.horizon.periods - 1
    low, high = table.energy_min_mwh.min(axis=1, initial=np.inf), table.energy_max_mwh.max(axis=1, initial=-np.inf)
    sound = np.all((table.energy_min_mwh <= table.energy_max_mwh) & (table.discharge_efficiency > 0), axis=1) & (
        table.final_energy_min_mwh <= table.final_energy_max_mwh
    )
    start = np.where(sound, np.clip(table.initial_energy_mwh, low, np.maximum(low, high)), table.initial_energy_mwh)
    mode, least, most = table.given_mode.copy(), table.final_energy_min_mwh.copy(), table.final_energy_max_mwh.copy()
    restricted, steps = restricted_rows(table), list[Step]()
    for g in np.flatnonzero(sound).tolist():
        if restricted[g]:
            own = replace(table, initial_energy_mwh=start)
            mode[g], reach = _modes_kept(own, g, hours)
        else:
            filled = start[g] + hours * (table.charge_efficiency[g] * table.charge_max_mw[g]).sum()
            drained = start[g] - hours * (table.discharge_max_mw[g] / table.discharge_efficiency[g]).sum()
            reach = [(max(float(drained), float(low[g])), min(float(filled), float(high[g])))]
        if reach:
            least[g], most[g] = _nearest(float(least[g]), float(most[g]), reach)
        steps += [
            Step("storage_mode", table.id[g], t, float(table.given_mode[g, t]), 0.0, "storage.given_mode", g)
            for t in np.flatnonzero(mode[g] != table.given_mode[g]).tolist()
        ]
    changed = replace(
        table, initial_energy_mwh=start, final_energy_min_mwh=least, final_energy_max_mwh=most, given_mode=mode
    )
    for family, name, period in (
        ("storage_initial_energy", "initial_energy_mwh", 0),
        ("storage_final_energy", "final_energy_min_mwh", last),
        ("storage_final_energy", "final_energy_max_mwh", last),
    ):
        before, now = getattr(table, name), getattr(changed, name)
        steps += [
            Step(family, table.id[g], period, float(before[g]), float(now[g]), f"storage.{name}", g)
            for g in np.flatnonzero(np.abs(now - before) > TOLERANCE).tolist()
        ]
    return (replace(case, storage=changed), steps) if steps else (case, [])


def _modes_kept(table: Storage, g: int, hours: float) -> tuple[np.ndarray, list[tuple[float, float]]]:
    """Given modes (T) that leave a way without final bounds, and the energies reached at the end; none: no way."""
    mode = table.given_mode.copy()
    least, most = table.energy_min_mwh[:, -1], table.energy_max_mwh[:, -1]
    free = replace(table, final_energy_min_mwh=least, final_energy_max_mwh=most)
    while True:
        dead, reach = reached_energy(replace(free, given_mode=mode.copy()), g, hours)
        if dead is None:
            return mode[g], reach
        given = np.flatnonzero(mode[g, : dead + 1])
        if not len(given):
            return table.given_mode[g], []
        mode[g, given[-1]] = 0


def _nearest(least: float, most: float, reach: list[tuple[float, float]]) -> tuple[float, float]:
    """Final bounds moved as little as lets them meet a span of energies that can be reached."""
    gaps = [(max(a - most, least - b, 0.0), a, b) for a, b in reach]
    gap, a, b = min(gaps)
    if gap <= TOLERANCE:
        return least, most
    return (b, most) if least > b else (least, a)


def virtual_plants(case: Case) -> tuple[Case, list[Step]]:
    """A ramp is raised to the least at which the limits of all periods can follow each other."""
    plants, minutes = case.virtual_plants, case.horizon.period_minutes
    now, steps = plants.ramp_mw_per_minute.copy(), list[Step]()
    for v, name in enumerate(plants.id):
        given = float(now[v]) * minutes
        need, period = _steepest(plants.min_mw[v], plants.max_mw[v])
        if need > given + TOLERANCE and (plants.min_mw[v] <= plants.max_mw[v]).all():
            now[v] = need / minutes
            steps.append(Step("virtual_ramp", name, period, given, need, "virtual_plants.ramp_mw_per_minute", v))
    return (replace(case, virtual_plants=replace(plants, ramp_mw_per_minute=now)), steps) if steps else (case, [])


def _steepest(low: Floats, high: Floats) -> tuple[float, int]:
    """Least ramp, MW a period, at which limits (T) can follow each other, and the period that asks for it.

    With R a period: min_t ≤ max_s + R·(t − s) and max_t ≥ min_s − R·(t − s) for all s < t.
    """
    here = np.arange(len(low))
    apart = here[:, None] - here[None, :]
    gap = np.maximum(low[:, None] - high[None, :], low[None, :] - high[:, None])
    need = np.where(apart > 0, gap / np.maximum(apart, 1), 0.0)
    period, _ = np.unravel_index(int(np.argmax(need)), need.shape)
    return float(need.max()), int(period)
