"""Applications for market entry with blanks, faults and nonsense: every finding, and nothing valid that is not."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearing.v1 import entry_pb2 as pb2
from tests.admission.applications import (
    AGGREGATED,
    COAL,
    DIRECT,
    IS_AGGREGATED,
    IS_DIRECT,
    NO,
    REGISTERED,
    SOLAR,
    YES,
    aggregated,
    codes,
    direct,
    judged,
    new_unit,
    select,
)  # fmt: skip


@pytest.mark.parametrize("column", ["kind", "subsidy", "distributed", "promised"])
def test_a_blank_that_a_rule_needs_is_said(column: str) -> None:
    asked = new_unit(AGGREGATED if column == "distributed" else DIRECT, licensed=NO)
    if column != "promised":
        asked.units.exempt[0] = YES
    getattr(asked.units, column)[0] = 0
    reply = judged(asked)
    assert ("NOT_STATED", f"units.{column}[0]") in {(each.code, each.path) for each in reply.findings}
    assert codes(judged(asked, not_stated="noted")) == set()


def test_all_faults_of_a_hostile_application_at_once() -> None:
    asked = new_unit(
        AGGREGATED, kind=COAL, distributed=NO, licensed=NO, promise_accepted=False, effective_day="2024-01-01",
        state=pb2.ENTRY_STATE_NOT_REGISTERED, file="x.exe", bytes=2**40,
    )  # fmt: skip
    reply = judged(asked)
    assert codes(reply) == {
        "PROMISE_NOT_ACCEPTED", "EFFECTIVE_TOO_EARLY", "NOT_REGISTERED", "KIND_NOT_ADMITTED", "NOT_DISTRIBUTED",
        "LICENCE_MISSING", "ATTACHMENT_FORMAT", "ATTACHMENT_SIZE",
    }  # fmt: skip
    assert all(each.clause.startswith("Jiangsu market entry manual") for each in reply.findings)
    assert not reply.HasField("work_order")
    assert not reply.entry.resource


def test_an_empty_application_lacks_everything() -> None:
    reply = judged(pb2.CheckEntryRequest())
    assert {(each.code, each.path) for each in reply.findings} == {
        ("EMPTY_ID", "application.enterprise"), ("UNKNOWN_ENUM", "application.channel"),
        ("OUT_OF_RANGE", "application.sequence"), ("BAD_DATE", "application.day"),
        ("BAD_DATE", "application.effective_day"), ("REQUIRED", "units.unit"),
    }  # fmt: skip
    assert not reply.HasField("screen")


def test_malformed_rows_are_said_and_the_others_judged() -> None:
    asked = direct()
    asked.units.promise_end[0] = "2025-02-30"
    asked.units.unit[1] = "x\ny"
    asked.units.selected[9] = 1
    reply = judged(asked)
    assert {(each.code, each.path) for each in reply.findings} == {
        ("BAD_DATE", "units.promise_end[0]"), ("BAD_ID", "units.unit[1]"), ("ALREADY_ENTERED", "units.selected[9]"),
    }  # fmt: skip


def test_without_a_rule_set_nothing_is_asked() -> None:
    asked = new_unit(AGGREGATED, kind=COAL, distributed=NO, licensed=NO, promise_accepted=False)
    asked.rules.name = ""
    assert judged(asked).valid


MOVES = {
    "state": [1, REGISTERED, IS_DIRECT, IS_AGGREGATED, 9], "selected": [0, 1, 2], "kind": [0, 1, 6, 7, 10, 77],
    "capacity_w": [-1, 1, 10**12], "distributed": [0, YES, NO, 5], "public": [0, YES, NO], "subsidy": [0, 1, 2, 3],
    "exempt": [0, YES, NO], "licensed": [0, YES, NO], "promised": [0, YES, NO],
    "promise_end": ["", "2024-08-23", "2030-01-01", "9999-12-31", "soon"], "contract": ["", "C", "\u202e"],
    "contract_end": ["", "2024-08-01", "2030-01-01"], "project_code": ["", "PP1", "Q", "P" * 200],
    "start_day": ["", "2024-08-31", "0000-00-00"], "effective_day": ["", "2024-01-01"],
}  # fmt: skip


TEXTS = {"promise_end", "contract", "contract_end", "project_code", "start_day", "effective_day"}


@given(st.integers(0, 10**9))
def test_a_hostile_application_is_refused_with_findings_or_makes_sense(seed: int) -> None:
    """Whatever is written into the tables: an answer, and where it is valid every rule holds of what was selected."""
    draw = Random(seed)
    asked = draw.choice([direct, lambda: select(aggregated(), "测试风电2"), new_unit])()
    rows = len(asked.units.unit)
    for field in draw.sample(sorted(MOVES), draw.choice([0, 1, 1, 2, 8])):
        column = getattr(asked.units, field)
        kept = list(column) or [""] * rows if field in TEXTS else list(column) or [0] * rows
        column[:] = [draw.choice([value, value, draw.choice(MOVES[field])]) for value in kept]
    if draw.random() < 0.2:
        asked.application.channel = draw.choice([DIRECT, AGGREGATED])
    asked.application.promise_accepted = draw.random() < 0.9
    asked.application.accepted_day = draw.choice(["", "2024-08-30"])
    reply = judged(asked)
    assert reply.valid != bool(codes(reply))
    assert reply.valid == reply.HasField("work_order")
    for each in reply.findings:
        assert all((each.code, each.path, each.message))
    if reply.valid:
        _makes_sense(asked, reply)


def _makes_sense(asked: pb2.CheckEntryRequest, reply: pb2.CheckEntryResponse) -> None:
    units, channel = asked.units, asked.application.channel
    chosen = [row for row, name in enumerate(units.unit) if units.selected[row]]
    order = reply.work_order
    assert sorted([*order.new_unit, *order.changed_unit]) == sorted(units.unit[row] for row in chosen)
    for row in chosen:
        assert reply.screen.selectable[row] == 1
        assert units.state[row] in (REGISTERED, IS_AGGREGATED if channel == DIRECT else IS_DIRECT)
        if channel == AGGREGATED:
            assert units.distributed[row] == YES
            assert units.kind[row] in (0, SOLAR, pb2.ENTRY_KIND_WIND)
    spans = zip(reply.entry.resource, reply.entry.first_day, reply.entry.last_day, strict=True)
    last: dict[str, str] = {}
    for name, first, end in spans:
        assert not end or first <= end
        assert name not in last or last[name] < first
        last[name] = end or "9999"
