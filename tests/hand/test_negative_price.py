"""Renewables that offer below zero beside a unit that must run, worked by hand.

One bus, half-hours (dt = 0.5 h). M must run, 40 … 100 MW at 25. Sun 15 MW at −30, wind 50 MW at −10 (what each would
lose by being curtailed).

  load   M    sun   wind   price, and why
   60    40   15      5    −10   one MW more is one MW less of wind curtailed (45 of 50 are); M stands at its least
   50    40   10      0    −30   wind is out, 5 MW of sun curtailed
  120    55   15     50     25   nothing is curtailed, M is on its curve

Cost per hour: 40·25 − 15·30 − 5·10 = 500 | 40·25 − 10·30 = 700 | 55·25 − 450 − 500 = 425; over half-hours 812.5.
M is paid 0.5·(−10·40 − 30·40 + 25·55) = −112.5 for what costs 0.5·25·(40 + 40 + 55) = 1687.5: make-whole 1800.

Two buses. West: wind 80 MW at −10. East: M, 40 … 100 MW at 25, must run; load 100 MW. The line carries 50 MW. So wind
runs at 50 MW and M at 50: west −10 (more load there would spare curtailment), east 25 (M), rent 35·50 = 1750 an hour.
Cost 50·25 − 50·10 = 750 an hour.
With 200 MW of line, wind at 60 (M needs its 40): price −10 at both ends, cost 40·25 − 60·10 = 400 an hour.
"""

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.result import ClearingResult
from tests.factory import Row, market
from tests.hand.run import optimum

MUST_RUN: Row = {"id": "M", "p_min": 40.0, "p_max": 100.0, "price": 25.0, "must_run": 1, "on": True, "mw": 40.0}


@pytest.fixture(scope="module")
def one_bus() -> ClearingResult:
    return optimum(
        market(
            [60.0, 50.0, 120.0],
            units=[MUST_RUN],
            renewables=[
                {"id": "sun", "forecast": 15.0, "price": -30.0},
                {"id": "wind", "forecast": 50.0, "price": -10.0},
            ],
            period_minutes=30,
        )
    )


def test_objective(one_bus: ClearingResult) -> None:
    assert one_bus.costs is not None
    assert one_bus.costs.total == pytest.approx(812.5, abs=1e-6)


def test_schedule_and_curtailment(one_bus: ClearingResult) -> None:
    assert one_bus.schedule is not None
    assert one_bus.schedule.dispatch_mw[0] == pytest.approx([40.0, 40.0, 55.0], abs=1e-6)
    assert one_bus.schedule.renewable_mw == pytest.approx(np.array([[15.0, 10.0, 15.0], [5.0, 0.0, 50.0]]), abs=1e-6)
    assert one_bus.schedule.surplus_mw.sum() == 0.0


def test_prices(one_bus: ClearingResult) -> None:
    assert one_bus.prices is not None
    assert one_bus.prices.bus_price[0] == pytest.approx([-10.0, -30.0, 25.0], abs=1e-6)


def test_a_unit_that_pays_for_its_output_is_made_whole(one_bus: ClearingResult) -> None:
    assert one_bus.uplift is not None
    assert one_bus.uplift.revenue == pytest.approx([-112.5], abs=1e-6)
    assert one_bus.uplift.make_whole == pytest.approx([1800.0], abs=1e-6)


def two_bus(limit: float) -> Case:
    return market(
        {"west": [0.0], "east": [100.0]},
        units=[{**MUST_RUN, "bus": "east"}],
        renewables=[{"id": "wind", "bus": "west", "forecast": 80.0, "price": -10.0}],
        branches=[{"id": "line", "ends": ("west", "east"), "limit": limit}],
    )


@pytest.mark.parametrize(
    ("limit", "wind", "price", "cost"), [(50.0, 50.0, (-10.0, 25.0), 750.0), (200.0, 60.0, (-10.0, -10.0), 400.0)]
)
def test_behind_a_line(limit: float, wind: float, price: tuple[float, float], cost: float) -> None:
    answer = optimum(two_bus(limit))
    assert answer.costs is not None
    assert answer.schedule is not None
    assert answer.prices is not None
    assert answer.flows is not None
    assert answer.costs.total == pytest.approx(cost, abs=1e-6)
    assert answer.schedule.renewable_mw[0, 0] == pytest.approx(wind, abs=1e-6)
    assert answer.flows.branch_mw[0, 0] == pytest.approx(wind, abs=1e-6)
    assert answer.prices.bus_price[:, 0] == pytest.approx(price, abs=1e-6)
    rent = sum(b.shadow_price * b.limit_mw for b in answer.bindings if b.family == "branch")
    assert rent == pytest.approx(1750.0 if limit == 50.0 else 0.0, abs=1e-6)
