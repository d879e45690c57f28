"""What can go wrong with a call, as exceptions that say what to do about it."""

from __future__ import annotations

import re
from typing import cast

import grpc
from google.protobuf.message import DecodeError, Message
from google.rpc import error_details_pb2, status_pb2

from clearing.case.finding import Finding, Severity

DETAILS_KEY = "grpc-status-details-bin"
REQUEST_ID_KEY = "clearing-request-id"
_DESCRIPTION = re.compile(r"^(?P<message>.*) \[(?P<parts>(?:id|period|value|limit|clause)=.*)\]$", re.DOTALL)
_PART = re.compile(r"(?:^|; )(id|period|value|limit|clause)=(.*?)(?=; (?:period|value|limit|clause)=|$)", re.DOTALL)


class ClearingError(Exception):
    """A call that brought no answer. request_id: as in the server's log, '' = the server was not reached."""

    def __init__(self, message: str, request_id: str = "") -> None:
        super().__init__(message)
        self.request_id = request_id


class InvalidCase(ClearingError):
    """The request was refused; findings with field paths say why, all of them up to a hundred."""

    def __init__(self, message: str, findings: tuple[Finding, ...], request_id: str = "") -> None:
        super().__init__(message, request_id)
        self.findings = findings


class ServerBusy(ClearingError):
    """No room now, or a case too large for the server; retry_seconds is None where asking again would not help."""

    def __init__(self, message: str, retry_seconds: float | None, request_id: str = "") -> None:
        super().__init__(message, request_id)
        self.retry_seconds = retry_seconds


class OutOfTime(ClearingError):
    """The deadline came before a first solution."""


class ServerUnavailable(ClearingError):
    """The server was not reached, is shutting down, or lost the worker; nothing was kept, ask again."""


class NotAllowed(ClearingError):
    """The server does not know who calls, or does not let them: no valid token or certificate, or another role."""


class ServerFault(ClearingError):
    """The server's own fault; its log knows more under request_id."""


PLAIN: dict[grpc.StatusCode, type[ClearingError]] = {
    grpc.StatusCode.DEADLINE_EXCEEDED: OutOfTime,
    grpc.StatusCode.UNAVAILABLE: ServerUnavailable,
    grpc.StatusCode.INTERNAL: ServerFault,
}
REFUSED = (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED)


def retry_seconds(error: grpc.RpcError) -> float | None:
    """What the server's RetryInfo says; None without one."""
    info = error_details_pb2.RetryInfo()
    return info.retry_delay.ToTimedelta().total_seconds() if _detail(error, info) else None


def translated(error: grpc.RpcError) -> ClearingError:
    """The exception for a status."""
    call = cast(grpc.Call, error)
    code, message = call.code(), call.details() or ""
    request_id = _text(call.trailing_metadata(), REQUEST_ID_KEY)
    if code is grpc.StatusCode.INVALID_ARGUMENT:
        return InvalidCase(message, _findings(error), request_id)
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED:
        return ServerBusy(message, retry_seconds(error), request_id)
    if code in PLAIN:
        return PLAIN[code](message, request_id)
    kind = NotAllowed if code in REFUSED else ClearingError
    return kind(f"{code.name}: {message}", request_id)


def _findings(error: grpc.RpcError) -> tuple[Finding, ...]:
    bad = error_details_pb2.BadRequest()
    if not _detail(error, bad):
        return ()
    return tuple(_finding(violation) for violation in bad.field_violations)


def _finding(violation: error_details_pb2.BadRequest.FieldViolation) -> Finding:
    """Back from `message [id=…; period=…; value=…; limit=…; clause=…]`, in which the server writes a description."""
    message, parts = violation.description, {}
    matched = _DESCRIPTION.match(message)
    if matched:
        message, parts = matched["message"], dict(_PART.findall(matched["parts"]))
    return Finding(
        severity=Severity.ERROR,
        code=violation.reason,
        path=violation.field,
        message=message,
        subject=parts.get("id", ""),
        period=int(parts["period"]) if parts.get("period", "").isdecimal() else -1,
        value=parts.get("value", ""),
        limit=parts.get("limit", ""),
        clause=parts.get("clause", ""),
    )


def _detail(error: grpc.RpcError, into: Message) -> bool:
    """Unpack the first detail of the type of `into`; False where there is none."""
    for key, value in cast(grpc.Call, error).trailing_metadata() or ():
        if key == DETAILS_KEY and isinstance(value, bytes):
            try:
                status = status_pb2.Status.FromString(value)
            except DecodeError:
                return False
            return any(detail.Unpack(into) for detail in status.details)
    return False


def _text(metadata: object, wanted: str) -> str:
    for key, value in metadata or ():  # type: ignore[attr-defined]  # (key, value) pairs, or None
        if key == wanted:
            return str(value)
    return ""
