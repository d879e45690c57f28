"""Statements and totals of a cycle → messages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from clearing.case.finding import Finding
from clearing.rules.rules import Rules
from clearing.settlement.cycle import Settled
from clearing.settlement.money import total
from clearing.settlement.statements import Statement
from clearing.v1 import settlement_pb2 as pb2
from clearing.wire import encode


def write(
    statements: Iterable[Statement],
    settled: Settled,
    rules: Rules,
    earlier: int | None,
    notes: Sequence[Finding],
    chunks: bool,
) -> bytes:
    """A serialised SettleResponse, or SettleChunksResponse. earlier: Σ of the statements that these correct; None =
    they correct none."""
    pb = pb2.SettleResponse(findings=[encode.finding(found) for found in notes], rules=encode.rule_echo(rules))
    collected = paid = 0
    for each in statements:
        pb.statements.append(statement(each))
        for item in each.items:
            collected -= min(item.money, 0)
            paid += max(item.money, 0)
    pb.totals.CopyFrom(_totals(settled, earlier))
    pb.totals.collected_milli, pb.totals.paid_milli = collected, paid
    reply = pb2.SettleChunksResponse(result=pb) if chunks else pb
    return reply.SerializeToString(deterministic=True)


def write_roll_up(statements: Iterable[Statement]) -> bytes:
    """A serialised RollUpStatementsResponse."""
    reply = pb2.RollUpStatementsResponse(statements=[statement(each) for each in statements])
    return reply.SerializeToString(deterministic=True)


def _totals(settled: Settled, earlier: int | None) -> pb2.SettlementTotals:
    ledger, surplus = settled.ledger, settled.surplus
    balance = {name: money for name, money in ledger.balance.items() if money or name == "rounding"}
    if earlier is not None:
        balance["earlier"] = earlier
    accounts = sorted(ledger.money)
    return pb2.SettlementTotals(
        account=[int(account) for account in accounts],  # type: ignore[misc]
        account_energy_tenth_kwh=[total(ledger.energy[a]) if a in ledger.energy else 0 for a in accounts],
        account_money_milli=[total(ledger.money[account]) for account in accounts],
        account_collected_milli=[-total(np.minimum(ledger.money[account], 0)) for account in accounts],
        account_paid_milli=[total(np.maximum(ledger.money[account], 0)) for account in accounts],
        balance=list(balance),
        balance_milli=list(balance.values()),
        congestion_ahead_milli=surplus.congestion_ahead,
        congestion_real_milli=surplus.congestion_real,
        loss_milli=surplus.loss,
        imbalance_milli=surplus.imbalance,
    )


def statement(of: Statement) -> pb2.Statement:
    """One statement."""
    items = of.items
    collect, pay = pb2.PAYMENT_DIRECTION_COLLECT, pb2.PAYMENT_DIRECTION_PAY
    return pb2.Statement(
        number=of.number,
        addressee=of.addressee,
        kind=of.kind,  # type: ignore[arg-type]
        issued_at=of.issued_at,
        first_day=of.first_day,
        last_day=of.last_day,
        account=[item.account for item in items],  # type: ignore[misc]
        energy_tenth_kwh=[item.energy for item in items],
        price_milli=[item.price for item in items],
        money_milli=[item.money for item in items],
        direction=[pay if item.money >= 0 else collect for item in items],
        corrects=[item.corrects for item in items],
        note=[item.note for item in items],
        total_milli=of.total,
    )
