"""--previous: what is far from an earlier case is a warning; --begin-at: the search begins at an earlier result."""

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


def test_a_search_begins_at_the_result_of_another_case(server: str, tmp_path: Path) -> None:
    case = two_units()
    more = replace(case, loads=replace(case.loads, mw=1.05 * case.loads.mw))
    for name in ("base", "now"):
        (tmp_path / name).mkdir()
    base, now = (write(tmp_path / name, table) for name, table in (("base", case), ("now", more)))
    assert clearing("run", base, "--server", server, "--out", tmp_path / "r").code == 0
    cold = clearing("run", now, "--server", server, "--gap", 0, "--json").object
    result = tmp_path / "r" / "result.json"
    ended = clearing("run", now, "--begin-at", result, "--server", server, "--gap", 0, "--json")
    assert ended.code == 0, ended.stderr
    (said,) = [f for f in ended.object["findings"] if f["code"] == "BEGAN_AT_RESULT"]
    assert "2 of 2 units" in said["message"]
    assert ended.object["objective"] == pytest.approx(cold["objective"], rel=1e-9)
    result.write_text("{", encoding="utf-8")
    refused = clearing("run", now, "--begin-at", result, "--server", server, "--json")
    assert (refused.code, refused.object["findings"][0]["code"]) == (2, "BAD_JSON")
    missing = clearing("run", now, "--begin-at", tmp_path / "no.json", "--server", server, "--json")
    assert (missing.code, missing.object["findings"][0]["code"]) == (2, "FILE_NOT_FOUND")
