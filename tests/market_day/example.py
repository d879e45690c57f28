"""A day of two hours made by hand, no solver: what deviates, and why, is known.

Bus a. Units base 0 … 100, mid 0 … 60, peak 0 … 80 MW; sun could give 50, 50 MW. Day-ahead, price 30:

    hour   load   sun   base   mid   peak
    1      150    50    60     40    off
    2      150    40    70     40    off        10 MW of sun are curtailed

Real time, at 30 in the first hour and 60 in the second, where mid is out and the RUC had added peak; sun could give 30
and 60 MW:

    1      160    30    90     40    off
    2      150    60    40     0     50
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.finding import Finding, Severity
from clearing.case.interval import cut
from clearing.case.result import ClearingResult, Violation
from clearing.market_day.day import MarketDay
from tests import factory
from tests.report import example


def market_day(minutes: int = 15, hours: int = 2, audit_of: int = -1, broken: int = -1) -> MarketDay:
    """The day; later hours are as the second. audit_of: interval whose audit failed; broken: one that broke a limit."""
    per_hour = 60 // minutes
    ahead = _case([150.0] * hours, [50.0] * hours, 60)
    day = _case(_hourly([160.0, 150.0], hours, per_hour), _hourly([30.0, 60.0], hours, per_hour), minutes)
    out = np.array(day.units.on_max)
    out[1, per_hour:] = 0
    followed = np.array([[1] * len(out[0]), [1] * len(out[0]), [0] * per_hour + [1] * (len(out[0]) - per_hour)])
    day = replace(
        day,
        units=replace(day.units, on_max=out),
        commitment=CommitmentInput(CommitmentUse.FOLLOW, followed.astype(np.int8)),
    )
    base, mid = [60.0] + [70.0] * (hours - 1), [40.0] * hours
    first = _cleared(ahead, [base, mid, [0.0] * hours], [50.0] + [40.0] * (hours - 1), [30.0] * hours)
    results = []
    for t in range(day.horizon.periods):
        output, sun, price = ([90.0, 40.0, 0.0], 30.0, 30.0) if t < per_hour else ([40.0, 0.0, 50.0], 60.0, 60.0)
        result = _cleared(cut(day, t, t), [[mw] for mw in output], [sun], [price])
        if t == audit_of:
            fault = Finding(Severity.ERROR, "BALANCE", "balance/island_0", "Supply is not load.", period=0)
            result = replace(result, audit=(fault,), audit_passed=False)
        if t == broken:
            result = replace(result, violations=(Violation("branch", "L1", 0, 3.0, 90.0),))
        results.append(result)
    return MarketDay.of(ahead, first, first, ("peak",), day, results)


def _case(load: list[float], sun: list[float], minutes: int) -> Case:
    units = [
        {"id": "base", "p_max": 100, "price": 20, "on": True, "mw": 60},
        {"id": "mid", "p_max": 60, "price": 30, "on": True, "mw": 40},
        {"id": "peak", "p_max": 80, "price": 60},
    ]
    return factory.market(load, units, renewables=[{"id": "sun", "forecast": sun}], period_minutes=minutes)


def _hourly(values: list[float], hours: int, per_hour: int) -> list[float]:
    return [v for v in [values[0], *[values[1]] * (hours - 1)] for _ in range(per_hour)]


def _cleared(case: Case, output: list[list[float]], sun: list[float], price: list[float]) -> ClearingResult:
    mw = np.array(output)
    schedule = replace(example.schedule_of(case, (mw > 0).astype(int), mw), renewable_mw=np.array([sun]))
    result = example.result_of(case, schedule, example.prices_of(case, np.array([price]), np.zeros((1, len(price)))))
    return replace(result, bindings=(), violations=(), audit=())
