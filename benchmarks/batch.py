"""Batches of RTS-GMLC days: equal bytes here and on Dask, killed processes, scaling from one worker to two, memory.

    python -m benchmarks.batch same  OUT --days 100      local and Dask, two workers each; bytes compared
    python -m benchmarks.batch kill  OUT --days 100      a worker and then the driver killed; bytes compared with `same`
    python -m benchmarks.batch scale OUT --days 8        the same days by one worker and by two, in turn
    python -m benchmarks.batch memory OUT --days 1000    memory of driver and workers over the runs

Days follow each other from 2020-01-01; beyond the year they come again under another seed. Every run: 24 periods,
reproducible, --gap. --scenario three-bus: its day under so many seeds. --seconds: the search of a run ends after so
many, whatever its gap, and runs are not reproducible: for memory over many days, the hard ones among them.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import numpy as np
import psutil

ROOT = Path(__file__).resolve().parents[1]
YEAR = 366


def start(manifest: Path, out: Path, *options: object) -> subprocess.Popen[str]:
    """`clearing batch` in a process of its own."""
    command = [sys.executable, "-m", "clearing.cli.main", "batch", manifest, "--out", out, "--json", *options]
    return subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def end(process: subprocess.Popen[str], code: int = 0) -> dict:  # type: ignore[type-arg]
    """Wait for its end; the JSON that it printed."""
    stdout, stderr = process.communicate()
    assert process.returncode == code, stderr
    return json.loads(stdout)  # type: ignore[no-any-return]


def wait_for(happened: Callable[[], bool], process: subprocess.Popen, seconds: float = 200.0) -> None:  # type: ignore[type-arg]
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


@contextmanager
def dask_cluster(workers: int) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Address of a scheduler on loopback, and its workers, each a process of one thread."""
    folder = Path(tempfile.mkdtemp(prefix="dask-"))
    told, log = folder / "scheduler.json", (folder / "log").open("wb")
    dask, common = [sys.executable, "-m", "dask"], ["--host", "127.0.0.1", "--no-dashboard"]
    scheduler = [*dask, "scheduler", "--port", "0", "--scheduler-file", str(told), *common]
    started = [subprocess.Popen(scheduler, stdout=log, stderr=log)]
    try:
        wait_for(lambda: told.is_file() and told.stat().st_size > 0, started[0])
        address = json.loads(told.read_text())["address"]
        for _ in range(workers):
            worker = [*dask, "worker", address, "--nthreads", "1", "--no-nanny", "--memory-limit", "0", *common]
            started.append(subprocess.Popen(worker, stdout=log, stderr=log))
        wait_for(lambda: folder.joinpath("log").read_bytes().count(b"Registered to") >= workers, started[0])
        yield address, started[1:]
    finally:
        for process in reversed(started):
            process.kill()
            process.wait()
        log.close()


def write_manifest(
    path: Path, days: int, gap: float, first: dt.date, scenario: str, seconds: float | None = None
) -> Path:
    """A manifest of so many days of RTS-GMLC, or of another scenario's one day under so many seeds."""
    of_days = scenario == "rts-gmlc"
    runs: list[dict[str, object]] = []
    for number in range(days):
        if not of_days:
            runs.append({"name": f"seed {number}", "solve": {"seed": number}})
            continue
        day = first + dt.timedelta(days=number % YEAR)
        seed = number // YEAR
        runs.append({"name": f"{day} seed {seed}", "options": {"day": day.isoformat()}, "solve": {"seed": seed}})
    ends: dict[str, object] = {"reproducible": True} if seconds is None else {"time_limit_seconds": seconds}
    solve = {"gap": gap, **ends}
    options = {"period_minutes": 60} if of_days else {}
    defaults = {"case": str(ROOT / "scenarios" / scenario), "options": options, "solve": solve}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"name": f"{days} days", "defaults": defaults, "runs": runs}))
    return path


def same(out: Path, manifest: Path) -> None:
    """Two local workers, two Dask workers."""
    for name in ("local", "dask"):
        began = time.monotonic()
        if name == "local":
            told = end(start(manifest, out / name, "--workers", 2))
        else:
            with dask_cluster(2) as (address, _):
                told = end(start(manifest, out / name, "--dask", address))
        say(name, told, time.monotonic() - began)
    compare(out / "local", out / "dask")


def kill(out: Path, manifest: Path, runs: int) -> None:
    """A worker is killed after a quarter, the driver after half of what is left; resumed, compared with `same`."""
    there = len(records(out / "killed"))
    process = start(manifest, out / "killed", "--workers", 2)
    wait_for(lambda: len(records(out / "killed")) >= there + (runs - there) // 4, process, 36_000.0)
    workers_of(process)[0].kill()
    wait_for(lambda: len(records(out / "killed")) >= there + (runs - there) // 2, process, 36_000.0)
    process.kill()
    process.communicate()
    before = records(out / "killed")
    told = end(start(manifest, out / "killed", "--workers", 2))
    after = records(out / "killed")
    say("killed", told, told["seconds"])
    lost = {name for name in before if after.get(name) != before[name]}
    print(f"finished before the driver was killed {len(before)}, of them lost or repeated {len(lost)}")
    print(f"asked after that {told['finished_now']} of {runs}")
    compare(out / "local", out / "killed")


def _work(_: int) -> float:
    """A fixed piece of work of one core that leaves its caches: sorted numbers, again and again."""
    numbers = np.random.default_rng(0).random(1 << 22)
    return sum(float(np.sort(np.roll(numbers, k))[k]) for k in range(5))


def cpu_seconds(process: subprocess.Popen[str]) -> float:
    """CPU seconds of a batch and of its workers, as long as they live."""
    spent: dict[int, float] = {}
    while process.poll() is None:
        with contextlib.suppress(psutil.Error):
            for one in (psutil.Process(process.pid), *workers_of(process)):
                spent[one.pid] = sum(one.cpu_times()[:2])
        time.sleep(0.5)
    return sum(spent.values())


def machine() -> float:
    """What two processes make of two cores here without a batch: time of one piece over that of two at once."""
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(_work, range(2)))  # both have started
        began = time.monotonic()
        pool.submit(_work, 0).result()
        alone = time.monotonic() - began
        began = time.monotonic()
        list(pool.map(_work, range(2)))
        return alone / (time.monotonic() - began)


def scale(out: Path, manifest: Path, runs: int, rounds: int) -> None:
    """The same days by one worker and by two, in turn; the second round the other way round."""
    found = []
    for turn in range(rounds):
        seconds: dict[int, float] = {}
        for workers in (1, 2) if turn % 2 == 0 else (2, 1):
            idle = psutil.cpu_times().idle
            began = time.monotonic()
            process = start(manifest, out / f"turn{turn}-workers{workers}", "--workers", workers)
            spent = cpu_seconds(process)
            told = end(process)
            share = (psutil.cpu_times().idle - idle) / (time.monotonic() - began)
            seconds[workers] = told["seconds"]
            say(f"{workers} workers ({share:.2f} cores idle, {spent:.1f} s of CPU)", told, seconds[workers])
        found.append(seconds[1] / (2.0 * seconds[2]))
        print(f"two processes that only sort, on this machine now: {machine():.3f}", flush=True)
        compare(out / f"turn{turn}-workers1", out / f"turn{turn}-workers2")
    print(f"efficiency {median(found):.3f} of {[round(one, 3) for one in found]} over {runs} days, workers ready")


def memory(out: Path, manifest: Path, runs: int) -> None:
    """Resident megabytes of the driver and of its largest worker, over the runs that were finished."""
    process = start(manifest, out / "memory", "--workers", 2)
    driver, seen = psutil.Process(process.pid), []
    while process.poll() is None:
        try:
            sizes = [worker.memory_info().rss for worker in workers_of(process)]
            seen.append((len(records(out / "memory")), driver.memory_info().rss, max(sizes, default=0), len(sizes)))
        except psutil.Error:
            pass
        time.sleep(2.0)
    told = end(process)
    say("memory", told, told["seconds"])
    print("| runs finished | driver MB | largest worker MB |\n|---|---|---|")
    for tenth in range(10):
        some = [s for s in seen if runs * tenth / 10 <= s[0] < runs * (tenth + 1) / 10]
        if some:
            at = f"{runs * tenth // 10} to {runs * (tenth + 1) // 10}"
            print(f"| {at} | {median(s[1] for s in some) / 1e6:.0f} | {median(s[2] for s in some) / 1e6:.0f} |")


def say(name: str, told: dict, seconds: float) -> None:  # type: ignore[type-arg]
    """One line about a batch."""
    print(
        f"{name}: {told['finished']} of {told['runs']} finished, {told['failed']} failed, {told['finished_now']} now, "
        f"{seconds:.1f} s, median {told['run_seconds_median']:.2f} s a run, gap missed {len(told['gap_missed'])}, "
        f"median {told['gap_median']:.2e}, largest {told['gap_max']:.2e}, audit failed {len(told['audit_failed'])}",
        flush=True,
    )


def compare(one: Path, other: Path) -> None:
    """Equal bytes, file by file."""
    first, second = results(one), results(other)
    different = sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))
    print(f"{one.name} and {other.name}: {len(first)} files, {len(different)} differ {different[:3]}", flush=True)


def main() -> None:
    """One of the four measurements."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["same", "kill", "scale", "memory"])
    parser.add_argument("out", type=Path)
    parser.add_argument("--days", type=int, default=100)
    parser.add_argument("--gap", type=float, default=1e-2)
    parser.add_argument("--scenario", default="rts-gmlc")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, help="of a search; default: until the gap is reached")
    parser.add_argument("--first", type=dt.date.fromisoformat, default=dt.date(2020, 1, 1))
    asked = parser.parse_args()
    path = asked.out / f"{asked.what}.json"
    manifest = write_manifest(path, asked.days, asked.gap, asked.first, asked.scenario, asked.seconds)
    print(f"load before: {psutil.getloadavg()}", flush=True)
    if asked.what == "same":
        same(asked.out, manifest)
    elif asked.what == "scale":
        scale(asked.out, manifest, asked.days, asked.rounds)
    else:
        {"kill": kill, "memory": memory}[asked.what](asked.out, manifest, asked.days)
    print(f"load after: {psutil.getloadavg()}")


if __name__ == "__main__":
    main()
