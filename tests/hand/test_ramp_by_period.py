"""What hours hide about a ramp: the same two hours in steps of 60, 15 and 5 minutes, worked by hand.

One bus, load 100 MW in hour 1 and 200 MW in hour 2. A: 300 MW at 20, must run (so that it cannot jump by a restart),
ramps 1 MW a minute, runs at 100 MW before.
B: 200 MW at 50, no ramp limit. Neither has other costs.

60 minutes: A may rise by 60 MW from one hour to the next: 100, then 160, and B 40.
    100·20 + 160·20 + 40·50 = 7200.
    Prices: hour 2: 50 (B). Hour 1: one MW more there comes from A (20) and lets A be one MW higher in hour 2, where it
    spares B: 20 − (50 − 20) = −10.
15 minutes: A may rise by 15 MW a quarter: hour 1 at 100; hour 2 at 115, 130, 145, 160; B 85, 70, 55, 40.
    Hour 2: A 137.5 MWh, B 62.5 MWh: 2000 + 2750 + 3125 = 7875.
    The difference is the energy that A misses in hour 2, 160 − 137.5 = 22.5 MWh, at 50 − 20: 675.
    Prices: 20 in the first three quarters (A, no ramp binds). In the fourth, one MW more lets A be one MW higher in all
    four quarters of hour 2: 20 − 4·30 = −100. Hour 2: 50. The mean over hour 1, (3·20 − 100)/4 = −10, is the hourly
    price.
5 minutes: hour 2 at 105, 110, …, 160: mean 132.5 MW, 27.5 MWh missed: 825 more than hourly, 8025.
    Last step of hour 1: 20 − 12·30 = −340.
"""

import numpy as np
import pytest

from clearing.case.case import Case
from tests.factory import market
from tests.hand.run import optimum

COST = {60: 7200.0, 15: 7875.0, 5: 8025.0}
LAST_PRICE = {60: -10.0, 15: -100.0, 5: -340.0}


def case(minutes: int) -> Case:
    steps = 60 // minutes
    return market(
        [100.0] * steps + [200.0] * steps,
        units=[
            {"id": "A", "p_max": 300.0, "price": 20.0, "ramp": 1.0, "must_run": 1, "on": True, "mw": 100.0},
            {"id": "B", "p_max": 200.0, "price": 50.0},
        ],
        period_minutes=minutes,
    )


@pytest.mark.parametrize("minutes", COST)
def test_cost_schedule_and_prices(minutes: int) -> None:
    answer, steps = optimum(case(minutes)), 60 // minutes
    assert answer.costs is not None
    assert answer.schedule is not None
    assert answer.prices is not None
    assert answer.costs.total == pytest.approx(COST[minutes], abs=1e-6)
    rise = 100.0 + minutes * np.arange(1.0, steps + 1.0)
    assert answer.schedule.dispatch_mw[0] == pytest.approx([*[100.0] * steps, *rise], abs=1e-6)
    assert answer.schedule.dispatch_mw[1, steps:] == pytest.approx(200.0 - rise, abs=1e-6)
    price = [*[20.0] * (steps - 1), LAST_PRICE[minutes], *[50.0] * steps]
    assert answer.prices.bus_price[0] == pytest.approx(price, abs=1e-6)
    assert np.mean(price[:steps]) == pytest.approx(-10.0)
