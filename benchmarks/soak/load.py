"""Callers at a rate: what is answered, what is refused and how fast, and whether the server stays as it was."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from clearing.v1 import clearing_service_pb2_grpc

from .cases import small
from .served import Served, percentile

Facts = dict[str, Any]
HEALTH_SECONDS = 0.1
CALLERS = 32


async def _call(stub: Any, request: Any, timeout: float) -> tuple[str, float]:
    began = time.monotonic()
    try:
        answer = await stub.ClearDayAhead(request, timeout=timeout)
        code = "OK" if answer.result.audit.passed else "AUDIT_FAILED"
    except grpc.aio.AioRpcError as error:
        code = error.code().name
    return code, time.monotonic() - began


async def _health(channel: grpc.aio.Channel, end: float) -> list[float]:
    stub, seconds = health_pb2_grpc.HealthStub(channel), []
    while time.monotonic() < end:
        began = time.monotonic()
        await stub.Check(health_pb2.HealthCheckRequest(), timeout=5)
        seconds.append(time.monotonic() - began)
        await asyncio.sleep(HEALTH_SECONDS)
    return seconds


async def _open_loop(address: str, per_second: float, seconds: float) -> tuple[list[tuple[str, float]], list[float]]:
    """Calls at a rate, whatever becomes of those before; 32 connections, and health on one of its own."""
    options = [("grpc.use_local_subchannel_pool", 1)]
    channels = [grpc.aio.insecure_channel(address, options) for _ in range(CALLERS)]
    stubs = [clearing_service_pb2_grpc.ClearingServiceStub(channel) for channel in channels]
    asking = grpc.aio.insecure_channel(address, options)
    requests = [small(seed) for seed in range(4)]
    began, tasks, sent = time.monotonic(), [], 0
    watching = asyncio.create_task(_health(asking, began + seconds))
    while (now := time.monotonic() - began) < seconds:
        while sent < now * per_second:
            tasks.append(asyncio.create_task(_call(stubs[sent % CALLERS], requests[sent % 4], 20.0)))
            sent += 1
        await asyncio.sleep(0.005)
    ended = await asyncio.gather(*tasks)
    healthy = await watching
    for channel in (*channels, asking):
        await channel.close()
    return ended, healthy


async def _closed_loop(address: str, seconds: float, callers: int) -> list[tuple[str, float]]:
    """Callers who wait for their answer, and half a second after a refusal, as they are told."""
    async with grpc.aio.insecure_channel(address) as channel:
        stub, end = clearing_service_pb2_grpc.ClearingServiceStub(channel), time.monotonic() + seconds

        async def caller(seed: int) -> list[tuple[str, float]]:
            ended = []
            while time.monotonic() < end:
                ended.append(await _call(stub, small(seed % 4), 20.0))
                if ended[-1][0] != "OK":
                    await asyncio.sleep(0.5)
            return ended

        found = await asyncio.gather(*(caller(seed) for seed in range(callers)))
        return [one for ended in found for one in ended]


def _peak(address: str, seconds: float) -> float:
    """Answers a second when there is always one more to begin."""
    ended = asyncio.run(_closed_loop(address, seconds, 3))
    return sum(code == "OK" for code, _ in ended) / seconds


def _facts(ended: list[tuple[str, float]], healthy: list[float], seconds: float) -> Facts:
    codes: dict[str, int] = {}
    for code, _ in ended:
        codes[code] = codes.get(code, 0) + 1
    accepted = [s for code, s in ended if code == "OK"]
    refused = [s for code, s in ended if code == "RESOURCE_EXHAUSTED"]
    return {
        "codes": codes,
        "answers_per_second": len(accepted) / seconds,
        "accepted_p50_seconds": percentile(accepted, 0.5),
        "accepted_p99_seconds": percentile(accepted, 0.99),
        "refused_p50_seconds": percentile(refused, 0.5),
        "refused_p99_seconds": percentile(refused, 0.99),
        "health_p99_seconds": percentile(healthy, 0.99),
    }


def load(seconds: float) -> Facts:
    """32 callers who wait for their answers, then calls at ten times the peak: rows `load` and `overload ×10`."""
    with Served(queue_length=8) as server:
        _peak(server.address, 3.0)
        peak = _peak(server.address, max(5.0, 0.2 * seconds))
        normal = asyncio.run(_closed_loop(server.address, 0.3 * seconds, CALLERS))
        asyncio.run(_open_loop(server.address, 10 * peak, 3.0))  # what it allocates once, it keeps
        before = server.use()
        over = asyncio.run(_open_loop(server.address, 10 * peak, 0.5 * seconds))
        after = server.use()
    found = _facts(*over, 0.5 * seconds)
    return {
        "peak_per_second": peak,
        "load": _facts(normal, [], 0.3 * seconds),
        "overload": found,
        "goodput_share_of_peak": found["answers_per_second"] / peak,
        "parent_memory_change": after["parent_mb"] / before["parent_mb"] - 1.0,
        "parent_mb": after["parent_mb"],
        "descriptors_change": after["descriptors"] - before["descriptors"],
        "zombies": after["zombies"],
    }
