"""The request of RollUpStatements → statements."""

from __future__ import annotations

from dataclasses import dataclass

from clearing.settlement.statements import Statement
from clearing.v1 import settlement_pb2 as pb2
from clearing.wire import requests
from clearing.wire.errors import InvalidRequest
from clearing.wire.problems import Problems
from clearing.wire.settlement_columns import clock, prefix, read_statements


@dataclass(frozen=True, slots=True)
class RollUp:
    """Statements to be added up, by addressee without overlap."""

    statements: tuple[Statement, ...]
    issued_at: str
    prefix: str


def read(raw: bytes) -> RollUp:
    """Read a RollUpStatementsRequest; raises InvalidRequest with every finding."""
    pb = requests.parse(pb2.RollUpStatementsRequest(), raw)
    problems = Problems()
    problems.only(pb, "request")
    clock(pb.issued_at, "issued_at", problems)
    prefix(pb.number_prefix, "number_prefix", problems)
    found = read_statements(pb.statements, "statements", problems)
    if not found:
        problems.error("REQUIRED", "statements", "Required.", value=0, limit="≥ 1")
    _apart(found, problems)
    if problems.findings:
        raise InvalidRequest(problems.findings)
    return RollUp(tuple(found), pb.issued_at, pb.number_prefix)


def _apart(statements: list[Statement], problems: Problems) -> None:
    """CONTRADICTION: spans of an addressee overlap, where none is a correction."""
    last: dict[str, tuple[str, str]] = {}
    plain = [each for each in statements if each.items and not any(item.corrects for item in each.items)]
    for each in sorted(plain, key=lambda one: (one.addressee, one.first_day)):
        before, number = last.get(each.addressee, ("", ""))
        if each.first_day <= before:
            problems.error("CONTRADICTION", "statements", f"Statement {each.number} overlaps an earlier one.",
                           subject=each.addressee, value=each.number, limit=number)  # fmt: skip
        last[each.addressee] = max((each.last_day, each.number), (before, number))
