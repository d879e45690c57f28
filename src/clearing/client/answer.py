"""What a client gets back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from clearing.case.arrays import Flags
from clearing.case.case import Case
from clearing.case.finding import Finding
from clearing.case.result import ClearingResult, Termination
from clearing.v1 import clearing_service_pb2, report_pb2

if TYPE_CHECKING:
    from clearing.tables import Tables


@dataclass(frozen=True, slots=True)
class RunInfo:
    """About one run, never part of the result. stage_seconds: (stage, seconds), in order; components: name, version."""

    request_id: str
    idempotency_id: str
    request_digest: str
    server_version: str
    solver_version: str
    wall_seconds: float
    stage_seconds: tuple[tuple[str, float], ...]
    queue_seconds: float
    threads: int
    components: tuple[tuple[str, str], ...]


Request: TypeAlias = clearing_service_pb2.ClearDayAheadRequest | clearing_service_pb2.ClearRealTimeRequest
Response: TypeAlias = clearing_service_pb2.ClearDayAheadResponse | clearing_service_pb2.ClearRealTimeResponse


@dataclass(frozen=True)  # without slots: `tables` keeps what it made
class Answer:
    """A clearing as it came back.

    case          that was sent
    result        arrays, in the order of the case that was sent; its schedule is None where there is none, and
                  where only a commitment came back
    commitment    (N, T) of 0/1 where a schedule or at least a commitment came back, else None
    findings      of the reading of the answer: parts left out, digests that do not fit
    raw           the message itself
    asked         the request it answers
    """

    case: Case
    result: ClearingResult
    termination: Termination
    run_info: RunInfo
    commitment: Flags | None
    findings: tuple[Finding, ...]
    raw: Response
    asked: Request

    @cached_property
    def tables(self) -> Tables:
        """The result as pandas DataFrames with named indexes, each made when it is first asked for."""
        # Only who asks for tables waits for pandas: the health probe imports this package too.
        from clearing.tables import Tables  # noqa: PLC0415

        return Tables(self.case, self.result, self.commitment)


@dataclass(frozen=True, slots=True)
class AuditVerdict:
    """Verdict on somebody's schedule; objective: recomputed from the schedule, None where there was none."""

    passed: bool
    findings: tuple[Finding, ...]
    objective: float | None


@dataclass(frozen=True, slots=True)
class CaseVerdict:
    """What is wrong with a case; valid: nothing of severity ERROR."""

    valid: bool
    findings: tuple[Finding, ...]
    case_digest: str


def run_info(pb: report_pb2.RunInfo) -> RunInfo:
    """RunInfo from its message."""
    return RunInfo(
        request_id=pb.request_id,
        idempotency_id=pb.idempotency_id,
        request_digest=pb.request_digest,
        server_version=pb.server_version,
        solver_version=pb.solver_version,
        wall_seconds=pb.wall_seconds,
        stage_seconds=tuple((stage.stage, stage.seconds) for stage in pb.stage_seconds),
        queue_seconds=pb.queue_seconds,
        threads=pb.threads,
        components=tuple((part.name, part.version) for part in pb.components),
    )
