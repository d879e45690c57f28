"""The ex-post price check over gRPC, on the interval worked by hand in tests/market_day/test_ex_post.py: answers, and
what is wrong with a request by field path."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from clearing.client import Client, InvalidCase, messages
from clearing.client.calls import METADATA, with_retries
from clearing.server.embedded import EmbeddedServer
from clearing.v1 import clearing_service_pb2, schedule_pb2
from clearing.v1.ex_post_pb2 import Metered
from tests.market_day.test_ex_post import interval

CASE = interval()
PUBLISHED = np.array([10.0, 30.0])
AS_FORECAST = Metered(unit_mw=[20.0, 10.0])


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with EmbeddedServer(threads=1) as server, Client(server.address) as connected:
        yield connected


def test_what_came_as_forecast_has_the_published_prices(client: Client) -> None:
    reply = client.check_prices(CASE, PUBLISHED, AS_FORECAST)
    assert list(reply.differences.bus_id) == []
    assert (reply.published_mean_per_mwh, reply.again_mean_per_mwh) == pytest.approx((30.0, 30.0))
    assert reply.again.audit.passed
    assert (reply.metered.load_mw, reply.metered.renewable_mw, list(reply.metered.unit_id)) == (0.0, 0.0, [])


def test_what_did_not_come_as_forecast_is_told_with_its_causes(client: Client) -> None:
    """A did not run, 10 MW of sun for 20: 30 everywhere. The published result may be given whole."""
    published = client.clear_real_time(CASE).result
    metered = Metered(unit_mw=[0.0, 40.0], renewable_mw=[10.0], load_mw=[0.0, 50.0])
    reply = client.check_prices(CASE, published, metered)
    assert list(reply.differences.bus_id) == ["a"]
    assert list(reply.differences.published_per_mwh) == pytest.approx([10.0])
    assert list(reply.differences.again_per_mwh) == pytest.approx([30.0])
    assert (reply.metered.load_mw, reply.metered.renewable_mw) == (0.0, -10.0)
    assert list(reply.metered.unit_id) == ["A"]
    assert reply.again.termination.priced
    assert reply.run_info.request_id
    assert client.check_prices(CASE, published, metered, near_per_mwh=20.0).differences.bus_id == []


def test_parts_of_the_new_clearing_by_choice(client: Client) -> None:
    part = schedule_pb2.OutputSelection(parts=[schedule_pb2.RESULT_PART_AUDIT])
    reply = client.check_prices(CASE, PUBLISHED, AS_FORECAST, output=part)
    assert reply.again.audit.passed
    assert not reply.again.owner_results


Request = clearing_service_pb2.CheckPricesRequest


def _put(field: str, values: list[float]) -> Callable[[Request], None]:
    def change(request: Request) -> None:
        owner = request.metered if field.startswith("metered.") else request
        column = getattr(owner, field.rpartition(".")[2])
        del column[:]
        column.extend(values)

    return change


def _near(value: float) -> Callable[[Request], None]:
    def change(request: Request) -> None:
        request.near_per_mwh = value

    return change


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        (_put("metered.unit_mw", []), "WRONG_LENGTH", "metered.unit_mw"),
        (_put("metered.unit_mw", [1.0, math.nan]), "OUT_OF_RANGE", "metered.unit_mw[1]"),
        (_put("metered.load_mw", [1.0]), "WRONG_LENGTH", "metered.load_mw"),
        (_put("metered.renewable_mw", [math.inf]), "OUT_OF_RANGE", "metered.renewable_mw[0]"),
        (_put("published_per_mwh", [1.0, 2.0, 3.0]), "WRONG_LENGTH", "published_per_mwh"),
        (_put("published_per_mwh", [1.0, math.nan]), "OUT_OF_RANGE", "published_per_mwh[1]"),
        (_near(-1.0), "OUT_OF_RANGE", "near_per_mwh"),
        (_near(math.nan), "OUT_OF_RANGE", "near_per_mwh"),
        (lambda r: r.ClearField("case"), "REQUIRED", "case.horizon"),
        (lambda r: setattr(r, "idempotency_id", "x" * 129), "OUT_OF_RANGE", "idempotency_id"),
        (lambda r: setattr(r.rules, "name", "nowhere"), "UNKNOWN_RULE_SET", "rules.name"),
    ],
)
def test_faults_have_their_field_path(client: Client, change: Callable[[Request], None], code: str, path: str) -> None:
    request = messages.price_request(CASE, "generic", "", None, AS_FORECAST, PUBLISHED, None, None)
    change(request)
    with pytest.raises(InvalidCase) as refused:
        with_retries(lambda left: client._stub.CheckPrices(request, timeout=left, metadata=METADATA), 60.0, 0)
    assert (code, path) in [(f.code, f.path) for f in refused.value.findings]
