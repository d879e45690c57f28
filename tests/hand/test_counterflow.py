"""A price below 0 at a bus where every offer is above 0, worked by hand.

Three buses a, b, c in a triangle of equal lines. Coal at c at 10, gas at b at 40, 120 MW of load at b (the reference).
Of a MW from c to b one third goes c-a-b; line a-b carries 30 MW, so coal gives 90 and gas 30.

  b   40, gas
  c   10, coal
  a   a MW of load at a takes 2/3 MW off a-b: coal + 2, gas − 1, so it costs 2·10 − 40 = −20

The limit of a-b is worth 90: a MW more of it lets 3 MW of coal in place of gas. Congestion parts: a −2/3·90 = −60,
c −1/3·90 = −30. Load pays 120·40 = 4800, coal gets 900, gas 1200: rent 2700 = 90·30.
With r = 0.02 on every line, losses on and the load still at b, the price of a stays below 0 and has a loss part.
"""

from __future__ import annotations

from typing import Any

import pytest

from clearing.case.case import Case
from clearing.day_ahead import clear
from clearing.report.counterflow import below_zero
from clearing.report.tables import binding_table
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.factory import market
from tests.hand.run import optimum


def triangle(resistance: float) -> Case:
    return market(
        {"a": [0.0], "b": [120.0], "c": [0.0]},
        units=[
            {"id": "coal", "bus": "c", "p_max": 200.0, "price": 10.0},
            {"id": "gas", "bus": "b", "p_max": 200.0, "price": 40.0},
        ],
        branches=[
            {"id": "a-b", "ends": ("a", "b"), "r": resistance, "limit": 30.0},
            {"id": "c-a", "ends": ("c", "a"), "r": resistance},
            {"id": "c-b", "ends": ("c", "b"), "r": resistance},
        ],
    )


def test_the_price_is_below_zero_and_the_report_says_why() -> None:
    answer = optimum(triangle(0.0))
    assert answer.schedule is not None
    assert answer.prices is not None
    assert answer.schedule.dispatch_mw[:, 0] == pytest.approx([90.0, 30.0], abs=1e-6)
    assert answer.prices.bus_price[:, 0] == pytest.approx([-20.0, 40.0, 10.0], abs=1e-6)
    assert answer.prices.bus_congestion[:, 0] == pytest.approx([-60.0, 0.0, -30.0], abs=1e-6)
    (limit,) = answer.bindings
    assert (limit.subject, limit.shadow_price) == ("a-b", pytest.approx(90.0, abs=1e-6))
    ((bus, periods, _, price, energy, congestion, loss, why),) = below_zero(triangle(0.0), answer).rows
    assert (bus, periods) == ("a", "1")
    assert [float(cell.replace("−", "-")) for cell in (price, energy, congestion, loss)] == [-20.0, 40.0, -60.0, 0.0]
    assert why == "counterflow: a MW of load here takes 0.667 MW off branch a-b, which is worth 60.00"


def test_with_losses_the_parts_are_three() -> None:
    case, rules = triangle(0.02), load("generic", "", {"losses.model": "marginal", "losses.tolerance_mw": "1e-6"})
    answer = clear(case, rules, SolveOptions(gap=0.0), RunControl())
    assert answer.audit_passed, answer.audit
    assert answer.prices is not None
    prices = answer.prices
    assert prices.bus_price[0, 0] < -10.0
    assert prices.bus_loss[0, 0] != 0.0
    parts = prices.bus_energy + prices.bus_congestion + prices.bus_loss
    assert prices.bus_price == pytest.approx(parts, abs=1e-6)
    assert prices.bus_price[2, 0] == pytest.approx(10.0, abs=1e-6)
    (limit,), losses, schedule = answer.bindings, answer.losses, answer.schedule
    assert losses is not None
    assert losses.island_surplus is not None
    assert schedule is not None
    # load payments less what units get: the rent of the line, and the losses' part of the surplus
    paid = 120.0 * prices.bus_price[1, 0] - schedule.dispatch_mw[:, 0] @ prices.bus_price[[2, 1], 0]
    assert losses.island_surplus[0, 0] > 0.1
    assert paid == pytest.approx(limit.shadow_price * 30.0 + losses.island_surplus[0, 0], abs=1e-6)
    ((bus, *_, shown, why),) = below_zero(case, answer).rows
    assert bus == "a"
    assert float(shown.replace("−", "-")) == pytest.approx(prices.bus_loss[0, 0], abs=0.005)
    assert why.startswith("counterflow: a MW of load here takes 0.667 MW off branch a-b")


def test_where_energy_is_below_zero_that_is_said() -> None:
    wind = [{"id": "wind", "forecast": 80.0, "price": -5.0}]
    case = market([40.0], units=[{"id": "gas", "p_max": 100.0, "price": 40.0}], renewables=wind)
    answer = optimum(case)
    ((_, _, _, _, _, _, _, why),) = below_zero(case, answer).rows
    assert why.startswith("energy itself")


@pytest.mark.parametrize("by", ["contingency", "linear_limit"])
def test_a_limit_after_a_contingency_or_a_linear_one_is_named_too(by: str) -> None:
    """The same limit of 30 MW on a-b: after the loss of a second line between c and b, or as a linear limit.

    Without the second line the triangle is that of above, so prices are too.
    """
    sides = [{"id": "a-b", "ends": ("a", "b")}, {"id": "c-a", "ends": ("c", "a")}]
    if by == "contingency":
        sides[0] |= {"emergency": 30.0}
        lines = [*sides, *({"id": f"c-b-{k}", "ends": ("c", "b")} for k in (1, 2))]
        extra: dict[str, Any] = {"contingencies": [{"id": "N", "branches": ["c-b-2"]}]}
    else:
        lines = [*sides, {"id": "c-b", "ends": ("c", "b")}]
        extra = {"linear": [{"id": "cut", "branches": {"a-b": 1.0}, "max": 30.0}]}
    case = market(
        {"a": [0.0], "b": [120.0], "c": [0.0]},
        units=[
            {"id": "coal", "bus": "c", "p_max": 200.0, "price": 10.0},
            {"id": "gas", "bus": "b", "p_max": 200.0, "price": 40.0},
        ],
        branches=lines,
        **extra,
    )
    answer = optimum(case)
    assert answer.prices is not None
    assert answer.prices.bus_price[:, 0] == pytest.approx([-20.0, 40.0, 10.0], abs=1e-6)
    ((bus, *_, why),) = below_zero(case, answer).rows
    limit = "branch a-b after N" if by == "contingency" else "linear limit cut"
    assert bus == "a"
    assert why == f"counterflow: a MW of load here takes 0.667 MW off {limit}, which is worth 60.00"
    assert binding_table(case, answer.bindings).rows[0][1] == limit.removeprefix("branch ").removeprefix(
        "linear limit "
    )
