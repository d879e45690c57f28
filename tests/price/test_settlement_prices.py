"""Prices by hour and for all users, and who sets the price: by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clearing.case.result import ClearingResult
from clearing.day_ahead import clear
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.factory import market


def cleared(case, **overrides: str) -> ClearingResult:
    return clear(case, load("generic", "", overrides), SolveOptions(gap=0.0), RunControl())


def two_buses():
    """Two hours of four quarters; a cheap unit at a behind a line of 60 MW, a dear one at b.

    Load 50 MW at b in the first hour: the line is free, 20 everywhere. In the second hour 50, 50, 80, 80 MW: the line
    binds in the last two quarters, 20 at a and 37.0007 at b. The reference is spread over the load, all at b.
    """
    return market(
        {"a": [0.0] * 8, "b": [50.0] * 6 + [80.0] * 2},
        units=[
            {"id": "cheap", "bus": "a", "p_max": 200, "price": 20.0},
            {"id": "dear", "bus": "b", "p_max": 200, "price": 37.0007},
        ],
        branches=[{"id": "line", "ends": ("a", "b"), "limit": 60}],
        period_minutes=15,
    )


def test_an_hour_is_the_mean_of_its_quarters_and_the_parts_balance():
    settlement = cleared(two_buses()).settlement
    assert settlement is not None
    assert settlement.hour_label == ("01:00", "02:00")
    # (20 + 20 + 37.0007 + 37.0007) / 4 = 28.50035 → 28.5 (three digits, ties to even digits do not arise)
    np.testing.assert_allclose(settlement.bus_price, [[20.0, 20.0], [20.0, 28.5]], atol=1e-12)
    # λ is the price at the reference, bus b; the congestion part at a is what is left.
    np.testing.assert_allclose(settlement.bus_energy, [[20.0, 28.5]] * 2, atol=1e-12)
    np.testing.assert_allclose(settlement.bus_congestion, [[0.0, -8.5], [0.0, 0.0]], atol=1e-12)
    total = settlement.bus_energy + settlement.bus_congestion + settlement.bus_loss + settlement.bus_cap_adjustment
    np.testing.assert_allclose(total, settlement.bus_price, atol=1e-12)


def test_the_user_price_is_money_over_energy():
    settlement = cleared(two_buses(), **{"prices.decimals": "6"}).settlement
    assert settlement is not None
    np.testing.assert_allclose(settlement.user_price, [20.0] * 6 + [37.0007] * 2, atol=1e-9)
    second = (2 * 50 * 20.0 + 2 * 80 * 37.0007) / (2 * 50 + 2 * 80)
    np.testing.assert_allclose(settlement.user_hour_price, [20.0, second], atol=1e-6)


def test_who_sets_the_price_is_named_and_frozen_units_are_not():
    case = two_buses()
    setters = {(s.subject, s.period, s.bus) for s in cleared(case).price_setters}
    assert setters == {("cheap", t, "a") for t in range(8)} | {("dear", t, "b") for t in (6, 7)}
    held = {"id": "held", "p_max": 40, "price": 5.0, "price_eligible": False, "fixed": {0: 30.0, 1: 30.0}}
    free = {"id": "free", "p_max": 100, "price": 25.0}
    case = market([50.0, 60.0], units=[{**held, "on": True, "mw": 30}, free])
    assert {s.subject for s in cleared(case).price_setters} == {"free"}


@pytest.mark.parametrize(
    ("minutes", "start", "labels"), [(60, 0, ("01:00", "02:00", "03:00")), (30, 30, ("01:00", "02:00"))]
)
def test_hours_follow_the_clock_whatever_the_period(minutes, start, labels):
    case = market([50.0, 60.0, 70.0], units=[{"id": "u", "p_max": 100, "price": 20.0}], period_minutes=minutes)
    case = replace(case, horizon=replace(case.horizon, start_minute=start))
    settlement = cleared(case).settlement
    assert settlement is not None
    assert settlement.hour_label == labels


def test_a_bid_that_is_bought_in_part_sets_the_price() -> None:
    """A unit of 30 MW at 10 serves 20 MW of load; of a bid for 15 MW at 25 the remaining 10 are bought."""
    units = [{"id": "full", "p_max": 30.0, "price": 10.0, "on": True, "mw": 20.0, "must_run": 1}]
    case = market([20.0], units, bids=[{"id": "buyer", "max": 15.0, "price": 25.0}])
    found = cleared(case)
    assert found.prices is not None
    assert found.prices.bus_price[0, 0] == pytest.approx(25.0)
    assert [(s.family, s.subject) for s in found.price_setters] == [("demand_bid", "buyer")]
