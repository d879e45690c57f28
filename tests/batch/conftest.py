"""A batch of small days on disk, and what a batch makes of them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from benchmarks.batch import end, start
from clearing.wire import case_file
from tests import factory

RUNS = 40


def day(number: int) -> str:
    """A day of a system with two units, another load each: base up to 100 MW at 20, peak at 60 with a start of 100."""
    load = [80.0 + number, 90.0, 150.0, 120.0 - number]
    units = [
        {"id": "base", "p_min": 50, "p_max": 100, "price": 20, "on": True, "mw": 80},
        {"id": "peak", "p_min": 10, "p_max": 80, "price": 60, "start_cost": 100},
    ]
    return case_file.case_to_json(factory.market(load=load, units=units))


def cost(number: int) -> float:
    """Least cost of the day, worked by hand: base serves what it can, peak the rest of the third and fourth period.

    The fourth needs peak above 100 MW only while number < 20; peak stays on then, at 10 MW or more.
    """
    third, fourth = 50.0, 20.0 - number
    assert 0 <= number <= 10  # the peak unit is above its least output in both
    return 20.0 * (80.0 + number + 90.0 + 100.0 + 100.0) + 60.0 * (third + fourth) + 100.0


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """RUNS runs: ten days under four seeds."""
    folder = tmp_path_factory.mktemp("batch")
    runs = []
    for number in range(RUNS):
        name = f"day{number % 10}.json"
        folder.joinpath(name).write_text(day(number % 10), encoding="utf-8")
        runs.append({"name": f"run {number}", "case": name, "solve": {"seed": number // 10}})
    path = folder / "manifest.json"
    path.write_text(json.dumps({"name": "small", "defaults": {"solve": {"reproducible": True}}, "runs": runs}))
    return path


@pytest.fixture(scope="session")
def reference(manifest: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one local worker makes of the manifest, undisturbed."""
    out = tmp_path_factory.mktemp("reference")
    told = end(start(manifest, out, "--workers", 1))
    assert told["finished_now"] == RUNS
    return out


def free_cores() -> int:
    """Cores that workers can have."""
    return len(os.sched_getaffinity(0))
