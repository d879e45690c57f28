"""The entry table of a case: who may offer on the operating day (15 January 2026), and what an aggregate is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearing import pipeline
from clearing.case.case import Case
from clearing.case.entry import EntryChannel, MarketEntry, with_factors
from clearing.case.finding import Severity
from clearing.case.validate import validate
from clearing.client import messages
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.v1 import clearing_service_pb2 as service
from clearing.wire import decode, encode
from tests.factory import market

DIRECT = {"id": "coal"}
ROOF = {"id": "roof", "in": "A", "bus": "n", "mw": 6}
MILL = {"id": "mill", "in": "A", "bus": "s", "mw": 2}


def day(*entry: dict[str, Any], most: float = 8, factors: dict[str, float] | None = None, **more: Any) -> Case:
    """Coal and an aggregate A of 8 MW: 6 at n, 2 at s."""
    own = {"n": 0.75, "s": 0.25} if factors is None else factors
    return market(
        {"n": [50.0, 60.0], "s": [0.0, 0.0]},
        units=[{"id": "coal", "bus": "n", "p_max": 100, "price": 300}],
        virtual=[{"id": "A", "max": most, "price": 100, "factors": own}],
        branches=[{"id": "ns", "ends": ("n", "s"), "limit": 100}],
        entry=entry,
        **more,
    )


def found(case: Case, **settings: str) -> set[tuple[str, str, str]]:
    """(code, path, subject) of findings of entry."""
    rules = load("jiangsu", overrides={f"entry.{key}": value for key, value in settings.items()})
    return {
        (f.code, f.path, f.subject)
        for f in validate(case, rules)
        if "ENTRY" in f.code or "AGGREGATE" in f.code or "MEMBER" in f.code or f.path.startswith("case.entry")
    }


def test_without_a_table_nothing_is_judged() -> None:
    assert found(day()) == set()


def test_direct_units_and_an_aggregate_of_its_members() -> None:
    assert found(day(DIRECT, ROOF, MILL)) == set()


def test_clause_1_1_who_has_not_entered_is_refused() -> None:
    assert found(day(ROOF, MILL)) == {("NO_ENTRY", "case.units.id[0]", "coal")}
    assert found(day(ROOF, MILL), offers_by="anybody") == set()


@pytest.mark.parametrize("span", [{"first": "2026-01-16"}, {"last": "2026-01-14"}])
def test_entry_that_does_not_hold_on_the_day_is_refused_with_its_days(span: dict[str, str]) -> None:
    case = day({**DIRECT, **span}, ROOF, MILL)
    assert found(case) == {("ENTRY_NOT_IN_FORCE", "case.units.id[0]", "coal")}
    (finding,) = (f for f in validate(case, load("jiangsu")) if f.code == "ENTRY_NOT_IN_FORCE")
    assert finding.value == f"{span.get('first', '2026-01-01')} to {span.get('last', 'open')}"
    assert finding.limit == "2026-01-15"
    assert finding.clause == "Jiangsu market entry manual (2024-09), part 2, 1.1, 2.1"


def test_spans_follow_one_another() -> None:
    spans = {**DIRECT, "last": "2026-01-14"}, {**DIRECT, "first": "2026-01-15"}
    assert found(day(*spans, ROOF, MILL)) == set()
    assert found(day(DIRECT, spans[1], ROOF, MILL)) == {("ENTRY_TWICE", "case.entry.first_day[1]", "coal")}


def test_an_aggregated_unit_does_not_offer_alone() -> None:
    case = day(DIRECT, ROOF, MILL, renewables=[{"id": "roof", "bus": "n", "forecast": 5}])
    assert found(case) == {("OFFERS_IN_AGGREGATE", "case.renewables.id[0]", "roof")}


def test_a_member_that_is_not_in_force_is_left_out() -> None:
    late = {**MILL, "first": "2026-01-16"}
    codes = {("MEMBER_NOT_IN_FORCE", "case.entry.first_day[2]", "mill")}
    assert found(day(DIRECT, ROOF, late, most=6, factors={"n": 1.0})) == codes
    # 8 MW are more than the 6 of the roof, and its factors are no longer those of both
    assert found(day(DIRECT, ROOF, late)) == codes | {
        ("AGGREGATE_ABOVE_MEMBERS", "case.virtual_plants.max_mw[0]", "A"),
        ("AGGREGATE_FACTORS", "case.virtual_plants.factor[0]", "A"),
    }


def test_an_aggregate_without_members_is_refused() -> None:
    late = [{**each, "first": "2026-01-16"} for each in (ROOF, MILL)]
    assert ("AGGREGATE_WITHOUT_MEMBERS", "case.virtual_plants.id[0]", "A") in found(day(DIRECT, *late))
    # Without a row of its own or of members it has not entered; with one it offers as it is
    assert found(day(DIRECT)) == {("NO_ENTRY", "case.virtual_plants.id[0]", "A")}
    assert found(day(DIRECT, {"id": "A"})) == set()


def test_clause_2_1_factors_are_by_capacity_or_as_stated() -> None:
    even = day(DIRECT, ROOF, MILL, factors={"n": 0.5, "s": 0.5})
    assert found(even) == {("AGGREGATE_FACTORS", "case.virtual_plants.factor[0]", "A")}
    assert found(even, factors="stated") == set()
    alone = day(DIRECT, ROOF, most=6, factors={"n": 0.5, "s": 0.5})
    assert found(alone, factors="stated") == {("AGGREGATE_FACTORS", "case.virtual_plants.factor[0]", "A")}


def test_rows_that_make_no_sense_are_said_at_once() -> None:
    ends = {**DIRECT, "first": "2026-01-10", "last": "2026-01-09"}
    case = day(ends, {**ROOF, "bus": ""}, {**MILL, "mw": 0})
    assert {(code, path) for code, path, _ in found(case)} >= {
        ("ENTRY_DAYS", "case.entry.last_day[0]"), ("REQUIRED", "case.entry.bus[1]"),
        ("NOT_POSITIVE", "case.entry.capacity_mw[2]"), ("AGGREGATE_WITHOUT_MEMBERS", "case.virtual_plants.id[0]"),
    }  # fmt: skip
    table = case.entry
    loose = MarketEntry(
        table.resource, np.array([1, EntryChannel.AGGREGATED, EntryChannel.DIRECT]), table.first_day, table.last_day,
        np.array([-1, -1, 0]), table.bus, table.capacity_mw,
    )  # fmt: skip
    assert {(code, path) for code, path, _ in found(replace(case, entry=loose))} >= {
        ("REQUIRED", "case.entry.aggregate[1]"), ("CONTRADICTION", "case.entry.aggregate[2]"),
    }  # fmt: skip


def test_an_aggregate_is_generation() -> None:
    case = market(
        [50.0, 60.0],
        units=[{"id": "coal", "p_max": 100, "price": 300}],
        virtual=[{"id": "D", "load": True, "max": 8, "price": 400}],
        entry=[DIRECT, {**ROOF, "in": "D", "bus": "system"}],
        buses=["system"],
    )
    assert ("NOT_AN_AGGREGATE", "case.entry.aggregate[1]", "roof") in found(case)


def test_factors_that_are_not_stated_follow_from_the_members() -> None:
    # 6 and 2 MW in force, 100 MW that are not yet: three quarters and one quarter
    bare = day(DIRECT, ROOF, MILL, {"id": "new", "in": "A", "bus": "s", "mw": 100, "first": "2026-02-01"}, factors={})
    back, findings = decode.case(encode.case(bare))
    assert back is not None
    assert not [f for f in findings if f.severity is Severity.ERROR]
    plants = back.virtual_plants
    assert (plants.factor_bus.tolist(), plants.factor.tolist()) == ([0, 1], [0.75, 0.25])
    assert back.notes == ("virtual plant A: distribution factors by the capacity of the units in it (2)",)
    assert found(back) == {("MEMBER_NOT_IN_FORCE", "case.entry.first_day[3]", "new")}
    # What is stated stays
    again, _ = with_factors(plants, back.entry, back.horizon.operating_day.toordinal(), 2)
    assert again is plants


@pytest.mark.parametrize("mw", [np.inf, np.nan, -1.0])
def test_no_factor_follows_from_what_is_no_capacity(mw: float) -> None:
    back, _ = decode.case(encode.case(day(DIRECT, {**ROOF, "mw": mw}, MILL, most=2, factors={})))
    assert back is not None
    assert back.virtual_plants.factor.tolist() == [1.0]
    assert {f.path for f in validate(back, load("jiangsu")) if f.severity is Severity.ERROR} == {
        "case.entry.capacity_mw[1]"
    }


def test_validate_case_refuses_and_clearing_takes_the_aggregate() -> None:
    asked = service.ValidateCaseRequest(case=encode.case(day(ROOF, MILL)), rules={"name": "jiangsu"})
    verdict = service.ValidateCaseResponse.FromString(pipeline.validate_case(asked.SerializeToString()))
    assert not verdict.valid
    assert [f.code for f in verdict.findings if f.severity == 1] == ["NO_ENTRY"]
    # 50 MW of load: the aggregate gives its 8 MW at 100, three quarters at n; 2 MW flow from s to n
    request = messages.clear_request(day(DIRECT, ROOF, MILL, factors={}), "jiangsu", "", None, None, "", None)
    reply = service.ClearDayAheadResponse.FromString(
        pipeline.clear_day_ahead(request.SerializeToString(), RunControl(), "entry")
    )
    assert reply.result.audit.passed
    own = [owner.virtual_plants for owner in reply.result.owner_results if owner.virtual_plants.id]
    assert [list(plants.mw) for plants in own] == [[8.0]]
    flow = np.array(reply.result.system_schedule.flows.branch_mw)
    assert np.allclose(flow, -2.0)


CHANGES = st.sampled_from(
    [{}, {}, {}, {"first": "2026-01-16"}, {"last": "2026-01-14"}, {"last": "2026-01-15"}, {"bus": "s"}, {"bus": ""},
     {"mw": 0.5}, {"mw": -1.0}, {"in": ""}, {"in": "A"}, {"id": "coal"}, {"id": "roof"}]
)  # fmt: skip
BARN = {"id": "barn", "in": "A", "bus": "s", "mw": 3.0}


@st.composite
def tables(draw: st.DrawFn) -> list[dict[str, Any]]:
    """The sound table with rows changed, left out and put in another order."""
    rows = [
        {"first": "2026-01-01", "last": "", "in": "", "bus": "", "mw": 0.0} | row for row in (DIRECT, ROOF, MILL, BARN)
    ]
    changed = [row | draw(CHANGES) for row in rows if draw(st.integers(0, 9))]
    return list(draw(st.permutations(changed or rows)))


@given(spans=tables(), most=st.floats(0.0, 8.0))
def test_whoever_passes_may_offer_and_every_aggregate_is_its_members(spans: list[dict[str, Any]], most: float) -> None:
    """A case that is not refused: everything that offers holds directly on the day, A is what its members are."""
    back, _ = decode.case(encode.case(day(*spans, most=most, factors={})))
    assert back is not None
    errors = {f.code for f in validate(back, load("jiangsu")) if f.severity is Severity.ERROR}
    on = [s for s in spans if s["first"] <= "2026-01-15" and (not s["last"] or s["last"] >= "2026-01-15")]
    members = [s for s in on if s["in"]]
    if errors:
        return
    alone = {s["id"] for s in on if not s["in"]}
    assert "coal" in alone
    assert "coal" not in {s["id"] for s in members}
    share = dict(zip(back.virtual_plants.factor_bus.tolist(), back.virtual_plants.factor.tolist(), strict=True))
    total = sum(s["mw"] for s in members)
    assert most <= total + 1e-6
    for row, bus in enumerate(("n", "s")):
        own = sum(s["mw"] for s in members if s["bus"] == bus)
        assert share.get(row, 0.0) == pytest.approx(own / total)
