"""A server in a process of its own, and what its processes use."""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Self

import psutil

ROOT = Path(__file__).resolve().parents[2]
ENTRY = "benchmarks.soak.faults"
SERVE = "import sys; from clearing.server.main import serve, Settings; serve(Settings(), sys.argv[1])"
START_SECONDS = 300.0
IDLE_CPU_SHARE = 0.1
LOOK_SECONDS = 0.1


class Served:
    """Context manager; settings as in Settings. Listens on loopback, has one thread a worker."""

    def __init__(self, entry: str = ENTRY, **settings: object) -> None:
        chosen = {"listen": "127.0.0.1:0", "threads": 1, "log_level": "debug", **settings}
        self.size = int(str(chosen.get("workers", 1))) + 1
        environment = {f"CLEARING_{name.upper()}": str(value) for name, value in chosen.items()}
        path = os.pathsep.join([str(ROOT), str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
        self._log_file = tempfile.TemporaryFile("w+")  # noqa: SIM115  # closed with the server
        self.process = psutil.Popen(
            [sys.executable, "-c", SERVE, entry],
            env={**os.environ, **environment, "PYTHONPATH": path}, stderr=self._log_file, cwd=ROOT,
        )  # fmt: skip
        self.address = ""
        self._read, self._warm = 0, set[int]()

    def __enter__(self) -> Self:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and not self.address:
            time.sleep(0.1)
            if self.process.poll() is not None:
                raise RuntimeError(self._text())
            self.address = next((str(line["address"]) for line in self.log() if line["event"] == "serving"), "")
        self.wait_whole()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except psutil.TimeoutExpired:
                self.process.kill()
        self._log_file.close()

    def log(self) -> list[dict[str, object]]:
        """Lines of the log, parsed."""
        return [json.loads(line) for line in self._text().splitlines() if line.startswith("{")]

    def _text(self, start: int = 0) -> str:
        with open(f"/proc/self/fd/{self._log_file.fileno()}", encoding="ascii") as text:
            text.seek(start)
            return text.read()

    def workers(self) -> list[psutil.Process]:
        """Worker processes that live; zombies are none."""
        return [child for child in self.process.children() if child.status() != psutil.STATUS_ZOMBIE]

    def wait_whole(self, seconds: float = 60.0) -> float:
        """Wait until all workers are there and warm; seconds it took. What the machine did not run does not count."""
        began = looked = time.monotonic()
        waited = 0.0
        while not self._whole():
            if waited > seconds:
                raise RuntimeError(f"{len(self.workers())} workers after {seconds} s")
            time.sleep(0.02)
            now = time.monotonic()
            waited, looked = waited + min(now - looked, 1.0), now
        return looked - began

    def _whole(self) -> bool:
        text = self._text(self._read)
        complete = text.rpartition("\n")[0]
        self._read += len(complete)
        self._warm |= {
            int(str(line["pid"])) for line in (json.loads(row) for row in complete.splitlines() if row.startswith("{"))
            if line["event"] == "worker_ready"
        }  # fmt: skip
        live = {worker.pid for worker in self.workers()}
        return len(live) == self.size and live <= self._warm

    def warm_workers(self) -> list[psutil.Process]:
        """Those of them that have begun to serve."""
        self._whole()
        return [worker for worker in self.workers() if worker.pid in self._warm]

    def use(self) -> dict[str, float]:
        """Parent: MB that are resident, and those of them that no file backs; descriptors, threads; zombies."""
        with self.process.oneshot():
            memory, fds, threads = self.process.memory_info(), self.process.num_fds(), self.process.num_threads()
        zombies = sum(child.status() == psutil.STATUS_ZOMBIE for child in self.process.children())
        # Pages of files are taken back when others need memory: how many are left says nothing of the parent.
        own = (memory.rss - memory.shared) / 2**20
        return {
            "parent_mb": memory.rss / 2**20, "parent_own_mb": own, "descriptors": fds, "threads": threads,
            "zombies": zombies,
        }  # fmt: skip


def seconds_until_idle(workers: list[psutil.Process], most: float) -> float:
    """Seconds until these processes burn no CPU any more, or are gone; inf when that takes longer than `most`."""
    began = time.monotonic()
    before = _cpu(workers)
    while (now := time.monotonic()) - began < most:
        time.sleep(LOOK_SECONDS)
        after = _cpu(workers)
        if all(after[pid] - before.get(pid, 0.0) < IDLE_CPU_SHARE * LOOK_SECONDS for pid in after):
            return now - began  # the look before was the first idle moment
        before = after
    return float("inf")


def _cpu(workers: list[psutil.Process]) -> dict[int, float]:
    found = {}
    for worker in workers:
        try:
            times = worker.cpu_times()
            found[worker.pid] = times.user + times.system
        except psutil.Error:
            continue
    return found


def percentile(values: list[float], share: float) -> float:
    """Value that `share` of the values do not pass; nan of none."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
