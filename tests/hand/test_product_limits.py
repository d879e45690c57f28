"""Limits of reserve products by kind: offers refused, prices clipped and told apart, on a market worked by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clearing.case.case import Case
from clearing.case.result import ClearingResult
from clearing.case.validate import validate
from clearing.checks.audit import audit
from clearing.day_ahead import clear
from clearing.rules.load import RulesError, load
from clearing.rules.rules import Rules
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from clearing.tables.prices import price_series
from clearing.wire import decode, encode
from tests.factory import market


def spinning() -> Case:
    """90 MW of load, 20 MW of spinning reserve; a holds 10 MW for nothing, the other 10 MW are b's at 40 a MW."""
    units = [
        {"id": "a", "p_max": 100, "price": 10, "must_run": 1, "on": True, "mw": 90.0, "ramp": 10.0},
        {"id": "b", "p_max": 100, "price": 50, "must_run": 1, "on": True, "mw": 0.0, "ramp": 10.0},
    ]
    product = {"id": "spin", "requirement": 20.0, "minutes": 10.0, "offers": {"b": [(100.0, 40.0)]}}
    return market([90.0], units, products=[product])


def limited(**limits: str) -> Rules:
    return load("generic", "", {f"products.spinning.{key}": value for key, value in limits.items()})


def cleared(rules: Rules) -> ClearingResult:
    answer = clear(spinning(), rules, SolveOptions(gap=0.0), RunControl())
    assert answer.audit_passed, answer.audit
    assert answer.prices is not None
    return answer


def test_a_price_of_reserve_is_clipped_to_the_cap_of_its_kind() -> None:
    """A MW more of reserve costs 40, so 40 is the price of the requirement; a cap of 25 takes 15 off it."""
    free, capped = cleared(load("generic")), cleared(limited(price_cap_per_mw_hour="25"))
    assert free.prices is not None
    assert capped.prices is not None
    assert free.prices.reserve_price[0, 0] == pytest.approx(40.0)
    assert free.prices.reserve_cap_adjustment[0, 0] == 0.0
    assert capped.prices.reserve_price[0, 0] == pytest.approx(25.0)
    assert capped.prices.reserve_cap_adjustment[0, 0] == pytest.approx(-15.0)
    shown, plain = (price_series(spinning(), made, None, None) for made in (capped.prices, free.prices))
    assert shown[("reserve_cap", "spin")].tolist() == pytest.approx([-15.0])
    assert ("reserve_cap", "spin") not in plain.columns
    assert capped.prices.bus_price[0, 0] == pytest.approx(float(free.prices.bus_price[0, 0]))
    assert capped.uplift is not None
    assert capped.uplift.make_whole[1] == pytest.approx(10 * (40.0 - 25.0))  # b holds 10 MW at its offer of 40


def test_a_floor_lifts_the_price_and_another_kind_is_left_alone() -> None:
    lifted = cleared(limited(price_floor_per_mw_hour="60")).prices
    assert lifted is not None
    assert (lifted.reserve_price[0, 0], lifted.reserve_cap_adjustment[0, 0]) == pytest.approx((60.0, 20.0))
    other = cleared(load("generic", "", {"products.regulation.price_cap_per_mw_hour": "25"})).prices
    assert other is not None
    assert other.reserve_price[0, 0] == pytest.approx(40.0)


def test_the_audit_and_the_wire_know_the_adjustment() -> None:
    rules, case = limited(price_cap_per_mw_hour="25"), spinning()
    answer = cleared(rules)
    back, findings = decode.result(encode.result(case, rules, answer), case)
    assert not findings
    assert back is not None
    assert back.prices is not None
    assert back.prices.reserve_cap_adjustment[0, 0] == pytest.approx(-15.0)
    assert answer.prices is not None
    forged = replace(answer.prices, reserve_price=answer.prices.reserve_price + 1.0)
    codes = {f.code for f in audit(case, rules, replace(answer, prices=forged)).findings}
    assert {"RESERVE_PRICE", "PRICE_CAP"} <= codes


@pytest.mark.parametrize(
    ("limit", "value", "code"), [("cap", "39", "OFFER_ABOVE_CAP"), ("floor", "41", "OFFER_BELOW_FLOOR")]
)
def test_an_offer_outside_the_limits_of_its_product_is_refused(limit: str, value: str, code: str) -> None:
    (found,) = [f for f in validate(spinning(), limited(**{f"offer_{limit}_per_mw_hour": value})) if f.code == code]
    assert (found.path, found.value) == ("case.reserve_offers.price_per_mw_hour[0]", "40")
    assert found.limit.endswith(value)
    assert found.clause
    assert not [f for f in validate(spinning(), limited(**{f"offer_{limit}_per_mw_hour": "40"})) if f.code == code]


def test_a_floor_above_its_cap_is_refused() -> None:
    with pytest.raises(RulesError) as refused:
        limited(price_floor_per_mw_hour="2", price_cap_per_mw_hour="1")
    assert [f.code for f in refused.value.findings] == ["RULE_CONFLICT"]
