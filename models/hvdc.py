"""Direct-current lines, scheduled or dispatched (family 19)."""

from __future__ import annotations

from math import isinf

import pyomo.environ as pyo

from clearing.rules.rules import Penalties
from models.data import Data
from models.soft import violation


def lines(m: pyo.ConcreteModel, d: Data, penalties: Penalties) -> None:
    """m.hvdc: flow at from_bus, positive from → to, between 0 and what is asked for at the furthest."""
    table = d.case.hvdc_lines
    rows = range(len(table.id))

    def asked(h: int, t: int) -> tuple[float, float]:
        return float(d.hvdc_min_mw[h, t]), float(d.hvdc_max_mw[h, t])

    def attainable(_: pyo.ConcreteModel, h: int, t: int) -> tuple[float, float]:
        least, most = asked(h, t)
        return min(least, 0.0), max(most, 0.0)

    m.hvdc = pyo.Var(rows, d.periods, bounds=attainable)
    forward = [(h, t) for h in rows for t in d.periods if asked(h, t)[0] > 0]
    backward = [(h, t) for h in rows for t in d.periods if asked(h, t)[1] < 0]
    short = violation(m, d, "hvdc_schedule_short", penalties.joint_limit, rows, d.periods)
    over = violation(m, d, "hvdc_schedule_over", penalties.joint_limit, rows, d.periods)

    @m.Constraint(rows, d.periods)
    def hvdc_schedule(m, h, t):
        """flow ≥ least where that is above 0, flow ≤ greatest where that is below 0; soft."""
        if (h, t) in forward:
            return m.hvdc[h, t] + short(h, t) >= asked(h, t)[0]
        if (h, t) in backward:
            return m.hvdc[h, t] - over(h, t) <= asked(h, t)[1]
        return pyo.Constraint.Skip

    @m.Constraint(rows, d.periods)
    def hvdc_ramp(m, h, t):
        """−R_h ≤ flow_t − flow_{t−1} ≤ R_h where dispatchable; the first period is free."""
        most = float(table.ramp_mw_per_minute[h]) * d.case.horizon.period_minutes
        if t == 0 or isinf(most) or not table.dispatchable[h]:
            return pyo.Constraint.Skip
        return (-most, m.hvdc[h, t] - m.hvdc[h, t - 1], most)

    def delivered(h: int, t: int) -> float:
        """What a MW of flow brings to to_bus; a flow the other way takes the loss from there on top."""
        rest = 1.0 - float(table.loss_rate[h])
        return 1.0 / rest if asked(h, t)[0] < 0 else rest

    m.hvdc_delivered = pyo.Param(rows, d.periods, initialize=lambda _, h, t: delivered(h, t))


def injected(m: pyo.ConcreteModel, d: Data, bus: int, t: int, lines: list[int] | None = None) -> object:
    """What the lines (default: all) bring to a bus: minus the flow at from_bus, what arrives at to_bus."""
    table = d.case.hvdc_lines
    rows = range(len(table.id)) if lines is None else lines
    sent = sum(m.hvdc[h, t] for h in rows if table.from_bus[h] == bus)
    got = sum(m.hvdc_delivered[h, t] * m.hvdc[h, t] for h in rows if table.to_bus[h] == bus)
    return got - sent
