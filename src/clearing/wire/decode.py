"""Proto messages → tables. Nothing is repaired; every fault is a finding with its field path."""

from __future__ import annotations

from clearing.case.case import Case
from clearing.case.finding import Finding
from clearing.case.result import ClearingResult
from clearing.v1 import case_pb2, rules_pb2, schedule_pb2
from clearing.wire import read_case, read_result
from clearing.wire.errors import InvalidRequest
from clearing.wire.problems import Problems
from clearing.wire.read_report import finding, findings

__all__ = ["case", "finding", "findings", "result", "rule_selection"]


def case(pb: case_pb2.Case) -> tuple[Case | None, list[Finding]]:
    """The case and all findings of the reading.

    None where the tables cannot be formed (a column of the wrong length, a required one absent). With other
    findings of severity ERROR the case is formed, so that validation can say what else is wrong, but it must not be
    cleared: an unknown id stands as −1 in it, an unknown enum as 0.
    """
    problems = Problems()
    return read_case.case(pb, problems), problems.findings


def result(pb: schedule_pb2.Result, of: Case) -> tuple[ClearingResult | None, list[Finding]]:
    """The result and all findings of the reading.

    None where the tables cannot be formed. Findings beside a result are verdicts on it: totals that do not add up,
    a digest that no longer fits, parts left out.
    """
    problems = Problems()
    return read_result.result(pb, of, problems), problems.findings


def rule_selection(pb: rules_pb2.RuleSelection) -> tuple[str, str, dict[str, str]]:
    """Name ('generic' where empty), version ('' = newest) and overrides; raises InvalidRequest on a key given twice."""
    problems = Problems()
    problems.only(pb, "rules")
    overrides: dict[str, str] = {}
    for k, override in enumerate(pb.overrides):
        path = f"rules.overrides[{k}].key"
        if override.key in overrides:
            problems.error("DUPLICATE_ID", path, "The key is overridden twice.", value=override.key, limit="unique")
        overrides[override.key] = override.value
    if problems.findings:
        raise InvalidRequest(problems.findings)
    return pb.name or "generic", pb.version, overrides
