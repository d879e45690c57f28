"""Money adds up: random months, every way of sharing, both forms."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import numpy as np
import pytest

from clearing.rules.settle_rules import CongestionShare
from clearing.v1 import settlement_pb2 as pb2
from tests.settlement.months import balances, drawn, items, settled

WAYS = [way.value for way in CongestionShare]
SHARED = {
    "rights_rest": "traded_energy", "loss_share": "capacity", "imbalance_share": "metered_energy", "must_run": "paid",
    "start_paid": "short_stop", "start_limit_hours": "168", "fee_balance_share": "used_energy",
    "ancillary_generation_share": "0.333", "renewable_deviation_recovery": "0.05",
    "user_declared_deviation_limit": "0.2", "contract_recovery": "1.2",
    "contract_energy_factor": "0.9", "contract_recovery_local": "1",
}  # fmt: skip


def adds_up(seed: int, way: str) -> None:
    """Σ collected − Σ paid = Σ balances; every statement adds up; what is shared arrives whole."""
    form = "full_energy" if seed % 2 else "two_settlement"
    request = drawn(seed)
    if seed % 3 == 0:
        request.statements_by = pb2.STATEMENTS_BY_DAY
    reply = settled(request, congestion_share=way, form=form, **SHARED)
    money = [value for statement in reply.statements for value in statement.money_milli]
    assert reply.totals.collected_milli == -sum(value for value in money if value < 0)
    assert reply.totals.paid_milli == sum(value for value in money if value > 0)
    assert -sum(money) == sum(reply.totals.balance_milli)
    assert all(statement.total_milli == sum(statement.money_milli) for statement in reply.statements)
    unshared = {finding.subject for finding in reply.findings if finding.code == "NOTHING_TO_SHARE_BY"}
    rest = balances(reply)
    shared = {"loss", "imbalance", "ancillary", "demand_response", "compensation", "penalty", "fee_balance"}
    shared |= set() if way == "carried" else {"congestion"}
    assert not {name for name in shared & set(rest) if rest[name]} - unshared
    assert abs(rest["rounding"]) <= len(request.participants.participant) * request.cycle.days + 4


@pytest.mark.parametrize("way", WAYS)
def test_random_months_add_up(way: str) -> None:
    for seed in range(40):
        adds_up(seed, way)


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_a_thousand_random_months_add_up(way: str) -> None:
    for seed in range(1_000):
        adds_up(seed, way)


def test_both_forms_reconcile() -> None:
    """R2 − R1 = Σ Q_c·(P_DA − P_ref) of every participant, up to the rounding of its items."""
    for seed in range(60):
        request = drawn(seed)
        apart = _apart(request)
        first, second = (settled(request, form=form) for form in ("two_settlement", "full_energy"))
        accounts = ("CONTRACT_PHYSICAL", "CONTRACT_FINANCIAL", "DAY_AHEAD", "REAL_TIME")
        for name in request.participants.participant:
            one, two = (sum(items(reply, name).get(account, 0) for account in accounts) for reply in (first, second))
            slack = request.cycle.days * (2 + 2 * len(request.contracts[0].contract))
            assert abs(two - one - apart[name]) <= slack


def _apart(request: pb2.SettleRequest) -> Counter[str]:
    """Σ Q_c·(P_DA − P_ref) by participant, thousandths, exactly."""
    table, cells = request.contracts[0], request.cycle.days * request.cycle.periods
    node_of = dict(zip(request.participants.participant, request.participants.node, strict=True))
    price = np.array(request.prices.ahead_milli).reshape(-1, cells).tolist()
    row = {name: place for place, name in enumerate(request.prices.node)}
    found: Counter[str] = Counter()
    for place, (seller, buyer) in enumerate(zip(table.seller, table.buyer, strict=True)):
        for t, energy in enumerate(table.energy_tenth_kwh[place * cells : (place + 1) * cells]):
            here, there = (price[row[node_of[name]]][t] for name in (seller, buyer))
            found[buyer] -= Fraction(energy * (there - here), 10_000)  # type: ignore[assignment]  # P_ref: the seller's
    return found


def test_the_order_of_participants_changes_no_money() -> None:
    request = drawn(5)
    again = pb2.SettleRequest()
    again.CopyFrom(request)
    order = list(reversed(range(len(request.participants.participant))))
    for field, values in request.participants.ListFields():
        column = getattr(again.participants, field.name)
        del column[:]
        column.extend(values[place] for place in order)
    for table in again.energy:
        periods = request.cycle.periods
        for name in ("ahead_tenth_kwh", "real_tenth_kwh"):
            column = getattr(table, name)
            cells = np.array(column).reshape(-1, periods)[order].ravel().tolist()
            del column[:]
            column.extend(cells)
    one, two = (settled(asked, congestion_share="capacity", **SHARED) for asked in (request, again))
    assert all(items(one, name) == items(two, name) for name in request.participants.participant)


def test_chunks_of_days_and_of_participants_are_the_whole() -> None:
    request = drawn(11)
    parts = pb2.SettleRequest()
    parts.CopyFrom(request)
    del parts.energy[:]
    ids, periods = list(request.participants.participant), request.cycle.periods
    for table in request.energy:
        for place in reversed(range(len(ids))):
            at = slice(place * periods, (place + 1) * periods)
            parts.energy.add(
                participant=[ids[place]], first_day=table.first_day, days=1,
                ahead_tenth_kwh=table.ahead_tenth_kwh[at], real_tenth_kwh=table.real_tenth_kwh[at],
            )  # fmt: skip
    assert settled(parts) == settled(request)
