"""Serialised requests and replies of the RPCs ↔ tables: what the pipeline sees of the wire."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

from google.protobuf.message import DecodeError, Message

from clearing.case.beginning import Beginning
from clearing.case.case import Case
from clearing.case.declarations import Declarations
from clearing.case.finding import Finding, Severity
from clearing.case.result import ClearingResult
from clearing.rules.load import RuleSetDescription
from clearing.rules.rules import Rules
from clearing.solve.options import LastStage, SolveOptions
from clearing.v1 import case_pb2, clearing_service_pb2, declarations_pb2, report_pb2, rules_pb2, schedule_pb2
from clearing.wire import beginning, declarations, decode, digest, encode, write_options
from clearing.wire.errors import InvalidRequest
from clearing.wire.problems import Problems
from clearing.wire.selection import check


@dataclass(frozen=True, slots=True)
class CaseRequest:
    """A case and the rules asked for (name, version, overrides).

    findings: all faults of the reading; case is None where it cannot be read. declared: None = nothing.
    previous: an earlier case to be near to.
    """

    case: Case | None
    rule_selection: tuple[str, str, dict[str, str]]
    case_digest: str
    findings: tuple[Finding, ...]
    declared: Declarations | None = None
    previous: Case | None = None


@dataclass(frozen=True, slots=True)
class ClearRequest:
    """A request to clear; its digest covers the whole message. binding_periods: of real time, else 0; beginning: where
    the search begins, None = from nothing."""

    of: CaseRequest
    options: SolveOptions
    output: schedule_pb2.OutputSelection | None
    idempotency_id: str
    digest: str
    binding_periods: int = 0
    beginning: Beginning | None = None


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """A schedule to judge. result is None where it cannot be read; findings are those of the result alone."""

    of: CaseRequest
    result: ClearingResult | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What RunInfo says of a run."""

    request_id: str
    server_version: str
    solver_version: str
    wall_seconds: float
    stage_seconds: tuple[tuple[str, float], ...]
    threads: int
    options: SolveOptions
    components: tuple[tuple[str, str], ...]


def read_clear(raw: bytes) -> ClearRequest:
    """Read a ClearDayAheadRequest; raises InvalidRequest where it is no message, or overrides a rule twice."""
    return _clear(parse(clearing_service_pb2.ClearDayAheadRequest(), raw), Problems())


def read_real_time(raw: bytes) -> ClearRequest:
    """Read a ClearRealTimeRequest; raises InvalidRequest where it is no message, or overrides a rule twice."""
    return real_time_request(parse(clearing_service_pb2.ClearRealTimeRequest(), raw))


def real_time_request(pb: clearing_service_pb2.ClearRealTimeRequest) -> ClearRequest:
    """The same of a message that was parsed."""
    problems = Problems()
    if not 0 <= pb.binding_periods <= max(pb.case.horizon.periods, 1):
        limit = "0 to the periods of the case"
        problems.error("OUT_OF_RANGE", "binding_periods", "Out of range.", value=pb.binding_periods, limit=limit)
    if pb.case.units.id and not (pb.case.HasField("commitment") and pb.case.commitment.use in _BINDING):
        message = "Real time follows a commitment: with use FIXED or FOLLOW."
        problems.error("REQUIRED", "case.commitment.use", message, limit="FIXED, FOLLOW")
    return replace(_clear(pb, problems), binding_periods=pb.binding_periods or 1)


def _clear(
    pb: clearing_service_pb2.ClearDayAheadRequest | clearing_service_pb2.ClearRealTimeRequest, problems: Problems
) -> ClearRequest:
    problems.only(pb, "request")
    check_idempotency_id(pb.idempotency_id, problems)
    solve = options(pb.options, problems)
    of = _compared(case_request(pb.case, pb.rules, problems), pb)
    start = None
    if isinstance(pb, clearing_service_pb2.ClearDayAheadRequest):
        of = with_declarations(of, pb.declarations)
        if of.case is not None and pb.HasField("begin_at"):
            start, said = beginning.read(pb.begin_at, of.case)
            of = replace(of, findings=(*of.findings, *said))
    if of.case is not None and pb.HasField("output"):
        more = Problems()
        check(pb.output, of.case, more)
        of = replace(of, findings=(*of.findings, *more.findings))
    output = pb.output if pb.HasField("output") else None
    if output is not None and output.parts and schedule_pb2.RESULT_PART_EXPLANATIONS not in output.parts:
        solve = replace(solve, explained=False)
    return ClearRequest(of, solve, output, pb.idempotency_id, digest.of(pb), beginning=start)


def read_validate(raw: bytes) -> CaseRequest:
    """Read a ValidateCaseRequest."""
    pb = parse(clearing_service_pb2.ValidateCaseRequest(), raw)
    problems = Problems()
    problems.only(pb, "request")
    of = _compared(case_request(pb.case, pb.rules, problems), pb)
    return with_declarations(of, pb.declarations)


def with_declarations(of: CaseRequest, pb: declarations_pb2.Declarations) -> CaseRequest:
    """The request with what is declared beside its case."""
    if of.case is None:
        return of
    declared, findings = declarations.read(pb, of.case)
    return replace(of, declared=declared, findings=(*of.findings, *findings))


def read_audit(raw: bytes) -> AuditRequest:
    """Read an AuditScheduleRequest."""
    pb = parse(clearing_service_pb2.AuditScheduleRequest(), raw)
    problems = Problems()
    problems.only(pb, "request")
    of = case_request(pb.case, pb.rules, problems)
    if of.case is None:
        return AuditRequest(of, None, ())
    result, findings = decode.result(pb.result, of.case)
    return AuditRequest(of, result, tuple(findings))


def encode_result(request: ClearRequest, rules: Rules, result: ClearingResult) -> schedule_pb2.Result:
    """The result as a message, with the parts that the request asked for."""
    assert request.of.case is not None
    return encode.result(request.of.case, rules, result, request.output, request.of.case_digest)


def write_clear(request: ClearRequest, result: schedule_pb2.Result, facts: RunFacts) -> bytes:
    """A serialised ClearDayAheadResponse; equal results serialise to equal bytes."""
    pb = clearing_service_pb2.ClearDayAheadResponse(
        result=result,
        run_info=run_info(request.idempotency_id, request.digest, facts),
    )
    return _bytes(pb)


def run_info(idempotency_id: str, request_digest: str, facts: RunFacts) -> report_pb2.RunInfo:
    """What the reply says about its run."""
    return report_pb2.RunInfo(
        request_id=facts.request_id,
        idempotency_id=idempotency_id,
        request_digest=request_digest,
        server_version=facts.server_version,
        solver_version=facts.solver_version,
        wall_seconds=facts.wall_seconds,
        stage_seconds=encode.stage_seconds(facts.stage_seconds),
        threads=facts.threads,
        options=write_options.options(facts.options),
        components=[report_pb2.Component(name=name, version=version) for name, version in facts.components],
    )


def write_validate(findings: tuple[Finding, ...], case_digest: str) -> bytes:
    """A serialised ValidateCaseResponse, errors first."""
    ordered = sorted(findings, key=lambda f: f.severity)
    valid = not any(f.severity is Severity.ERROR for f in findings)
    return _bytes(
        clearing_service_pb2.ValidateCaseResponse(
            valid=valid, findings=encode.findings(ordered), case_digest=case_digest
        )
    )


def write_audit(passed: bool, findings: tuple[Finding, ...], objective: float | None) -> bytes:
    """A serialised AuditScheduleResponse."""
    return _bytes(clearing_service_pb2.AuditScheduleResponse(audit=encode.audit_report(passed, findings, objective)))


def write_rule_sets(descriptions: tuple[RuleSetDescription, ...]) -> bytes:
    """A serialised ListRuleSetsResponse."""
    return _bytes(clearing_service_pb2.ListRuleSetsResponse(rule_sets=encode.rule_sets(descriptions)))


MOST_ID_BYTES = 128
_BINDING = (case_pb2.COMMITMENT_USE_FIXED, case_pb2.COMMITMENT_USE_FOLLOW)
LAST_STAGES = frozenset(int(stage) for stage in LastStage)


def check_idempotency_id(given: str, problems: Problems) -> None:
    """OUT_OF_RANGE: the id is too long."""
    if len(given.encode()) > MOST_ID_BYTES:
        problems.error("OUT_OF_RANGE", "idempotency_id", "The id is too long.", limit=f"≤ {MOST_ID_BYTES} bytes")


def case_request(pb: case_pb2.Case, selection: rules_pb2.RuleSelection, problems: Problems) -> CaseRequest:
    """A case and the rules asked for, with the faults of both."""
    case, findings = decode.case(pb)
    return CaseRequest(case, decode.rule_selection(selection), digest.of(pb), (*problems.findings, *findings))


def _compared(
    of: CaseRequest,
    pb: clearing_service_pb2.ClearDayAheadRequest
    | clearing_service_pb2.ClearRealTimeRequest
    | clearing_service_pb2.ValidateCaseRequest,
) -> CaseRequest:
    """The request with the earlier case that came along."""
    if not pb.HasField("previous"):
        return of
    previous, faults = decode.case(pb.previous)
    wrong = [fault for fault in faults if fault.severity is Severity.ERROR]
    if previous is not None and not wrong:
        return replace(of, previous=previous)
    first = wrong[0] if wrong else faults[0]
    text = f"The earlier case cannot be read, first for {first.code} at {first.path}."
    unreadable = Finding(Severity.ERROR, "PREVIOUS_UNREADABLE", "previous", text)
    return replace(of, findings=(*of.findings, unreadable))


def options(pb: report_pb2.SolveOptions, problems: Problems) -> SolveOptions:
    """Options of a search; OUT_OF_RANGE, UNKNOWN_ENUM."""
    problems.only(pb, "options")
    gap = pb.gap if pb.HasField("gap") else None
    if not 0.0 <= pb.time_limit_seconds < float("inf"):
        problems.error(
            "OUT_OF_RANGE", "options.time_limit_seconds", "Not a budget.", value=pb.time_limit_seconds, limit="≥ 0"
        )
    if gap is not None and not 0.0 <= gap < 1.0:
        problems.error("OUT_OF_RANGE", "options.gap", "Not a relative gap.", value=gap, limit="in [0, 1)")
    if not 0 <= pb.seed < 2**31:
        problems.error("OUT_OF_RANGE", "options.seed", "Not a seed.", value=pb.seed, limit="0 … 2147483647")
    if not 0 <= pb.work_limit_nodes < 2**31:
        value = pb.work_limit_nodes
        problems.error("OUT_OF_RANGE", "options.work_limit_nodes", "Not a limit.", value=value, limit="0 … 2147483647")
    known = int(pb.last_stage) in LAST_STAGES
    if not known:
        limit = "DISPATCH, PRICES"
        problems.error(
            "UNKNOWN_ENUM", "options.last_stage", "The value is not allowed.", value=pb.last_stage, limit=limit
        )
    return SolveOptions(
        time_limit_seconds=pb.time_limit_seconds or None,
        gap=gap,
        seed=pb.seed,
        reproducible=pb.reproducible,
        work_limit_nodes=pb.work_limit_nodes or None,
        price_schemes=pb.price_schemes,
        last_stage=LastStage(pb.last_stage) if known else LastStage.UNSPECIFIED,
    )


M = TypeVar("M", bound=Message)


def parse(pb: M, raw: bytes) -> M:
    """The message of the bytes; raises InvalidRequest where they are none."""
    try:
        pb.ParseFromString(raw)
    except DecodeError:
        where = Finding(Severity.ERROR, "NOT_A_MESSAGE", "request", f"The bytes are no {type(pb).__name__}.")
        raise InvalidRequest([where]) from None
    return pb


def _bytes(pb: Message) -> bytes:
    return pb.SerializeToString(deterministic=True)
