"""--previous of run and real-time: what is far from an earlier case is a warning in JSON and for people."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from clearing.case.case import CommitmentInput, CommitmentUse
from tests.cli.conftest import clearing, two_units, write


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The case of conftest with a commitment to follow, and one with a tenth of its load in the second period."""
    case = two_units()
    case = replace(case, commitment=CommitmentInput(CommitmentUse.FOLLOW, np.array([[1] * 4, [0, 0, 1, 1]], np.int8)))
    less = case.loads.mw * np.array([1.0, 0.1, 1.0, 1.0])
    paths = []
    for name, table in (("now", case), ("before", replace(case, loads=replace(case.loads, mw=less)))):
        paths.append(write(tmp_path_factory.mktemp(name), table))
    return paths[0], paths[1]


@pytest.mark.parametrize("command", ["run", "real-time"])
def test_values_far_from_an_earlier_case_are_warnings(server: str, files: tuple[Path, Path], command: str) -> None:
    now, before = files
    ended = clearing(command, now, "--previous", before, "--server", server, "--json")
    assert ended.code == 0, ended.stderr
    far = [f for f in ended.object["findings"] if f["code"] == "FAR_FROM_PREVIOUS"]
    assert [(f["severity"], f["period"], f["path"]) for f in far] == [("WARNING", 1, "case.loads.mw[0]")]
    assert "FAR_FROM_PREVIOUS" in clearing(command, now, "--previous", before, "--server", server).stdout
    again = clearing(command, now, "--previous", now, "--server", server, "--json")
    assert [f for f in again.object["findings"] if f["code"] == "FAR_FROM_PREVIOUS"] == []
