"""Settlement, a request in and a reply out: a cycle settled, statements added up."""

from __future__ import annotations

import math
from collections.abc import Iterator

from clearing.case.finding import Finding, Severity
from clearing.rules.rules import Rules
from clearing.rules_alone import rules_alone
from clearing.settlement import retail, statements
from clearing.settlement.cycle import Settled, settle_cycle
from clearing.settlement.tables import Month
from clearing.wire import settlement_requests, settlement_roll_ups, write_statements
from clearing.wire.errors import InvalidRequest
from clearing.wire.settlement_requests import SettleAsked


def settle(request: bytes) -> bytes:
    """SettleRequest → SettleResponse. Raises InvalidRequest with every finding."""
    return _settled(settlement_requests.read(request), chunks=False)


def settle_chunks(request: bytes) -> bytes:
    """SettleChunksRequests one behind the other → SettleChunksResponse. Raises InvalidRequest with every finding."""
    return _settled(settlement_requests.read_chunks(request), chunks=True)


def _settled(read: SettleAsked, chunks: bool) -> bytes:
    rules = rules_alone(read)
    assert read.month is not None  # there were no findings
    month = read.month
    wrong = tuple(_refused(month, rules))
    if wrong:
        raise InvalidRequest(wrong)
    settled = settle_cycle(month, rules.market)
    found = statements.write(month.cycle, month.participants, settled.ledger, read.by_day, read.earlier)
    before = sum(each.total for each in read.earlier) if read.earlier else None
    return write_statements.write(found, settled, rules, before, tuple(_notes(month, settled, rules)), chunks)


def _notes(month: Month, settled: Settled, rules: Rules) -> Iterator[Finding]:
    for pool in settled.unshared:
        text = "Nobody has a weight to share this by; it stays in the balance."
        yield Finding(Severity.WARNING, "NOTHING_TO_SHARE_BY", "totals.balance", text, pool.balance,
                      value=str(pool.money))  # fmt: skip
    for short in settled.short:
        text = "The capacity obligation is not covered, kW."
        name = month.participants.id[short.participant]
        yield Finding(Severity.WARNING, "CAPACITY_SHORT", "capacity", text, name, value=str(short.missing_kw))
    for each in retail.dear(month.packages, rules.market.retail):
        text = "The package is dearer than the risk price of its kind, thousandths per MWh."
        yield Finding(
            Severity.WARNING, "RETAIL_PRICE_RISK", f"retail.price_milli[{each.row}]", text, month.packages.id[each.row],
            value=str(month.packages.price[each.row]), limit=f"≤ {math.floor(each.risk_price)}",
            clause=rules.clause("settlement.retail.risk_share"),
        )  # fmt: skip


def _refused(month: Month, rules: Rules) -> Iterator[Finding]:
    for each in retail.refused(month.packages, rules.market.retail):
        yield Finding(
            Severity.ERROR, "OUT_OF_RANGE", f"retail.{each.column}[{each.row}]", "The rules allow other terms.",
            month.packages.id[each.row], value=str(each.value), limit=f"{each.least} to {each.most}",
            clause=rules.clause(each.setting),
        )  # fmt: skip


def roll_up_statements(request: bytes) -> bytes:
    """RollUpStatementsRequest → RollUpStatementsResponse. Raises InvalidRequest with every finding."""
    read = settlement_roll_ups.read(request)
    return write_statements.write_roll_up(statements.roll_up(read.statements, read.issued_at, read.prefix))
