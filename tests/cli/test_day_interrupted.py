"""A day that is killed, loses its server, or meets a clearing without a schedule: what is kept, named, done again."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from clearing.case.case import Case
from clearing.case.result import BoundKind, ClearingResult, Reason, Termination
from clearing.cli import day_roll
from clearing.cli.day_folder import DayFolder
from clearing.cli.status import Failure
from clearing.client import Answer, ServerUnavailable, messages
from clearing.client.real_time import RealTimeStream
from clearing.rules.load import load
from clearing.v1 import clearing_service_pb2
from clearing.wire import encode
from tests import factory
from tests.cli.test_day import cases, rolled, rows  # noqa: F401  # cases is a fixture

KILLED = """
import os, pathlib, signal, sys
replace = pathlib.Path.replace
def replaced(self, target):
    if self.name == "interval_003.partial":
        os.kill(os.getpid(), signal.SIGKILL)  # written, and not yet in its place
    return replace(self, target)
pathlib.Path.replace = replaced
from clearing.cli.main import app
app(sys.argv[1:])
"""
WHOLE = ("settlement.csv", "day.csv", "deviations.csv", "clearings.csv", "report.html", "interval_007.binpb")
Cases = tuple[Path, Path, Path]


def test_a_killed_day_goes_on_and_ends_as_if_nothing_had_been(server: str, cases: Cases, tmp_path: Path) -> None:  # noqa: F811
    ahead, real, forecast = cases
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    options = ("--real-time", real, "--forecast", forecast, "--look-ahead", 3, "--gap", 0, "--server", server)
    arguments = ["day", ahead, *options, "--out", killed]
    ended = subprocess.run([sys.executable, "-c", KILLED, *map(str, arguments)], capture_output=True, check=False)
    assert ended.returncode == -9, ended.stderr
    assert (killed / "interval_002.binpb").is_file()
    assert not (killed / "interval_003.binpb").exists()
    again = rolled(server, cases, killed)
    assert again.code == 0, again.stderr
    assert (again.object["kept"], again.object["cleared"]) == (5, 5)
    assert rolled(server, cases, whole).code == 0
    for name in WHOLE:
        assert (killed / name).read_bytes() == (whole / name).read_bytes(), name


def test_a_clearing_without_a_schedule_is_kept_aside_and_named(tmp_path: Path) -> None:
    case = factory.market([80.0], [{"id": "a"}])
    ended = Termination(Reason.NUMERICAL_FAILURE, None, None, BoundKind.NONE, None, None, 0.0, False, detail="no basis")
    result = ClearingResult(ended, None, None, None, None, None)
    raw = clearing_service_pb2.ClearRealTimeResponse(result=encode.result(case, load("generic"), result))
    asked = clearing_service_pb2.ClearRealTimeRequest()
    answer = replace(messages.read_answer(asked, raw, case), termination=ended)
    with pytest.raises(Failure) as failed:
        DayFolder(tmp_path).result("interval_004", case, lambda: answer)
    assert failed.value.exit_code == 3
    assert [(f.code, f.path) for f in failed.value.findings] == [("STAGE_WITHOUT_SCHEDULE", "interval_004")]
    assert [file.name for file in tmp_path.iterdir()] == ["interval_004.failed.binpb"]


@pytest.fixture
def breaking(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Numbers of the questions over streams, from 0, at which the server is lost."""
    lost: list[int] = []
    asked = [0]
    clear = RealTimeStream.clear

    def clear_or_lose(self: RealTimeStream, case: Case) -> Answer:
        asked[0] += 1
        if asked[0] - 1 in lost:
            raise ServerUnavailable("worker lost")
        return clear(self, case)

    monkeypatch.setattr(RealTimeStream, "clear", clear_or_lose)
    monkeypatch.setattr(day_roll, "FIRST_WAIT_SECONDS", 0.0)
    return lost


def test_a_lost_stream_is_opened_again(server: str, cases: Cases, tmp_path: Path, breaking: list[int]) -> None:  # noqa: F811
    breaking += [2, 3]
    ended = rolled(server, cases, tmp_path)
    assert ended.code == 0, ended.stderr
    assert ended.stderr.count("worker lost; asking again") == 2
    assert ended.object["cleared"] == 10


def test_an_interval_that_fails_is_named_and_what_was_rolled_is_reported(
    server: str,
    cases: Cases,  # noqa: F811
    tmp_path: Path,
    breaking: list[int],
) -> None:
    breaking += range(5, 20)
    ended = rolled(server, cases, tmp_path)
    assert ended.code == 3
    assert [(f["code"], f["path"]) for f in ended.object["findings"]] == [
        ("UNAVAILABLE", ""),
        ("DAY_STOPPED", "interval_005"),
    ]
    left = json.loads((tmp_path / "day.json").read_text())
    assert (left["status"], left["stopped_at"], left["period_end"]) == ("UNAVAILABLE", "interval_005", "01:30")
    assert (left["intervals"], left["cleared"]) == (5, 7)
    assert len(rows(tmp_path / "day.csv")) == 5
    assert "7 clearings: day-ahead, RUC, and 5 intervals" in (tmp_path / "report.html").read_text()
    breaking.clear()
    again = rolled(server, cases, tmp_path)
    assert (again.code, again.object["kept"], again.object["cleared"]) == (0, 7, 3)
    assert json.loads((tmp_path / "day.json").read_text())["status"] == "AUDITED"
