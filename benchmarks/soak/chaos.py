"""Everything at once: load, kills, hangs, lost clients, oversized and malformed requests; every answer is looked at."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections import Counter
from typing import Any

import grpc
import numpy as np
import psutil

from clearing.case.result import Reason
from clearing.v1 import clearing_service_pb2 as pb
from clearing.v1 import clearing_service_pb2_grpc

from .cases import fault, malformed, small
from .pauses import Pauses
from .served import Served

Stub = clearing_service_pb2_grpc.ClearingServiceStub
CALLERS = 6
MESSAGE_MEGABYTES = 4
KILL_SECONDS = (1.0, 4.0)
LATE_SECONDS = 2.0
WARM_CALLS = 80
WARM_SHARE, MOST_WARM_SECONDS = 0.3, 240.0
PAUSED = "not run"
ENDED_OTHERWISE = {Reason.WORKER_LOST_WITH_SOLUTION, Reason.INTERRUPTED_WITH_SOLUTION, Reason.TIME_LIMIT_WITH_SOLUTION}
EXPECTED = {
    "real": {"OK", "RESOURCE_EXHAUSTED", "UNAVAILABLE", "DEADLINE_EXCEEDED"},
    "hang": {"OK", "RESOURCE_EXHAUSTED", "UNAVAILABLE", "DEADLINE_EXCEEDED"},
    "cancelled": {"CANCELLED"},
    "oversized": {"RESOURCE_EXHAUSTED"},
    # By chance a changed byte leaves a good request; what is refused for want of room is never read.
    "malformed": {"INVALID_ARGUMENT", "OK", "RESOURCE_EXHAUSTED", "UNAVAILABLE", "DEADLINE_EXCEEDED"},
}


class Tally:
    """What all callers saw."""

    def __init__(self, pauses: Pauses) -> None:
        self._lock = threading.Lock()
        self.pauses = pauses
        self.codes: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.audited = 0

    def add(self, kind: str, code: str, wrong: str = "", audited: bool = False) -> None:
        """One call ended."""
        with self._lock:
            self.codes[f"{kind}: {code}"] += 1
            self.audited += audited
            if wrong:
                self.wrong.append(wrong)
            elif code not in EXPECTED[kind] and code != PAUSED:
                self.wrong.append(f"{kind} ended in {code}")


def chaos(seconds: int, seed: int) -> dict[str, Any]:
    """`seconds` of it."""
    right = {number: _right(number) for number in range(4)}
    draw, pauses = random.Random(seed), Pauses()
    tally = Tally(pauses)
    with Served(workers=2, queue_length=8, message_megabytes=MESSAGE_MEGABYTES, worker_runs=200) as server, pauses:
        end = time.monotonic() + seconds
        callers = [
            threading.Thread(target=_caller, args=(server.address, end, random.Random(f"{seed} {n}"), right, tally))
            for n in range(CALLERS)
        ]
        for caller in callers:
            caller.start()
        while time.monotonic() < end - (1.0 - WARM_SHARE) * seconds and sum(tally.codes.values()) < WARM_CALLS:
            time.sleep(0.5)  # what it allocates once, it keeps
        first, uses, kills = server.use(), [], Counter[str]()
        while (now := time.monotonic()) < end:
            kills[_harm(server, draw)] += 1
            time.sleep(draw.uniform(*KILL_SECONDS))
            uses.append({"seconds": now - (end - seconds), **server.use()})
        for caller in callers:
            caller.join()
        server.wait_whole()
        last = server.use()
        causes = Counter(str(line["cause"]) for line in server.log() if line["event"] == "worker_ended")
        faults = sum(line["event"] == "fault" for line in server.log())
    return {
        "seconds": seconds,
        "calls": sum(tally.codes.values()),
        "by_kind_and_end": dict(sorted(tally.codes.items())),
        "harm": dict(kills),
        "workers_ended": dict(causes),
        "answers_audited": tally.audited,
        "wrong_or_lost": len(tally.wrong),
        "wrong_or_lost_first": tally.wrong[:5],
        "calls_in_pauses_of_the_machine": sum(n for what, n in tally.codes.items() if what.endswith(PAUSED)),
        "pauses_seconds": round(pauses.seconds, 1),
        "faults_logged": faults,
        "parent_mb_first_last_most": [first["parent_mb"], last["parent_mb"], max(use["parent_mb"] for use in uses)],
        **_memory(uses, min(WARM_SHARE * seconds, MOST_WARM_SECONDS)),
        "descriptors_first_last": [first["descriptors"], last["descriptors"]],
        "zombies_last": last["zombies"],
    }


def _memory(uses: list[dict[str, float]], warm_seconds: float) -> dict[str, Any]:
    """What the parent holds of its own under load, by the minute, and whether that grows once it is warm."""
    minutes = np.array([use["seconds"] // 60 for use in uses])
    seconds, own = (np.array([use[name] for use in uses]) for name in ("seconds", "parent_own_mb"))
    warm = seconds >= warm_seconds
    thirds = [float(np.median(third)) for third in np.array_split(own[warm], 3)]
    return {
        "parent_own_mb_by_minute": [round(float(np.median(own[minutes == m])), 1) for m in np.unique(minutes)],
        "parent_own_mb_thirds_when_warm": thirds,
        "parent_own_mb_per_hour_when_warm": float(np.polyfit(seconds[warm] / 3600, own[warm], 1)[0]),
        "parent_memory_change": thirds[-1] / thirds[0] - 1.0,
    }


def _right(number: int) -> tuple[str, float]:
    """Digest and objective of a request, by a server that nobody disturbs."""
    with Served() as server, grpc.insecure_channel(server.address) as channel:
        result = Stub(channel).ClearDayAhead(small(number), timeout=120).result
    return result.digest, result.termination.objective


def _harm(server: Served, draw: random.Random) -> str:
    """Kill a worker, or stop it so that it hangs. Not one that only starts: it is given five minutes to compile."""
    workers = server.warm_workers()
    if not workers:
        return "none"
    what = draw.choices(["killed", "stopped"], [0.7, 0.3])[0]
    try:
        draw.choice(workers).send_signal(signal.SIGKILL if what == "killed" else signal.SIGSTOP)
    except psutil.NoSuchProcess:
        return "none"
    return what


def _caller(address: str, end: float, draw: random.Random, right: dict[int, tuple[str, float]], tally: Tally) -> None:
    options = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_send_message_length", -1)]
    with grpc.insecure_channel(address, options=options) as channel:
        while time.monotonic() < end:
            kind = draw.choices(list(EXPECTED), [0.6, 0.1, 0.1, 0.05, 0.15])[0]
            _one(kind, channel, draw, right, tally)


def _one(
    kind: str, channel: grpc.Channel, draw: random.Random, right: dict[int, tuple[str, float]], tally: Tally
) -> None:
    number, timeout, began = draw.randrange(len(right)), draw.uniform(3.0, 8.0), time.monotonic()
    raw = channel.unary_unary("/clearing.v1.ClearingService/ClearDayAhead", request_serializer=bytes)
    try:
        if kind == "cancelled":
            events = Stub(channel).StreamClearDayAhead(
                pb.StreamClearDayAheadRequest(request=fault("ignore", seconds=60, incumbent=True)), timeout=60
            )
            time.sleep(draw.uniform(0.0, 0.5))
            events.cancel()
            tally.add(kind, "CANCELLED")
        elif kind == "hang":
            request = fault("ignore", seconds=60, incumbent=draw.random() < 0.5)
            Stub(channel).ClearDayAhead(request, timeout=timeout)
            tally.add(kind, "OK")
        elif kind == "oversized":
            raw(bytes(MESSAGE_MEGABYTES * 2 << 20), timeout=timeout)
            tally.add(kind, "OK")
        elif kind == "malformed":
            raw(malformed(draw), timeout=timeout)
            tally.add(kind, "OK")
        else:
            answer = Stub(channel).ClearDayAhead(small(number), timeout=timeout)
            tally.add(kind, "OK", _judge(answer.result, *right[number]), audited=True)
    except grpc.RpcError as error:
        by_channel = (error.details() or "") == "Deadline Exceeded"
        late = time.monotonic() - began > timeout + LATE_SECONDS
        if (by_channel or late) and tally.pauses.since(began):  # the server was not run either: nobody knows
            tally.add(kind, PAUSED)
            return
        lost = f"{kind}: nothing came within {timeout:.1f} s" if by_channel or late else ""
        tally.add(kind, error.code().name, lost)


def _judge(result: Any, digest: str, objective: float) -> str:
    """What is wrong with an answer; '' = nothing."""
    end = result.termination
    told = (
        f"{Reason(end.reason).name}, {end.objective!r} for {objective!r}, priced {end.priced}, {end.detail!r}, "
        f"audit {result.audit.passed}"
    )
    if end.reason in ENDED_OTHERWISE:
        worse = end.HasField("objective") and end.objective < objective - 1e-6 * abs(objective)
        labelled = end.priced or any(words in end.detail for words in ("without prices", "ommitment only"))
        passed = result.audit.passed or "ommitment only" in end.detail  # which has no dispatch to audit
        return "" if passed and labelled and not worse else told
    if not result.audit.passed:
        return f"the audit failed: {told}"
    cut = not end.priced and "without prices" in end.detail
    if cut and abs(end.objective - objective) <= 1e-6 * abs(objective):  # the deadline left no time for prices
        return ""
    return "" if result.digest == digest else f"another result than in peace: {told}"
