"""Ramps, start-up and shut-down limits (family 9; with awards in form PGLIB, family 4)."""

from __future__ import annotations

from dataclasses import dataclass

import pyomo.environ as pyo

from clearing.bench.variants import Ramps
from clearing.case.reserves import Direction
from clearing.rules.rules import RampSharing
from models.data import Data
from models.output import awarded


@dataclass(frozen=True)
class RampData:
    """MW a period (N each): ramps up, down; most in the first, the last period on. What is missing is the reach."""

    ru: list[float]
    rd: list[float]
    su: list[float]
    sd: list[float]


def ramp_data(d: Data) -> RampData:
    """A missing limit stands as the unit's reach, its greatest output of any period, which binds nothing."""
    units, length = d.case.units, d.case.horizon.period_minutes
    reach = [float(max(units.p_max_mw[i].max(), units.initial_mw[i])) for i in d.units]
    return RampData(
        ru=[min(float(units.ramp_up_mw_per_minute[i]) * length, reach[i]) for i in d.units],
        rd=[min(float(units.ramp_down_mw_per_minute[i]) * length, reach[i]) for i in d.units],
        su=[min(float(units.startup_limit_mw[i]), reach[i]) for i in d.units],
        sd=[min(float(units.shutdown_limit_mw[i]), reach[i]) for i in d.units],
    )


def ramps(m: pyo.ConcreteModel, d: Data, form: Ramps = Ramps.ARROYO_CONEJO) -> None:
    """RU, RD = rate per minute · minutes of the period; SU, SD most MW in the first, last period on.

    ARROYO_CONEJO: the rows as written. Source: Arroyo & Conejo, Optimal response of a thermal unit to an electricity
    spot market, IEEE Trans. Power Systems 15(3), 2000, with start and stop in place of differences of on.
    DAMCI_KURT: less by (RU + p_min before)·stop_t up, by (RD + p_min)·start_t down. Source: Damcı-Kurt, Küçükyavuz,
    Rajan & Atamtürk, A polyhedral study of production ramping, Mathematical Programming 158, 2016; here for output
    from 0 MW and p_min by period. Behind a stop output falls by p_min at least, so a schedule loses nothing; where
    stop is a fraction the row is less.
    """
    units, found = d.case.units, ramp_data(d)
    ru, rd, su, sd = found.ru, found.rd, found.su, found.sd
    tight = form is Ramps.DAMCI_KURT

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
        """P_it + Σ_{up q} r_qit − P_i,t−1 ≤ RU_i·on_i,t−1 + SU_i·start_it [− (RU_i + p_min_i,t−1)·stop_it].

        In the first period with the output before in place of p_min.
        """
        output, on = before(i, t)
        least = float(units.p_min_mw[i, t - 1]) if t > 0 else float(units.initial_mw[i])
        room = ru[i] * on + su[i] * m.start[i, t] - ((ru[i] + least) * m.stop[i, t] if tight else 0.0)
        return m.output[i, t] + shared(Direction.UP, i, t) - output <= room

    @m.Constraint(d.units, d.periods)
    def ramp_down(m, i, t):
        """P_i,t−1 − P_it + Σ_{down q} r_qit ≤ RD_i·on_it + SD_i·stop_it [− (RD_i + p_min_it)·start_it]."""
        output, _ = before(i, t)
        less = (rd[i] + float(units.p_min_mw[i, t])) * m.start[i, t] if tight else 0.0
        room = rd[i] * m.on[i, t] + sd[i] * m.stop[i, t] - less
        return output - m.output[i, t] + shared(Direction.DOWN, i, t) <= room
