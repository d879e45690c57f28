"""Each reason to be on line, where it is the true one by construction."""

from __future__ import annotations

from typing import Any

import pytest

from clearing.case.explanations import UnitReason
from tests.explain.asked import explained, margin, told
from tests.factory import market

Row = dict[str, Any]


def base(**more: Any) -> Row:
    """A cheap unit that runs all the time."""
    return {"id": "base", "p_min": 20.0, "p_max": 200.0, "price": 20.0, "on": True, "mw": 100.0, **more}


def test_economics_with_its_figures() -> None:
    # Hour 2 and 3 need 60 MW of peak at 50, the last unit at 80 sets the price: 30·40·2 = 2400 over offers, less 500.
    case = market(
        [100.0, 250.0, 250.0, 100.0],
        [
            base(),
            {"id": "peak", "p_min": 10.0, "p_max": 40.0, "price": 50.0, "start_cost": 500.0, "minutes": 600},
            {"id": "last", "p_max": 100.0, "price": 80.0, "on": True},
        ],
    )
    found = explained(case)
    assert told(case, found.on, "peak") == [(1, 2, "ECONOMICS", "")]
    assert margin(case, found.on, "peak", 1) == pytest.approx(2 * 40 * (80 - 50) - 500)
    row = found.spells.unit.tolist().index(1)
    assert found.spells.energy_revenue[row] == pytest.approx(2 * 40 * 80)
    assert found.spells.energy_cost[row] == pytest.approx(2 * 40 * 50)
    assert found.spells.start_cost[row] == pytest.approx(500)
    assert found.spells.margin[row] == pytest.approx(1900)
    assert UnitReason(int(found.spells.reason[row])) is UnitReason.ECONOMICS


def test_must_run_then_min_up() -> None:
    case = market(
        [100.0] * 6,
        [base(), {"id": "dear", "p_min": 10.0, "p_max": 40.0, "price": 50.0, "minutes": 600, "min_up": 180,
                  "must_run": [0, 1, 0, 0, 0, 0]}],
    )  # fmt: skip
    found = explained(case)
    on = told(case, found.on, "dear")
    assert (1, 1, "MUST_RUN", "") in on
    others = [row for row in on if row[2] != "MUST_RUN"]
    # The start may come before the must-run hour at the same cost; the hours are then 3 in all.
    assert sum(b - a + 1 for a, b, _, _ in on) == 3
    assert {row[2] for row in others} <= {"MIN_UP", "REPLACEMENT", "UNEXPLAINED"}


def test_must_run_in_the_first_hour_then_min_up() -> None:
    case = market(
        [100.0] * 5,
        [base(), {"id": "dear", "p_min": 10.0, "p_max": 40.0, "price": 50.0, "minutes": 600, "min_up": 180,
                  "must_run": [1, 0, 0, 0, 0]}],
    )  # fmt: skip
    found = explained(case)
    assert told(case, found.on, "dear") == [(0, 0, "MUST_RUN", ""), (1, 2, "MIN_UP", "")]
    assert margin(case, found.on, "dear", 1) == pytest.approx(-2 * 10 * (50 - 20))
    assert told(case, found.off, "dear") == [(3, 4, "NOT_IN_THE_MONEY", "")]
    row = found.spells.unit.tolist().index(1)
    assert UnitReason(int(found.spells.reason[row])) is UnitReason.MIN_UP


def test_fixed_output() -> None:
    dear = {"id": "test", "p_min": 10.0, "p_max": 40.0, "price": 90.0, "minutes": 600, "fixed": {1: 15.0}}
    case = market([100.0] * 3, [base(), dear])
    found = explained(case)
    assert told(case, found.on, "test") == [(1, 1, "FIXED_OUTPUT", "")]


@pytest.mark.parametrize(
    "state",
    [
        {"min_up": 180, "minutes": 60, "mw": 10.0},
        {"mw": 40.0, "ramp_down": 0.25, "shutdown_limit": 10.0, "minutes": 600},
    ],
    ids=["min up time left", "output too high to stop"],
)
def test_initial_state(state: Row) -> None:
    case = market(
        [100.0] * 5, [base(), {"id": "dear", "p_min": 10.0, "p_max": 40.0, "price": 50.0, "on": True, **state}]
    )
    found = explained(case)
    assert told(case, found.on, "dear") == [(0, 1, "INITIAL_STATE", "")]


def test_reserve_by_its_revenue() -> None:
    # base alone covers the load; the 30 MW of reserve only fit on `spin`, which costs 100 an hour to run.
    case = market(
        [200.0, 200.0],
        [base(mw=200.0), {"id": "spin", "p_min": 10.0, "p_max": 60.0, "price": 25.0, "no_load": 100.0, "minutes": 600}],
        products=[{"id": "up", "requirement": 30.0}],
    )
    found = explained(case)
    assert told(case, found.on, "spin") == [(0, 1, "RESERVE", "up")]


def test_reserve_of_the_system() -> None:
    case = market(
        [100.0, 100.0],
        [base(), {"id": "cover", "p_min": 10.0, "p_max": 60.0, "price": 50.0, "minutes": 600}],
        positive_min_mw=120.0,
    )
    found = explained(case)
    assert told(case, found.on, "cover") == [(0, 1, "RESERVE", "system_positive_min")]


TWO_BUSES: Row = {"buses": ("a", "b"), "branches": [{"id": "ab", "ends": ("a", "b"), "limit": 50.0}]}


def test_network_by_the_price_of_its_bus() -> None:
    # 50 MW come in over ab at 20; `last` at 60 sets the price at b; `own` earns 10 a MWh there, and loses at 20.
    case = market(
        {"a": [50.0, 50.0], "b": [100.0, 100.0]},
        [base(bus="a"), {"id": "own", "bus": "b", "p_min": 10.0, "p_max": 30.0, "price": 50.0, "minutes": 600},
         {"id": "last", "bus": "b", "p_max": 100.0, "price": 60.0, "on": True, "must_run": 1}],
        **TWO_BUSES,
    )  # fmt: skip
    found = explained(case)
    assert told(case, found.on, "own") == [(0, 1, "NETWORK", "ab")]
    assert margin(case, found.on, "own", 0) == pytest.approx(2 * 30 * 10)


def test_network_that_would_be_broken() -> None:
    # `own` sets the price at b and does not recover its no-load cost; without it 60 MW would flow over ab.
    case = market(
        {"a": [50.0, 50.0], "b": [60.0, 60.0]},
        [base(bus="a"), {"id": "own", "bus": "b", "p_max": 30.0, "price": 50.0, "no_load": 100.0, "minutes": 600}],
        **TWO_BUSES,
    )
    found = explained(case)
    assert told(case, found.on, "own") == [(0, 1, "NETWORK", "ab")]
    assert margin(case, found.on, "own", 0) == pytest.approx(-200.0)


def test_start_avoided_in_the_valley() -> None:
    # Day 20 over its offer for 40 MW; valley: 10 under it for 20 MW, 3 hours = 600 < stop 100 + start 900.
    coal = {"id": "coal", "p_min": 20.0, "p_max": 40.0, "price": 30.0, "start_cost": 900.0, "stop_cost": 100.0,
            "on": True, "mw": 40.0}  # fmt: skip
    dear = {"id": "dear", "p_max": 100.0, "price": 50.0, "on": True}
    case = market([250.0, 250.0, 150.0, 150.0, 150.0, 250.0, 250.0], [base(), coal, dear])
    found = explained(case)
    assert told(case, found.on, "coal") == [
        (0, 1, "ECONOMICS", ""),
        (2, 4, "START_AVOIDED", ""),
        (5, 6, "ECONOMICS", ""),
    ]
    assert margin(case, found.on, "coal", 3) == pytest.approx(1000.0 - 3 * 20 * 10)


def test_a_colder_start_is_what_is_avoided() -> None:
    """The same valley: off for two hours the start stays warm; a third hour off would make it 800 dearer."""
    dear = {"id": "dear", "p_max": 100.0, "price": 50.0, "on": True}
    load = [250.0, 250.0, 150.0, 150.0, 150.0, 250.0, 250.0]
    for states, reason in (([(0, 100.0), (150, 900.0)], "START_AVOIDED"), ([(0, 100.0), (240, 900.0)], "")):
        coal = {"id": "coal", "p_min": 20.0, "p_max": 40.0, "price": 30.0, "start": states, "on": True, "mw": 40.0}
        case = market(load, [base(), coal, dear])
        found = explained(case)
        reasons = {row[2] for row in told(case, found.on, "coal")}
        assert reasons == {"ECONOMICS", reason} - {""}


def test_min_down_makes_the_pause_too_short() -> None:
    coal = {"id": "coal", "p_min": 20.0, "p_max": 40.0, "price": 30.0, "min_down": 240, "on": True, "mw": 40.0}
    dear = {"id": "dear", "p_max": 100.0, "price": 50.0, "on": True}
    case = market([250.0, 250.0, 150.0, 150.0, 150.0, 250.0, 250.0], [base(), coal, dear])
    found = explained(case)
    assert (2, 4, "MIN_DOWN", "") in told(case, found.on, "coal")


def test_start_limits_hold_it_on() -> None:
    coal = {"id": "coal", "p_min": 20.0, "p_max": 40.0, "price": 30.0, "max_starts": 0, "on": True, "mw": 40.0}
    dear = {"id": "dear", "p_max": 100.0, "price": 50.0, "on": True}
    case = market([250.0, 250.0, 150.0, 150.0, 150.0, 250.0, 250.0], [base(), coal, dear])
    found = explained(case)
    assert (2, 4, "START_LIMITS", "coal") in told(case, found.on, "coal")


def test_group_needs_a_member_on_line() -> None:
    twins = [{"id": name, "p_min": 10.0, "p_max": 40.0, "price": price, "minutes": 600} for name, price in
             (("x", 50.0), ("y", 70.0))]  # fmt: skip
    groups = [{"id": "heat", "units": ["x", "y"], "min_on": 1}]
    case = market([100.0, 100.0], [base(), *twins], groups=groups)
    found = explained(case)
    assert told(case, found.on, "x") == [(0, 1, "GROUP", "heat")]


def test_energy_window_asks_for_output() -> None:
    windows = [{"unit": "gas", "first": 0, "last": 1, "min": 50.0}]
    gas = {"id": "gas", "p_min": 10.0, "p_max": 40.0, "price": 50.0, "minutes": 600}
    case = market([100.0, 100.0], [base(), gas], windows=windows)
    found = explained(case)
    assert {row[2] for row in told(case, found.on, "gas")} == {"ENERGY_WINDOW"}


def test_capacity_when_nobody_could_take_over() -> None:
    # base and peak cover 240; base is at 200. peak sets the price and does not recover its start.
    peak = {"id": "peak", "p_max": 60.0, "price": 50.0, "start_cost": 500.0, "minutes": 600}
    case = market([100.0, 240.0], [base(), peak])
    found = explained(case)
    assert told(case, found.on, "peak") == [(1, 1, "CAPACITY", "")]
    assert margin(case, found.on, "peak", 1) == pytest.approx(-500.0)


def test_replacement_when_others_would_charge_more() -> None:
    # peak sets 50 at 50 and loses its start of 300; the oil unit on line would charge 90: 40·40 = 1600 more.
    peak = {"id": "peak", "p_max": 60.0, "price": 50.0, "start_cost": 300.0, "minutes": 600}
    oil = {"id": "oil", "p_min": 5.0, "p_max": 100.0, "price": 90.0, "on": True, "must_run": 1}
    case = market([245.0], [base(mw=150.0), peak, oil])
    found = explained(case)
    assert told(case, found.on, "peak") == [(0, 0, "REPLACEMENT", "")]
