"""Output curves by the words of the rule, for the enumeration."""

from __future__ import annotations

import numpy as np

from clearing.case.case import Case


def _points(table: object, unit: int, state: int | None = None) -> dict[int, float]:
    """Step → MW of a unit's curve."""
    rows = zip(table.unit, table.state, table.step, table.mw, strict=True)  # type: ignore[attr-defined]
    return {int(k): float(mw) for u, s, k, mw in rows if u == unit and (state is None or s in (0, state))}


def _spells_off(case: Case, unit: int, on: np.ndarray) -> list[tuple[int, int, int]]:
    """(first period, period behind the last, minutes off before the first) of every spell off; T where it lasts."""
    spells, begin, before = [], 0, int(case.units.initial_minutes[unit])
    was = bool(case.units.initial_on[unit])
    for t, now in enumerate([*on[unit].tolist(), 1]):
        if was and not now:
            begin, before = t, 0
        if now and not was:
            spells.append((begin, t, before))
        was = bool(now)
    return spells


def curve_mw(case: Case, on: np.ndarray) -> np.ndarray | None:
    """MW (N, T) beside the output; None where a curve would begin before the horizon or overlap with another."""
    total, periods, minutes = np.zeros(on.shape), case.horizon.periods, case.horizon.period_minutes
    costs = case.units.start_costs
    for i in range(len(on)):
        down = _points(case.shutdown_curves, i)
        for begin, end, before in _spells_off(case, i, on):
            done = before // minutes
            for step, mw in down.items():
                at = begin + step - 1 - done
                if step > done and at < periods:
                    total[i, at] += mw
            if end == periods:
                continue  # a start beyond the horizon
            off = before + (end - begin) * minutes
            own = [k for k in np.flatnonzero(costs.unit == i) if off >= costs.after_minutes[k]]
            up = _points(case.startup_curves, i, int(costs.state[own[-1]]) if own else 0)
            if len(up) > end:
                return None
            for step, mw in up.items():
                total[i, end - len(up) + step - 1] += mw
    return total
