"""What a schedule of pumped hydro costs, holds ready, and breaks."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.pumped_market import pumped_market
from clearing.case.result import Violation
from clearing.case.schedule import Schedule
from clearing.rules.rules import Rules
from clearing.solve.evaluate_starts import paid


def pumped_cost(case: Case, schedule: Schedule) -> float:
    """Σ dt·(generate price · generation − pump price · pumping), money."""
    table = case.pumped_hydro
    if not table.id:
        return 0.0
    trade = table.generate_price_per_mwh * schedule.generate_mw - table.pump_price_per_mwh * schedule.pump_mw
    return float(trade.sum() * case.horizon.hours)


def pumped_ready(case: Case, rules: Rules, schedule: Schedule) -> Floats:
    """Most MW (O, T) that the units of each reservoir could hold for the reserve duration: best efficiency first."""
    table = case.pumped_hydro
    found = np.zeros((len(table.reservoir_id), case.horizon.periods))
    if not table.id:
        return found
    most, hours = pumped_market(case, rules.pumped).generate_max_mw, rules.reserves.storage_minutes / 60.0
    left = np.maximum(schedule.reservoir_mwh - table.reservoir_min_mwh[:, None], 0.0)
    for h in np.argsort(-table.generate_efficiency, kind="stable"):
        o, per_mw = table.reservoir[h], hours / table.generate_efficiency[h]
        own = np.minimum(most[h], left[o] / per_mw)
        found[o] += own
        left[o] -= own * per_mw
    return found


def mode_violations(case: Case, rules: Rules, schedule: Schedule) -> list[Violation]:
    """Changes of mode above the limit of a unit: all of them, at the period of the first one too many."""
    table, found = case.pumped_hydro, []
    for h in np.flatnonzero(table.max_mode_changes >= 0).tolist():
        before = np.concatenate([table.initial_mode[[h]], schedule.pumped_mode[h, :-1]])
        running = np.cumsum(schedule.pumped_mode[h] != before)
        most = int(table.max_mode_changes[h])
        if running[-1] > most:
            amount = float(running[-1] - most)
            first = int(np.argmax(running > most))
            found.append(Violation("mode_changes", table.id[h], first, amount, paid(amount, rules.starts.penalty)))
    return found
