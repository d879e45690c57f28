"""Start-up and shut-down curves worked by hand, in hours and in quarters: the same MW, a quarter of the energy.

A: 70 MW at 10. B: 30 to 60 MW at 20, three steps of 5, 10, 20 MW cold, one of 15 MW hot; a start costs 100 or 40.
Load 50, 50, 50, 90: A alone lacks 20 MW in period 4. B starts at p_min, so A is inside its block throughout: 10.
"""

from __future__ import annotations

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.result import ClearingResult
from clearing.day_ahead import clear
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.factory import market
from tests.hand.run import optimum


def case(minutes: int, off: int, load: list[float], **more: object) -> Case:
    """off: periods that B has been off; it is cold from 5 on."""
    unit = {
        "id": "B", "p_min": 30.0, "p_max": 60.0, "price": 20.0, "minutes": off * minutes, "min_down": 5 * minutes,
        "start": [(0, 40.0), (5 * minutes, 100.0)], "up": {1: [15.0], 2: [5.0, 10.0, 20.0]}, "down": [20.0, 8.0],
        "min_up": 0,
    }  # fmt: skip
    base = {"id": "A", "p_max": 70.0, "price": 10.0, "on": True, "mw": 50.0}
    return market(load, units=[base, unit | more], period_minutes=minutes)


def check(answer: ClearingResult, on: list[int], curve: list[float], base: list[float], prices: list[float]) -> None:
    assert answer.schedule is not None
    assert answer.prices is not None
    assert answer.schedule.on[1].tolist() == on
    assert answer.schedule.curve_mw[1] == pytest.approx(curve, abs=1e-6)
    assert answer.schedule.dispatch_mw[0] == pytest.approx(base, abs=1e-6)
    assert answer.prices.bus_price[0] == pytest.approx(prices)
    assert answer.schedule.curve_mw[0].tolist() == [0.0] * len(on)


@pytest.mark.parametrize("minutes", [60, 15])
def test_a_cold_start_climbs_three_steps(minutes: int) -> None:
    """A gives way to the curve: 45 + 40 + 30 + 60 = 175 MW at 10, B 30 at 20 in period 4, the cold start 100.

    2350 an hour of energy and 100; the curve costs nothing beside the start, and sets no price.
    """
    answer = optimum(case(minutes, 100, [50.0, 50.0, 50.0, 90.0]))
    check(answer, [0, 0, 0, 1], [5.0, 10.0, 20.0, 0.0], [45.0, 40.0, 30.0, 60.0], [10.0, 10.0, 10.0, 10.0])
    assert answer.costs is not None
    assert answer.costs.total == pytest.approx(2350.0 * minutes / 60 + 100.0)
    assert answer.uplift is not None
    assert answer.uplift.revenue[1] == pytest.approx((35.0 * 10.0 + 30.0 * 10.0) * minutes / 60)


@pytest.mark.parametrize("minutes", [60, 15])
def test_a_hot_start_climbs_one_step(minutes: int) -> None:
    """Off for 1 period before the horizon and 3 in it: 4 are hot, 5 would be cold; min down, then, 4.

    A 50 + 50 + 35 + 60 = 195 at 10, B 30 at 20: 2550 an hour, and 40.
    """
    given = case(minutes, 1, [50.0, 50.0, 50.0, 90.0], min_down=4 * minutes, down=[])
    answer = optimum(given)
    check(answer, [0, 0, 0, 1], [0.0, 0.0, 15.0, 0.0], [50.0, 50.0, 35.0, 60.0], [10.0, 10.0, 10.0, 10.0])
    assert answer.costs is not None
    assert answer.costs.total == pytest.approx(2550.0 * minutes / 60 + 40.0)


@pytest.mark.parametrize("minutes", [60, 15])
def test_a_stop_comes_down_two_steps(minutes: int) -> None:
    """B stops behind period 1: 20, then 8 MW, that A need not give; 65 + 30 + 42 + 50 at 10, B 30 at 20."""
    answer = optimum(case(minutes, 9, [95.0, 50.0, 50.0, 50.0], on=True, mw=30.0))
    check(answer, [1, 0, 0, 0], [0.0, 20.0, 8.0, 0.0], [65.0, 30.0, 42.0, 50.0], [10.0, 10.0, 10.0, 10.0])
    assert answer.costs is not None
    assert answer.costs.total == pytest.approx(2470.0 * minutes / 60)


def test_a_start_that_has_no_room_for_its_curve_is_not_made() -> None:
    """A cold unit may be on from period 4 at the earliest; in period 3 A and the third step give 90 of 95 MW."""
    given = case(60, 100, [50.0, 50.0, 95.0, 90.0])
    answer = clear(given, load("generic"), SolveOptions(gap=0.0), RunControl())
    assert answer.audit_passed
    assert answer.schedule is not None
    assert answer.schedule.on[1].tolist() == [0, 0, 0, 1]
    assert answer.schedule.shed_mw.sum(axis=0) == pytest.approx(np.array([0.0, 0.0, 5.0, 0.0]), abs=1e-6)
