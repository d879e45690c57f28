"""Output below p_min on start-up and shut-down curves (family 12)."""

from __future__ import annotations

import pyomo.environ as pyo

from clearing.case.arrays import Flags
from models.data import Data, rows_of, start_state


def startup_curve(d: Data, i: int, minutes: int) -> list[float]:
    """MW by step of the curve of a start after so many minutes off line; none where the unit has no curve."""
    costs = d.case.units.start_costs
    rows = rows_of(costs.unit, d.units)[i]
    return _curve_of(d, i, int(costs.state[rows[start_state(d.case, rows, minutes)]]) if rows else 0)


def _curve_of(d: Data, i: int, state: int) -> list[float]:
    table = d.case.startup_curves
    own = {
        int(step): float(mw)
        for unit, of, step, mw in zip(table.unit, table.state, table.step, table.mw, strict=True)
        if unit == i and int(of) in (0, state)
    }
    return [own[step] for step in sorted(own)]


def shutdown_curve(d: Data, i: int) -> list[float]:
    """MW by step from a stop on."""
    table = d.case.shutdown_curves
    own = {int(step): float(mw) for unit, step, mw in zip(table.unit, table.step, table.mw, strict=True) if unit == i}
    return [own[step] for step in sorted(own)]


def _rest(d: Data, i: int, t: int) -> float:
    """What a stop before the horizon still brings: so many whole steps are over."""
    units, down = d.case.units, shutdown_curve(d, i)
    step = int(units.initial_minutes[i]) // d.case.horizon.period_minutes + t
    return down[step] if not units.initial_on[i] and step < len(down) else 0.0


def _states(d: Data, i: int) -> list[list[float]]:
    """Start-up curve by start state of a unit, in the order of its rows."""
    costs = d.case.units.start_costs
    return [_curve_of(d, i, int(costs.state[row])) for row in rows_of(costs.unit, d.units)[i]]


def decided(m: pyo.ConcreteModel, d: Data) -> None:
    """SCUC: m.curve_mw, and a first start whose curve would begin before the horizon is not allowed."""
    curves = {i: _states(d, i) for i in d.units}

    def starts(m: pyo.ConcreteModel, i: int, t: int) -> list[tuple[list[float], object]]:
        """(curve, 0/1) of every state of a start in t."""
        if not any(curves[i]):
            return [(_curve_of(d, i, 0), m.start[i, t])]
        return [(curve, m.start_state[i, s, t]) for s, curve in enumerate(curves[i])]

    @m.Expression(d.units, d.periods)
    def curve_mw(m, i, t):
        """Σ_s Σ_k curve^s_k·start^s_{i,t+L_s−k+1} + Σ_k down_k·stop_{i,t−k+1} + rest of a stop before the horizon."""
        up = sum(
            curve[len(curve) - back] * flag
            for back in range(1, len(d.periods) - t)
            for curve, flag in starts(m, i, t + back)
            if back <= len(curve)
        )
        down = sum(mw * m.stop[i, t - k] for k, mw in enumerate(shutdown_curve(d, i)) if k <= t)
        return up + down + _rest(d, i, t)

    @m.Constraint([(i, t) for i in d.units if not d.case.units.initial_on[i] for t in d.periods])
    def curve_fits(m, i, t):
        """Σ_{s: L_s > t} start^s_it = 0."""
        beyond = [flag for curve, flag in starts(m, i, t) if len(curve) > t]
        return sum(beyond) == 0 if beyond else pyo.Constraint.Skip


def given(m: pyo.ConcreteModel, d: Data, on: Flags) -> None:
    """SCED: m.curve_mw is data."""
    units, length = d.case.units, d.case.horizon.period_minutes
    mw = {(i, t): 0.0 for i in d.units for t in d.periods}
    for i in d.units:
        running, off = bool(units.initial_on[i]), int(units.initial_minutes[i])
        for t in d.periods:
            if on[i, t] and not running:
                for back, value in enumerate(reversed(startup_curve(d, i, off)), start=1):
                    if back <= t:
                        mw[i, t - back] += value
            if running and not on[i, t]:
                off = 0
                for k, value in enumerate(shutdown_curve(d, i)):
                    if t + k in d.periods:
                        mw[i, t + k] += value
            running = bool(on[i, t])
            off += length
            mw[i, t] += _rest(d, i, t)
    off_line = {(i, t): 0.0 if on[i, t] else value for (i, t), value in mw.items()}
    m.curve_mw = pyo.Param(d.units, d.periods, initialize=off_line)
