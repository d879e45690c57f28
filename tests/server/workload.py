"""A pipeline for tests of the server: real work and real deaths, with the signatures of clearing.pipeline.

The request is a ClearDayAheadRequest whose idempotency_id holds JSON: {"do": what, …}.
"""

from __future__ import annotations

import json
import os
import signal
import time
import weakref
from typing import ClassVar

import numpy as np

from clearing.case.finding import Finding, Severity
from clearing.case.result import Reason
from clearing.solve import incumbent as incumbents
from clearing.solve.control import Incumbent, Progress, RunControl
from clearing.v1 import clearing_service_pb2, report_pb2
from clearing.wire.errors import InvalidRequest

WARMED_IN: set[int] = set()
HOARD: list[bytes] = []


def warm_up() -> None:
    WARMED_IN.add(os.getpid())


def order(do: str, **more: object) -> clearing_service_pb2.ClearDayAheadRequest:
    """A request for this pipeline; two units of one owner, one without, three periods."""
    request = clearing_service_pb2.ClearDayAheadRequest(idempotency_id=json.dumps({"do": do, **more}))
    request.case.units.id.extend(["coal", "gas"])
    request.case.units.owner.extend(["north", ""])
    request.case.participants.owner_id.append("north")
    request.case.horizon.periods = 3
    return request


def _incumbent(objective: float, bound: float | None = None) -> Incumbent:
    on = np.array([[1, 1, 1], [0, 1, 0]], dtype=np.int8)
    return Incumbent(on, np.zeros((0, 3), dtype=np.int8), objective, bound)


def _response(reason: Reason, objective: float, detail: str, bound: float | None = None) -> bytes:
    response = clearing_service_pb2.ClearDayAheadResponse()
    response.result.termination.reason = report_pb2.TerminationReason.ValueType(reason)
    response.result.termination.objective = objective
    response.result.termination.detail = detail
    if bound is not None:
        response.result.termination.bound = bound
    response.run_info.threads = int(os.environ["OMP_NUM_THREADS"])
    response.run_info.server_version = str(os.getpid())
    return response.SerializeToString()


def _burn(seconds: float, control: RunControl, heed: bool) -> bool:
    """Burn CPU; True when it was stopped."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sum(i * i for i in range(2000))
        if heed and control.stopped():
            return True
    return False


def clear_day_ahead(request: bytes, control: RunControl, request_id: str) -> bytes:
    asked = json.loads(clearing_service_pb2.ClearDayAheadRequest.FromString(request).idempotency_id)
    do = asked["do"]
    control.on_progress(Progress("commit", control.elapsed()))
    if asked.get("incumbent"):
        control.on_incumbent(_incumbent(200.0))
        control.on_incumbent(_incumbent(100.0, 80.0))
        control.on_progress(Progress("commit", control.elapsed(), incumbent=100.0, bound=90.0))
    if do == "invalid":
        raise InvalidRequest(
            [
                Finding(
                    Severity.ERROR, "BAD", f"case.units.p_min_mw[{i}]", "Not finite.", f"unit-{i}", -1, "nan", "finite"
                )
                for i in range(asked["findings"])
            ]
        )
    if do == "fault":
        raise RuntimeError("secret offer 123.45")
    if do == "memory":
        raise MemoryError
    if do == "grow":
        hoard = [bytearray(os.urandom(1 << 20) * 16) for _ in range(asked["megabytes"] // 16)]
        _burn(30.0, control, heed=False)
        return _response(Reason.OPTIMAL_WITHIN_GAP, 1.0, str(len(hoard)))
    if do == "die":
        time.sleep(asked.get("after", 0.0))
        os.kill(os.getpid(), signal.SIGKILL)
    if do == "abort":
        os.abort()
    if do == "reserve":  # in one allocation, which nobody could watch grow
        bytearray(asked["megabytes"] << 20)
    if do == "keep":
        HOARD.append(b"x" * (asked["megabytes"] << 20))
    if do == "large":
        return _response(Reason.OPTIMAL_WITHIN_GAP, 1.0, "x" * asked["bytes"])
    stopped = _burn(asked.get("seconds", 0.0), control, heed=do == "burn")
    reason = Reason.INTERRUPTED_WITH_SOLUTION if stopped else Reason.OPTIMAL_WITHIN_GAP
    return _response(reason, 100.0, f"warm {os.getpid() in WARMED_IN}, {control.left():.2f} s left, {control.budget}")


class Counted:
    """What the intervals of a stream share: how many there were."""

    alive: ClassVar[weakref.WeakSet[Counted]] = weakref.WeakSet()

    def __init__(self) -> None:
        self.intervals = 0
        self.alive.add(self)


def new_stream() -> Counted:
    return Counted()


def clear_real_time(request: bytes, control: RunControl, request_id: str, stream: Counted | None = None) -> bytes:
    asked = json.loads(clearing_service_pb2.ClearRealTimeRequest.FromString(request).idempotency_id)
    if asked["do"] != "count":
        return clear_day_ahead(request, control, request_id)
    assert stream is not None
    stream.intervals += 1
    return _response(Reason.COMMITMENT_GIVEN, stream.intervals, f"{len(Counted.alive)} streams")


def finish_incumbent(request: bytes, incumbent: bytes, control: RunControl, request_id: str, reason: Reason) -> bytes:
    asked = json.loads(clearing_service_pb2.ClearDayAheadRequest.FromString(request).idempotency_id)
    kept = incumbents.from_bytes(incumbent)
    control.on_progress(Progress("dispatch", control.elapsed()))
    _burn(asked.get("finish_seconds", 0.0), control, heed=False)
    return _response(reason, kept.objective, f"finished {int(kept.on.sum())}", kept.bound)


def validate_case(request: bytes) -> bytes:
    asked = clearing_service_pb2.ValidateCaseRequest.FromString(request)
    return clearing_service_pb2.ValidateCaseResponse(valid=True, case_digest=asked.case.name).SerializeToString()


def audit_schedule(request: bytes) -> bytes:
    raise RuntimeError("secret")


def list_rule_sets(request: bytes) -> bytes:
    return clearing_service_pb2.ListRuleSetsResponse().SerializeToString()
