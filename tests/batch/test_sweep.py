"""Sweeps: a run for every point of the grid, wherever the manifest lies, with labels, patches and provenance."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pandas as pd
import pytest

from clearing.batch.manifest import read
from clearing.batch.question import pose
from clearing.batch.sweep import sweep
from clearing.formats.findings import FormatError
from clearing.server.embedded import EmbeddedServer
from tests.batch.conftest import day
from tests.cli.conftest import clearing

GRID = """
name = "loads and starts"
[defaults]
case = "day0.json"
solve = {reproducible = true}
[[runs]]
name = "first"
[[runs]]
name = "second"
case = "day1.json"
[[axes]]
name = "load"
points = [
  {label = "less", patches = [{changes = [{change = "scale", what = "load", by = 0.5}]}]},
  {label = "base"},
]
[[axes]]
name = "start"
points = [
  {label = 1, patches = ["dear.json"], solve = {seed = 1}},
  {label = 2},
]
"""
DEAR = {"changes": [{"change": "merge", "patch": {"units": {"start_costs": {"cost": [0.0, 200.0]}}}}]}


@pytest.fixture
def grid(tmp_path: Path) -> Path:
    for number in (0, 1):
        tmp_path.joinpath(f"day{number}.json").write_text(day(number), encoding="utf-8")
    tmp_path.joinpath("dear.json").write_text(json.dumps(DEAR))
    path = tmp_path / "grid.toml"
    path.write_text(GRID, encoding="utf-8")
    return path


def test_every_point_is_a_run(grid: Path) -> None:
    tree = sweep(grid, grid.parent)
    names = [f"{run}, load {load}, start {start}" for run in ("first", "second") for load in ("less", "base")
             for start in (1, 2)]  # fmt: skip
    assert [run["name"] for run in tree["runs"]] == names
    assert tree["runs"][0]["labels"] == {"load": "less", "start": 1}
    assert [len(run["patches"]) for run in tree["runs"][:4]] == [2, 1, 1, 0]
    assert tree["runs"][0]["patches"][1]["name"] == "dear"
    known = tree["provenance"]
    assert known["axes"] == {"load": ["less", "base"], "start": [1, 2]}
    assert known["grid_sha256"] == hashlib.sha256(grid.read_bytes()).hexdigest()


def test_runs_are_the_same_wherever_the_manifest_lies(grid: Path) -> None:
    digests = []
    for folder in (grid.parent, grid.parent / "some" / "where"):
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "manifest.json"
        path.write_text(json.dumps(sweep(grid, folder)))
        digests.append([pose(run, folder).digest for run in read(path)[1]])
    assert digests[0] == digests[1]
    assert len(set(digests[0])) == 8


def test_faults_of_a_grid(grid: Path) -> None:
    for text, place in (
        (GRID + "[[axes]]\nname = 'empty'\npoints = []", "axes.2.points"),
        (GRID.replace("label = 2", "lable = 2"), "axes.1.points.1.label"),
        ("[[runs]]\nname = 'a'\n[[axes]]\nname = 'x'\npoints = [{label = 1}]", "runs.0.case"),
    ):
        grid.write_text(text, encoding="utf-8")
        with pytest.raises(FormatError) as wrong:
            sweep(grid, grid.parent)
        assert f"grid.toml:{place}" in [f.path for f in wrong.value.findings]


@pytest.mark.slow
def test_a_sweep_is_cleared(grid: Path) -> None:
    manifest, out = grid.parent / "m.json", grid.parent / "out"
    assert clearing("scenario", "sweep", grid, "-o", manifest, "--json").object["runs"] == 8
    with EmbeddedServer(threads=1) as server:
        told = clearing("batch", manifest, "--out", out, "--server", server.address, "--json").object
    assert (told["finished"], told["failed"]) == (8, 0)
    assert "8 of 8 runs are finished." in (out / "summary.html").read_text(encoding="utf-8")
    rows = pd.read_parquet(out / "results.parquet").set_index(["label_load", "label_start"])
    first = rows[rows.run.str.startswith("first")]
    # 80, 90, 150, 120 MW: 20 x 370 + 60 x 70 + 100 a start. Half of it: 40 and 45 MW are less than base can, so peak
    # starts for them, 60 x 85 + 100, and base comes back for 75 and 60 MW, 20 x 135.
    assert first.loc[("base", "2"), "objective"] == pytest.approx(11_700.0, rel=1e-9)
    assert first.loc[("base", "1"), "objective"] == pytest.approx(11_800.0, rel=1e-9)
    assert first.loc[("less", "2"), "objective"] == pytest.approx(7_900.0, rel=1e-9)
    assert first.loc[("less", "1"), "objective"] == pytest.approx(8_000.0, rel=1e-9)
    assert first.loc[("less", "2"), "load_mwh"] == pytest.approx(220.0)
