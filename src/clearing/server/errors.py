"""Failures that reach the caller, and how they look on the wire (google.rpc.Status in the trailers)."""

from __future__ import annotations

from collections.abc import Sequence

import grpc
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from clearing.case.finding import Finding

DETAILS_KEY = "grpc-status-details-bin"
TRAILER_BYTES_KEY = "clearing-trailer-bytes"
"""Metadata by which a caller says how large trailers may be that its channel accepts."""

PUSHBACK_KEY = "grpc-retry-pushback-ms"
"""When gRPC itself may ask again by a retry policy; -1 = never."""

DEFAULT_TRAILER_BYTES = 6 << 10  # a gRPC channel refuses more than 8 KiB of metadata unless it is told otherwise
GREATEST_TRAILER_BYTES = 256 << 10
MOST_VIOLATIONS = 100
LONGEST_TEXT = 400


class ServiceError(Exception):
    """An RPC that ends in a status other than OK."""

    def __init__(self, code: grpc.StatusCode, message: str, details: Sequence[Message] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = tuple(details)

    def trailers(self, room: int) -> tuple[tuple[str, str | bytes], ...]:
        """Trailing metadata with the details, left out where they need more than `room` bytes."""
        if not self.details:
            return ((PUSHBACK_KEY, "-1"),)
        status = status_pb2.Status(code=self.code.value[0], message=self.message)
        for detail in self.details:
            status.details.add().Pack(detail)
        packed = status.SerializeToString()
        waits = [detail.retry_delay for detail in self.details if isinstance(detail, error_details_pb2.RetryInfo)]
        again = str(waits[0].ToMilliseconds()) if waits else "-1"
        known = ((DETAILS_KEY, packed),) if len(packed) <= room else ()
        return (*known, (PUSHBACK_KEY, again))


class InvalidCase(ServiceError):
    """A request that cannot be understood: every finding, at most 100, as field violations."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(grpc.StatusCode.INVALID_ARGUMENT, _summary(findings))
        self.findings = tuple(findings)

    def trailers(self, room: int) -> tuple[tuple[str, str | bytes], ...]:
        """As many violations as fit; the last one says how many more there are."""
        shown = min(len(self.findings), MOST_VIOLATIONS)
        while True:
            self.details = (_bad_request(self.findings, shown),)
            packed = super().trailers(room)
            if len(packed) > 1 or shown == 0:
                return packed
            shown = shown * 3 // 4


def busy(why: str, retry_seconds: float) -> ServiceError:
    """RESOURCE_EXHAUSTED with RetryInfo."""
    return ServiceError(grpc.StatusCode.RESOURCE_EXHAUSTED, why, (retry_info(retry_seconds),))


def retry_info(seconds: float) -> error_details_pb2.RetryInfo:
    """When to ask again."""
    info = error_details_pb2.RetryInfo()
    info.retry_delay.FromNanoseconds(int(seconds * 1e9))
    return info


def unavailable(why: str, retry_seconds: float = 1.0) -> ServiceError:
    """UNAVAILABLE with RetryInfo."""
    return ServiceError(grpc.StatusCode.UNAVAILABLE, why, (retry_info(retry_seconds),))


def out_of_memory() -> ServiceError:
    """RESOURCE_EXHAUSTED without RetryInfo: the same request would need the same memory again."""
    return ServiceError(grpc.StatusCode.RESOURCE_EXHAUSTED, "the case needs more memory than a worker may take")


def internal(request_id: str) -> ServiceError:
    """INTERNAL: the log knows more under the request id, the caller does not."""
    return ServiceError(grpc.StatusCode.INTERNAL, f"internal fault; the server's log knows it as request {request_id}")


def _summary(findings: Sequence[Finding]) -> str:
    first = findings[0]
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    return f"invalid request: {first.path}: {first.message[:LONGEST_TEXT]}{more}"


def _bad_request(findings: Sequence[Finding], shown: int) -> error_details_pb2.BadRequest:
    bad = error_details_pb2.BadRequest()
    for finding in findings[:shown]:
        bad.field_violations.add(field=finding.path, reason=finding.code, description=_description(finding))
    if shown < len(findings):
        hidden = len(findings) - shown
        bad.field_violations.add(
            field="", reason="MORE_FINDINGS", description=f"{hidden} more findings; ValidateCase returns all of them."
        )
    return bad


def _description(finding: Finding) -> str:
    """Message, then id, period, value, limit and clause in a form that the client reads back."""
    period = str(finding.period) if finding.period >= 0 else ""
    parts = (
        ("id", finding.subject), ("period", period), ("value", finding.value), ("limit", finding.limit),
        ("clause", finding.clause),
    )  # fmt: skip
    known = "; ".join(f"{name}={text[:LONGEST_TEXT]}" for name, text in parts if text)
    return f"{finding.message[:LONGEST_TEXT]} [{known}]" if known else finding.message[:LONGEST_TEXT]
