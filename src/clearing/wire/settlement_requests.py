"""The request of Settle → tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from clearing.case.arrays import Ints
from clearing.case.finding import Finding
from clearing.price_limits.declared import DeclaredKind
from clearing.settlement.accounts import CHARGED, ENTERED, Addressee, Basis, ContractRecovery
from clearing.settlement.ledger import BALANCES
from clearing.settlement.statements import Statement
from clearing.settlement.tables import Charges, Cycle, Month, NodePrices, Participants
from clearing.v1 import settlement_pb2 as pb2
from clearing.wire import decode, requests, settlement_rows
from clearing.wire.fields import index_of
from clearing.wire.problems import Problems
from clearing.wire.settlement_columns import MOST_KW, MOST_PRICE, MOST_RATE, Grid, cycle, read_statements
from clearing.wire.settlement_energy import contracts, energy
from clearing.wire.substitution_columns import Columns


@dataclass(frozen=True, slots=True)
class SettleAsked:
    """A cycle to be settled. month: None after a finding that leaves it without form; findings: all of the reading."""

    rule_selection: tuple[str, str, dict[str, str]]
    month: Month | None
    by_day: bool
    earlier: tuple[Statement, ...]
    findings: tuple[Finding, ...]


def read(raw: bytes) -> SettleAsked:
    """Read a SettleRequest; raises InvalidRequest where it is no message, or overrides a rule twice."""
    return _read(requests.parse(pb2.SettleRequest(), raw))


def read_chunks(raw: bytes) -> SettleAsked:
    """Read SettleChunksRequests, one behind the other, as the request that they are parts of."""
    return _read(requests.parse(pb2.SettleChunksRequest(), raw).part)


def _read(pb: pb2.SettleRequest) -> SettleAsked:
    problems = Problems()
    problems.only(pb, "request")
    span = cycle(pb.cycle, problems)
    prices = _prices(pb.prices, span, problems)
    people = _participants(pb.participants, prices.node, problems)
    earlier = read_statements(pb.earlier, "earlier", problems)
    month = _month(pb, span, prices, people, problems)
    _within_cycle(earlier, people, problems)
    return SettleAsked(
        rule_selection=decode.rule_selection(pb.rules),
        month=month if not problems.findings else None,
        by_day=pb.statements_by == pb2.STATEMENTS_BY_DAY,
        earlier=tuple(earlier),
        findings=tuple(problems.findings),
    )


def _month(pb: pb2.SettleRequest, span: Cycle, prices: NodePrices, people: Participants, problems: Problems) -> Month:
    who = index_of(people.id)
    if pb.statements_by not in (pb2.STATEMENTS_BY_UNSPECIFIED, pb2.STATEMENTS_BY_DAY):
        value = pb.statements_by
        problems.error("UNKNOWN_ENUM", "statements_by", "The value is not allowed.", value=value, limit="DAY")
    if abs(pb.fee_balance_milli) > settlement_rows.MOST_MONEY:
        limit = f"|·| ≤ {settlement_rows.MOST_MONEY}"
        problems.error("OUT_OF_RANGE", "fee_balance_milli", "Out of range.", value=pb.fee_balance_milli, limit=limit)
    nodes = index_of(prices.node)
    return Month(
        cycle=span,
        participants=people,
        prices=prices,
        energy=energy(pb.energy, span, people.id, problems),
        contracts=contracts(pb.contracts, span, who, nodes, people.node, problems),
        entries=settlement_rows.entries(pb.entries, who, span, ENTERED, problems),
        charges=_charges(pb.charges, who, problems),
        obligations=settlement_rows.obligations(pb.capacity, who, problems),
        rights=settlement_rows.rights(pb.rights, who, nodes, problems),
        costs=settlement_rows.costs(pb.costs, who, span, problems),
        starts=settlement_rows.starts(pb.starts, who, span, problems),
        ordered=settlement_rows.ordered(pb.ordered, who, span, problems),
        fee_balance=pb.fee_balance_milli,
        capacity_trades=settlement_rows.capacity_trades(pb.capacity_trades, who, problems),
        packages=settlement_rows.packages(pb.retail, who, problems),
    )


def _participants(pb: pb2.SettlementParticipants, nodes: tuple[str, ...], problems: Problems) -> Participants:
    table = Columns(pb, "participants", "participant", 1, problems)
    ids = table.ids("participant")
    if not ids:
        problems.error("REQUIRED", "participants.participant", "Required.", value=0, limit="≥ 1")
    return Participants(
        id=ids,
        kind=table.enum("kind", Addressee),
        node=np.maximum(table.references("node", index_of(nodes)), 0),
        capacity_kw=table.within("capacity_kw", table.whole("capacity_kw", 0), 0, MOST_KW),
        charge_class=table.texts("charge_class") if table.has("charge_class") else ("",) * table.rows,
        declaring=_declaring(table),
        reward_weight=table.within("reward_weight", table.whole("reward_weight", 0), 0, MOST_KW),
        contract_recovery=table.enum("contract_recovery", ContractRecovery, optional=True)
        if table.has("contract_recovery")
        else np.zeros(table.rows, dtype=np.int64),
    )


def _declaring(table: Columns) -> Ints:
    kinds = table.whole("declaring", 0)
    known = [0, *(int(kind) for kind in DeclaredKind)]
    limit = ", ".join(kind.name for kind in DeclaredKind)
    table.each("declaring", ~np.isin(kinds, known), kinds, "UNKNOWN_ENUM", limit, "The value is not allowed.")
    return kinds


def _prices(pb: pb2.NodePrices, span: Cycle, problems: Problems) -> NodePrices:
    table = Columns(pb, "prices", "node", 1, problems)
    nodes = table.ids("node")
    if not nodes:
        problems.error("REQUIRED", "prices.node", "Required.", value=0, limit="≥ 1")
    grid = Grid(pb, "prices", span.days * span.periods, problems)
    rows = len(nodes)
    ahead, real = (grid.read(name, rows, MOST_PRICE) for name in ("ahead_milli", "real_milli"))
    base = []
    for name, only in (("ahead_energy_milli", ahead), ("real_energy_milli", real)):
        single = rows == 1 and not len(getattr(pb, name))
        base.append(only[0] if single else grid.read(name, 1, MOST_PRICE)[0])
    losses = [
        grid.read(name, rows, MOST_PRICE) if len(getattr(pb, name)) else np.zeros((0, 0), dtype=np.int32)
        for name in ("ahead_loss_milli", "real_loss_milli")
    ]
    return NodePrices(nodes, ahead, real, *base, *losses)


def _charges(pb: pb2.SettlementCharges, who: Any, problems: Problems) -> Charges:
    table = Columns(pb, "charges", "charge", 1, problems)
    ids = table.ids("charge")
    taken = np.array([name in BALANCES for name in ids], dtype=np.bool_)
    table.each("charge", taken, np.arange(len(ids)), "DUPLICATE_ID", "another name", "A balance has this name.")
    return Charges(
        id=ids,
        account=settlement_rows.account(table, CHARGED),
        basis=table.enum("basis", Basis),
        rate=table.within("rate", table.whole("rate"), 0, MOST_RATE),
        charge_class=table.texts("charge_class") if table.has("charge_class") else ("",) * table.rows,
        participant=table.references("participant", who, optional=True),
        payee=table.references("payee", who, optional=True),
    )


def _within_cycle(earlier: Sequence[Statement], people: Participants, problems: Problems) -> None:
    known = set(people.id)
    for row, statement in enumerate(earlier):
        if statement.addressee not in known:
            problems.error("UNKNOWN_ID", f"earlier[{row}].addressee", "There is no row of this id.",
                           value=statement.addressee, limit="a participant")  # fmt: skip
