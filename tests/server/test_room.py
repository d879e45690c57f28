"""Who gets a worker, in which order, and what a worker may hold."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearing.server.admission import Busy, Gate, Ticket
from clearing.server.calls import address_of
from clearing.server.embedded import EmbeddedServer
from clearing.v1 import clearing_service_pb2_grpc
from tests.server.conftest import ROOT, serving, wait_until, whole
from tests.server.workload import order

Stub = clearing_service_pb2_grpc.ClearingServiceStub


async def served(callers: str, slots: int = 1, limit: int = 0) -> tuple[str, list[int]]:
    """Callers in the order in which they start when all of them wait; positions told at the entrance."""
    gate = Gate(slots, len(callers), 1 << 20, limit)
    tickets = [gate.enter(caller) for caller in callers]
    waiting = {asyncio.create_task(gate.take_slot(ticket)): ticket for ticket in tickets}
    started: list[Ticket] = []
    while waiting:
        await asyncio.sleep(0)
        ready = [task for task in waiting if task.done()]
        assert len(ready) <= slots
        for task in sorted(ready, key=lambda task: waiting[task].started or 0.0):
            started.append(waiting.pop(task))
            gate.leave(started[-1])
    assert (gate.inside, gate.bytes) == (0, 0)
    return "".join(ticket.caller for ticket in started), [ticket.position for ticket in tickets]


def test_one_caller_is_served_first_come_first_served_and_several_take_turns() -> None:
    assert asyncio.run(served("aaaa")) == ("aaaa", [0, 1, 2, 3])
    assert asyncio.run(served("aaaabbc"))[0] == "abcabaa"
    assert asyncio.run(served("aaaabbc"))[1] == [0, 1, 2, 3, 1, 3, 2]  # what was known when each came


def test_a_caller_that_comes_late_waits_for_one_run_of_each_other_caller_at_most() -> None:
    async def story() -> int:
        gate = Gate(1, 99, 1 << 20)
        crowd = [gate.enter("crowd") for _ in range(50)]
        tasks = [asyncio.create_task(gate.take_slot(ticket)) for ticket in crowd]
        await asyncio.sleep(0)
        for ticket in crowd[:20]:
            gate.leave(ticket)
        late = gate.enter("late")
        tasks.append(asyncio.create_task(gate.take_slot(late)))
        await asyncio.sleep(0)
        gate.leave(crowd[20])
        ahead = 0
        while late.started is None:
            gate.leave(next(t for t in crowd if t.started is not None and t in gate._inside))
            ahead += 1
        for task in tasks:
            task.cancel()
        return ahead

    assert asyncio.run(story()) <= 1


@given(st.text("abc", min_size=1, max_size=30), st.integers(1, 4))
def test_everybody_who_waits_is_served_once_and_no_caller_is_starved(callers: str, slots: int) -> None:
    started, _ = asyncio.run(served(callers, slots))
    assert sorted(started) == sorted(callers)
    for caller in set(callers):
        first = started.index(caller)
        assert all(started[:first].count(other) <= slots + 1 for other in set(callers) - {caller})


def test_a_callers_own_limit_leaves_the_places_to_others() -> None:
    gate = Gate(1, 9, 1 << 20, caller_runs=2)
    mine = [gate.enter("mine"), gate.enter("mine")]
    with pytest.raises(Busy, match="this caller") as caught:
        gate.enter("mine")
    assert caught.value.reason == "caller"
    gate.enter("other")
    gate.leave(mine[0])
    gate.enter("mine")


def test_a_run_that_is_given_up_while_it_waits_takes_no_slot() -> None:
    async def story() -> None:
        gate = Gate(1, 5, 1 << 20)
        first, second, third = (gate.enter("a") for _ in range(3))
        await gate.take_slot(first)
        waits = asyncio.create_task(gate.take_slot(second))
        last = asyncio.create_task(gate.take_slot(third))
        await asyncio.sleep(0)
        waits.cancel()
        await asyncio.sleep(0)
        gate.leave(first)  # the turn of one that is cancelled and has not left yet
        gate.leave(second)
        await asyncio.wait_for(last, 1)
        gate.leave(third)
        assert gate.inside == 0
        await gate.take_slot(gate.enter("b"))  # and the slot is whole

    asyncio.run(story())


def test_a_caller_is_its_address_whatever_its_port() -> None:
    assert address_of("ipv4:10.0.0.7:5123") == "10.0.0.7"
    assert address_of("ipv6:%5B::1%5D:5123") == "%5B::1%5D"
    assert address_of("unix:") == "unix:"


@pytest.fixture(scope="module")
def small(_workers_find_the_tests: None) -> Iterator[EmbeddedServer]:
    with serving(worker_memory_megabytes=400, worker_runs=3) as embedded:
        yield embedded


@pytest.mark.slow
def test_one_allocation_beyond_the_limit_and_an_abort_are_resource_exhausted(small: EmbeddedServer) -> None:
    parent = psutil.Process()
    with grpc.insecure_channel(small.address) as channel:
        for request in (order("reserve", megabytes=6000), order("abort")):
            whole(small, 2)
            before = parent.memory_info().rss
            with pytest.raises(grpc.RpcError) as caught:
                Stub(channel).ClearDayAhead(request, timeout=20)
            assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
            assert "memory" in caught.value.details()
            assert parent.memory_info().rss - before < 20 << 20


@pytest.mark.slow
def test_a_worker_is_replaced_after_its_runs_and_when_it_keeps_too_much(small: EmbeddedServer) -> None:
    with grpc.insecure_channel(small.address) as channel:
        stub = Stub(channel)

        def served_by(do: str, **more: object) -> int:
            whole(small, 2)
            return int(stub.ClearDayAhead(order(do, **more), timeout=20).run_info.server_version)

        pids = [served_by("burn", seconds=0) for _ in range(16)]
        assert max(pids.count(pid) for pid in pids) == 3  # two of them take turns, and neither has a fourth
        hoarder = served_by("keep", megabytes=250)
        wait_until(lambda: not psutil.pid_exists(hoarder), 5)
        assert hoarder not in whole(small, 2)


@pytest.mark.slow
def test_the_retry_policy_asks_again_what_was_refused_and_not_what_cannot_succeed() -> None:
    """gRPC itself does it, by deploy/service_config.json and the server's word when to come back."""
    policy = (Path(ROOT) / "deploy" / "service_config.json").read_text(encoding="utf-8")
    with (
        serving(queue_length=0) as server,
        grpc.insecure_channel(server.address) as plain,
        grpc.insecure_channel(server.address, options=[("grpc.service_config", policy)]) as patient,
    ):
        Stub(plain).ClearDayAhead(order("burn", seconds=0), timeout=10)
        running = Stub(plain).ClearDayAhead.future(order("burn", seconds=1.0), timeout=20)
        time.sleep(0.2)
        with pytest.raises(grpc.RpcError) as caught:
            Stub(plain).ClearDayAhead(order("burn", seconds=0), timeout=10)
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        ids = [value for key, value in caught.value.trailing_metadata() if key == "clearing-request-id"]
        assert len(ids) == 1
        assert Stub(patient).ClearDayAhead(order("burn", seconds=0), timeout=10).result.termination.objective == 100
        assert running.result().result.termination.objective == 100
        began = time.monotonic()
        with pytest.raises(grpc.RpcError) as caught:
            Stub(patient).ClearDayAhead(order("memory"), timeout=10)
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert time.monotonic() - began < 1.0
