"""Two settlements of a network with every kind of resource: amounts by resource against prices times bus injections."""

from __future__ import annotations

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.result import ClearingResult
from clearing.day_ahead import clear
from clearing.market_day.two_settlement import traded, two_settlement
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.factory import market


def day(loads: list[float], wind: float, minutes: int) -> Case:
    """Cheap g at x behind a line of 50 MW, dear h at y; a site, a store, a tie, a buyer and a virtual load."""
    return market(
        {"x": [5.0] * len(loads), "y": loads},
        [
            {"id": "g", "bus": "x", "p_max": 200, "price": 10, "on": True, "mw": 50},
            {"id": "h", "bus": "y", "p_max": 60, "price": 40, "on": True, "mw": 20},
        ],
        renewables=[{"id": "w", "bus": "y", "forecast": wind}],
        storage=[{"id": "s", "bus": "y", "power": 10, "energy": 20, "initial": 10, "final": 10}],
        ties=[{"id": "t", "bus": "x", "mw": -3.0}],
        bids=[{"id": "b", "bus": "y", "max": 8, "price": 60}],
        virtual=[{"id": "v", "load": True, "max": 6, "price": 50, "factors": {"x": 0.25, "y": 0.75}}],
        branches=[{"id": "xy", "ends": ("x", "y"), "x": 0.1, "limit": 50.0}],
        period_minutes=minutes,
    )


def cleared(case: Case) -> ClearingResult:
    result: ClearingResult = clear(case, load("generic"), SolveOptions(gap=0.0), RunControl())
    assert result.audit_passed, result.audit
    return result


def test_amounts_of_all_resources_are_prices_times_what_buses_inject_in_both_markets() -> None:
    """The line is full, and in the last quarter load is shed: the surplus is the congestion of both markets."""
    ahead, real = day([80.0, 100.0], 5.0, 30), day([80.0, 85.0, 100.0, 190.0], 9.0, 15)
    first, second = cleared(ahead), cleared(real)
    assert first.schedule is not None
    assert second.schedule is not None
    assert first.prices is not None
    assert second.prices is not None
    assert second.schedule.shed_mw.sum() > 0
    at = np.array([0, 0, 1, 1])
    before = traded(ahead, first.schedule, first.prices.bus_price)
    now = traded(real, second.schedule, second.prices.bus_price)
    settled = two_settlement(before, now, at, 0.25)

    # by the flow of the one line: what x injects leaves over it, so every rent is flow times the difference of prices
    assert first.flows is not None
    assert second.flows is not None
    flow_ahead, flow_real = first.flows.branch_mw[0][at], second.flows.branch_mw[0]
    gap_ahead = (first.prices.bus_price[1] - first.prices.bus_price[0])[at]
    gap_real = second.prices.bus_price[1] - second.prices.bus_price[0]
    rent = 0.25 * (gap_ahead * flow_ahead + gap_real * (flow_real - flow_ahead))
    assert settled.amount.sum(axis=0) == pytest.approx(-rent, abs=1e-6)
    assert abs(rent).max() > 100.0

    # who keeps to the day-ahead has no second amount; whoever deviates has it at the price of its bus
    rows = {name: k for k, name in enumerate(settled.id)}
    tie, wind, virtual = rows["t"], rows["w"], rows["v"]
    assert settled.real_amount[tie] == pytest.approx([0.0] * 4)
    assert settled.real_amount[wind] == pytest.approx(0.25 * 4.0 * second.prices.bus_price[1])
    own = np.array([0.25, 0.75]) @ second.prices.bus_price
    assert settled.real_amount[virtual] == pytest.approx((settled.real_mwh - settled.ahead_mwh)[virtual] * own)
    assert (settled.real_mwh[virtual] <= 0).all()
