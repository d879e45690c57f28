"""Tables → proto messages."""

from __future__ import annotations

from clearing.wire.write_case import case
from clearing.wire.write_report import (
    audit_report,
    finding,
    findings,
    rule_echo,
    rule_sets,
    stage_seconds,
    termination,
)
from clearing.wire.write_result import result

__all__ = [
    "audit_report",
    "case",
    "finding",
    "findings",
    "result",
    "rule_echo",
    "rule_sets",
    "stage_seconds",
    "termination",
]
