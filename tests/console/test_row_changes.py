"""Rows copied and removed: every column of the row, what stands below it, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from clearing.case.case import Case
from clearing.case.finding import Severity
from clearing.console.row_changes import copy, remove
from clearing.console.serve import Opened
from clearing.console.sheets import BY_NAME, SHEETS
from clearing.formats import read
from clearing.v1 import case_pb2
from clearing.wire import case_file
from tests.console.conftest import CASE, send


@pytest.fixture
def tree() -> dict[str, Any]:
    """The case of three buses; the second unit has an output fixed in two periods, so that other rows stand beside."""
    found: dict[str, Any] = json.loads(case_file.case_to_json(read(CASE)))
    found["units"] |= {"fixed_unit": ["G1"] * 3, "fixed_period": [0, 1, 2], "fixed_mw": [90.0, 105.0, 90.0]}
    return found


def case_of(tree: dict[str, Any]) -> Case:
    case, findings = case_file.case_from_json(json.dumps(tree))
    assert [f for f in findings if f.severity is Severity.ERROR] == []
    assert case is not None
    return case


def test_a_unit_goes_with_its_offers_and_start_costs(tree: dict[str, Any]) -> None:
    assert remove(BY_NAME["units"], tree, 1) == ""
    case = case_of(tree)
    assert case.units.id == ("G1", "G3")
    assert case.units.p_max_mw[:, 0].tolist() == [200.0, 60.0]
    assert tree["units"]["offers"]["resource"] == ["G1", "G3"]
    assert tree["units"]["start_costs"]["unit"] == ["G1", "G3"]
    assert case.units.fixed_mw.tolist() == [90.0, 105.0, 90.0]  # as many as there were units, and none of their rows


def test_a_copy_stands_behind_with_all_it_has(tree: dict[str, Any]) -> None:
    assert copy(BY_NAME["units"], tree, 1, "G2b") == ""
    case = case_of(tree)
    assert case.units.id == ("G1", "G2", "G2b", "G3")
    assert case.units.p_max_mw[2].tolist() == [100.0] * 4
    assert tree["units"]["offers"]["price_per_mwh"] == [20.0, 40.0, 100.0, 40.0]
    starts = tree["units"]["start_costs"]
    assert (starts["unit"][-2:], starts["cost"][-2:]) == (["G2b"] * 2, [400.0, 1000.0])


def test_a_series_is_copied_period_by_period(tree: dict[str, Any]) -> None:
    assert copy(BY_NAME["loads"], tree, 0, "load-D") == ""
    assert case_of(tree).loads.mw.tolist() == [[90.0, 135.0, 150.0, 90.0]] * 2
    assert remove(BY_NAME["loads"], tree, 0) == ""
    assert case_of(tree).loads.id == ("load-D",)


def test_a_block_of_an_offer_is_copied_behind_it(tree: dict[str, Any]) -> None:
    assert copy(BY_NAME["unit_offers"], tree, 0, "") == ""
    assert tree["units"]["offers"]["resource"] == ["G1", "G1", "G2", "G3"]
    assert tree["units"]["offers"]["width_mw"] == [200.0, 200.0, 100.0, 60.0]


@pytest.mark.parametrize(("row", "name"), [(0, ""), (0, "G3"), (3, "G4"), (-1, "G4")])
def test_what_cannot_be_is_said_and_changes_nothing(tree: dict[str, Any], row: int, name: str) -> None:
    before = json.dumps(tree)
    assert copy(BY_NAME["units"], tree, row, name)
    assert json.dumps(tree) == before


OWN = {
    "units": 27, "unit_offers": 3, "start_costs": 6, "renewables": 7, "renewable_offers": 3, "storage": 20, "loads": 3,
    "demand_bids": 5, "demand_bid_steps": 3, "virtual_plants": 7, "virtual_plant_offers": 3, "entry": 7, "ties": 3,
    "hvdc_lines": 9, "buses": 5, "branches": 10, "interfaces": 3, "unit_groups": 5, "plant_limits": 6,
    "energy_windows": 5,
}  # fmt: skip


def test_every_column_of_a_message_is_of_its_rows_or_named_apart() -> None:
    """A field that is added to a message changes a count: say whether it goes with the rows or stands apart."""
    found = {}
    for sheet in SHEETS:
        message = case_pb2.Case.DESCRIPTOR
        for part in sheet.at:
            message = message.fields_by_name[part].message_type
        fields = {f.name for f in message.fields if f.is_repeated and f.message_type is None}
        assert set(sheet.apart) <= fields
        if sheet.rows_change:
            found[sheet.name] = len([f for f in fields if f.startswith(sheet.prefix) and f not in sheet.apart])
    assert found == OWN


def test_a_row_that_others_name_is_not_saved(opened: Opened) -> None:
    asked = {"sheet": "buses", "row": 0, "change": "remove"}
    reply = send(opened, "POST", "/api/cases/three-bus/rows", asked)
    assert reply.status == 422
    assert {f["code"] for f in reply.object["findings"]} == {"UNKNOWN_ID"}


def test_rows_change_and_edits_are_saved_together(opened: Opened) -> None:
    edit = {"sheet": "units", "field": "p_max_mw", "row": 1, "period": None, "value": "90"}
    asked = {"sheet": "units", "row": 1, "change": "copy", "id": "电厂 2", "edits": [edit], "as": "more units"}
    reply = send(opened, "POST", "/api/cases/three-bus/rows", asked)
    assert (reply.status, reply.object["rows"]["units"], reply.object["rows"]["start_costs"]) == (200, 4, 6)
    page = send(opened, "GET", f"/api/cases/{reply.object['id']}/sheets/units").object
    assert (page["rows_change"], page["named"]) == (True, True)
    assert [row["cells"][0] for row in page["rows"]] == ["G1", "G2", "电厂 2", "G3"]
    same = send(opened, "POST", "/api/cases/three-bus/rows", asked | {"id": "G1"})
    assert (same.status, same.object["findings"][0]["code"]) == (422, "BAD_VALUE")
    assert send(opened, "POST", "/api/cases/three-bus/rows", asked | {"change": "turn"}).status == 400
