"""Output on start-up and shut-down curves, as the auditor computes it (family 12)."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Floats
from clearing.case.case import Case
from clearing.case.finding import Finding
from clearing.checks.facts import Facts
from clearing.checks.finding import over, tolerance


def curves(known: Facts) -> list[Finding]:
    """CURVE_OUTPUT: what the schedule says of curves is what its starts and stops bring."""
    told, right = known.schedule.curve_mw, expected(known.case, known.on)
    text = "output on a curve is not that of the starts and stops"
    ids = known.case.units.id
    return over("CURVE_OUTPUT", "unit", ids, np.abs(told - right), tolerance(right), text, told, right)


def expected(case: Case, on: Bools) -> Floats:
    """MW below p_min (N, T): the curve up to every start, and down from every stop; nothing while on line."""
    mw = np.zeros(on.shape)
    for i in sorted({*case.startup_curves.unit.tolist(), *case.shutdown_curves.unit.tolist()}):
        mw[i] = _of_unit(case, i, on[i].tolist())
    return mw


def begun_before(case: Case) -> Floats:
    """MW (N, T) of shut-down curves that began before the horizon."""
    off = ~np.asarray(case.units.initial_on)[:, None]
    return np.asarray(expected(case, np.zeros((len(case.units.id), case.horizon.periods), dtype=np.bool_)) * off)


def startup_curve(case: Case, unit: int, off_minutes: int) -> list[float]:
    """Steps of the curve of a start after so many minutes off line."""
    table, costs = case.startup_curves, case.units.start_costs
    rows = np.flatnonzero(costs.unit == unit).tolist()
    passed = [k for k in rows if off_minutes > costs.after_minutes[k] - int(costs.inclusive[k])]
    state = int(costs.state[passed[-1] if passed else rows[0]]) if rows else 0
    mine = [k for k in np.flatnonzero(table.unit == unit).tolist() if table.state[k] in (0, state)]
    return [float(table.mw[k]) for k in sorted(mine, key=lambda k: int(table.step[k]))]


def shutdown_curve(case: Case, unit: int) -> list[float]:
    """Steps of the curve of a stop."""
    table = case.shutdown_curves
    mine = np.flatnonzero(table.unit == unit).tolist()
    return [float(table.mw[k]) for k in sorted(mine, key=lambda k: int(table.step[k]))]


def _of_unit(case: Case, unit: int, on: list[bool]) -> list[float]:
    """Periods off line are walked spell by spell; `gone` counts the minutes off line before a period."""
    minutes, down = case.horizon.period_minutes, shutdown_curve(case, unit)
    mw = [0.0] * len(on)
    gone = -1 if case.units.initial_on[unit] else int(case.units.initial_minutes[unit])
    for t, running in enumerate(on):
        if running:
            curve = startup_curve(case, unit, gone) if gone >= 0 else []
            for back, value in enumerate(reversed(curve), start=1):
                if t - back >= 0 and not on[t - back]:
                    mw[t - back] += value
            gone = -1
            continue
        gone = max(gone, 0)
        step = gone // minutes
        mw[t] += down[step] if step < len(down) else 0.0
        gone += minutes
    return mw
