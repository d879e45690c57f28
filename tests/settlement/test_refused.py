"""What is wrong with a request is said at once, with path, value and limit; nothing is settled."""

from __future__ import annotations

import pytest

from clearing import pipeline
from clearing.v1 import settlement_pb2 as pb2
from clearing.wire.errors import InvalidRequest
from tests.settlement.months import settled, worked


def faults(request: pb2.SettleRequest) -> set[tuple[str, str]]:
    """(code, path) of every finding."""
    with pytest.raises(InvalidRequest) as refused:
        pipeline.settle(request.SerializeToString())
    return {(found.code, found.path) for found in refused.value.findings}


def test_an_empty_request_lacks_everything() -> None:
    assert faults(pb2.SettleRequest()) >= {
        ("BAD_DATE", "cycle.first_day"), ("BAD_DATE", "cycle.issued_at"), ("OUT_OF_RANGE", "cycle.days"),
        ("OUT_OF_RANGE", "cycle.periods"), ("REQUIRED", "participants.participant"), ("REQUIRED", "prices.node"),
    }  # fmt: skip


def test_all_faults_at_once() -> None:
    request = worked()
    request.participants.node[1] = "C"
    request.participants.kind[0] = 9  # type: ignore[call-overload]
    request.prices.real_milli.pop()
    request.prices.ahead_milli[0] = 10**7 + 1
    request.energy[0].ahead_tenth_kwh[3] = -3 * 10**8 - 1
    request.contracts[0].seller[0] = "U"
    request.contracts[0].energy_tenth_kwh[0] = -1
    request.entries.participant.append("Z")
    request.entries.account.append(pb2.SETTLEMENT_ACCOUNT_DAY_AHEAD)
    request.entries.money_milli.append(10**14 + 1)
    request.charges.charge.append("rounding")
    request.charges.account.append(pb2.SETTLEMENT_ACCOUNT_FUND)
    request.charges.basis.append(7)  # type: ignore[arg-type]
    request.charges.rate.append(-1)
    assert faults(request) == {
        ("UNKNOWN_ID", "participants.node[1]"), ("UNKNOWN_ENUM", "participants.kind[0]"),
        ("WRONG_LENGTH", "prices.real_milli"), ("OUT_OF_RANGE", "prices.ahead_milli[0]"),
        ("OUT_OF_RANGE", "energy[0].ahead_tenth_kwh[1]"), ("CONTRADICTION", "contracts[0].buyer[0]"),
        ("OUT_OF_RANGE", "contracts[0].energy_tenth_kwh[0]"), ("UNKNOWN_ID", "entries.participant[0]"),
        ("UNKNOWN_ENUM", "entries.account[0]"), ("OUT_OF_RANGE", "entries.money_milli[0]"),
        ("DUPLICATE_ID", "charges.charge[0]"),
        ("UNKNOWN_ENUM", "charges.basis[0]"), ("OUT_OF_RANGE", "charges.rate[0]"),
    }  # fmt: skip


def test_energy_is_there_once() -> None:
    request = worked()
    request.energy.append(request.energy[0])
    assert faults(request) == {("DUPLICATE_ID", "energy")}
    del request.energy[:]
    assert faults(request) == {("REQUIRED", "energy")}


def test_more_than_one_node_needs_the_energy_part() -> None:
    request = worked()
    del request.prices.ahead_energy_milli[:]
    assert faults(request) == {("WRONG_LENGTH", "prices.ahead_energy_milli")}


def test_an_earlier_statement_that_does_not_add_up_is_refused() -> None:
    request = worked()
    request.earlier.extend(settled(worked()).statements)
    request.earlier[1].total_milli += 1
    request.earlier[0].addressee = "Z"
    assert faults(request) == {("CONTRADICTION", "earlier[1].total_milli"), ("UNKNOWN_ID", "earlier[0].addressee")}


def test_unknown_rules_are_refused() -> None:
    request = worked()
    request.rules.overrides.add(key="settlement.form", value="one_settlement")
    assert {code for code, _ in faults(request)} == {"BAD_RULE_VALUE"}
