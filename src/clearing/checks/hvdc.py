"""Direct-current lines, as the auditor computes them: limits, ramps, what they take and bring, what they earn."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.schedule import Schedule


def asked_for(case: Case) -> tuple[Floats, Floats]:
    """Least and greatest flow asked for, MW (H, T)."""
    lines, periods = case.hvdc_lines, case.horizon.periods
    least, most = np.zeros((len(lines.id), periods)), np.zeros((len(lines.id), periods))
    for h, free in enumerate(lines.dispatchable):
        least[h] = lines.min_mw[h] if free else lines.scheduled_mw[h]
        most[h] = lines.max_mw[h] if free else lines.scheduled_mw[h]
    return least, most


def arrives(case: Case, flow_mw: Floats) -> Floats:
    """MW into to_bus (H, T): what is sent less its losses; a flow the other way leaves it with the losses on top."""
    rest = 1.0 - case.hvdc_lines.loss_rate[:, None]
    return np.where(flow_mw >= 0.0, flow_mw * rest, flow_mw / rest) if case.hvdc_lines.id else flow_mw


def line_injection(case: Case, schedule: Schedule) -> Floats:
    """What the lines bring to their buses, MW (K, T)."""
    lines, arrived = case.hvdc_lines, arrives(case, schedule.hvdc_mw)
    total = np.zeros((len(case.network.bus_id), case.horizon.periods))
    for h, (sent, got) in enumerate(zip(lines.from_bus, lines.to_bus, strict=True)):
        total[sent] -= schedule.hvdc_mw[h]
        total[got] += arrived[h]
    return total


def change(schedule: Schedule) -> Floats:
    """Change from the period before, MW (H, T); 0 in the first."""
    return np.diff(schedule.hvdc_mw, axis=1, prepend=schedule.hvdc_mw[:, :1])


def greatest_change(case: Case) -> Floats:
    """Ramp of a period, MW (H, T); the first period is free, and so are scheduled lines."""
    lines = case.hvdc_lines
    rate = np.where(lines.dispatchable, lines.ramp_mw_per_minute * case.horizon.period_minutes, np.inf)
    most = np.repeat(rate[:, None], case.horizon.periods, axis=1)
    most[:, :1] = np.inf
    return most


def line_worth(case: Case, bus_price: Floats) -> Floats:
    """What one MW more of flow is worth at these prices: to_bus gets what arrives of it, money per MWh (H, T)."""
    rest, least = 1.0 - case.hvdc_lines.loss_rate[:, None], asked_for(case)[0]
    share = np.where(least < 0.0, 1.0 / rest, rest)
    return share * bus_price[case.hvdc_lines.to_bus] - bus_price[case.hvdc_lines.from_bus]


def line_money(case: Case, schedule: Schedule, bus_price: Floats) -> Floats:
    """dt · price at to_bus · what arrives, and −dt · price at from_bus · flow, money (2, H, T)."""
    table = case.hvdc_lines
    got = bus_price[table.to_bus] * arrives(case, schedule.hvdc_mw)
    return np.stack([got, -bus_price[table.from_bus] * schedule.hvdc_mw]) * case.horizon.hours
