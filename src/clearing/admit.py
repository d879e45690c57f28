"""What is admitted, a request in and a reply out: orders judged."""

from __future__ import annotations

from clearing.admission import positions, splits
from clearing.case.finding import Finding, Severity
from clearing.rules.load import RulesError, load
from clearing.wire import position_requests, write_positions


def check_positions(request: bytes) -> bytes:
    """CheckPositionsRequest → CheckPositionsResponse: findings are the answer."""
    read = position_requests.read(request)
    try:
        rules = load(*read.rule_selection)
    except RulesError as fault:
        return write_positions.write(read.book, None, None, (*read.findings, *fault.findings), None)
    if read.book is None:
        return write_positions.write(None, None, None, read.findings, rules)
    judged = positions.judge(read.book, rules.market)
    split = splits.split(read.book, judged.accepted, rules.market) if read.split else None
    refused = tuple(
        Finding(
            Severity.ERROR, each.code, f"orders.{each.column}[{each.row}]", each.message,
            subject=read.book.orders.id[each.row], value=str(each.value), limit=each.limit,
            clause=rules.clause(each.setting),
        )
        for each in judged.refusals
    )  # fmt: skip
    return write_positions.write(read.book, judged, split, (*read.findings, *refused), rules)
