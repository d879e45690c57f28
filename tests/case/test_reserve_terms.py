"""What is wrong with the terms of reserve products is named."""

from __future__ import annotations

import numpy as np

from clearing.case.case import Case
from clearing.case.reserves import Direction
from clearing.case.validate import validate
from clearing.rules.load import load
from tests.case.cases import one, put
from tests.factory import Row, market

INF = np.inf


def products(*rows: Row) -> Case:
    units = [{"id": "g", "p_max": 100.0, "must_run": 1, "on": True, "mw": 50.0, "price": 5.0}]
    return market([50.0], units, products=[{"requirement": 10.0, **r} for r in rows])


def test_sharing_pairs_are_of_one_direction_listed_once_and_lead_nowhere_back() -> None:
    case = products({"id": "a", "serves": ["b", "b"]}, {"id": "b"})
    assert one(case, "SHARING_DUPLICATE").path == "case.reserve_sharing.shared_from[1]"
    case = products({"id": "a", "serves": ["b"]}, {"id": "b", "direction": Direction.DOWN})
    assert one(case, "SHARING_ACROSS_DIRECTIONS").subject == "a"
    case = products({"id": "a", "serves": ["b"]}, {"id": "b", "serves": ["c"]}, {"id": "c", "serves": ["a"]})
    assert [f.code for f in validate(case, load())] == ["SHARING_CYCLE"] * 3
    assert one(products({"id": "a", "serves": ["a"]}), "SHARING_CYCLE").path == "case.reserve_sharing.shared_to[0]"


def test_a_pair_of_unknown_products_is_named_and_stops_the_rest() -> None:
    case = products({"id": "a", "serves": ["b"]}, {"id": "b"})
    bad = put(case, "reserve_sharing.shared_to", np.array([2]))
    assert one(bad, "INDEX_OUT_OF_RANGE").path == "case.reserve_sharing.shared_to[0]"


def test_what_serves_a_product_counts_towards_its_capability() -> None:
    rows = [{"id": "a", "max": 4.0, "requirement": 1.0}, {"id": "b", "max": 7.0}]
    assert one(products(*rows), "REQUIREMENT_ABOVE_CAPABILITY").subject == "b"
    assert validate(products({**rows[0], "serves": ["b"]}, rows[1]), load()) == []


def test_a_demand_curve_rises_and_only_its_last_step_has_no_end() -> None:
    falling = products({"id": "a", "curve": [(5.0, 40.0), (INF, 30.0)]})
    assert one(falling, "DEMAND_CURVE_FALLS").path == "case.reserve_demand.step_price[1]"
    short = products({"id": "a", "curve": [(5.0, 10.0)]}, {"id": "b", "curve": [(INF, 20.0)]})
    assert one(short, "DEMAND_CURVE_END").path == "case.reserve_demand.step_mw[0]"
    dead = products({"id": "a", "curve": [(INF, 10.0), (INF, 20.0)]})
    assert one(dead, "DEMAND_CURVE_END").path == "case.reserve_demand.step_mw[0]"
    mixed = put(products({"id": "a", "curve": [(5.0, 10.0), (INF, 20.0), (INF, 5.0)]}, {"id": "b"}),
                "reserve_demand.step_product", np.array([0, 0, 1]))  # fmt: skip
    assert validate(mixed, load()) == []
    assert one(products({"id": "a", "curve": [(INF, 5e4)]}), "DEMAND_ABOVE_SHORTAGE").value == "50000"


def test_offers_of_capacity_rise_stand_in_order_and_are_of_units_that_may_hold_the_product() -> None:
    falling = products({"id": "a", "offers": {"g": [(5.0, 4.0), ([0.0], 1.0), (5.0, 3.0)]}})
    assert one(falling, "RESERVE_OFFER_FALLS").path == "case.reserve_offers.price_per_mw_hour[2]"
    assert one(products({"id": "a", "requirement": 0.0, "max": 0.0, "offers": {"g": [(5.0, 4.0)]}}),
               "RESERVE_OFFER_IDLE").subject == "a"  # fmt: skip
    two = products({"id": "a", "offers": {"g": [(9.0, 4.0)]}}, {"id": "b", "offers": {"g": [(9.0, 4.0)]}})
    mixed = put(two, "reserve_offers.product", np.array([1, 0]))
    assert one(mixed, "RESERVE_OFFERS_NOT_GROUPED").path == "case.reserve_offers.product[1]"
    assert {f.subject for f in validate(two, load()) if f.code == "REQUIREMENT_ABOVE_CAPABILITY"} == {"a", "b"}
