"""What is admitted, a request in and a reply out: orders and applications judged. Findings are the answer."""

from __future__ import annotations

from clearing.admission import entry, entry_orders, positions, splits
from clearing.admission.entry_tables import Asked
from clearing.case.finding import Finding, Severity
from clearing.rules.load import RulesError, load
from clearing.rules.rules import Rules
from clearing.wire import entry_requests, position_requests, write_entry, write_positions


def check_positions(request: bytes) -> bytes:
    """CheckPositionsRequest → CheckPositionsResponse."""
    read = position_requests.read(request)
    try:
        rules = load(*read.rule_selection)
    except RulesError as fault:
        return write_positions.write(read.book, None, None, (*read.findings, *fault.findings), None)
    if read.book is None:
        return write_positions.write(None, None, None, read.findings, rules)
    judged = positions.judge(read.book, rules.market)
    split = splits.split(read.book, judged.accepted, rules.market) if read.split else None
    clauses = dict(rules.clauses)
    refused = tuple(
        Finding(
            Severity.ERROR, each.code, f"orders.{each.column}[{each.row}]", each.message,
            subject=read.book.orders.id[each.row], value=str(each.value), limit=each.limit,
            clause=clauses.get(each.setting, ""),
        )
        for each in judged.refusals
    )  # fmt: skip
    return write_positions.write(read.book, judged, split, (*read.findings, *refused), rules)


def check_entry(request: bytes) -> bytes:
    """CheckEntryRequest → CheckEntryResponse."""
    read = entry_requests.read(request)
    try:
        rules = load(*read.rule_selection)
    except RulesError as fault:
        return write_entry.write(None, (), None, (), (*read.findings, *fault.findings), None)
    if read.asked is None:
        return write_entry.write(None, (), None, (), read.findings, rules)
    asked, settings = read.asked, rules.market.entry
    findings = (*read.findings, *_of_entry(asked, rules))
    sections = [
        entry_orders.section(asked.application, asked.units, row, settings) for row in range(len(asked.units.id))
    ]
    if any(each.severity is Severity.ERROR for each in findings):
        return write_entry.write(asked, sections, None, (), findings, rules)
    return write_entry.write(
        asked, sections, entry_orders.work_order(asked), entry_orders.entries(asked), findings, rules
    )


def _of_entry(asked: Asked, rules: Rules) -> tuple[Finding, ...]:
    """Faults of an application as findings."""
    clauses = dict(rules.clauses)
    return tuple(
        Finding(
            each.severity, each.code, each.path if each.row < 0 else f"{each.path}[{each.row}]", each.message,
            subject=asked.units.id[each.row] if each.row >= 0 and each.path.startswith("units.") else "",
            value=each.value, limit=each.limit, clause=clauses.get(each.setting, ""),
        )
        for each in entry.faults(asked, rules.market.entry)
    )  # fmt: skip
