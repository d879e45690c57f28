"""Changed requests of every RPC: answered, or refused with findings. `benchmarks/fuzz.py` does it for hours."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from clearing import pipeline
from clearing.v1 import clearing_service_pb2 as service
from clearing.v1 import schedule_pb2
from clearing.wire.errors import InvalidRequest
from tests.fuzz.mutate import mutated
from tests.fuzz.requests import WAYS, control, judge, seeds
from tests.fuzz.seeds import Input

TRIES = 240
SOLVES = {"day_ahead": 60, "day_ahead_network": 30, "real_time": 60, "prices": 60}
"""Those that solve are tried less often."""


@pytest.mark.parametrize("name", WAYS)
def test_changed_requests_are_answered_or_refused(name: str) -> None:
    start, draw = seeds(name), random.Random(7)
    assert all(judge(name, files).accepted for files in start), "the request itself is answered"
    told = [judge(name, mutated(draw.choice(start), draw, start)) for _ in range(SOLVES.get(name, TRIES))]
    assert any(judgement.accepted for judgement in told)
    assert len({code for judgement in told for code in judgement.codes}) > 2


def _given(change: Callable[[schedule_pb2.Result], None]) -> Input:
    """The check of market power with a result that was changed."""
    request = service.CheckMarketPowerRequest.FromString(seeds("check")[1]["request.binpb"])
    change(request.result)
    return {"request.binpb": request.SerializeToString()}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1e300])
@pytest.mark.parametrize(
    ("column", "path"),
    [
        (lambda r: r.public_result.prices.bus_price, "result.public_result.prices.bus_price[0]"),
        (lambda r: r.owner_results[0].units.dispatch_mw, "result.owner_results.units.dispatch_mw[0]"),
        (lambda r: r.owner_results[2].renewables.mw, "result.owner_results.renewables.mw[0]"),
    ],
)
def test_a_given_result_of_which_nothing_can_be_made_is_refused(
    column: Callable[[schedule_pb2.Result], Any], path: str, value: float
) -> None:
    def change(result: schedule_pb2.Result) -> None:
        column(result)[0] = value

    with pytest.raises(InvalidRequest) as caught:
        pipeline.check_market_power(_given(change)["request.binpb"], control(), "given")
    assert ("OUT_OF_RANGE", path) in {(finding.code, finding.path) for finding in caught.value.findings}


def test_a_revenue_of_next_to_nothing_has_no_lerner_index() -> None:
    def change(result: schedule_pb2.Result) -> None:
        result.public_result.prices.bus_price[:] = [1e-310, 1e-310]

    assert judge("check", _given(change)).accepted


def test_totals_of_a_case_that_is_full_of_nonsense_are_no_fault() -> None:
    request = service.CheckMarketPowerRequest.FromString(seeds("check")[1]["request.binpb"])
    request.case.renewables.forecast_mw[0] = 1e308
    codes = judge("check", {"request.binpb": request.SerializeToString()}).codes
    assert any("case.renewables.forecast_mw" in code for code in codes)
