"""Output in the periods after a start and before a stop, in rows beside `headroom` (formulations of family 4).

Schedules lose nothing by them, the ramps say it already; they cut off fractions of on. Output alone is held, no awards.
"""

from __future__ import annotations

import pyomo.environ as pyo

from clearing.bench.variants import Limits
from models.data import Data
from models.ramps import ramp_data


def limits(m: pyo.ConcreteModel, d: Data, form: Limits) -> None:
    """BASIC: no row. GENTILE: start-up and shut-down limits. PAN_GUAN: also the ramp of the periods after a start.

    Source: Gentile, Morales-España & Ramos, A tight MIP formulation of the unit commitment problem with start-up and
    shut-down constraints, EURO Journal on Computational Optimization 5, 2017, two rows for units that may run a
    single period and one for the others; Pan & Guan, A polyhedral study of the integrated minimum-up/-down time and
    ramping polytope, 2016.
    """
    if form is Limits.BASIC:
        return
    ramp, table = ramp_data(d), d.case.units
    up = [max(1, d.whole_periods(minutes)) for minutes in table.min_up_minutes]

    def over(i: int, t: int, most: float) -> float:
        """MW of p_max beyond what a start or a stop allows."""
        return max(float(table.p_max_mw[i, t]) - most, 0.0)

    def after_start(i: int, t: int) -> object:
        """Σ_k (p_max − SU − k·RU)·start_{t−k}; k = 0 alone in form GENTILE, else while it cannot have to stop yet."""
        last = min(up[i] - 2, t) if form is Limits.PAN_GUAN else 0
        steps = [(k, over(i, t, ramp.su[i] + k * ramp.ru[i])) for k in range(max(last, 0) + 1)]
        return sum(mw * m.start[i, t - k] for k, mw in steps if mw > 0.0)

    @m.Constraint(d.units, d.periods)
    def output_limit(m, i, t):
        """P_it ≤ p_max_it·on_it − Σ_k (p_max − SU − k·RU)·start_{i,t−k} − (p_max − SD)·stop_{i,t+1}.

        Of a unit that may run a single period (UT = 1), stop has max(SU − SD, 0).
        """
        less = after_start(i, t)
        if t + 1 in d.periods:
            start, stop = over(i, t, ramp.su[i]), over(i, t, ramp.sd[i])
            less += (stop if up[i] > 1 else max(stop - start, 0.0)) * m.stop[i, t + 1]
        return m.output[i, t] <= float(table.p_max_mw[i, t]) * m.on[i, t] - less

    @m.Constraint([i for i in d.units if up[i] == 1], d.periods)
    def output_limit_stop(m, i, t):
        """UT = 1: P_it ≤ p_max_it·on_it − (p_max − SD)·stop_{i,t+1} − max(SD − SU, 0)·start_it."""
        if t + 1 not in d.periods:
            return pyo.Constraint.Skip
        start, stop = over(i, t, ramp.su[i]), over(i, t, ramp.sd[i])
        less = stop * m.stop[i, t + 1] + max(start - stop, 0.0) * m.start[i, t]
        return m.output[i, t] <= float(table.p_max_mw[i, t]) * m.on[i, t] - less
