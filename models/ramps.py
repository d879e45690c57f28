"""Ramps, start-up and shut-down limits (family 9; with awards in form PGLIB, family 4)."""

from __future__ import annotations

import pyomo.environ as pyo

from clearing.case.reserves import Direction
from clearing.rules.rules import RampSharing
from models.data import Data
from models.output import awarded


def ramps(m: pyo.ConcreteModel, d: Data) -> None:
    """RU, RD = rate per minute · minutes of the period; SU, SD most MW in the first, last period on.

    A missing limit stands as the unit's reach, its greatest output of any period, which binds nothing.
    """
    units, length = d.case.units, d.case.horizon.period_minutes
    reach = [float(max(units.p_max_mw[i].max(), units.initial_mw[i])) for i in d.units]
    ru = [min(float(units.ramp_up_mw_per_minute[i]) * length, reach[i]) for i in d.units]
    rd = [min(float(units.ramp_down_mw_per_minute[i]) * length, reach[i]) for i in d.units]
    su = [min(float(units.startup_limit_mw[i]), reach[i]) for i in d.units]
    sd = [min(float(units.shutdown_limit_mw[i]), reach[i]) for i in d.units]

    def before(i: int, t: int) -> tuple[object, object]:
        """Output and on of the period before."""
        if t > 0:
            return m.output[i, t - 1], m.on[i, t - 1]
        return float(units.initial_mw[i]), int(units.initial_on[i])

    def shared(direction: Direction, i: int, t: int) -> object:
        """Awards that need the ramp too: form PGLIB only. With terms of their own they have rows of their own."""
        shares = d.rules.reserves.ramp_sharing is RampSharing.PGLIB and not len(d.case.award_terms.product)
        return awarded(m, d, direction, i, t) if shares else 0

    @m.Constraint(d.units, d.periods)
    def ramp_up(m, i, t):
        """P_it + Σ_{up q} r_qit − P_i,t−1 ≤ RU_i·on_i,t−1 + SU_i·start_it."""
        output, on = before(i, t)
        return m.output[i, t] + shared(Direction.UP, i, t) - output <= ru[i] * on + su[i] * m.start[i, t]

    @m.Constraint(d.units, d.periods)
    def ramp_down(m, i, t):
        """P_i,t−1 − P_it + Σ_{down q} r_qit ≤ RD_i·on_it + SD_i·stop_it."""
        output, _ = before(i, t)
        return output - m.output[i, t] + shared(Direction.DOWN, i, t) <= rd[i] * m.on[i, t] + sd[i] * m.stop[i, t]
