"""A day in which the network changes, worked by hand, by production and specification.

`a` – `b` – `c` in a row, and `a` – `c`; all of 0.1 per unit. `cheap` at `a` 10, `near` at `c` 30 an MWh; 60 MW at `c`,
at `b` 6 MW in period 2 and 12 MW in period 3.

- period 0: whole; 60 MW from a to c: 40 go straight, 20 over b; `ac` is rated 50. All cheap: 10 everywhere.
- period 1: `bc` is out: all goes by `ac`, 50 at most. near gives 10; 10 at a and b, 30 at c.
- period 2: `bc` and `ac` are out: c stands alone and has an island of its own: 10 and 30.
- period 3: whole, but `ac` is rated 20 in a window. x from a to c, 12 from a to b: flow of `ac` = 2x/3 + 4 ≤ 20,
  x = 24; near gives 36. A MW for b takes a third on `ac`, one for c two thirds: 10 at a, 20 at b, 30 at c.
"""

from __future__ import annotations

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.rules.load import load
from models.data import read
from models.outcome import bus_prices, system_prices
from models.pricing import pricing
from models.scuc import scuc
from models.solve import solve
from tests.factory import market
from tests.hand.run import optimum

PRICES = [[10, 10, 10, 10], [10, 10, 10, 20], [10, 30, 30, 30]]


def day(**more: object) -> Case:
    return market(
        {"a": [0.0] * 4, "b": [0.0, 0.0, 6.0, 12.0], "c": [60.0] * 4},
        [
            {"id": "cheap", "bus": "a", "p_max": 100.0, "price": 10.0, "on": True, "mw": 60.0},
            {"id": "near", "bus": "c", "p_max": 100.0, "price": 30.0, "on": True, "mw": 0.0},
        ],
        branches=[
            {"id": "ab", "ends": ("a", "b")},
            {"id": "bc", "ends": ("b", "c"), "out": [(1, 1), (1, 2)]},
            {"id": "ac", "ends": ("a", "c"), "limit": 50.0, "out": [(2, 2)], "limits": [(3, 3, 20.0, 30.0)]},
        ],
        **more,  # type: ignore[arg-type]
    )


def test_dispatch_flows_and_prices_follow_the_network_of_the_period() -> None:
    found = optimum(day())
    assert found.schedule is not None
    assert found.schedule.dispatch_mw == pytest.approx(np.array([[60, 50, 6, 36], [0, 10, 60, 36]]), abs=1e-6)
    assert found.prices is not None
    assert found.flows is not None
    assert found.prices.bus_price == pytest.approx(np.array(PRICES), abs=1e-6)
    flow = [[20, 0, 6, 16], [20, 0, 0, 4], [40, 50, 0, 20]]
    assert found.flows.branch_mw == pytest.approx(np.array(flow), abs=1e-6)


def test_islands_have_rows_over_the_day_and_the_system_price_is_that_of_the_island_there() -> None:
    """Island c stands in period 2 only; elsewhere its row shows the price at the reference, which is all load."""
    found = optimum(day()).prices
    assert found is not None
    # loads over the day: b 18, c 240; in period 2 c is its own reference, and that of a and b is b
    share = np.array([0.0, 18.0, 240.0]) / 258.0
    mean = np.array(PRICES).T @ share
    assert found.system_price[0] == pytest.approx([mean[0], mean[1], 10.0, mean[3]])
    assert found.system_price[1] == pytest.approx([mean[0], mean[1], 30.0, mean[3]])


def test_a_given_reference_moves_the_split_and_not_the_prices() -> None:
    found = optimum(day(weight={"a": 2.0})).prices
    assert found is not None
    assert found.bus_price == pytest.approx(np.array(PRICES), abs=1e-6)
    assert found.system_price == pytest.approx(np.array([[10, 10, 10, 10], [10, 10, 30, 10]]), abs=1e-6)
    assert found.bus_congestion[2] == pytest.approx([0, 20, 0, 20], abs=1e-6)


def test_the_specification_says_the_same() -> None:
    case, rules = day(), load("generic")
    found = optimum(case)
    assert found.schedule is not None
    assert found.prices is not None
    assert solve(scuc(case, rules), gap=0.0).objective == pytest.approx(found.termination.objective)
    priced, data = pricing(case, rules, found.schedule, found.schedule.charge_mw), read(case, rules)
    solve(priced, "highs", gap=0.0)
    assert bus_prices(priced, data) == pytest.approx(np.array(PRICES), abs=1e-6)
    assert system_prices(priced, data) == pytest.approx(found.prices.system_price, abs=1e-6)
