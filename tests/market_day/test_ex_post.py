"""Prices again from what was metered, by hand: where all came as forecast, and where load, sun or a unit did not."""

from __future__ import annotations

import numpy as np
import pytest

from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.finding import Severity
from clearing.case.prices import Prices
from clearing.case.validate import validate
from clearing.market_day.ex_post import Difference, Metered, differences, metered_case
from clearing.real_time import clear_interval
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.factory import market

LINE = [{"id": "ab", "ends": ("a", "b"), "x": 0.1, "limit": 40.0}]


def interval() -> Case:
    """a: A 0 … 100 MW at 10, 20 MW of sun; b: B 0 … 100 MW at 30, load 50 and 60 MW; at most 40 MW from a to b."""
    units = [
        {"id": "A", "bus": "a", "p_max": 100, "price": 10, "on": True, "mw": 20},
        {"id": "B", "bus": "b", "p_max": 100, "price": 30, "on": True, "mw": 10},
    ]
    sun = [{"id": "S", "bus": "a", "forecast": [20.0, 20.0]}]
    on = CommitmentInput(CommitmentUse.FIXED, np.ones((2, 2), dtype=np.int8))
    loads = {"a": [0.0, 0.0], "b": [50.0, 60.0]}
    return market(loads, units, renewables=sun, branches=LINE, period_minutes=15, commitment=on)


def priced(case: Case) -> Prices:
    result = clear_interval(case, load("generic"), SolveOptions(), RunControl())
    assert result.audit_passed, result.audit
    assert result.prices is not None
    return result.prices


def again(unit_mw: list[float], sun_mw: float, load_mw: float) -> tuple[Difference, ...]:
    case = interval()
    metered = Metered(np.array(unit_mw), np.array([sun_mw]), np.array([0.0, load_mw]))
    return differences(case, *(priced(c).bus_price[:, 0] for c in (case, metered_case(case, metered))))


def test_what_came_as_forecast_has_the_same_prices() -> None:
    assert priced(interval()).bus_price[:, 0] == pytest.approx([10.0, 30.0])
    assert again([20.0, 10.0], 20.0, 50.0) == ()


def test_less_load_than_forecast_leaves_the_line_free() -> None:
    """35 MW at b: A gives 15, the line has room, 10 everywhere."""
    assert again([15.0, 0.1], 20.0, 35.0) == (Difference("b", 30.0, pytest.approx(10.0)),)
    assert again([15.0, 0.1], 20.0, 35.0)[0].change == pytest.approx(-20.0)


def test_a_unit_that_did_not_run_and_sun_that_did_not_shine() -> None:
    """A did not run: 10 MW of sun, the rest from B: 30 everywhere."""
    found = again([0.0, 40.0], 10.0, 50.0)
    assert [(d.bus, round(d.published, 6), round(d.again, 6)) for d in found] == [("a", 10.0, 30.0)]


def test_more_sun_than_forecast_is_covered_by_the_offer() -> None:
    """45 MW of sun: 40 go to b and 5 are curtailed, so a MW at a is worth nothing there; b keeps B's 30."""
    case = interval()
    metered = metered_case(case, Metered(np.array([0.0, 10.0]), np.array([45.0]), np.array([0.0, 50.0])))
    assert not [f for f in validate(metered, load("generic")) if f.severity is Severity.ERROR]
    found = differences(case, *(priced(c).bus_price[:, 0] for c in (case, metered)))
    assert [(d.bus, round(d.again, 6)) for d in found] == [("a", 0.0)]


@pytest.mark.parametrize("wrong", [[1.0], [1.0, np.nan]])
def test_measurements_must_be_complete(wrong: list[float]) -> None:
    with pytest.raises(ValueError, match="unit_mw"):
        metered_case(interval(), Metered(np.array(wrong), np.zeros(1), np.zeros(2)))
