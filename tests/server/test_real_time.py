"""Real time through a server on loopback, with the real pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import grpc
import numpy as np
import pytest

from clearing.case.case import CommitmentInput, CommitmentUse
from clearing.case.result import Reason
from clearing.client import Client, InvalidCase
from clearing.server.embedded import EmbeddedServer
from clearing.v1 import clearing_service_pb2, clearing_service_pb2_grpc
from tests.hand.test_look_ahead import FAST, FOLLOW, OUTAGE, RAMP, quarters

pytestmark = pytest.mark.slow  # starts servers


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    with EmbeddedServer(threads=1) as embedded:
        yield embedded


@pytest.fixture(scope="module")
def client(server: EmbeddedServer) -> Iterator[Client]:
    with Client(server.address) as connected:
        yield connected


def test_an_interval_comes_back_priced_audited_and_with_its_binding_periods(client: Client) -> None:
    case = quarters([60, 95], RAMP, [[1, 1]] * 3)
    answer = client.clear_real_time(case, idempotency_id="12:15")
    assert answer.result.schedule is not None
    assert answer.result.prices is not None
    np.testing.assert_allclose(answer.result.schedule.dispatch_mw, [[50, 65], [10, 30], [0, 0]], atol=1e-6)
    np.testing.assert_allclose(answer.result.prices.system_price, [[5, 15]], atol=1e-6)
    assert answer.termination.reason is Reason.COMMITMENT_GIVEN
    assert answer.result.binding_periods == 1
    assert answer.result.audit_passed
    assert answer.run_info.idempotency_id == "12:15"
    assert len(answer.run_info.request_digest) == 64
    assert not answer.findings
    assert client.clear_real_time(case, binding_periods=2).result.binding_periods == 2
    # the audit knows an interval by its result, and holds units at their least output accordingly
    assert client.audit_schedule(case, answer.raw.result).passed


def test_an_outage_and_a_fast_start(client: Client) -> None:
    out = client.clear_real_time(quarters([100] * 3, OUTAGE, [[1, 1, 1], [1, 1, 1]], FOLLOW)).result
    assert [(v.family, v.subject, v.period) for v in out.violations if v.family == "commitment"] == [
        ("commitment", "A", 0),
        ("commitment", "A", 1),
    ]
    started = client.clear_real_time(quarters([120, 120], FAST, [[1, 1], [0, 0], [0, 0]], free=(1,)))
    assert started.commitment is not None
    assert started.commitment.tolist() == [[1, 1], [1, 1], [0, 0]]


def test_what_is_no_interval_is_refused_with_field_paths(client: Client, server: EmbeddedServer) -> None:
    case = quarters([60, 95], RAMP, [[1, 1]] * 3)
    hint = replace(case, commitment=CommitmentInput(CommitmentUse.HINT, np.ones((3, 2), dtype=np.int8)))
    for wrong in (replace(case, commitment=None), hint):
        with pytest.raises(InvalidCase) as refused:
            client.clear_real_time(wrong)
        assert [(f.code, f.path) for f in refused.value.findings] == [("REQUIRED", "case.commitment.use")]
    with pytest.raises(InvalidCase) as refused:
        client.clear_real_time(case, binding_periods=3)
    assert [(f.code, f.path) for f in refused.value.findings] == [("OUT_OF_RANGE", "binding_periods")]
    request = clearing_service_pb2.ClearRealTimeRequest()
    with grpc.insecure_channel(server.address) as channel, pytest.raises(grpc.RpcError) as ended:
        clearing_service_pb2_grpc.ClearingServiceStub(channel).ClearRealTime(request, timeout=60)
    assert ended.value.code() is grpc.StatusCode.INVALID_ARGUMENT
