"""No offer, cost or index of one owner stands in what another reads: replies with both clearings, limits, charges."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from clearing import pipeline
from clearing.client import messages
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from clearing.v1 import clearing_service_pb2 as service
from clearing.v1.market_power_pb2 import ApprovedCosts
from clearing.wire import case_file
from tests.cli.test_charge_deviations import REQUEST
from tests.cli.test_limit_prices import DAY
from tests.factory import market

UNITS = [
    {"id": "big", "owner": "large", "p_max": 100, "blocks": [(5, 301.25), (20, 900), (75, 987.25)]},
    {"id": "a", "owner": "small", "p_max": 70, "price": 311.75},
    {"id": "b", "owner": "other", "p_max": 70, "price": 322.25},
]
COSTS = ApprovedCosts(resource=["big", "a", "b"], cost_per_mwh=[287.5, 296.5, 298.25])
SECRET = {"large": {301.25, 987.25, 287.5}, "small": {311.75, 296.5}, "other": {322.25, 298.25}}
"""Offers and costs that set no price: 900 does, and 1.3 · 287.5 after it is replaced."""


def numbers(tree: Any) -> Iterator[float]:
    """Every number of a reply as plain lists and dictionaries."""
    if isinstance(tree, dict):
        for value in tree.values():
            yield from numbers(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from numbers(value)
    elif isinstance(tree, int | float) and not isinstance(tree, bool):
        yield float(tree)


def split(tree: dict[str, Any], lists: dict[str, str]) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """The reply without the messages of owners, and those by owner. lists: name of a list → of its owner's field."""
    public: dict[str, Any] = {}
    own: dict[str, list[Any]] = {}
    for key, value in tree.items():
        if key in lists:
            for message in value:
                own.setdefault(message.get(lists[key], ""), []).append(message)
        elif isinstance(value, dict):
            public[key], more = split(value, lists)
            for owner, found in more.items():
                own.setdefault(owner, []).extend(found)
        else:
            public[key] = value
    return public, own


def test_the_reply_with_both_clearings() -> None:
    """Public parts and the messages of others, of the check and of the original and the mitigated result."""
    case = market([150.0], units=UNITS)
    scope = {"market_power.conduct.scope": "all"}
    request = messages.check_request(case, "generic", "", scope, None, None, COSTS, True, SolveOptions(gap=0.0))
    raw = pipeline.check_market_power(request.SerializeToString(), RunControl(), "r")
    tree = case_file.message_to_tree(service.CheckMarketPowerResponse.FromString(raw))
    assert {"original", "mitigated", "impact"} <= set(tree)
    supervision = tree.pop("supervision")
    public, own = split(tree, {"groups": "owner_id", "owner_results": "owner_id"})
    assert set(own) == {"large", "small", "other"}
    assert all(len(messages_) == 3 for messages_ in own.values())  # the check, the original, the mitigated result
    assert 987.25 in set(numbers(own["large"]))  # the owner reads its own
    for owner, secret in SECRET.items():
        for reader, found in (("public", public), ("supervision", supervision), *own.items()):
            if reader != owner:
                assert not secret & set(numbers(found)), (owner, reader)


def test_prices_and_charges_of_owners() -> None:
    """Energy, prices and contracts of x, y and z: each finds its own names and numbers, and no other's."""
    limited = service.LimitPricesRequest()
    assert case_file.message_from_json(json.dumps(DAY), limited) is None
    limited.rules.name = "fujian-2025-4"
    raw = pipeline.limit_prices(limited.SerializeToString())
    tree = case_file.message_to_tree(service.LimitPricesResponse.FromString(raw))
    public, own = split(tree, {"owners": "owner_id"})
    assert not {99.0, 74.25} & set(numbers([public, own["x"]]))
    assert "source" not in json.dumps(public)

    charged = service.ChargeDeviationsRequest()
    assert case_file.message_from_json(json.dumps(REQUEST), charged) is None
    charged.rules.name = "fujian-2024"
    raw = pipeline.charge_deviations(charged.SerializeToString())
    tree = case_file.message_to_tree(service.ChargeDeviationsResponse.FromString(raw))
    public, own = split(tree, {"owners": "owner_id"})
    assert set(numbers(public)) == {1600.0}
    assert {3900.0, -2100.0, 2800.0} & set(numbers([own["y"], own["z"]])) == set()
    for owner, names in (("x", {"m"}), ("y", {"r", "w"}), ("z", {"s", "u"})):
        told = {name for key, column in own[owner][0].items() if isinstance(column, list) for name in column}
        assert {name for name in told if isinstance(name, str)} == names
