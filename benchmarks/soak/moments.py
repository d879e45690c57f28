"""Deadlines, cancels, clients that die, budgets: what comes back when, and when the cores are free again."""

from __future__ import annotations

import base64
import random
import signal
import subprocess
import sys
import time
from typing import Any

import grpc
import psutil

from clearing.case.result import Reason
from clearing.v1 import clearing_service_pb2 as pb
from clearing.v1 import clearing_service_pb2_grpc

from .cases import fault, long_day
from .served import Served, percentile, seconds_until_idle

Facts = dict[str, Any]
Stub = clearing_service_pb2_grpc.ClearingServiceStub
CLIENT = """
import base64, sys, grpc
from clearing.v1 import clearing_service_pb2 as pb, clearing_service_pb2_grpc
request = pb.StreamClearDayAheadRequest.FromString(base64.b64decode(sys.stdin.read()))
with grpc.insecure_channel(sys.argv[1]) as channel:
    for event in clearing_service_pb2_grpc.ClearingServiceStub(channel).StreamClearDayAhead(request, timeout=600):
        print(event.WhichOneof("event"), flush=True)
"""
SHARE_KILLED = 0.15


def _request(
    draw: random.Random, real: pb.ClearDayAheadRequest, weights: tuple[float, ...]
) -> tuple[str, pb.ClearDayAheadRequest]:
    kind = draw.choices(["real", "hangs with an incumbent", "hangs", "heeds"], weights)[0]
    if kind == "real":
        return kind, real
    hangs = kind.startswith("hangs")
    return kind, fault("ignore" if hangs else "burn", seconds=600, incumbent=kind != "hangs")


def deadline(trials: int, seed: int) -> Facts:
    """Calls with deadlines of 2.4 to 3 s (a real day: 5 to 8 s) on workers that hang, heed, or really solve.

    margin: seconds from the answer, or the server's own status, to the deadline. idle: seconds from the deadline until
    the worker burns no CPU; below 0 where that was before the deadline.
    """
    draw, real = random.Random(seed), long_day()
    rows: list[dict[str, Any]] = []
    with Served() as server, grpc.insecure_channel(server.address) as channel:
        stub = Stub(channel)
        for _ in range(trials):
            kind, request = _request(draw, real, (0.05, 0.45, 0.25, 0.25))
            server.wait_whole()
            workers = server.workers()
            seconds = draw.uniform(5.0, 8.0) if kind == "real" else draw.uniform(2.4, 3.0)
            began = time.monotonic()
            try:
                end = stub.ClearDayAhead(request, timeout=seconds).result.termination
                what = Reason(end.reason).name
                labelled = bool(end.HasField("objective")) and (
                    end.priced or "ommitment only" in end.detail or kind != "real"
                )
            except grpc.RpcError as error:
                own = "Deadline Exceeded" not in (error.details() or "")
                what, labelled = f"{error.code().name}{'' if own else ' by the channel'}", own
            margin = began + seconds - time.monotonic()
            idle = seconds_until_idle(workers, margin + 10.0) - margin
            rows.append({"kind": kind, "end": what, "labelled": labelled, "margin": margin, "idle": idle})
    return _moments(rows)


def _moments(rows: list[dict[str, Any]]) -> Facts:
    margins, idles = [row["margin"] for row in rows], [row["idle"] for row in rows]
    return {
        "trials": len(rows),
        "kinds": _counts(row["kind"] for row in rows),
        "ends": _counts(f"{row['kind']}: {row['end']}" for row in rows),
        "least_margin_seconds": min(margins),
        "margin_below_half_a_second": sum(m < 0.5 for m in margins),
        "not_labelled": sum(not row["labelled"] for row in rows),
        "idle_after_deadline_worst_seconds": max(idles),
        "idle_after_deadline_p99_seconds": percentile(idles, 0.99),
        "idle_later_than_3_seconds": sum(i > 3.0 for i in idles),
    }


def _counts(words: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for word in words:
        found[word] = found.get(word, 0) + 1
    return dict(sorted(found.items()))


def cancel(trials: int, seed: int) -> Facts:
    """Calls cancelled at random, channels closed, client processes killed: seconds until the worker is idle."""
    draw, real = random.Random(seed), long_day()
    seconds: dict[str, list[float]] = {}
    with Served() as server:
        for _ in range(trials):
            kind, request = _request(draw, real, (0.1, 0.2, 0.2, 0.5))
            server.wait_whole()
            workers = server.workers()
            way = "killed" if draw.random() < SHARE_KILLED else draw.choice(["cancelled", "closed"])
            wait = draw.uniform(0.02, 0.6)
            if way == "killed":
                _killed_client(server, request, wait)
            else:
                _left_alone(server, request, wait, close=way == "closed")
            seconds.setdefault(f"{way}, worker {kind}", []).append(seconds_until_idle(workers, 15.0))
    every = [s for found in seconds.values() for s in found]
    return {
        "trials": len(every),
        "freed_worst_seconds": max(every),
        "freed_p50_seconds": percentile(every, 0.5),
        "freed_p99_seconds": percentile(every, 0.99),
        "freed_later_than_4_seconds": sum(s > 4.0 for s in every),
        "by_way": {way: {"trials": len(found), "worst_seconds": max(found)} for way, found in sorted(seconds.items())},
    }


def _left_alone(server: Served, request: pb.ClearDayAheadRequest, wait: float, close: bool) -> None:
    channel = grpc.insecure_channel(server.address, options=[("grpc.use_local_subchannel_pool", 1)])
    events = Stub(channel).StreamClearDayAhead(pb.StreamClearDayAheadRequest(request=request), timeout=600)
    next(events)
    time.sleep(wait)
    if not close:
        events.cancel()
    channel.close()


def _killed_client(server: Served, request: pb.ClearDayAheadRequest, wait: float) -> None:
    streamed = pb.StreamClearDayAheadRequest(request=request).SerializeToString()
    client = subprocess.Popen(
        [sys.executable, "-c", CLIENT, server.address], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert client.stdin is not None
    assert client.stdout is not None
    client.stdin.write(base64.b64encode(streamed))
    client.stdin.close()
    client.stdout.readline()  # accepted
    time.sleep(wait)
    client.send_signal(signal.SIGKILL)
    client.wait()
    client.stdout.close()


def budget(trials: int, seed: int) -> Facts:
    """A real day with a gap of 0 and budgets of 1, 2, 5 and 10 s: incumbent, bound, gap and the label."""
    request = long_day(seed)
    found: dict[str, Any] = {}
    with Served() as server, grpc.insecure_channel(server.address) as channel:
        for seconds in (1.0, 2.0, 5.0, 10.0):
            rows = []
            for _ in range(trials):
                request.options.time_limit_seconds = seconds
                answer = Stub(channel).ClearDayAhead(request, timeout=120)
                end, spent = answer.result.termination, answer.run_info
                search = sum(s.seconds for s in spent.stage_seconds if s.stage in ("form", "commit"))
                rows.append(
                    {
                        "reason": Reason(end.reason).name,
                        "complete": all(end.HasField(f) for f in ("objective", "bound", "gap")),
                        "gap": end.gap,
                        "search_seconds": search,
                        "audited": answer.result.audit.passed,
                    }
                )
            found[f"{seconds:g} s"] = {
                "ends": _counts(row["reason"] for row in rows),
                "with_incumbent_bound_gap": sum(row["complete"] for row in rows),
                "audited": sum(row["audited"] for row in rows),
                "worst_gap": max(row["gap"] for row in rows),
                "search_worst_seconds": max(row["search_seconds"] for row in rows),
            }
    return {"trials": 4 * trials, "by_budget": found}


def is_alive(pid: int) -> bool:
    """Whether there is such a process that is no zombie."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False
