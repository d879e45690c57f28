"""A real day (RTS-GMLC, 96 periods) in the real pipeline: cancelled, cut by a deadline, robbed of its worker."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from clearing.case.case import Case
from clearing.case.result import Reason
from clearing.client import Client
from clearing.client.calls import METADATA, channel_options
from clearing.client.messages import clear_request, read_answer
from clearing.formats import registry
from clearing.server.embedded import EmbeddedServer
from clearing.solve.control import Progress
from clearing.solve.options import SolveOptions
from clearing.v1 import clearing_service_pb2 as pb
from clearing.v1 import clearing_service_pb2_grpc
from tests.factory import market
from tests.server.conftest import busy_children, patience, wait_until, whole

pytestmark = pytest.mark.slow

UNREACHABLE_GAP = SolveOptions(gap=0.0, time_limit_seconds=300.0)


@pytest.fixture(scope="module")
def day() -> Case:
    pytest.importorskip("dispatches_data.packages.rts_gmlc", reason="the extra `cases` is not installed")
    return registry.read(Path(__file__).parents[2] / "scenarios" / "rts-gmlc")


@pytest.fixture(scope="module")
def real() -> Iterator[EmbeddedServer]:
    with EmbeddedServer(threads=1) as server:
        yield server


@pytest.fixture
def client(real: EmbeddedServer) -> Iterator[Client]:
    whole(real, 2, 60)
    with Client(real.address, retries=0) as connected:
        yield connected


def next_call_is_served(client: Client) -> None:
    small = market([100.0, 150.0], units=[{"id": "a", "p_max": 200, "price": 10}])
    assert client.clear_day_ahead(small, deadline_seconds=20).result.audit_passed


def test_a_cancelled_solve_frees_the_cpu_and_the_next_call_is_served(
    client: Client, real: EmbeddedServer, day: Case
) -> None:
    request = pb.StreamClearDayAheadRequest(request=clear_request(day, "generic", "", None, UNREACHABLE_GAP, "", None))
    with grpc.insecure_channel(real.address, options=channel_options(64 << 20)) as channel:
        events = clearing_service_pb2_grpc.ClearingServiceStub(channel).StreamClearDayAhead(request, timeout=300)
        for event in events:  # until it is well inside the search
            if event.progress.HasField("incumbent"):
                break
        time.sleep(2.0)
        assert busy_children()
        cancelled = time.monotonic()
        events.cancel()
        wait_until(lambda: not busy_children(), 4.0)
        assert time.monotonic() - cancelled < 4.0
    next_call_is_served(client)


def test_a_deadline_of_five_seconds_is_met_with_the_incumbent(client: Client, day: Case) -> None:
    began = time.monotonic()
    answer = client.clear_day_ahead(day, options=UNREACHABLE_GAP, deadline_seconds=5.0)
    took = time.monotonic() - began
    assert took <= 4.5
    assert answer.termination.reason is Reason.TIME_LIMIT_WITH_SOLUTION
    assert answer.commitment is not None
    assert answer.termination.objective is not None
    assert answer.result.schedule is None or answer.result.audit_passed  # commitment only, or dispatched and audited
    wait_until(lambda: not busy_children(), 4.0)
    next_call_is_served(client)


def test_a_killed_worker_is_answered_with_its_incumbent_and_replaced(
    client: Client, real: EmbeddedServer, day: Case
) -> None:
    pids = set(real.worker_pids)
    killed: list[float] = []

    def kill_when_found(progress: Progress) -> None:
        if progress.incumbent is not None and not killed:
            killed.append(time.monotonic())
            os.kill(busy_children()[0], signal.SIGKILL)

    answer = client.clear_day_ahead(day, options=UNREACHABLE_GAP, deadline_seconds=120.0, on_progress=kill_when_found)
    answered = time.monotonic()
    assert answer.termination.reason is Reason.WORKER_LOST_WITH_SOLUTION
    assert answer.termination.priced
    assert answer.result.audit_passed
    assert answered - killed[0] < patience(5.0)  # dispatch, prices and audit in the other worker
    wait_until(lambda: len(set(real.worker_pids) - pids) == 1 and len(real.worker_pids) == 2, patience(4.0))
    wait_until(lambda: not busy_children(), 4.0)
    next_call_is_served(client)


def test_a_worker_killed_before_it_has_anything_is_unavailable_within_a_second(
    client: Client, real: EmbeddedServer, day: Case
) -> None:
    request = pb.StreamClearDayAheadRequest(request=clear_request(day, "generic", "", None, UNREACHABLE_GAP, "", None))
    with grpc.insecure_channel(real.address, options=channel_options(64 << 20)) as channel:
        stub = clearing_service_pb2_grpc.ClearingServiceStub(channel)
        for pid in real.worker_pids:
            os.kill(pid, signal.SIGSTOP)  # so that it cannot be quick
        events = stub.StreamClearDayAhead(request, timeout=60, metadata=METADATA)
        assert next(events).HasField("accepted")
        killed = time.monotonic()
        for pid in real.worker_pids:
            os.kill(pid, signal.SIGKILL)
        with pytest.raises(grpc.RpcError) as caught:
            list(events)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        assert time.monotonic() - killed < 1.0
    whole(real, 2, 60)
    next_call_is_served(client)


def test_light_calls_are_served_beside_a_long_solve(client: Client, real: EmbeddedServer, day: Case) -> None:
    request = clear_request(day, "generic", "", None, UNREACHABLE_GAP, "", None)
    with grpc.insecure_channel(real.address, options=channel_options(64 << 20)) as channel:
        running = clearing_service_pb2_grpc.ClearingServiceStub(channel).ClearDayAhead.future(request, timeout=20)
        time.sleep(1.0)
        began = time.monotonic()
        assert client.validate_case(day).valid
        assert time.monotonic() - began < patience(2.0)
        answer = read_answer(request, running.result(), day)
    assert answer.result.audit_passed
