"""Stages by choice on the command line: a commitment given, a floor, no prices."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import factory
from tests.cli.conftest import clearing, write


def higher(folder: Path) -> Path:
    """The hand-worked case with a forecast of 60 to 90 MW: peak is not needed in any hour."""
    units = [
        {"id": "base", "p_min": 50, "p_max": 100, "price": 20, "on": True, "mw": 80},
        {"id": "peak", "p_min": 10, "p_max": 80, "price": 60, "start_cost": 100},
    ]
    return write(folder, factory.market(load=[70.0, 80.0, 90.0, 90.0], units=units))


def test_a_floor_keeps_what_an_earlier_result_committed(server: str, out: Path, tmp_path: Path) -> None:
    """base 70, 80, 80, 80, peak 10 MW in the last two: 20·310 + 60·20 + 100 = 7500; without, 20·330 = 6600."""
    case, given = higher(tmp_path), ("--commitment", out / "result.json", "--commitment-use")
    kept = clearing("run", case, "--server", server, *given, "floor", "--json")
    assert kept.code == 0, kept.stderr
    assert kept.object["commitment"] == {"base": [1, 1, 1, 1], "peak": [0, 0, 1, 1]}
    assert kept.object["objective"] == pytest.approx(7500.0)
    assert kept.object["termination"] == "OPTIMAL_WITHIN_GAP"
    hinted = clearing("run", case, "--server", server, *given, "hint", "--json")
    assert hinted.object["commitment"] == {"base": [1, 1, 1, 1], "peak": [0, 0, 0, 0]}
    assert hinted.object["objective"] == pytest.approx(6600.0)
    fixed = clearing("run", case, "--server", server, *given, "fixed", "--no-prices", "--json")
    assert fixed.object["termination"] == "COMMITMENT_GIVEN"
    assert fixed.object["objective"] == pytest.approx(7500.0)
    assert not fixed.object["priced"]
    assert fixed.object["bus_prices"] == {}
    assert fixed.object["audit"]["passed"]


def test_wrong_uses_are_refused(server: str, out: Path, tmp_path: Path) -> None:
    case = higher(tmp_path)
    alone = clearing("run", case, "--commitment", out / "result.json", "--json")
    assert (alone.code, alone.object["findings"][0]["code"]) == (2, "USAGE")
    absent = clearing("run", case, "--commitment", tmp_path / "none.json", "--commitment-use", "fixed", "--json")
    assert (absent.code, absent.object["findings"][0]["code"]) == (2, "FILE_NOT_FOUND")
    other = write(tmp_path, factory.market(load=[70.0] * 4, units=[{"id": "new", "p_max": 100}]))
    named = clearing("run", other, "--commitment", out / "result.json", "--commitment-use", "floor", "--json")
    assert (named.code, named.object["findings"][0]["code"]) == (2, "COMMITMENT_INCOMPLETE")


def test_an_interval_follows_the_commitment_of_the_day_ahead(server: str, out: Path, tmp_path: Path) -> None:
    """Quarters from 01:30 on: the hourly commitment has peak on from 02:00. base 100, peak the rest; free, it comes on
    a half-hour earlier, where otherwise 20 MW are shed."""
    units = [
        {"id": "base", "p_min": 50, "p_max": 100, "price": 20, "on": True, "mw": 100},
        {"id": "peak", "p_min": 10, "p_max": 80, "price": 60, "start_cost": 100},
    ]
    case = write(tmp_path, factory.market([120.0] * 4, units, period_minutes=15, start_minute=90))
    arguments = ("real-time", case, "--server", server, "--commitment", out / "result.json", "--json")
    bound = clearing(*arguments).object
    assert bound["commitment"]["peak"] == [0, 0, 1, 1]
    assert bound["dispatch"] == {"base": pytest.approx([100] * 4), "peak": pytest.approx([0, 0, 20, 20])}
    assert [(v["family"], v["label"], v["amount_mw"]) for v in bound["violations"]] == [
        ("shortage", "01:45", pytest.approx(20)),
        ("shortage", "02:00", pytest.approx(20)),
    ]
    assert bound["binding_periods"] == 1
    free = clearing(*arguments, "--free", "peak", "--binding", 2).object
    assert free["commitment"]["peak"] == [1, 1, 1, 1]
    assert free["violations"] == []
    assert free["binding_periods"] == 2
    unknown = clearing(*arguments, "--free", "nobody")
    assert (unknown.code, unknown.object["findings"][0]["code"]) == (2, "UNKNOWN_ID")
    alone = clearing("real-time", case, "--free", "peak", "--json")
    assert (alone.code, alone.object["findings"][0]["code"]) == (2, "USAGE")
