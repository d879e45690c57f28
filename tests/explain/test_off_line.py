"""Each reason to be off, where it is the true one by construction."""

from __future__ import annotations

from typing import Any

import pytest

from tests.explain.asked import explained, margin, told
from tests.factory import market

Row = dict[str, Any]


def base(**more: Any) -> Row:
    """A unit that runs all the time and sets the price of 60."""
    return {"id": "base", "p_min": 20.0, "p_max": 200.0, "price": 60.0, "on": True, "mw": 100.0, **more}


def cheap(**more: Any) -> Row:
    """A unit that everybody would like to have on line."""
    return {"id": "cheap", "p_min": 10.0, "p_max": 50.0, "price": 20.0, "minutes": 6000, **more}


def test_outage() -> None:
    case = market([100.0] * 4, [base(), cheap(must_off=[1, 1, 0, 0])])
    assert told(case, explained(case).off, "cheap") == [(0, 1, "MUST_OFF", "")]


def test_initial_min_down_time() -> None:
    case = market([100.0] * 4, [base(), cheap(minutes=60, min_down=180)])
    assert told(case, explained(case).off, "cheap") == [(0, 1, "INITIAL_STATE", "")]


def test_fixed_output_of_nothing() -> None:
    case = market([100.0] * 4, [base(), cheap(fixed={0: 0.0})])
    assert told(case, explained(case).off, "cheap") == [(0, 0, "FIXED_OUTPUT", "")]


def test_start_lead_time() -> None:
    unit = cheap(start=[(0, 10.0)], lead=[120])
    case = market([100.0] * 4, [base(), unit], lead_reference=0)
    assert told(case, explained(case).off, "cheap") == [(0, 1, "LEAD_TIME", "")]


def test_not_in_the_money_with_the_figure() -> None:
    # Best run: all three hours at 50 MW, 3·50·(60 − 70) − no-load 3·30 would lose 10 MW·10·3 + 90 at its least output.
    case = market([100.0] * 3, [base(), cheap(price=70.0, no_load=30.0, start_cost=500.0)])
    found = explained(case)
    assert told(case, found.off, "cheap") == [(0, 2, "NOT_IN_THE_MONEY", "")]
    # The run that loses least is one hour long and has its stop behind the horizon or within: 10·(−10) − 30 − 500.
    assert margin(case, found.off, "cheap", 0) == pytest.approx(-100 - 30 - 500)


def test_a_start_that_two_hours_do_not_pay_for() -> None:
    case = market([100.0] * 2, [base(), cheap(start_cost=5000.0)])
    found = explained(case)
    assert told(case, found.off, "cheap") == [(0, 1, "NOT_IN_THE_MONEY", "")]
    assert margin(case, found.off, "cheap", 0) == pytest.approx(2 * 50 * 40 - 5000)


def test_congestion() -> None:
    # ab is full from a to b: 20 at a, 60 at b. The unit at a asks 25.
    case = market(
        {"a": [20.0, 20.0], "b": [100.0, 100.0]},
        [base(bus="b"), {"id": "hydro", "bus": "a", "p_max": 200.0, "price": 20.0, "on": True},
         cheap(bus="a", price=25.0)],
        buses=("a", "b"),
        branches=[{"id": "ab", "ends": ("a", "b"), "limit": 50.0}],
    )  # fmt: skip
    assert told(case, explained(case).off, "cheap") == [(0, 1, "NETWORK", "ab")]


def test_starts_are_used_up() -> None:
    case = market([100.0] * 3, [base(), cheap(max_starts=0)])
    found = explained(case)
    assert told(case, found.off, "cheap") == [(0, 2, "START_LIMITS", "cheap")]
    assert margin(case, found.off, "cheap", 0) == pytest.approx(3 * 50 * 40)


def test_group_is_full() -> None:
    groups = [{"id": "pair", "units": ["cheap", "other"], "max_on": 1}]
    case = market([100.0] * 2, [base(), cheap(), cheap(id="other", price=10.0)], groups=groups)
    assert told(case, explained(case).off, "cheap") == [(0, 1, "GROUP", "pair")]


def test_negative_reserve() -> None:
    case = market([100.0] * 2, [base(), cheap()], negative_min_mw=75.0)
    assert told(case, explained(case).off, "cheap") == [(0, 1, "RESERVE", "system_negative_min")]


def test_its_least_output_is_too_much() -> None:
    # 25 MW stand above base's least output at 60; the block of 80 MW at 20 would push 55 MW of wind at 0 aside.
    case = market(
        [100.0, 100.0],
        [base(mw=45.0, must_run=1), cheap(p_min=80.0, p_max=80.0)],
        renewables=[{"id": "w", "bus": "system", "forecast": 55.0, "price": 0.0}],
    )
    assert told(case, explained(case).off, "cheap") == [(0, 1, "DISPLACEMENT", "")]


def test_min_down_time_after_a_stop() -> None:
    # Off for the outage in hour 0, the unit may not be back for the hour that pays.
    case = market([100.0] * 4, [base(), cheap(on=True, mw=10.0, must_off=[1, 0, 0, 0], min_down=180)])
    assert told(case, explained(case).off, "cheap") == [(0, 0, "MUST_OFF", ""), (1, 2, "MIN_DOWN", "")]
