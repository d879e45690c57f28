from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clearing.case.units import StartState
from clearing.tables.starts import starts
from tests import factory
from tests.report import example


def _starts(on: list[int], minutes: int, initially_on: bool = False, period_minutes: int = 60):  # type: ignore[no-untyped-def]
    unit = {
        "id": "g",
        "p_max": 10,
        "on": initially_on,
        "minutes": minutes,
        "start": [(0, 1.0), (120, 2.0), (240, 3.0)],
    }
    case = factory.market(load=[5.0] * len(on), units=[unit], period_minutes=period_minutes)
    schedule = example.schedule_of(case, np.array([on]), np.zeros((1, len(on))))
    return case, schedule


def test_time_off_before_the_horizon_counts() -> None:
    case, schedule = _starts([0, 1, 1], minutes=60)
    (start,) = starts(case, schedule)
    assert (start.period, start.minutes_off, start.state, start.cost) == (1, 120, StartState.WARM, 2.0)


def test_time_off_of_a_unit_that_was_on_counts_from_its_stop() -> None:
    case, schedule = _starts([0, 0, 0, 0, 1], minutes=5000, initially_on=True)
    (start,) = starts(case, schedule)
    assert (start.minutes_off, start.state, start.cost) == (240, StartState.COLD, 3.0)


def test_second_start_counts_from_the_stop_between() -> None:
    case, schedule = _starts([1, 0, 0, 1, 0, 1], minutes=0, period_minutes=15)
    assert [(s.period, s.minutes_off, s.cost) for s in starts(case, schedule)] == [
        (0, 0, 1.0),
        (3, 30, 1.0),
        (5, 15, 1.0),
    ]


@pytest.mark.parametrize(("inclusive", "cost"), [(True, 2.0), (False, 1.0)])
def test_boundary_belongs_to_the_state_the_case_says(inclusive: bool, cost: float) -> None:
    case, schedule = _starts([0, 1], minutes=60)
    costs = replace(case.units.start_costs, inclusive=np.array([True, inclusive, True]))
    case = replace(case, units=replace(case.units, start_costs=costs))
    assert [s.cost for s in starts(case, schedule)] == [cost]


def test_unit_without_start_costs_starts_for_nothing() -> None:
    case, schedule = _starts([0, 1], minutes=60)
    costs = case.units.start_costs
    none = replace(
        costs,
        unit=costs.unit[:0],
        state=costs.state[:0],
        after_minutes=costs.after_minutes[:0],
        inclusive=costs.inclusive[:0],
        cost=costs.cost[:0],
    )
    case = replace(case, units=replace(case.units, start_costs=none))
    assert [(s.state, s.cost) for s in starts(case, schedule)] == [(StartState.UNSPECIFIED, 0.0)]
