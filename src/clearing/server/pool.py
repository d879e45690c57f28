"""A pool of warm worker processes that keeps its size whatever happens to them."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Coroutine

import psutil
from structlog.typing import FilteringBoundLogger

from clearing.server.process import WorkerProcess, WorkerSpec, WorkerStartError

MEMORY_LOOK_SECONDS = 0.5
FIRST_BACKOFF_SECONDS = 0.2
LAST_BACKOFF_SECONDS = 5.0
KEPT_SHARE = 0.5  # of the memory limit; a worker that holds more after its run is replaced


class WorkerPool:
    """`size` processes, each started again when it is lost; lent to one run at a time.

    worker_runs: a worker is replaced after so many runs; 0 = never for that. on_end gets why a process ended: lost
    (it died), killed (the run it had was given up), too_big (memory), worn (replaced in time).
    """

    def __init__(
        self,
        spec: WorkerSpec,
        size: int,
        log: FilteringBoundLogger,
        worker_runs: int = 0,
        on_end: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._spec = spec
        self._size = size
        self._worker_runs = worker_runs
        self._on_end = on_end
        self._log = log
        self._idle: deque[WorkerProcess] = deque()
        self._lent: set[WorkerProcess] = set()
        self._unburied: set[WorkerProcess] = set()
        self._changed = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False

    @property
    def alive(self) -> int:
        """Warm processes, idle or lent."""
        return len(self._idle) + len(self._lent)

    @property
    def idle(self) -> int:
        """Warm processes that wait for work."""
        return len(self._idle)

    @property
    def pids(self) -> tuple[int, ...]:
        """Process ids of all warm workers."""
        return tuple(worker.pid for worker in (*self._idle, *self._lent))

    async def start(self) -> None:
        """Return when the first process is warm, the others follow; raises WorkerStartError if it cannot start.

        One first: on a cold numba cache it compiles every kernel, and the others find them ready.
        """
        await self._admit(await WorkerProcess.start(self._spec))
        self._spawn(self._watch_memory())
        for _ in range(self._size - 1):
            self._spawn(self._replace())

    async def acquire(self, preferred: WorkerProcess | None = None) -> WorkerProcess:
        """An idle process, as soon as there is one; the preferred one if it is idle."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._idle)
            if preferred is not None and preferred in self._idle:
                self._idle.remove(preferred)
                worker = preferred
            else:
                worker = self._idle.popleft()
            self._lent.add(worker)
            return worker

    async def release(self, worker: WorkerProcess) -> None:
        """Give a process back after its run ended by itself."""
        worker.release()
        if worker not in self._lent:
            return
        self._lent.discard(worker)
        if not worker.lost.is_set():
            if self._idle and self._worn(worker):
                worker.end_cause = "worn"
                worker.kill()
                return
            async with self._changed:
                self._idle.append(worker)
                self._changed.notify_all()

    def discard(self, worker: WorkerProcess) -> None:
        """Kill a process; its watcher buries it and starts another."""
        worker.release()
        self._lent.discard(worker)
        if not worker.lost.is_set():
            worker.end_cause = "killed"
        worker.kill()

    async def close(self) -> None:
        """Kill everything and wait until it is gone."""
        self._closing = True
        for worker in self._unburied:
            worker.kill()
        # Starts end before their workers are counted: one that became warm meanwhile would be left behind.
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        for worker in tuple(self._unburied):
            await worker.end()
        self._unburied.clear()
        self._idle.clear()
        self._lent.clear()

    async def _admit(self, worker: WorkerProcess) -> None:
        self._unburied.add(worker)
        self._spawn(self._watch(worker))
        async with self._changed:
            self._idle.append(worker)
            self._changed.notify_all()
        self._log.debug("worker_ready", pid=worker.pid)

    async def _watch(self, worker: WorkerProcess) -> None:
        """Replace a process when it is lost, by whatever cause, idle or lent."""
        await worker.lost.wait()
        with contextlib.suppress(ValueError):
            self._idle.remove(worker)
        if self._closing:
            return
        level = self._log.info if worker.end_cause == "worn" else self._log.warning
        level("worker_ended", pid=worker.pid, cause=worker.end_cause, runs=worker.runs)
        self._on_end(worker.end_cause)
        self._spawn(self._replace())
        await worker.end()
        self._unburied.discard(worker)

    async def _replace(self) -> None:
        backoff = FIRST_BACKOFF_SECONDS
        while not self._closing:
            try:
                await self._admit(await WorkerProcess.start(self._spec))
                return
            except (WorkerStartError, OSError) as fault:
                self._log.error("worker_start_failed", reason=str(fault), again_in_seconds=backoff)
                await asyncio.sleep(backoff)
                backoff = min(LAST_BACKOFF_SECONDS, 2 * backoff)

    async def _watch_memory(self) -> None:
        while True:
            await asyncio.sleep(MEMORY_LOOK_SECONDS)
            for worker in tuple(self._lent):
                if _resident_bytes(worker) > self._spec.memory_bytes:
                    worker.end_cause = "too_big"
                    await worker.end()

    def _worn(self, worker: WorkerProcess) -> bool:
        """Whether it is better replaced, now that another one is warm."""
        many = 0 < self._worker_runs <= worker.runs
        return many or _resident_bytes(worker) > KEPT_SHARE * self._spec.memory_bytes

    def _spawn(self, coroutine: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _resident_bytes(worker: WorkerProcess) -> int:
    """Resident size; 0 when it is gone."""
    with contextlib.suppress(psutil.Error):
        return int(psutil.Process(worker.pid).memory_info().rss)
    return 0
