"""Tables of reserve products: zones become buses, and what is wrong is named."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from clearing.case.reserve_kinds import NO_KINDS, ProductKind
from clearing.v1 import case_pb2
from clearing.wire import decode, encode
from tests.factory import market
from tests.wire.equal import difference

Change = Callable[[case_pb2.Case], object]


def good() -> case_pb2.Case:
    """Three buses in two zones, two products that cover listed buses."""
    products = [
        {"id": "fast", "requirement": 1.0, "buses": ["a"], "serves": ["slow"]},
        {"id": "slow", "requirement": 2.0, "buses": []},
    ]
    load = {"a": [1.0, 2.0], "b": [3.0, 4.0], "c": [0.0, 0.0]}
    return encode.case(
        market(load, units=[{"id": "g", "bus": "a", "p_max": 10.0}], products=products, zones={"b": "z", "c": "z"})
    )


def test_units_of_a_zone_count_towards_its_product() -> None:
    pb = good()
    pb.reserves.zone_product.extend(["fast", "slow"])
    pb.reserves.zone.extend(["z", "z"])
    case, findings = decode.case(pb)
    assert findings == []
    assert case is not None
    assert case.reserves.covers_bus.tolist() == [[True, True, True], [False, True, True]]


def zone(pb: case_pb2.Case, product: str, name: str) -> None:
    pb.reserves.zone_product.append(product)
    pb.reserves.zone.append(name)


FAULTS: dict[str, tuple[Change, str, str]] = {
    "unknown zone": (lambda c: zone(c, "fast", "y"), "UNKNOWN_ID", "case.reserves.zone[0]"),
    "unknown product of a zone": (lambda c: zone(c, "x", "z"), "UNKNOWN_ID", "case.reserves.zone_product[0]"),
    "covers every bus": (
        lambda c: (zone(c, "slow", "z"), c.reserves.covers_every_bus.__setitem__(1, True)),
        "CONTRADICTION",
        "case.reserves.zone_product[0]",
    ),
    "zone column short": (lambda c: c.reserves.zone.append("z"), "WRONG_LENGTH", "case.reserves.zone"),
    "shared from": (
        lambda c: c.reserves.shared_from.__setitem__(0, "x"),
        "UNKNOWN_ID",
        "case.reserves.shared_from[0]",
    ),
    "step of what": (
        lambda c: (c.reserves.step_product.append("x"), c.reserves.step_mw.append(1), c.reserves.step_price.append(1)),
        "UNKNOWN_ID",
        "case.reserves.step_product[0]",
    ),
    "offer of whom": (
        lambda c: (
            c.reserves.offers.product.append("fast"),
            c.reserves.offers.unit.append("x"),
            c.reserves.offers.width_mw.append(1),
            c.reserves.offers.price_per_mw_hour.append(1),
        ),
        "UNKNOWN_ID",
        "case.reserves.offers.unit[0]",
    ),
    "step without width": (lambda c: c.reserves.step_mw.append(1), "WRONG_LENGTH", "case.reserves.step_mw"),
    "shared to": (lambda c: c.reserves.shared_to.append("fast"), "WRONG_LENGTH", "case.reserves.shared_to"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named(name: str) -> None:
    change, code, path = FAULTS[name]
    pb = good()
    change(pb)
    _, findings = decode.case(pb)
    assert [(f.code, f.path) for f in findings] == [(code, path)]


def test_kinds_speeds_and_storage_come_back_as_they_went() -> None:
    products = [
        {"id": "agc", "kind": ProductKind.REGULATION, "speed": [0.5, 1.5], "storage": {"s": 3.0}},
        {"id": "spin"},
        {"id": "cold", "kind": ProductKind.NON_SPINNING, "storage": {"s": 1.0, "r": 2.0}},
    ]
    units = [{"id": "g", "p_max": 10.0}, {"id": "h", "p_max": 10.0, "regulation": 0.0}]
    storage = [{"id": name, "power": 5.0, "energy": 9.0} for name in ("r", "s")]
    case = market([1.0, 2.0], units, storage=storage, products=products)
    pb = encode.case(case)
    assert list(pb.reserves.kind) == [2, 1, 4]
    assert list(pb.units.regulation_mw_per_minute) == [float("inf"), 0.0]
    back, findings = decode.case(pb)
    assert findings == []
    assert back is not None
    assert difference(case.reserve_kinds, back.reserve_kinds) == ""


def test_a_message_without_kinds_has_none() -> None:
    back, _ = decode.case(good())
    assert back is not None
    assert back.reserve_kinds is NO_KINDS


def test_terms_of_products_and_bands_of_units_come_back_as_they_went() -> None:
    products = [
        {"id": "agc", "kind": ProductKind.REGULATION},
        {"id": "spin", "terms": (True, 0.5, 0.25, False)},
        {"id": "cold", "kind": ProductKind.NON_SPINNING, "off": {"g": 4.0}},
    ]
    units = [{"id": "g", "p_max": 10.0, "band": (2.0, 8.0, 5.0, 0)}]
    case = market([1.0, 2.0], units, products=products)
    back, findings = decode.case(encode.case(case))
    assert findings == []
    assert back is not None
    assert difference(case.award_terms, back.award_terms) == ""
    assert difference(case.regulation_bands, back.regulation_bands) == ""
