"""A batch of small days on disk, the command as a process of its own, and what it leaves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

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


def start(manifest: Path, out: Path, *options: object) -> subprocess.Popen[str]:
    """`clearing batch` in a process of its own."""
    command = [sys.executable, "-m", "clearing.cli.main", "batch", manifest, "--out", out, "--json", *options]
    return subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def end(process: subprocess.Popen[str], code: int = 0) -> dict:  # type: ignore[type-arg]
    """Wait for its end; the JSON that it printed."""
    stdout, stderr = process.communicate(timeout=300)
    assert process.returncode == code, stderr
    return json.loads(stdout)  # type: ignore[no-any-return]


def wait_for(happened: Callable[[], bool], process: subprocess.Popen[str], seconds: float = 200.0) -> None:
    """Until something happened while the process lived."""
    until = time.monotonic() + seconds
    while not happened():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.005)


def records(out: Path) -> dict[str, int]:
    """Finished runs: file and when it was written."""
    return {path.name: path.stat().st_mtime_ns for path in out.joinpath("records").glob("*.json")}


def results(out: Path) -> dict[str, bytes]:
    """Everything that must be equal whoever cleared it: results, tables, rows."""
    names = (*out.glob("results/*.binpb"), *out.glob("tables/*/*.parquet"), out / "results.parquet")
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in names}


def workers_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Processes that solve for it."""
    children = psutil.Process(process.pid).children(recursive=True)
    return [child for child in children if "clearing.server.worker" in child.cmdline()]


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
