"""The parent's handle on one worker process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from clearing.server import frames
from clearing.server.frames import Frame, Job, Kind

START_SECONDS = 300.0  # a cold numba cache compiles every kernel: about a minute of a quiet core


class WorkerStartError(Exception):
    """A worker ended, or said nothing, before it was ready."""


@dataclass(frozen=True, slots=True)
class WorkerSpec:
    """How a worker is started: module with the pipeline's functions, threads, default budget, memory, environment."""

    entry: str
    threads: int
    budget_seconds: float
    memory_bytes: int
    environment: Mapping[str, str]


class WorkerProcess:
    """A running worker. Frames of the current run go to the listener; death is told to it as None."""

    def __init__(self, process: asyncio.subprocess.Process, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self._process = process
        self._reader = reader
        self._writer = writer
        self._run = 0
        self._listener: Callable[[Frame | None], None] | None = None
        self._reading: asyncio.Task[None] | None = None
        self.lost = asyncio.Event()
        self.end_cause = "lost"  # unless somebody ended it, who says why

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def runs(self) -> int:
        """Runs it was given."""
        return self._run

    async def ran_out_of_memory(self) -> bool:
        """Whether a lost process was killed for its memory, or aborted: what libraries do that cannot allocate."""
        return self.end_cause == "too_big" or await self._process.wait() == -signal.SIGABRT

    @classmethod
    async def start(cls, spec: WorkerSpec) -> WorkerProcess:
        """Start a process and wait until it is warm; raises WorkerStartError."""
        ours, theirs = socket.socketpair()
        # First the connection: a start given up between the process and its handle would leave the process behind.
        try:
            reader, writer = await asyncio.open_connection(sock=ours)
        except BaseException:
            ours.close()
            theirs.close()
            raise
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-P", "-m", "clearing.server.worker",
                str(theirs.fileno()), spec.entry, str(spec.threads), repr(spec.budget_seconds), str(spec.memory_bytes),
                pass_fds=(theirs.fileno(),),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,  # the caller's stdout is the caller's
                env=dict(spec.environment),
            )  # fmt: skip
        except BaseException:
            writer.close()
            raise
        finally:
            theirs.close()
        worker = cls(process, reader, writer)
        try:
            first = await asyncio.wait_for(frames.read(reader), START_SECONDS)
        except BaseException as cause:
            await worker.end()
            if isinstance(cause, asyncio.IncompleteReadError | TimeoutError | ConnectionError):
                raise WorkerStartError(f"worker {process.pid} was not ready; exit code {process.returncode}") from None
            raise
        if first.kind is not Kind.READY:
            await worker.end()
            raise WorkerStartError(f"worker {process.pid} said {first.kind.name} before READY")
        worker._reading = asyncio.create_task(worker._read())
        return worker

    async def begin(self, job: Job, listener: Callable[[Frame | None], None]) -> None:
        """Hand over a job; its frames then go to the listener until the next begin."""
        self._run += 1
        self._listener = listener
        if self.lost.is_set():
            listener(None)
            return
        await self._write(Kind.RUN, job.to_bytes())

    async def stop_search(self) -> None:
        """Set the stop flag of the current run."""
        await self._write(Kind.STOP)

    async def forget(self, stream: str) -> None:
        """Drop what it keeps for a stream."""
        await self._write(Kind.FORGET, stream.encode())

    def release(self) -> None:
        """Nobody listens any more."""
        self._listener = None

    def kill(self) -> None:
        """SIGKILL; harmless when it is gone."""
        if self._process.returncode is None:
            # Not Process.kill(): that would poll, and so reap the process under the hands of asyncio's watcher.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)

    async def end(self) -> None:
        """SIGKILL, and wait until the process is gone and its connection closed. May be called twice."""
        self.kill()
        await self._process.wait()
        if self._reading is not None:
            await asyncio.wait([self._reading])
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()

    async def _write(self, kind: Kind, payload: bytes = b"") -> None:
        with contextlib.suppress(ConnectionError):  # its death arrives through the reader
            self._writer.write(frames.pack(kind, self._run, payload))
            await self._writer.drain()

    async def _read(self) -> None:
        try:
            while True:
                frame = await frames.read(self._reader)
                if self._listener is not None and frame.run == self._run:
                    self._listener(frame)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.lost.set()
            if self._listener is not None:
                self._listener(None)
