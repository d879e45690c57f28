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
