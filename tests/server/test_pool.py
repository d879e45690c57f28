"""A pool that is closed leaves nothing behind, whatever it was doing."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Coroutine

import psutil
import pytest
import structlog

from clearing.server.pool import WorkerPool
from clearing.server.process import WorkerProcess, WorkerSpec
from tests.server.conftest import ROOT, WORKLOAD

pytestmark = pytest.mark.slow


def pool(size: int) -> WorkerPool:
    """Of workers with the test workload."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": ROOT}
    return WorkerPool(WorkerSpec(WORKLOAD, 1, 1.0, 400 << 20, environment), size, structlog.get_logger())


def left_by(story: Coroutine[None, None, None]) -> list[int]:
    """Processes that were not there before the story, and are there after it."""
    before = {child.pid for child in psutil.Process().children()}
    asyncio.run(story)
    return [child.pid for child in psutil.Process().children() if child.pid not in before]


def test_a_pool_closed_at_any_moment_of_a_workers_start_leaves_no_process() -> None:
    began = time.monotonic()
    assert left_by(_close_after(0.0)) == []
    start = time.monotonic() - began
    for share in (0.0, 0.01, 0.3, 0.9, 1.0):
        assert left_by(_close_after(share * start)) == []


async def _close_after(seconds: float) -> None:
    """The first worker is warm, two more are on their way."""
    workers = pool(3)
    await workers.start()
    await asyncio.sleep(seconds)
    await workers.close()
    assert (workers.alive, workers.pids) == (0, ())


def test_a_worker_that_becomes_warm_while_the_pool_closes_is_ended_too(monkeypatch: pytest.MonkeyPatch) -> None:
    buried = WorkerProcess.end

    async def slowly(worker: WorkerProcess) -> None:
        """As on a machine that takes seconds to take a process away."""
        await asyncio.sleep(2.0)
        await buried(worker)

    monkeypatch.setattr(WorkerProcess, "end", slowly)
    assert left_by(_close_after(0.0)) == []
