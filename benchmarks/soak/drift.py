"""Ordinary calls for a long time, one after another: whether every answer stays the same and nothing grows."""

from __future__ import annotations

import hashlib
import random
import time
from collections import Counter
from typing import Any

import grpc
import numpy as np
import psutil

from clearing.v1 import clearing_service_pb2 as pb
from clearing.v1 import clearing_service_pb2_grpc
from clearing.wire import write_case
from tests.hand.test_look_ahead import RAMP, quarters

from .cases import malformed, small
from .served import Served

Stub = clearing_service_pb2_grpc.ClearingServiceStub
REQUESTS = 4
WAIT_SECONDS = 0.3
SAMPLE_SECONDS = 5.0
WARM_SHARE = 0.1  # of the time; what a server allocates once, it keeps
MOST_WARM_SECONDS = 120.0
PIPELINE = "clearing.pipeline"
KINDS = {"clear": 0.4, "stream": 0.15, "validate": 0.15, "interval": 0.15, "malformed": 0.1, "cancelled": 0.05}


class Seen:
    """Digests of the first answers, and what did not equal them later."""

    def __init__(self) -> None:
        self.first: dict[str, str] = {}
        self.calls: Counter[str] = Counter()
        self.wrong: list[str] = []

    def result(self, name: str, result: Any) -> None:
        """An answer: audited, and the same as the first of its request."""
        digest = hashlib.sha256(result.SerializeToString(deterministic=True)).hexdigest()
        if not result.audit.passed:
            self.wrong.append(f"{name}: the audit failed")
        if self.first.setdefault(name, digest) != digest:
            self.wrong.append(f"{name}: another answer")


def _interval() -> pb.ClearRealTimeRequest:
    request = pb.ClearRealTimeRequest(case=write_case.case(quarters([60, 95], RAMP, [[1, 1]] * 3)))
    request.options.reproducible = True
    return request


def _one(kind: str, stub: Any, draw: random.Random, seen: Seen) -> str:
    number = draw.randrange(REQUESTS)
    name, code = f"{kind} {number}", "OK"
    try:
        if kind == "clear":
            seen.result(name, stub.ClearDayAhead(small(number), timeout=600).result)
        elif kind == "stream":
            for event in stub.StreamClearDayAhead(pb.StreamClearDayAheadRequest(request=small(number)), timeout=600):
                if event.HasField("result"):
                    seen.result(name, event.result.result)
        elif kind == "validate":
            if not stub.ValidateCase(pb.ValidateCaseRequest(case=small(number).case), timeout=600).valid:
                seen.wrong.append("a good case is not valid")
        elif kind == "interval":
            seen.result("interval", stub.ClearRealTime(_interval(), timeout=600).result)
        elif kind == "malformed":
            stub.raw(malformed(draw), timeout=600)
        else:
            events = stub.StreamClearDayAhead(pb.StreamClearDayAheadRequest(request=small(number)), timeout=600)
            next(events)
            events.cancel()
            code = "CANCELLED"
    except grpc.RpcError as error:
        code = error.code().name
    if code not in ("OK", "CANCELLED") and (kind, code) != ("malformed", "INVALID_ARGUMENT"):
        seen.wrong.append(f"{kind} ended in {code}")
    seen.calls[f"{kind}: {code}"] += 1
    return code


def _slope_per_hour(rows: list[dict[str, float]], name: str) -> float:
    """Least squares; of the time when calls were made."""
    hours, values = np.array([row["hours"] for row in rows]), np.array([row[name] for row in rows])
    return float(np.polyfit(hours, values, 1)[0]) if len(rows) > 2 else float("nan")


def drift(seconds: int, seed: int) -> dict[str, Any]:
    """`seconds` of it, whatever the machine gives; nothing here is judged by the clock."""
    draw, seen, rows = random.Random(seed), Seen(), list[dict[str, float]]()
    with Served(PIPELINE, worker_runs=500) as server, grpc.insecure_channel(server.address) as channel:
        stub = Stub(channel)
        stub.raw = channel.unary_unary("/clearing.v1.ClearingService/ClearDayAhead", request_serializer=bytes)
        began = time.monotonic()
        warm, sampled = began + min(MOST_WARM_SECONDS, WARM_SHARE * seconds), began
        while (now := time.monotonic()) < began + seconds:
            _one(draw.choices(list(KINDS), list(KINDS.values()))[0], stub, draw, seen)
            if now > max(warm, sampled + SAMPLE_SECONDS):
                sampled = now
                rows.append({"hours": (now - began) / 3600, **server.use(), "worker_mb": _greatest(server)})
            time.sleep(WAIT_SECONDS)
        server.wait_whole()
        causes = Counter(str(line["cause"]) for line in server.log() if line["event"] == "worker_ended")
        faults = sum(line["event"] == "fault" for line in server.log())
    parent = [row["parent_mb"] for row in rows]
    return {
        "seconds": seconds,
        "calls": sum(seen.calls.values()),
        "by_kind_and_end": dict(sorted(seen.calls.items())),
        "wrong": len(seen.wrong),
        "wrong_first": seen.wrong[:5],
        "faults_logged": faults,
        "workers_ended": dict(causes),
        "parent_mb_first_last_most": [parent[0], parent[-1], max(parent)],
        "parent_mb_per_hour": _slope_per_hour(rows, "parent_mb"),
        "worker_mb_first_last_most": [rows[0]["worker_mb"], rows[-1]["worker_mb"], max(r["worker_mb"] for r in rows)],
        "descriptors_first_last_most": [
            rows[0]["descriptors"],
            rows[-1]["descriptors"],
            max(r["descriptors"] for r in rows),
        ],
        "threads_first_last": [rows[0]["threads"], rows[-1]["threads"]],
        "zombies_last": rows[-1]["zombies"],
    }


def _greatest(server: Served) -> float:
    """Resident MB of the largest worker."""
    found = [0.0]
    for worker in server.workers():
        try:
            found.append(worker.memory_info().rss / 2**20)
        except psutil.Error:
            continue
    return max(found)
