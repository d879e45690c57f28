"""What a caller sees when workers burn, hang, die, and when it goes away itself."""

from __future__ import annotations

import concurrent.futures
import os
import signal
import threading
import time
from collections.abc import Iterator

import grpc
import psutil
import pytest
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from clearing.case.result import Reason
from clearing.server.embedded import EmbeddedServer
from clearing.v1 import clearing_service_pb2 as pb
from clearing.v1 import clearing_service_pb2_grpc
from tests.server.conftest import busy_children, patience, serving, wait_until, whole
from tests.server.workload import order

pytestmark = pytest.mark.slow  # starts servers

Stub = clearing_service_pb2_grpc.ClearingServiceStub


def stream(stub: Stub, request: pb.ClearDayAheadRequest, timeout: float | None = None) -> grpc.CallIterator:
    return stub.StreamClearDayAhead(pb.StreamClearDayAheadRequest(request=request), timeout=timeout)


def test_a_call_is_answered_by_a_warm_worker_with_fixed_threads(stub: Stub) -> None:
    response, call = stub.ClearDayAhead.with_call(order("burn", seconds=0.05), timeout=20)
    assert response.result.termination.reason == Reason.OPTIMAL_WITHIN_GAP
    assert response.result.termination.detail.startswith("warm True")
    assert response.result.termination.detail.endswith("120.0")  # the server's default budget reaches the pipeline
    assert response.run_info.threads == 1
    assert int(response.run_info.server_version) != os.getpid()
    ids = dict(call.initial_metadata())
    assert response.run_info.request_id == ids["clearing-request-id"]
    assert len(response.run_info.request_digest) == 64
    assert response.run_info.queue_seconds < 1.0


def test_a_stream_says_accepted_then_progress_then_the_result_with_one_digest(stub: Stub) -> None:
    request = order("burn", seconds=0.2, incumbent=True)
    events = list(stream(stub, request, 20))
    kinds = [event.WhichOneof("event") for event in events]
    assert kinds[0] == "accepted"
    assert kinds[-1] == "result"
    assert set(kinds[1:-1]) == {"progress"}
    assert events[0].accepted.queue_position == 0
    result = events[-1].result
    assert events[0].accepted.request_digest == result.run_info.request_digest
    assert events[0].accepted.request_id == result.run_info.request_id
    unary = stub.ClearDayAhead(request, timeout=20)
    assert unary.run_info.request_digest == result.run_info.request_digest  # the envelope is not part of it


def test_cancel_frees_the_cpu_and_the_next_call_is_served(stub: Stub, server: EmbeddedServer) -> None:
    for what in ("burn", "ignore"):  # one that heeds the stop flag, one that must be killed
        pids = whole(server, 2)
        events = stream(stub, order(what, seconds=60), 100)
        assert next(events).WhichOneof("event") == "accepted"
        assert next(events).WhichOneof("event") == "progress"
        wait_until(lambda: bool(busy_children()), 2)
        events.cancel()
        cancelled = time.monotonic()
        wait_until(lambda: not busy_children(), 4)
        assert time.monotonic() - cancelled < 4
        assert stub.ClearDayAhead(order("burn", seconds=0), timeout=10).result.termination.objective == 100
        assert (set(pids) == set(whole(server, 2))) == (what == "burn")  # killed only where it did not listen


def test_a_caller_that_goes_away_while_it_waits_leaves_the_queue(stub: Stub) -> None:
    first = stub.ClearDayAhead.future(order("burn", seconds=1.0), timeout=20)
    time.sleep(0.1)
    second = stream(stub, order("ignore", seconds=60), 100)
    assert next(second).accepted.queue_position == 1
    second.cancel()
    began = time.monotonic()
    assert first.result().result.termination.objective == 100
    assert stub.ClearDayAhead(order("burn", seconds=0), timeout=10).result.termination.objective == 100
    assert time.monotonic() - began < 2.0


def test_a_hung_worker_with_an_incumbent_is_answered_half_a_second_before_the_deadline(stub: Stub) -> None:
    began = time.monotonic()
    termination = stub.ClearDayAhead(order("ignore", seconds=60, incumbent=True), timeout=5).result.termination
    assert time.monotonic() - began < 4.5
    assert termination.reason == Reason.WORKER_LOST_WITH_SOLUTION
    assert termination.detail == "finished 4"  # by another worker
    assert (termination.objective, termination.bound) == (100.0, 90.0)  # the best incumbent, the newest bound
    wait_until(lambda: not busy_children(), 4)


def test_an_incumbent_that_cannot_be_finished_in_time_comes_back_unpriced_and_labelled(stub: Stub) -> None:
    began = time.monotonic()
    request = order("ignore", seconds=60, incumbent=True, finish_seconds=60)
    result = stub.ClearDayAhead(request, timeout=4).result
    assert time.monotonic() - began < 3.5
    assert result.termination.reason == Reason.WORKER_LOST_WITH_SOLUTION
    assert not result.termination.priced
    assert "Commitment only" in result.termination.detail
    assert result.termination.gap == pytest.approx(0.1)
    owners = {owner.owner_id: (list(owner.units.id), list(owner.units.on)) for owner in result.owner_results}
    assert owners == {"north": (["coal"], [1, 1, 1]), "": (["gas"], [0, 1, 0])}
    wait_until(lambda: not busy_children(), 4)


def test_a_hung_worker_without_an_incumbent_is_a_deadline_exceeded_in_good_time(stub: Stub) -> None:
    began = time.monotonic()
    with pytest.raises(grpc.RpcError) as caught:
        stub.ClearDayAhead(order("ignore", seconds=60), timeout=2)
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert caught.value.details() == "the deadline came before a first solution"  # said by the server
    assert time.monotonic() - began < 1.5


def test_no_time_to_start_is_said_before_the_deadline(stub: Stub) -> None:
    running = stub.ClearDayAhead.future(order("burn", seconds=2.5), timeout=20)
    time.sleep(0.1)
    began = time.monotonic()
    with pytest.raises(grpc.RpcError) as caught:
        stub.ClearDayAhead(order("burn", seconds=0), timeout=1.5)
    assert caught.value.code() in (grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.RESOURCE_EXHAUSTED)
    assert "Deadline Exceeded" not in caught.value.details()  # not the channel's own words
    assert time.monotonic() - began <= 1.1
    running.result()


def test_a_worker_killed_without_an_incumbent_is_unavailable_at_once_and_the_pool_whole_again(
    stub: Stub, server: EmbeddedServer
) -> None:
    whole(server, 2)
    began = time.monotonic()
    with pytest.raises(grpc.RpcError) as caught:
        stub.ClearDayAhead(order("die"), timeout=20)
    assert time.monotonic() - began < 1.0
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert retry_seconds(caught.value) > 0
    whole(server, 2, patience(3.0))
    assert stub.ClearDayAhead(order("burn", seconds=0), timeout=10).result.termination.objective == 100


def test_a_worker_killed_with_an_incumbent_is_answered_by_another(stub: Stub, server: EmbeddedServer) -> None:
    whole(server, 2)
    termination = stub.ClearDayAhead(order("die", incumbent=True), timeout=20).result.termination
    assert termination.reason == Reason.WORKER_LOST_WITH_SOLUTION
    assert termination.detail == "finished 4"
    whole(server, 2, patience(3.0))


def test_an_idle_worker_that_is_killed_is_replaced_and_buried(stub: Stub, server: EmbeddedServer) -> None:
    before = whole(server, 2)
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: len(set(server.worker_pids) - set(before)) == 2, patience(3.0))
    assert not [c for c in psutil.Process().children(recursive=True) if c.status() == psutil.STATUS_ZOMBIE]
    assert stub.ClearDayAhead(order("burn", seconds=0), timeout=10).result.termination.objective == 100


def test_every_finding_comes_back_as_a_field_violation(stub: Stub) -> None:
    status = refused(stub, order("invalid", findings=30), room=1 << 17)
    assert [v.field for v in status.field_violations] == [f"case.units.p_min_mw[{i}]" for i in range(30)]
    assert status.field_violations[3].reason == "BAD"
    assert status.field_violations[3].description == "Not finite. [id=unit-3; value=nan; limit=finite]"


def test_violations_are_capped_by_count_and_by_what_the_channel_of_the_caller_takes(stub: Stub) -> None:
    capped = refused(stub, order("invalid", findings=250), room=1 << 17)
    assert len(capped.field_violations) == 101
    assert capped.field_violations[100].reason == "MORE_FINDINGS"
    assert capped.field_violations[100].description.startswith("150 more findings")
    short = refused(stub, order("invalid", findings=250), room=None)
    assert 20 < len(short.field_violations) < 101
    assert short.ByteSize() < 8 << 10  # the default limit of a channel


def refused(stub: Stub, request: pb.ClearDayAheadRequest, room: int | None) -> error_details_pb2.BadRequest:
    metadata = None if room is None else (("clearing-trailer-bytes", str(room)),)
    with pytest.raises(grpc.RpcError) as caught:
        stub.ClearDayAhead(request, timeout=20, metadata=metadata)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    bad = error_details_pb2.BadRequest()
    assert details(caught.value).details[0].Unpack(bad)
    return bad


def details(error: grpc.RpcError) -> status_pb2.Status:
    status = rpc_status.from_call(error)
    assert status is not None
    return status


def retry_seconds(error: grpc.RpcError) -> float:
    info = error_details_pb2.RetryInfo()
    assert details(error).details[0].Unpack(info)
    return info.retry_delay.ToTimedelta().total_seconds()


def test_bytes_that_are_no_message_are_the_callers_fault(server: EmbeddedServer) -> None:
    with grpc.insecure_channel(server.address) as channel:
        for method in ("ClearDayAhead", "StreamClearDayAhead"):
            raw = channel.unary_stream(f"/clearing.v1.ClearingService/{method}")
            with pytest.raises(grpc.RpcError) as caught:
                list(raw(b"\x0a\xff\xff\xff\xff\x0f nonsense", timeout=10))
            assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_a_fault_of_ours_is_internal_and_says_nothing_of_the_request(capfd: pytest.CaptureFixture[str]) -> None:
    with serving() as server, grpc.insecure_channel(server.address) as channel:
        stub = Stub(channel)
        for call, message in ((stub.ClearDayAhead, order("fault")), (stub.AuditSchedule, pb.AuditScheduleRequest())):
            with pytest.raises(grpc.RpcError) as caught:
                call(message, timeout=10)
            assert caught.value.code() is grpc.StatusCode.INTERNAL
            request_id = dict(caught.value.initial_metadata())["clearing-request-id"]
            assert request_id in caught.value.details()
            assert "secret" not in caught.value.details()
            logged = capfd.readouterr().err
            assert request_id in logged
            assert "RuntimeError at" in logged
            assert "secret" not in logged


def test_a_worker_out_of_memory_is_resource_exhausted_without_a_time_to_retry(stub: Stub) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        stub.ClearDayAhead(order("memory"), timeout=10)
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert rpc_status.from_call(caught.value) is None


def test_an_idle_worker_that_hangs_loses_its_job_to_another_one(stub: Stub, server: EmbeddedServer) -> None:
    pids = whole(server, 2)
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    began = time.monotonic()
    answer = stub.ClearDayAhead(order("burn", seconds=0), timeout=60)
    assert answer.result.termination.objective == 100
    assert int(answer.run_info.server_version) not in pids
    assert time.monotonic() - began < patience(15.0)
    wait_until(lambda: not set(pids) & set(whole(server, 2)), 5)


def test_light_calls_do_not_wait_for_a_solve(stub: Stub) -> None:
    running = stub.ClearDayAhead.future(order("burn", seconds=1.0), timeout=20)
    time.sleep(0.1)
    began = time.monotonic()
    request = pb.ValidateCaseRequest()
    request.case.name = "echo"
    assert stub.ValidateCase(request, timeout=10).case_digest == "echo"
    assert time.monotonic() - began < 0.5
    assert not running.done()
    running.result()


@pytest.fixture(scope="module")
def narrow() -> Iterator[EmbeddedServer]:
    """Two may wait, one megabyte may be held, messages of one megabyte, workers of 400."""
    with serving(queue_length=2, queue_megabytes=1, message_megabytes=1, worker_memory_megabytes=400) as embedded:
        yield embedded


def test_a_full_queue_refuses_at_once_and_says_when_to_come_back(narrow: EmbeddedServer) -> None:
    with grpc.insecure_channel(narrow.address) as channel:
        stub = Stub(channel)
        stub.ClearDayAhead(order("burn", seconds=0), timeout=10)
        inside = [stub.ClearDayAhead.future(order("burn", seconds=0.7), timeout=20) for _ in range(3)]
        time.sleep(0.2)
        for _ in range(5):
            began = time.monotonic()
            with pytest.raises(grpc.RpcError) as caught:
                stub.ClearDayAhead(order("burn", seconds=0), timeout=10)
            assert time.monotonic() - began < 0.05
            assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
            assert retry_seconds(caught.value) >= 0.5
        for call in inside:
            assert call.result().result.termination.objective == 100
        assert stub.ClearDayAhead(order("burn", seconds=0), timeout=10).result.termination.objective == 100


def test_the_queue_is_bounded_by_bytes_too(narrow: EmbeddedServer) -> None:
    large = order("burn", seconds=0.7)
    large.case.name = "x" * 600_000
    with grpc.insecure_channel(narrow.address) as channel:
        stub = Stub(channel)
        first = stub.ClearDayAhead.future(large, timeout=20)
        time.sleep(0.2)
        with pytest.raises(grpc.RpcError) as caught:
            stub.ClearDayAhead(large, timeout=10)
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert retry_seconds(caught.value) > 0
        assert first.result().result.termination.objective == 100
        assert stub.ClearDayAhead(large, timeout=10).result.termination.objective == 100


def test_messages_above_the_limit_are_refused_both_ways_and_the_server_lives(narrow: EmbeddedServer) -> None:
    too_large = order("burn", seconds=0)
    too_large.case.name = "x" * 1_100_000
    for compression in (grpc.Compression.NoCompression, grpc.Compression.Gzip):  # the limit holds after inflation
        with grpc.insecure_channel(narrow.address) as channel:
            stub = Stub(channel)
            with pytest.raises(grpc.RpcError) as caught:
                stub.ClearDayAhead(too_large, timeout=10, compression=compression)
            assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
            with pytest.raises(grpc.RpcError) as caught:
                stub.ClearDayAhead(order("large", bytes=1_100_000), timeout=10)
            assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
            assert "ask for less" in caught.value.details()
            assert stub.ClearDayAhead(order("burn", seconds=0), timeout=10).result.termination.objective == 100


def test_a_worker_that_grows_too_big_is_killed_and_the_parent_lives(narrow: EmbeddedServer) -> None:
    with grpc.insecure_channel(narrow.address) as channel:
        stub = Stub(channel)
        with pytest.raises(grpc.RpcError) as caught:
            stub.ClearDayAhead(order("grow", megabytes=800), timeout=20)
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "memory" in caught.value.details()
        assert stub.ClearDayAhead(order("burn", seconds=0), timeout=10).result.termination.objective == 100


def test_a_burst_of_callers_sees_answers_or_refusals_and_nothing_else(narrow: EmbeddedServer) -> None:
    counts: dict[str, int] = {}
    lock = threading.Lock()

    def call(_: int) -> None:
        with grpc.insecure_channel(narrow.address) as channel:
            try:
                Stub(channel).ClearDayAhead(order("burn", seconds=0.01), timeout=10)
                code = "OK"
            except grpc.RpcError as error:
                code = error.code().name
        with lock:
            counts[code] = counts.get(code, 0) + 1

    with concurrent.futures.ThreadPoolExecutor(16) as callers:
        list(callers.map(call, range(120)))
    assert set(counts) <= {"OK", "RESOURCE_EXHAUSTED"}
    assert counts["OK"] >= 3  # one slot and two places, all used
