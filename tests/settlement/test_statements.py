"""Statements of days, corrections of corrections, and roll-ups to months and years."""

from __future__ import annotations

from typing import Any

import pytest

from clearing import pipeline
from clearing.tables.settlement_labels import ACCOUNTS, KINDS
from clearing.tables.settlement_statements import public, statement
from clearing.v1 import settlement_pb2 as pb2
from clearing.wire import plain
from clearing.wire.errors import InvalidRequest
from tests.settlement.months import MWH, drawn, items, settled, worked


def rolled(statements: list[pb2.Statement], prefix: str = "Y") -> pb2.RollUpStatementsResponse:
    """Statements, added up by the pipeline."""
    request = pb2.RollUpStatementsRequest(statements=statements, issued_at="2026-01-01 08:00", number_prefix=prefix)
    return pb2.RollUpStatementsResponse.FromString(pipeline.roll_up_statements(request.SerializeToString()))


def test_days_roll_up_to_the_month_to_the_last_thousandth() -> None:
    request = drawn(4)
    request.cycle.days = 2
    whole = settled(request := _with_days(request, 2))
    request.statements_by = pb2.STATEMENTS_BY_DAY
    days = settled(request)
    assert len(days.statements) == 2 * len(whole.statements)
    month = rolled(list(days.statements)).statements
    for one, two in zip(whole.statements, month, strict=True):
        assert (one.addressee, one.first_day, one.last_day) == (two.addressee, two.first_day, two.last_day)
        assert (list(one.account), list(one.money_milli)) == (list(two.account), list(two.money_milli))
        assert list(one.energy_tenth_kwh) == list(two.energy_tenth_kwh)
        assert one.total_milli == two.total_milli
    assert month[0].number == "Y-20250130-20250131-000001"


def _with_days(request: pb2.SettleRequest, days: int) -> pb2.SettleRequest:
    """A month of `drawn` that has exactly so many days."""
    seed = 0
    while request.cycle.days != days or len(request.energy) != days:
        request, seed = drawn(seed), seed + 1
    return request


def test_months_roll_up_to_a_year_with_their_corrections() -> None:
    first = settled(worked()).statements
    request = worked()
    request.energy[0].real_tenth_kwh[0] += 10_000
    request.earlier.extend(first)
    corrected = settled(request).statements
    (year, _) = rolled([*first, *corrected]).statements
    assert year.total_milli == first[0].total_milli + corrected[0].total_milli
    assert list(year.corrects) == ["", "", "", first[0].number]


def test_clause_6_shares_cleared_before_and_settled_for_good_the_month_after() -> None:
    """On the 1st 10 MWh of U's second period are missing, 3,300 to be shared; settled for good nothing is, and what was
    shared comes back, naming the first statement."""
    request, shared = worked(), {"imbalance_share": "metered_energy"}
    request.rules.name = "fujian-2025-4"
    request.energy[0].real_tenth_kwh[3] += 10 * MWH
    first = settled(request, **shared)
    # 10 MWh more come in than go out at 330: 3,300 are missing, G 200 and U 190 of 390 MWh
    assert [items(first, name)["IMBALANCE"] for name in "GU"] == [-1_692_308, -1_607_692]
    request.energy[0].real_tenth_kwh[3] -= 10 * MWH
    request.earlier.extend(first.statements)
    request.cycle.issued_at, request.cycle.number_prefix = "2026-01-01 10:00", "F"
    second = settled(request, **shared)
    lines = {
        (each.addressee, note): (money, corrects)
        for each in second.statements
        for note, money, corrects in zip(each.note, each.money_milli, each.corrects, strict=True)
    }
    numbers = [each.number for each in first.statements]
    assert lines == {
        ("G", "IMBALANCE"): (1_692_308, numbers[0]),
        ("U", "IMBALANCE"): (1_607_692, numbers[1]),
        ("U", "REAL_TIME"): (-3_300_000, numbers[1]),
    }


def test_a_correction_of_a_correction_starts_from_both() -> None:
    first = settled(worked()).statements
    request = worked()
    request.energy[0].real_tenth_kwh[0] += 10_000
    request.earlier.extend(first)
    second = settled(request).statements
    request.earlier.extend(second)
    again = settled(request)
    assert not [money for each in again.statements for money in each.money_milli]
    assert again.statements[0].number.endswith("-c2")
    request.energy[0].real_tenth_kwh[0] -= 10_000
    assert items(settled(request), "G") == {"BACK_BILLING": -280_000}


def test_spans_that_overlap_are_refused() -> None:
    first = settled(worked()).statements
    twice = [pb2.Statement(), first[0]]
    twice[0].CopyFrom(first[0])
    twice[0].number = "other"
    with pytest.raises(InvalidRequest) as refused:
        rolled(twice)
    assert [found.code for found in refused.value.findings] == ["CONTRADICTION"]


def test_what_is_printed_has_four_and_three_decimals_and_names_in_both_languages() -> None:
    tree = plain.tree(settled(worked()))
    shown = statement(tree["statements"][1])
    (_, head), (_, lines) = shown.tables
    assert head["内容 value"].tolist()[:2] == ["X-20251130-20251130-000002", "U · 直接交易用户 user"]
    assert lines.iloc[1].tolist() == [
        "2", "日前电能 day-ahead energy", "-80.0000", "315.000", "25200.000", "收取 collect", "", "",
    ]  # fmt: skip
    assert lines.iloc[-1].tolist()[4:6] == ["59800.000", "收取 collect"]
    kept = dict(public(tree).tables)["balances"]
    assert ["阻塞盈余 congestion surplus", "100.000"] in kept.values.tolist()


def names(of: Any) -> list[str]:
    """Names of an enum of the wire."""
    return [name for name, _ in of.items()]


def test_every_account_and_kind_has_a_name() -> None:
    accounts = {name.removeprefix("SETTLEMENT_ACCOUNT_").lower() for name in names(pb2.SettlementAccount)}
    assert set(ACCOUNTS) == accounts - {"unspecified"}
    kinds = {name.removeprefix("ADDRESSEE_KIND_").lower() for name in names(pb2.AddresseeKind)}
    assert set(KINDS) == kinds - {"unspecified"}
