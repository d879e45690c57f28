"""Real time through a server on loopback, with the real pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import grpc
import numpy as np
import pytest

from clearing.case.case import CommitmentInput, CommitmentUse
from clearing.case.result import Reason
from clearing.client import ClearingError, Client, InvalidCase
from clearing.server.embedded import EmbeddedServer
from clearing.v1 import clearing_service_pb2, clearing_service_pb2_grpc
from tests.hand.test_look_ahead import FAST, FOLLOW, OUTAGE, RAMP, quarters
from tests.server.conftest import busy_children, wait_until, whole
from tests.server.workload import order

pytestmark = pytest.mark.slow  # starts servers


Stub = clearing_service_pb2_grpc.ClearingServiceStub


@pytest.fixture(scope="module")
def real() -> Iterator[EmbeddedServer]:
    """A server with the real pipeline; `server` and `stub` of conftest.py have the workload."""
    with EmbeddedServer(threads=1) as embedded:
        yield embedded


@pytest.fixture(scope="module")
def client(real: EmbeddedServer) -> Iterator[Client]:
    with Client(real.address) as connected:
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


def test_what_is_no_interval_is_refused_with_field_paths(client: Client, real: EmbeddedServer) -> None:
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
    with grpc.insecure_channel(real.address) as channel, pytest.raises(grpc.RpcError) as ended:
        clearing_service_pb2_grpc.ClearingServiceStub(channel).ClearRealTime(request, timeout=60)
    assert ended.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_a_stream_answers_every_interval_as_the_unary_call_does(client: Client) -> None:
    """Cases of different size and kind one after another: what is carried over changes no answer."""
    cases = [
        quarters([60, 95], RAMP, [[1, 1]] * 3),
        quarters([100] * 3, OUTAGE, [[1, 1, 1], [1, 1, 1]], FOLLOW),
        quarters([120, 120], FAST, [[1, 1], [0, 0], [0, 0]], free=(1,)),
        quarters([70, 95], RAMP, [[1, 1]] * 3),
    ]
    with client.real_time_stream() as stream:
        found = [stream.clear(case, idempotency_id=str(k)) for k, case in enumerate(cases)]
    for k, (answer, case) in enumerate(zip(found, cases, strict=True)):
        assert answer.run_info.idempotency_id == str(k)
        assert answer.result.audit_passed
        assert answer.raw.result == client.clear_real_time(case).raw.result


def test_a_wrong_interval_ends_the_stream_with_its_findings_and_the_server_goes_on(client: Client) -> None:
    case = quarters([60, 95], RAMP, [[1, 1]] * 3)
    stream = client.real_time_stream()
    assert stream.clear(case).result.audit_passed
    with pytest.raises(InvalidCase) as refused:
        stream.clear(replace(case, commitment=None))
    assert [f.path for f in refused.value.findings] == ["case.commitment.use"]
    with pytest.raises(ClearingError):
        stream.clear(case)
    with client.real_time_stream() as another:
        assert another.clear(case).result.audit_passed


def test_an_interval_that_is_judged_beside_its_solve_is_refused_with_every_finding(client: Client) -> None:
    """What only validation sees, and what the clearing would fail on: both are the findings of the unary call."""
    case = quarters([60, 95], RAMP, [[1, 1]] * 3)
    for wrong in (
        replace(case, units=replace(case.units, p_max_mw=case.units.p_min_mw - 1.0)),
        replace(case, units=replace(case.units, initial_mw=case.units.initial_mw * np.nan)),
    ):
        with pytest.raises(InvalidCase) as alone:
            client.clear_real_time(wrong)
        stream = client.real_time_stream()
        assert stream.clear(case).result.audit_passed
        with pytest.raises(InvalidCase) as refused:
            stream.clear(wrong)
        assert refused.value.findings == alone.value.findings


def test_an_open_stream_holds_up_nobody(client: Client) -> None:
    """One worker: between two intervals of a stream it serves other calls, and other streams."""
    case = quarters([60, 95], RAMP, [[1, 1]] * 3)
    with client.real_time_stream() as one, client.real_time_stream() as other:
        for stream in (one, other, one, other):
            assert stream.clear(case).result.audit_passed
            assert client.clear_real_time(case, deadline_seconds=60).result.audit_passed


def intervals(*orders: clearing_service_pb2.ClearDayAheadRequest) -> list[clearing_service_pb2.StreamRealTimeRequest]:
    """Orders of the workload as intervals: the fields of both requests have the same numbers."""
    return [
        clearing_service_pb2.StreamRealTimeRequest(
            interval=clearing_service_pb2.ClearRealTimeRequest.FromString(order_.SerializeToString())
        )
        for order_ in orders
    ]


def test_a_stream_has_its_state_in_one_worker_and_leaves_none_behind(stub: Stub, server: EmbeddedServer) -> None:
    answers = list(stub.StreamRealTime(iter(intervals(*[order("count")] * 3)), timeout=60))
    assert [a.result.result.termination.objective for a in answers] == [1, 2, 3]
    for _ in range(3):  # whichever worker it is: streams that ended are forgotten
        (again,) = stub.StreamRealTime(iter(intervals(order("count"))), timeout=60)
        assert (again.result.result.termination.objective, again.result.result.termination.detail) == (1, "1 streams")


def test_a_cancelled_stream_frees_its_worker(stub: Stub, server: EmbeddedServer) -> None:
    whole(server, 2)
    call = stub.StreamRealTime(iter(intervals(order("count"), order("burn", seconds=60))), timeout=100)
    assert next(call).result.result.termination.objective == 1
    wait_until(lambda: bool(busy_children()), 10)
    call.cancel()
    wait_until(lambda: not busy_children(), 10)
    whole(server, 2)
    assert stub.ClearDayAhead(order("burn", seconds=0), timeout=30).result.termination.objective == 100


def test_a_worker_lost_in_an_interval_ends_the_stream_and_nothing_else(stub: Stub, server: EmbeddedServer) -> None:
    whole(server, 2)
    with pytest.raises(grpc.RpcError) as lost:
        list(stub.StreamRealTime(iter(intervals(order("count"), order("die"))), timeout=60))
    assert lost.value.code() is grpc.StatusCode.UNAVAILABLE
    whole(server, 2)
    again = list(stub.StreamRealTime(iter(intervals(order("count"), order("count"))), timeout=60))
    assert [a.result.result.termination.objective for a in again] == [1, 2]


def test_bytes_that_are_no_interval_are_refused(server: EmbeddedServer) -> None:
    with grpc.insecure_channel(server.address) as channel:
        call = channel.stream_stream("/clearing.v1.ClearingService/StreamRealTime")
        with pytest.raises(grpc.RpcError) as refused:
            list(call(iter([b"\xff\xff\xff"]), timeout=60))
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert list(call(iter([]), timeout=60)) == []  # a stream without an interval is no fault
