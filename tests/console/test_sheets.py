"""Cells, their paths, and what they refuse."""

from __future__ import annotations

import json
from typing import Any

import pytest

from clearing.case.finding import Severity
from clearing.console import sheets
from clearing.console.sheets import BY_NAME, Edit
from clearing.formats import read
from clearing.wire import case_file
from tests.console.conftest import CASE


@pytest.fixture
def tree() -> dict[str, Any]:
    """The case of three buses, four periods, with a limit a period on one branch of it."""
    found: dict[str, Any] = json.loads(case_file.case_to_json(read(CASE)))
    return found


def test_sheets_that_have_rows_are_there_and_no_others(tree: dict[str, Any]) -> None:
    assert [s.name for s in sheets.present(tree)] == [
        "units", "unit_offers", "start_costs", "loads", "buses", "branches",
    ]  # fmt: skip


def test_every_column_of_the_case_file_stands_in_a_sheet(tree: dict[str, Any]) -> None:
    shown = {(s.at, c.field) for s in sheets.present(tree) for c in sheets.columns(s, tree)}
    for table in ("units", "loads"):
        for field, values in tree[table].items():
            if isinstance(values, list):
                assert ((table,), field) in shown


def test_a_number_goes_in_and_the_case_has_it(tree: dict[str, Any]) -> None:
    assert sheets.apply(Edit("units", "p_max_mw", 1, None, " 90.5 "), tree) == ""
    case, findings = case_file.case_from_json(json.dumps(tree))
    assert not findings
    assert case is not None
    assert case.units.p_max_mw[1].tolist() == [90.5] * 4


def test_a_series_is_edited_by_period(tree: dict[str, Any]) -> None:
    assert sheets.apply(Edit("loads", "mw", 0, 2, "140"), tree) == ""
    assert tree["loads"]["mw"] == [90.0, 135.0, 140, 90.0]


@pytest.mark.parametrize(
    ("edit", "wrong"),
    [
        (Edit("units", "p_max_mw", 0, None, "many"), "A number is needed."),
        (Edit("units", "p_max_mw", 0, None, "nan"), "A number is needed."),
        (Edit("units", "p_max_mw", 0, None, "1e999"), "A number is needed."),
        (Edit("units", "initial_on", 0, None, "perhaps"), "true or false is needed."),
        (Edit("units", "p_max_mw", 3, None, "1"), "There is no such cell."),
        (Edit("units", "p_max_mw", -1, None, "1"), "There is no such cell."),
        (Edit("units", "offers", 0, None, "1"), "There is no such cell."),
        (Edit("nothing", "id", 0, None, "1"), "There is no such cell."),
        (Edit("loads", "mw", 0, None, "1"), "There is no such period."),
        (Edit("loads", "mw", 0, 4, "1"), "There is no such period."),
        (Edit("units", "p_max_mw", 0, 1, "1"), "There is no such period."),
    ],
)
def test_what_no_cell_can_hold_is_said_and_changes_nothing(tree: dict[str, Any], edit: Edit, wrong: str) -> None:
    before = json.dumps(tree)
    assert sheets.apply(edit, tree) == wrong
    assert json.dumps(tree) == before


def test_a_finding_leads_to_its_cell(tree: dict[str, Any]) -> None:
    assert sheets.cell_of("case.network.branch_limit_mw[1]", -1, tree) == {
        "sheet": "branches", "field": "branch_limit_mw", "row": 1, "period": -1, "series": False,
    }  # fmt: skip
    assert sheets.cell_of("case.loads.mw[0]", 2, tree) == {
        "sheet": "loads", "field": "mw", "row": 0, "period": 2, "series": True,
    }  # fmt: skip
    assert sheets.cell_of("case.units.offers.width_mw[0]", 0, tree)["sheet"] == "unit_offers"  # type: ignore[index]
    assert sheets.cell_of("case.horizon.periods", -1, tree) is None
    assert sheets.cell_of("case.units.p_max_mw[99]", -1, tree) is None


def test_unknown_ids_are_found_at_the_cell_where_they_stand(tree: dict[str, Any]) -> None:
    assert sheets.apply(Edit("loads", "bus", 0, None, "Q"), tree) == ""
    _, findings = case_file.case_from_json(json.dumps(tree))
    assert [f.severity for f in findings] == [Severity.ERROR]
    cell = sheets.cell_of(findings[0].path, findings[0].period, tree)
    assert cell is not None
    assert (cell["sheet"], cell["field"], cell["row"]) == ("loads", "bus", 0)


def test_pages_find_by_text_and_count_what_they_find(tree: dict[str, Any]) -> None:
    found = sheets.page(BY_NAME["units"], tree, "midstream", 1, 1)
    assert (found["total"], [row["row"] for row in found["rows"]]) == (2, [2])
    assert sheets.page(BY_NAME["loads"], tree, "", 0, 50, "mw")["rows"][0]["cells"] == [
        "load-C",
        90.0,
        135.0,
        150.0,
        90.0,
    ]
