"""Batches that lose a worker, a driver, a server: nothing finished is lost or repeated, and the bytes stay the same."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pandas as pd
import psutil
import pytest

from benchmarks.batch import dask_cluster, end, records, results, start, wait_for, workers_of
from clearing.server.embedded import EmbeddedServer
from tests.batch.conftest import RUNS, cost, free_cores
from tests.cli.conftest import free_port

pytestmark = pytest.mark.slow


def test_results_are_those_worked_by_hand(reference: Path) -> None:
    rows = pd.read_parquet(reference / "results.parquet").set_index("run")
    assert list(rows.index) == [f"run {number}" for number in range(RUNS)]  # the order of the manifest
    for number in range(RUNS):
        assert rows.loc[f"run {number}", "objective"] == pytest.approx(cost(number % 10), rel=1e-9)
    assert rows.audit_passed.all()
    assert rows.loc["run 3", "load_mwh"] == pytest.approx(440.0)
    dispatch = pd.read_parquet(reference / "tables" / "dispatch")  # the folder is one table
    assert sorted(dispatch.digest.unique()) == sorted(rows.digest)
    first = dispatch[dispatch.digest == rows.digest["run 0"]]
    assert first.loc[first.id == "peak", "value"].tolist() == pytest.approx([0.0, 0.0, 50.0, 20.0])


def test_second_start_asks_nothing(manifest: Path, reference: Path) -> None:
    before, kept = records(reference), results(reference)
    told = end(start(manifest, reference, "--workers", 1))
    assert (told["finished"], told["finished_now"], told["finished_before"]) == (RUNS, 0, RUNS)
    assert records(reference) == before
    assert results(reference) == kept


@pytest.mark.skipif(free_cores() < 2, reason="two workers need two cores")
def test_killed_worker_loses_nothing(manifest: Path, reference: Path, tmp_path: Path) -> None:
    process = start(manifest, tmp_path, "--workers", 2)
    wait_for(lambda: len(records(tmp_path)) >= 3, process)
    killed = workers_of(process)
    for worker in killed[:2]:
        worker.kill()
    told = end(process)
    assert killed
    assert told["finished_now"] == RUNS
    assert results(tmp_path) == results(reference)


def test_killed_driver_is_resumed(manifest: Path, reference: Path, tmp_path: Path) -> None:
    process = start(manifest, tmp_path, "--workers", 1)
    wait_for(lambda: len(records(tmp_path)) >= 5, process)
    workers = workers_of(process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    psutil.wait_procs(workers, timeout=10)
    assert not any(worker.is_running() for worker in workers)  # they go with their parent
    before = records(tmp_path)
    assert 5 <= len(before) < RUNS
    tmp_path.joinpath("results", "half.binpb.partial").write_bytes(b"torn")
    told = end(start(manifest, tmp_path, "--workers", 1))
    after = records(tmp_path)
    assert told["finished_before"] == len(before)
    assert told["finished_now"] == RUNS - len(before)
    assert {name: after[name] for name in before} == before
    assert results(tmp_path) == results(reference)
    assert not list(tmp_path.rglob("*.partial"))


def test_stopped_by_the_user(manifest: Path, tmp_path: Path) -> None:
    process = start(manifest, tmp_path, "--workers", 1)
    wait_for(lambda: len(records(tmp_path)) >= 2, process)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=30)
    assert process.returncode == 130, stderr
    assert json.loads(stdout)["status"] == "INTERRUPTED"
    assert len(records(tmp_path)) < RUNS
    assert not list(tmp_path.glob("failures/*"))


def test_servers_share_and_a_dead_one_does_not_matter(manifest: Path, reference: Path, tmp_path: Path) -> None:
    dead = f"127.0.0.1:{free_port()}"
    with EmbeddedServer(threads=1) as one, EmbeddedServer(threads=1) as two:
        addresses = ("--server", dead, "--server", one.address, "--server", two.address)
        told = end(start(manifest, tmp_path, *addresses))
    assert told["finished_now"] == RUNS
    assert results(tmp_path) == results(reference)


def test_no_server_is_a_failure_that_is_kept_and_tried_again(manifest: Path, tmp_path: Path) -> None:
    few = json.loads(manifest.read_text())
    few["runs"] = [*few["runs"][:2], {**few["runs"][0], "name": "run 0 again"}]
    short = manifest.with_name("short.json")
    short.write_text(json.dumps(few))
    told = end(start(short, tmp_path, "--server", f"127.0.0.1:{free_port()}", "--retries", 0), code=3)
    assert (told["status"], told["failed"]) == ("INCOMPLETE", 3)
    codes = {f["run"]: f["findings"][0]["code"] for f in told["failures"]}
    assert (codes["run 0"], codes["run 1"]) == ("UNAVAILABLE", "UNAVAILABLE")
    assert codes["run 0 again"] in ("UNAVAILABLE", "SAME_RUN_FAILED")
    kept = [json.loads(path.read_text()) for path in tmp_path.glob("failures/*.json")]
    assert {failure["run"] for failure in kept} >= {"run 0", "run 1"}
    with EmbeddedServer(threads=1) as server:
        told = end(start(short, tmp_path, "--server", server.address))
    assert (told["finished"], told["finished_now"]) == (3, 2)
    assert not list(tmp_path.glob("failures/*"))
    # Tables that are wanted later are made of the results that are there.
    told = end(start(short, tmp_path, "--server", f"127.0.0.1:{free_port()}", "--tables", "costs"))
    assert (told["finished"], told["finished_now"]) == (3, 0)
    costs = pd.read_parquet(tmp_path / "tables" / "costs").set_index(["digest", "part"]).money
    rows = pd.read_parquet(tmp_path / "results.parquet").set_index("run")
    assert costs[rows.digest["run 1"], "total"] == pytest.approx(cost(1), rel=1e-9)


def test_dask_gives_the_same_bytes_also_when_a_worker_is_killed(
    manifest: Path, reference: Path, tmp_path: Path
) -> None:
    pytest.importorskip("distributed", reason="the extra dask is not installed")
    with dask_cluster(2) as (address, workers):
        process = start(manifest, tmp_path, "--dask", address)
        wait_for(lambda: len(records(tmp_path)) >= 3, process)
        workers[0].kill()
        told = end(process)
    assert told["finished_now"] == RUNS
    assert results(tmp_path) == results(reference)
