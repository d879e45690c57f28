"""Settlement, a request in and a reply out: a cycle settled, statements added up."""

from __future__ import annotations

from collections.abc import Iterator

from clearing.case.finding import Finding, Severity
from clearing.rules_alone import rules_alone
from clearing.settlement import statements
from clearing.settlement.cycle import Settled, settle_cycle
from clearing.settlement.tables import Month
from clearing.wire import settlement_requests, settlement_roll_ups, write_statements
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
    settled = settle_cycle(month, rules.market)
    found = statements.write(month.cycle, month.participants, settled.ledger, read.by_day, read.earlier)
    before = sum(each.total for each in read.earlier) if read.earlier else None
    return write_statements.write(found, settled, rules, before, tuple(_notes(month, settled)), chunks)


def _notes(month: Month, settled: Settled) -> Iterator[Finding]:
    for pool in settled.unshared:
        text = "Nobody has a weight to share this by; it stays in the balance."
        yield Finding(Severity.WARNING, "NOTHING_TO_SHARE_BY", "totals.balance", text, pool.balance,
                      value=str(pool.money))  # fmt: skip
    for short in settled.short:
        text = "The capacity obligation is not covered, kW."
        name = month.participants.id[short.participant]
        yield Finding(Severity.WARNING, "CAPACITY_SHORT", "capacity", text, name, value=str(short.missing_kw))


def roll_up_statements(request: bytes) -> bytes:
    """RollUpStatementsRequest → RollUpStatementsResponse. Raises InvalidRequest with every finding."""
    read = settlement_roll_ups.read(request)
    return write_statements.write_roll_up(statements.roll_up(read.statements, read.issued_at, read.prefix))
