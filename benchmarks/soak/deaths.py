"""Workers killed, workers too large, servers told to end: what callers see, and when all is whole again."""

from __future__ import annotations

import random
import signal
import threading
import time
from concurrent import futures
from typing import Any

import grpc
import psutil
from grpc_health.v1 import health_pb2, health_pb2_grpc

from clearing.v1 import clearing_service_pb2 as pb
from clearing.v1 import clearing_service_pb2_grpc

from .cases import fault, long_day, small
from .served import Served, percentile

Facts = dict[str, Any]
Stub = clearing_service_pb2_grpc.ClearingServiceStub


def code_of(call: Any) -> str:
    """Name of the status of a call that was awaited or not."""
    try:
        call()
    except grpc.RpcError as error:
        return str(error.code().name)
    return "OK"


def killed(trials: int, seed: int) -> Facts:
    """SIGKILL of the busy worker: when its caller knows, what the caller beside it sees, when the pool is whole."""
    draw, real = random.Random(seed), long_day()
    known, whole, codes, others = [], [], dict[str, int](), 0
    with Served(workers=2) as server, grpc.insecure_channel(server.address) as channel:
        stub = Stub(channel)
        for trial in range(trials):
            server.wait_whole()
            with_one = bool(trial % 2)
            request = fault("ignore", seconds=60, incumbent=with_one) if trial % 5 else real
            idle = {worker.pid: _cpu(worker) for worker in server.workers()}
            running = stub.ClearDayAhead.future(request, timeout=60)
            time.sleep(draw.uniform(0.6, 1.5))
            victim = max(server.workers(), key=lambda w: _cpu(w) - idle.get(w.pid, 0.0))
            beside = stub.ClearDayAhead.future(fault("burn", seconds=0.3), timeout=20)
            time.sleep(0.1)
            victim.send_signal(signal.SIGKILL)
            began = time.monotonic()
            code = code_of(running.result)
            if code != "OK":
                known.append(time.monotonic() - began)
            codes[code] = codes.get(code, 0) + 1
            others += code_of(beside.result) == "OK"
            server.wait_whole()
            whole.append(time.monotonic() - began)
    return {
        "trials": trials,
        "codes": codes,
        "unavailable_worst_seconds": max(known, default=0.0),
        "callers_beside_untouched": others,
        "whole_p50_seconds": percentile(whole, 0.5),
        "whole_worst_seconds": max(whole),
    }


def _cpu(worker: psutil.Process) -> float:
    times = worker.cpu_times()
    return float(times.user + times.system)


def memory(trials: int, seed: int) -> Facts:
    """Workers that grow, allocate at once, or abort: the status, and the parent's own memory."""
    del seed
    codes: dict[str, dict[str, int]] = {}
    with Served(worker_memory_megabytes=600) as server, grpc.insecure_channel(server.address) as channel:
        stub = Stub(channel)
        stub.ClearDayAhead(small(), timeout=60)
        before = server.use()
        for _ in range(trials):
            for do, more in (("grow", {"megabytes": 1600}), ("reserve", {"megabytes": 8000}), ("abort", {})):
                server.wait_whole()
                code = code_of(lambda do=do, more=more: stub.ClearDayAhead(fault(do, **more), timeout=30))
                told = codes.setdefault(do, {})
                told[code] = told.get(code, 0) + 1
        server.wait_whole()
        served = code_of(lambda: stub.ClearDayAhead(small(), timeout=60))
        after = server.use()
    return {
        "trials": 3 * trials,
        "codes": codes,
        "answers_afterwards": served,
        "parent_growth_mb": after["parent_mb"] - before["parent_mb"],
        "descriptors_change": after["descriptors"] - before["descriptors"],
        "zombies": after["zombies"],
    }


def drain(trials: int, seed: int) -> Facts:
    """SIGTERM under load: NOT_SERVING when, and what became of every call that was accepted."""
    draw = random.Random(seed)
    not_serving, lost, answered, refused, exits = [], 0, 0, 0, []
    for _ in range(trials):
        with Served(drain_seconds=15) as server, grpc.insecure_channel(server.address) as channel:
            accepted, ended = _under_load(server, channel, draw, not_serving)
            answered += sum(end == "OK" for end in ended)
            refused += sum(end == "UNAVAILABLE before it was accepted" for end in ended)
            lost += sum(end not in ("OK", "UNAVAILABLE before it was accepted") for end in ended)
            assert accepted == sum(end == "OK" for end in ended) + lost
            exits.append(server.process.wait(40))
    return {
        "trials": trials,
        "not_serving_worst_seconds": max(not_serving),
        "accepted_and_answered": answered,
        "accepted_and_lost": lost,
        "refused_afterwards": refused,
        "exit_codes": sorted(set(exits)),
    }


def _under_load(
    server: Served, channel: grpc.Channel, draw: random.Random, not_serving: list[float]
) -> tuple[int, list[str]]:
    stub, lock, ended, accepted = Stub(channel), threading.Lock(), [], [0]
    stop = threading.Event()

    def caller(seed: int) -> None:
        while not stop.is_set():
            seen = False
            request = small(seed) if seed % 2 else fault("burn", seconds=0.2)
            try:
                for event in stub.StreamClearDayAhead(pb.StreamClearDayAheadRequest(request=request), timeout=30):
                    if event.HasField("accepted"):
                        seen = True
                end = "OK"
            except grpc.RpcError as error:
                end = f"{error.code().name}{'' if seen else ' before it was accepted'}"
                if not seen:
                    stop.set()
            with lock:
                ended.append(end)
                accepted[0] += seen

    with futures.ThreadPoolExecutor(6) as callers:
        asked = [callers.submit(caller, seed) for seed in range(6)]
        time.sleep(draw.uniform(0.5, 2.0))
        server.process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        health = health_pb2_grpc.HealthStub(channel)
        while health.Check(health_pb2.HealthCheckRequest(), timeout=5).status == 1:
            time.sleep(0.005)
        not_serving.append(time.monotonic() - began)
        for one in asked:
            one.result()
    return accepted[0], ended
