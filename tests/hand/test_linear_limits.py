"""Linear limits worked by hand: outputs, an injection, a flow; kept, broken at a price of their own, and their prices.

One hour. At `b` 100 MW of load; `cheap` at `a` 10, `near` at `b` 25 an MWh; the line `ab` has no rating.

- 0.5·cheap − 0.5·near ≤ 10 with cheap + near = 100: cheap = 60, near = 40, cost 1600. A MW more of load needs half of
  each: the price is 17.5 at both buses, and the multiplier μ solves 10 − 0.5μ = 17.5, μ = −15.
- the same with a price of 4 on the limit: a MW moved from near to cheap saves 15 and moves the sum by 1, which costs 4;
  cheap = 100, the sum is 50, 40 MW over: 1000 + 160. A MW more of load is served by cheap: 10 + 0.5·4 = 12.
- injection at `a` ≤ 60: as a line rated 60: prices 10 and 25; 1600. So does flow of `ab` ≤ 60.
- injection at `a` + flow ≤ 120: the same, multiplier −7.5.
"""

from typing import Any

import pytest

from clearing.case.case import Case
from clearing.case.result import ClearingResult
from clearing.case.validate import validate
from clearing.day_ahead import clear
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from models.data import read
from models.outcome import bus_prices
from models.pricing import pricing
from models.scuc import scuc
from models.solve import solve
from tests.case.cases import put
from tests.factory import market

UNITS = [
    {"id": "cheap", "bus": "a", "p_max": 200.0, "price": 10.0, "on": True, "mw": 60.0},
    {"id": "near", "bus": "b", "p_max": 200.0, "price": 25.0, "on": True, "mw": 40.0},
]
DIFFERENCE = {"units": {"cheap": 0.5, "near": -0.5}, "max": 10.0}


def two_buses(**limit: Any) -> Case:
    rows = [{"id": "limit", **limit}]
    return market({"a": [0.0], "b": [100.0]}, UNITS, branches=[{"id": "ab", "ends": ("a", "b")}], linear=rows)


def answer(case: Case, way: str = "penalty") -> ClearingResult:
    rules = load("generic", "", {"prices.violation_pricing": way})
    found = clear(case, rules, SolveOptions(gap=0.0), RunControl())
    assert found.audit_passed, found.audit
    return found


@pytest.mark.parametrize("way", ["penalty", "relax_and_rerun"])
@pytest.mark.parametrize(
    ("limit", "objective", "prices", "multiplier"),
    [
        (DIFFERENCE, 1600.0, (17.5, 17.5), -15.0),
        ({**DIFFERENCE, "penalty": 4.0}, 1160.0, (12.0, 12.0), -4.0),
        ({"buses": {"a": 1.0}, "max": 60.0}, 1600.0, (10.0, 25.0), -15.0),
        ({"branches": {"ab": 1.0}, "max": 60.0}, 1600.0, (10.0, 25.0), -15.0),
        ({"branches": {"ab": -1.0}, "min": -60.0}, 1600.0, (10.0, 25.0), 15.0),
        ({"buses": {"a": 1.0}, "branches": {"ab": 1.0}, "max": 120.0}, 1600.0, (10.0, 25.0), -7.5),
    ],
)
def test_cost_prices_and_multiplier(
    limit: dict[str, Any], objective: float, prices: tuple[float, float], multiplier: float, way: str
) -> None:
    case = two_buses(**limit)
    found = answer(case, way)
    assert found.termination.objective == pytest.approx(objective)
    assert found.prices is not None
    assert found.multipliers is not None
    assert found.schedule is not None
    assert found.prices.bus_price[:, 0].tolist() == pytest.approx(prices)
    table = zip(found.multipliers.family, found.multipliers.value.tolist(), strict=True)
    assert [value for family, value in table if family == "linear_limit"] == pytest.approx([multiplier])
    rules = load("generic", "", {"prices.violation_pricing": way})
    assert solve(scuc(case, rules), gap=0.0).objective == pytest.approx(objective)
    priced = pricing(case, rules, found.schedule, found.schedule.charge_mw)
    solve(priced, "highs", gap=0.0)
    assert bus_prices(priced, read(case, rules))[:, 0].tolist() == pytest.approx(prices)


def test_one_without_a_price_is_broken_only_where_nothing_else_helps() -> None:
    """An output of −5 MW at most: 5 MW too many even at 0, at the rule set's price."""
    case = two_buses(units={"cheap": 1.0}, max=-5.0)
    (broken,) = answer(case).violations
    price = load("generic").clearing_penalties.joint_limit[0][1]
    assert (broken.family, broken.amount_mw, broken.penalty) == (
        "linear_limit",
        pytest.approx(5.0),
        pytest.approx(5.0 * price),
    )


def test_a_surplus_is_nobodys_injection_in_the_re_run_either() -> None:
    """60 MW must run at b, 20 are asked there: injection 40 of 11 at 90 a MWh, 40 MW of surplus.

    The re-run has the surplus as load at b. A MW more of load at b takes 10 from cheap and spares 90 of the limit.
    """
    must_run = {**UNITS[1], "p_min": 60.0, "mw": 60.0, "must_run": 1}
    cheap = {**UNITS[0], "mw": 0.0, "minutes": 60, "min_up": 600}
    limit = {"id": "limit", "buses": {"b": 1.0}, "max": 11.0, "penalty": 90.0}
    lines = [{"id": "ab", "ends": ("a", "b")}]
    case = market({"a": [0.0], "b": [20.0]}, [cheap, must_run], branches=lines, linear=[limit])
    found = answer(case, "relax_and_rerun")
    assert [(v.family, v.amount_mw) for v in found.violations] == [
        ("surplus", pytest.approx(40.0)),
        ("linear_limit", pytest.approx(29.0)),
    ]
    assert found.schedule is not None
    assert found.prices is not None
    assert found.prices.bus_price[:, 0].tolist() == pytest.approx([10.0, -80.0])
    rules = load("generic", "", {"prices.violation_pricing": "relax_and_rerun"})
    priced = pricing(case, rules, found.schedule, found.schedule.charge_mw)
    solve(priced, "highs", gap=0.0)
    assert bus_prices(priced, read(case, rules))[:, 0].tolist() == pytest.approx([10.0, -80.0])


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("min_mw", 600.0, "LINEAR_MIN_ABOVE_MAX"),
        ("price_per_mwh", -0.5, "LINEAR_NEGATIVE_PRICE"),
        ("unit_limit", 5, "INDEX_OUT_OF_RANGE"),
        ("unit_coefficient", float("nan"), "NOT_FINITE"),
    ],
)
def test_what_makes_no_sense_is_refused(path: str, value: float, code: str) -> None:
    case = two_buses(**DIFFERENCE)
    spoilt = put(case, f"linear_limits.{path}", value, (0, 0) if path == "min_mw" else 0)
    assert code in {f.code for f in validate(spoilt, load("generic"))}


def test_a_limit_without_a_term_is_refused() -> None:
    assert "LINEAR_WITHOUT_TERM" in {f.code for f in validate(two_buses(max=1.0), load("generic"))}
