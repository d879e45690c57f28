from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import clearing


@pytest.fixture
def result(out: Path) -> Path:
    return out / "result.json"


def test_units_have_their_reasons(case_json: Path, result: Path) -> None:
    ended = clearing("explain", case_json, result, "--json")
    assert ended.code == 0, ended.stderr
    on = {(row["unit"], row["from"], row["to"]): row for row in ended.object["on"]}
    assert on["peak", "03:00", "04:00"]["reason"] in ("CAPACITY", "REPLACEMENT", "RESERVE")
    assert on["base", "01:00", "04:00"]["reason"] == "ECONOMICS"
    assert on["base", "01:00", "04:00"]["margin"] == pytest.approx(2 * 100 * 40)
    off = {(row["unit"], row["to"]): row for row in ended.object["off"]}
    assert off["peak", "02:00"]["reason"] == "NOT_IN_THE_MONEY"
    assert ended.object["broken"] == ended.object["remedies"] == []


def test_one_unit_and_one_period(case_json: Path, result: Path) -> None:
    ended = clearing("explain", case_json, result, "--unit", "peak", "--period", "02:00", "--json")
    assert set(ended.object) == {"status", "on", "off"}
    assert [row["unit"] for row in ended.object["off"]] == ["peak"]
    assert ended.object["on"] == []


def test_tables_for_people(case_json: Path, result: Path) -> None:
    ended = clearing("explain", case_json, result)
    assert ended.code == 0
    assert "Why units are on" in ended.stdout
    assert "ECONOMICS" in ended.stdout


@pytest.mark.parametrize(("option", "value"), [("--unit", "nobody"), ("--period", "24:15")])
def test_what_does_not_exist_is_refused(case_json: Path, result: Path, option: str, value: str) -> None:
    ended = clearing("explain", case_json, result, option, value, "--json")
    assert ended.code == 2
    assert ended.object["findings"][0]["path"] == option
