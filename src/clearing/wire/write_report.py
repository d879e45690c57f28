"""Findings, termination, audit verdict, rule sets → proto."""

from __future__ import annotations

from collections.abc import Iterable

from clearing.case.finding import Finding
from clearing.case.result import Termination
from clearing.rules.load import RuleSetDescription
from clearing.rules.rules import Rules
from clearing.v1 import report_pb2, rules_pb2


def finding(table: Finding) -> report_pb2.Finding:
    """One finding."""
    return report_pb2.Finding(
        severity=report_pb2.Severity.ValueType(table.severity),
        code=table.code,
        path=table.path,
        message=table.message,
        subject=table.subject,
        period=table.period,
        value=table.value,
        limit=table.limit,
        clause=table.clause,
    )


def findings(table: Iterable[Finding]) -> list[report_pb2.Finding]:
    """Findings in their order."""
    return [finding(f) for f in table]


def termination(table: Termination) -> report_pb2.Termination:
    """How it ended; seconds are no part of it, they travel in RunInfo."""
    return report_pb2.Termination(
        reason=report_pb2.TerminationReason.ValueType(table.reason),
        objective=table.objective,
        bound=table.bound,
        bound_kind=report_pb2.BoundKind.ValueType(table.bound_kind),
        gap=table.gap,
        absolute_gap=table.absolute_gap,
        gap_asked=table.gap_asked,
        priced=table.priced,
        detail=table.detail,
    )


def stage_seconds(seconds: Iterable[tuple[str, float]]) -> list[report_pb2.StageSeconds]:
    """Seconds by stage, in order."""
    return [report_pb2.StageSeconds(stage=stage, seconds=s) for stage, s in seconds]


def audit_report(passed: bool, found: Iterable[Finding], objective: float | None = None) -> report_pb2.AuditReport:
    """Verdict of an audit; objective as the audit recomputed it."""
    return report_pb2.AuditReport(passed=passed, findings=findings(found), objective=objective)


def rule_echo(rules: Rules) -> rules_pb2.RuleEcho:
    """Which rules were applied."""
    overrides = [rules_pb2.RuleOverride(key=key, value=value) for key, value in rules.overrides]
    return rules_pb2.RuleEcho(name=rules.name, version=rules.version, digest=rules.digest, overrides=overrides)


def rule_sets(descriptions: Iterable[RuleSetDescription]) -> list[rules_pb2.RuleSet]:
    """Rule sets with every value, sorted by key."""
    return [
        rules_pb2.RuleSet(
            name=d.name,
            version=d.version,
            digest=d.digest,
            title=d.title,
            values=[
                rules_pb2.RuleValue(
                    key=v.key, value=v.value, unit=v.unit, clause=v.clause, note=v.note, used_by=v.used_by
                )
                for v in sorted(d.values, key=lambda v: v.key)
            ],
        )
        for d in descriptions
    ]
