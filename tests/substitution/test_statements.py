"""Statements as tables: every field has its names, numbers are shown exactly."""

from __future__ import annotations

from clearing.tables.statement_labels import LABELS
from clearing.tables.statements import shown, statements
from clearing.v1 import substitution_metering_pb2 as pb2
from clearing.wire import plain
from tests.substitution import requests

OTHER = {"area", "enterprise", "window", "owner_id", "site"}


def test_every_field_of_a_statement_has_a_chinese_and_an_english_name() -> None:
    fields = {
        field.name
        for message in (
            pb2.SubstitutionMonthTotals, pb2.CaptiveStatement, pb2.SiteStatement, pb2.SubstitutionYearTotals,
            pb2.CaptiveYearStatement, pb2.SiteYearStatement,
        )
        for field in message.DESCRIPTOR.fields
    }  # fmt: skip
    assert fields - OTHER == set(LABELS)
    assert len({chinese for chinese, _ in LABELS.values()}) == len(LABELS)


def test_numbers_are_shown_exactly() -> None:
    shows = [shown("x_kwh", value) for value in (0, 5, -5, 1_000, -1_234_567, 10**17 + 1)]
    assert shows == ["0.000", "0.005", "-0.005", "1.000", "-1234.567", "100000000000000.001"]
    assert (shown("ratio", 0.5), shown("within", 1), shown("standing", "X")) == ("0.500000", "是 yes", "X")


def test_tables_hold_what_the_reply_holds() -> None:
    """Windows of a captive enterprise, and none where it has none."""
    pb = requests.month()
    found = {s.party: dict(s.tables) for s in statements(plain.tree(requests.metered(pb)))}
    assert found["brine"]["windows"].to_numpy().tolist() == [
        ["时段替代电量", "energy of the window", "MWh", "390.000", "350.000"],
        ["时段下网电量", "taken in the window", "MWh", "520.000", "350.000"],
    ]
    assert list(found) == ["", "alum", "brine", "north", "east"]
    for name in ("windows", "no_shaving"):
        pb.ClearField(name)  # type: ignore[arg-type]
    assert dict(statements(plain.tree(requests.metered(pb)))[1].tables)["windows"].empty
