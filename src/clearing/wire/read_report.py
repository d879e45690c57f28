"""Proto → findings."""

from __future__ import annotations

from collections.abc import Iterable

from clearing.case.finding import Finding, Severity
from clearing.v1 import report_pb2


def finding(pb: report_pb2.Finding) -> Finding:
    """One finding; an unknown severity reads as UNSPECIFIED."""
    known = int(pb.severity) in list(Severity)
    return Finding(
        severity=Severity(pb.severity) if known else Severity.UNSPECIFIED,
        code=pb.code,
        path=pb.path,
        message=pb.message,
        subject=pb.subject,
        period=pb.period,
        value=pb.value,
        limit=pb.limit,
        clause=pb.clause,
    )


def findings(pb: Iterable[report_pb2.Finding]) -> tuple[Finding, ...]:
    """Findings in their order."""
    return tuple(finding(f) for f in pb)
