"""The clearing by brute force: every commitment, one reference LP each. Only for small cases."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from clearing.case.case import Case
from clearing.rules.rules import Rules
from tests.formulation.reference import Reference, modes


@dataclass(frozen=True)
class Answer:
    """The cheapest commitment: objective, on (N, T), mode (G, T); tried and feasible count the LPs."""

    objective: float
    on: np.ndarray
    mode: np.ndarray
    tried: int
    feasible: int


def brute_force(case: Case, rules: Rules) -> Answer | None:
    """Cheapest commitment, or None where none has a dispatch."""
    reference = Reference(case, rules, rules.clearing_penalties)
    best: Answer | None = None
    tried = feasible = 0
    for on, mode in commitments(case):
        tried += 1
        fixed = commitment_cost(case, on)
        cost = reference.solve(on, mode)
        if cost is None:
            continue
        feasible += 1
        if best is None or fixed + cost < best.objective:
            best = Answer(fixed + cost, on, mode, 0, 0)
    return None if best is None else Answer(best.objective, best.on, best.mode, tried, feasible)


def count(case: Case) -> int:
    """How many commitments `brute_force` would try."""
    patterns = [sum(1 for _ in unit_patterns(case, i)) for i in range(len(case.units.id))]
    stores, periods = range(len(case.storage.id)), range(case.horizon.periods)
    return int(np.prod(patterns, dtype=float) * np.prod([len(modes(case, k, t)) for k in stores for t in periods]))


def commitments(case: Case) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Every on (N, T) that windows and min up/down times allow, with every storage mode (G, T)."""
    periods, stores = case.horizon.periods, len(case.storage.id)
    by_unit = [list(unit_patterns(case, i)) for i in range(len(case.units.id))]
    cells = [modes(case, k, t) for k in range(stores) for t in range(periods)]
    every = [np.array(m, dtype=np.int8).reshape(stores, periods) for m in itertools.product(*cells)]
    for rows in itertools.product(*by_unit):
        on = np.array(rows, dtype=np.int8).reshape(len(by_unit), periods)
        for mode in every:
            yield on, mode


def unit_patterns(case: Case, i: int) -> Iterator[tuple[int, ...]]:
    """On/off series of one unit that its own windows, fixed outputs and min up/down times allow."""
    units, minutes, periods = case.units, case.horizon.period_minutes, case.horizon.periods
    fixed = {
        int(t): mw for k, t, mw in zip(units.fixed_unit, units.fixed_period, units.fixed_mw, strict=True) if k == i
    }
    for pattern in itertools.product((0, 1), repeat=periods):
        if any(pattern[t] < units.on_min[i, t] or pattern[t] > units.on_max[i, t] for t in range(periods)):
            continue
        if any(
            (mw > 0 and not pattern[t]) or (mw == 0 and pattern[t] and units.p_min_mw[i, t] > 0)
            for t, mw in fixed.items()
        ):
            continue
        if keeps_min_times(
            pattern,
            bool(units.initial_on[i]),
            int(units.initial_minutes[i]),
            int(units.min_up_minutes[i]),
            int(units.min_down_minutes[i]),
            minutes,
        ) and not (units.initial_on[i] and not pattern[0] and units.initial_mw[i] > units.shutdown_limit_mw[i]):
            yield pattern  # fmt: skip


def keeps_min_times(
    pattern: tuple[int, ...], was_on: bool, spent_minutes: int, min_up: int, min_down: int, minutes: int
) -> bool:
    """Whether every spell lasts as long as it must; the time before the horizon counts for the first."""
    state, spent = int(was_on), spent_minutes
    for now in pattern:
        if now != state:
            if spent < (min_up if state else min_down):
                return False
            state, spent = now, 0
        spent += minutes
    return True


def commitment_cost(case: Case, on: np.ndarray) -> float:
    """No-load, start and stop cost of a commitment, money."""
    units, minutes = case.units, case.horizon.period_minutes
    total = 0.0
    for i in range(len(on)):
        state = bool(units.initial_on[i])
        off_minutes = 0 if state else int(units.initial_minutes[i])
        for now in on[i]:
            if now and not state:
                total += start_cost(case, i, off_minutes)
            if state and not now:
                total += float(units.stop_cost[i])
                off_minutes = 0
            state = bool(now)
            if state:
                total += float(units.no_load_cost_per_hour[i]) * minutes / 60
            else:
                off_minutes += minutes
    return total


def start_cost(case: Case, i: int, off_minutes: int) -> float:
    """Cost of the last state whose threshold the time off passes."""
    costs, found = case.units.start_costs, 0.0
    for k in range(len(costs.unit)):
        if costs.unit[k] == i:
            after = int(costs.after_minutes[k])
            if off_minutes > after or (costs.inclusive[k] and off_minutes == after):
                found = float(costs.cost[k])
    return found
