"""Offers of new energy and virtual plants by the Fujian rules, original and fourth revision of 2025."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.declarations import nothing_declared
from clearing.case.finding import Finding
from clearing.case.validate import validate
from clearing.rules.load import load
from tests.factory import market

OLD, NEW = load("fujian-2024"), load("fujian-2025-4")
Blocks = list[tuple[float, float]]


def site(*curves: Blocks, forecast: float = 10.0) -> Case:
    """One wind farm a curve, all at one bus."""
    rows: list[dict[str, Any]] = [{"id": f"w{k}", "forecast": forecast, "price": 0.0} for k in range(len(curves))]
    case = market([10.0], renewables=rows)
    flat = [(k, width, price) for k, curve in enumerate(curves) for width, price in curve]
    offers = replace(
        case.renewables.offers,
        resource=np.array([k for k, _, _ in flat]),
        width_mw=np.array([[w] for _, w, _ in flat]),
        price_per_mwh=np.array([[p] for _, _, p in flat]),
    )
    return replace(case, renewables=replace(case.renewables, offers=offers))


def found(case: Case, rules: Any, code: str, **declared: Any) -> list[Finding]:
    """Findings of one code; declared: columns of the declarations."""
    return [f for f in validate(case, rules, replace(nothing_declared(case), **declared)) if f.code == code]


def test_clause_1_at_most_ten_segments() -> None:
    eleven: Blocks = [(1.0, float(k)) for k in range(11)]
    for rules in (OLD, NEW):
        (many,) = found(site(eleven), rules, "TOO_MANY_SEGMENTS")
        assert (many.value, many.limit.removeprefix("≤ ")) == ("11", "10")
        assert many.clause
        assert found(site(eleven[:10]), rules, "TOO_MANY_SEGMENTS") == []


def test_clause_1_original_asks_whole_megawatts_and_the_revision_does_not() -> None:
    case = site([(2.5, 0.0), (7.5, 100.0)])
    assert [f.value for f in found(case, OLD, "OFFER_POINT_OFF_STEP")] == ["2.5"]
    assert found(case, NEW, "OFFER_POINT_OFF_STEP") == []


def test_clause_1_original_asks_a_megawatt_of_length_and_the_revision_does_not() -> None:
    case = site([(0.4, 0.0), (9.6, 100.0)])
    assert [(f.value, f.limit) for f in found(case, OLD, "OFFER_BLOCK_TOO_SHORT")] == [("0.4", "≥ 1")]
    assert found(case, NEW, "OFFER_BLOCK_TOO_SHORT") == []


@pytest.mark.parametrize("rules", [OLD, NEW], ids=["original", "revised"])
def test_clause_1_the_last_end_is_the_rated_capacity(rules: Any) -> None:
    case = site([(4.0, 0.0), (8.0, 100.0)])
    (wrong,) = found(case, rules, "OFFER_LAST_POINT", site_rated_mw=np.array([20.0]))
    assert (wrong.path, wrong.value, wrong.limit) == ("case.renewables.offers.width_mw[1]", "12", "20")
    assert found(case, rules, "OFFER_LAST_POINT", site_rated_mw=np.array([12.0])) == []
    assert [f.severity.name for f in found(case, rules, "RATING_NOT_DECLARED")] == ["NOTE"]


def test_clause_1_prices_do_not_fall() -> None:
    assert len(found(site([(4.0, 100.0), (8.0, 50.0)]), NEW, "OFFER_NOT_MONOTONE")) == 1


def test_clause_1_prices_within_the_limits_of_offers() -> None:
    rules = load("fujian-2025-4", "", {"offers.cap_per_mwh": "400"})
    assert [f.limit for f in found(site([(4.0, 100.0), (8.0, 401.0)]), rules, "OFFER_ABOVE_CAP")] == ["≤ 400"]


def test_clause_1_a_project_offers_once() -> None:
    case = site([(10.0, 0.0)], [(10.0, 5.0)])
    (again,) = found(case, NEW, "OFFERED_TWICE", site_project=("north", "north"))
    assert (again.path, again.subject) == ("declarations.site_project[1]", "w1")
    assert found(case, NEW, "OFFERED_TWICE", site_project=("north", "south")) == []


def virtual(kilovolt: float = 220.0, **more: Any) -> Case:
    """Two virtual plants of generation at one bus."""
    plants = [{"id": v, "max": 10.0, "blocks": [(4.0, 0.0), (6.0, 50.0)]} | more for v in ("v1", "v2")]
    case = market([10.0], virtual=plants)
    return replace(case, network=replace(case.network, bus_voltage_kv=np.array([kilovolt])))


def test_clause_1_virtual_generation_by_220_kv_aggregate() -> None:
    (again,) = found(virtual(), NEW, "OFFERED_TWICE", virtual_aggregate=("A", "A"))
    assert again.subject == "v2"
    assert len(found(virtual(500.0), NEW, "AGGREGATE_VOLTAGE")) == 2
    assert found(virtual(), NEW, "AGGREGATE_VOLTAGE") == []
    load_plants = virtual(500.0, load=True, blocks=[(4.0, 50.0), (6.0, 0.0)])
    assert found(load_plants, NEW, "AGGREGATE_VOLTAGE") == []


def test_clause_1_the_rating_of_virtual_generation_defaults_to_its_greatest_output() -> None:
    assert found(virtual(), NEW, "OFFER_LAST_POINT") == []
    wrong = found(virtual(), NEW, "OFFER_LAST_POINT", virtual_rated_mw=np.array([np.nan, 12.0]))
    assert [(f.subject, f.value, f.limit) for f in wrong] == [("v2", "10", "12")]
