"""A worker process: one request at a time, run to its end, over a socket it inherits.

Started as `python -P -m clearing.server.worker FD ENTRY THREADS BUDGET MEMORY`. The main thread runs the pipeline; a
second thread reads the socket, so that a stop reaches a running solve (the solver releases the GIL) and the
end of the stream, which is the end of the parent, ends this process whatever it is doing.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import queue
import resource
import signal
import socket
import sys
import threading
import time
import traceback
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any, NoReturn

from google.protobuf.message import DecodeError

from clearing.case.finding import Finding, Severity
from clearing.case.result import Reason
from clearing.server.environment import give_back
from clearing.server.frames import HEADER, Frame, Job, Kind, pack
from clearing.solve import incumbent as incumbents
from clearing.solve.control import Incumbent, Progress, RunControl
from clearing.v1 import clearing_service_pb2, report_pb2
from clearing.wire import disclosure, encode
from clearing.wire.errors import InvalidRequest

_PR_SET_PDEATHSIG = 1
PROGRESS_SECONDS = 0.2
RESERVED_BYTES = 1 << 30
MOST_STREAMS = 4
"""Streams whose state a worker keeps; an older one begins anew. Bounds its memory."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    kind: Kind
    payload: bytes = b""


class Spaced:
    """Lets progress through that is news: another stage or incumbent at once, the rest every fifth of a second."""

    def __init__(self, send: Callable[[Progress], None]) -> None:
        self._send = send
        self._sent: Progress | None = None
        self._when = 0.0

    def __call__(self, progress: Progress) -> None:
        """Send it, or not."""
        last, now = self._sent, time.monotonic()
        same = last is not None and (last.stage, last.incumbent) == (progress.stage, progress.incumbent)
        if not same or now - self._when >= PROGRESS_SECONDS:
            self._sent, self._when = progress, now
            self._send(progress)


class Worker:
    """Serves jobs from a socket until its other end closes."""

    def __init__(self, sock: socket.socket, pipeline: ModuleType, threads: int, budget: float) -> None:
        self._sock = sock
        self._pipeline = pipeline
        self._threads = threads
        self._budget = budget
        self._jobs: queue.SimpleQueue[Frame] = queue.SimpleQueue()
        self._stopped_run = 0
        self._streams: OrderedDict[str, Any] = OrderedDict()
        self._sending = threading.Lock()

    def serve(self) -> None:
        """Never returns."""
        threading.Thread(target=self._listen, name="listener", daemon=True).start()
        self._send(Kind.READY, 0)
        while True:
            frame = self._jobs.get()
            if frame.kind is Kind.FORGET:
                self._streams.pop(frame.payload.decode(), None)
                continue
            job = Job.from_bytes(frame.payload)
            outcome = self._run(frame.run, job)
            self._send(outcome.kind, frame.run, outcome.payload)
            if job.method != "clear_real_time":  # the next interval needs as much again, at once
                del frame, job, outcome
                give_back()

    def _run(self, run: int, job: Job) -> _Outcome:
        try:
            return _Outcome(Kind.ANSWER, disclosure.limited(job.method, self._call(run, job), job.view))
        except InvalidRequest as refused:
            return _Outcome(Kind.INVALID, _findings(refused.findings))
        except DecodeError:
            text = "The request is not a valid serialisation of its message."
            return _Outcome(Kind.INVALID, _findings((Finding(Severity.ERROR, "MALFORMED_MESSAGE", "request", text),)))
        except MemoryError:
            return _Outcome(Kind.MEMORY)
        except Exception as fault:  # the one place where any exception of the pipeline ends
            return _Outcome(Kind.FAULT, where(fault).encode())

    def _call(self, run: int, job: Job) -> bytes:
        control = RunControl(
            answer_by=None if job.seconds_left is None else time.monotonic() + job.seconds_left,
            stopped=lambda: self._stopped_run >= run,
            on_progress=Spaced(lambda progress: self._send(Kind.PROGRESS, run, _progress(progress))),
            on_incumbent=lambda found: self._keep(run, found),
            threads=self._threads,
            budget=self._budget,
        )
        answer: bytes
        if job.method == "clear_real_time":
            # Short, and of no use when late: no incumbent is kept that another worker would finish.
            control = replace(control, on_incumbent=_forget)
            answer = self._pipeline.clear_real_time(job.request, control, job.request_id, self._stream(job.stream))
        elif job.method in ("check_market_power", "check_prices"):
            # More than a clearing: an incumbent of one would not be the answer.
            control = replace(control, on_incumbent=_forget)
            answer = getattr(self._pipeline, job.method)(job.request, control, job.request_id)
        elif job.method == "clear_day_ahead":
            answer = self._pipeline.clear_day_ahead(job.request, control, job.request_id)
        elif job.method == "finish_incumbent":
            answer = self._pipeline.finish_incumbent(
                job.request, job.incumbent, control, job.request_id, Reason(job.reason)
            )
        else:
            answer = getattr(self._pipeline, job.method)(job.request)
        return answer

    def _stream(self, name: str) -> Any:
        """What the intervals of a stream share in this process: the newest MOST_STREAMS streams have it."""
        if not name:
            return None
        if name not in self._streams:
            self._streams[name] = self._pipeline.new_stream()
        self._streams.move_to_end(name)
        if len(self._streams) > MOST_STREAMS:
            self._streams.popitem(last=False)
        return self._streams[name]

    def _keep(self, run: int, found: Incumbent) -> None:
        self._send(Kind.INCUMBENT, run, incumbents.to_bytes(found))

    def _send(self, kind: Kind, run: int, payload: bytes = b"") -> None:
        with self._sending:
            try:
                self._sock.sendall(pack(kind, run, payload))
            except OSError:
                _parent_is_gone()

    def _listen(self) -> None:
        while True:
            kind, run, length = HEADER.unpack(self._exactly(HEADER.size))
            payload = self._exactly(length)
            if kind in (Kind.RUN, Kind.FORGET):
                self._jobs.put(Frame(Kind(kind), run, payload))
                if kind == Kind.RUN:
                    self._send(Kind.TAKEN, run)
            elif kind == Kind.STOP:
                self._stopped_run = max(self._stopped_run, run)

    def _exactly(self, length: int) -> bytes:
        buffer = bytearray(length)
        view = memoryview(buffer)
        while view:
            try:
                received = self._sock.recv_into(view)
            except OSError:
                received = 0
            if received == 0:
                _parent_is_gone()
            view = view[received:]
        return bytes(buffer)


def _forget(_: Incumbent) -> None:
    return None


def _parent_is_gone() -> NoReturn:
    """Nobody waits for anything any more, so end at once, whatever the other threads are doing."""
    os._exit(0)


def _progress(progress: Progress) -> bytes:
    return report_pb2.Progress(
        stage=progress.stage,
        incumbent=progress.incumbent,
        bound=progress.bound,
        gap=progress.gap,
        seconds=progress.seconds,
        security_round=progress.security_round,
        violations=progress.violations,
    ).SerializeToString()


def _findings(findings: tuple[Finding, ...]) -> bytes:
    return clearing_service_pb2.ValidateCaseResponse(
        findings=[encode.finding(finding) for finding in findings]
    ).SerializeToString()


def where(fault: Exception) -> str:
    """Type and place of an exception, without its message: a message may quote somebody's offer."""
    frames = traceback.extract_tb(fault.__traceback__)
    places = " > ".join(f"{os.path.basename(f.filename)}:{f.lineno} {f.name}" for f in frames[-8:])
    return f"{type(fault).__name__} at {places}"


def _outlive_nobody() -> None:
    """Ask the kernel (Linux) to kill this process with its parent, even while a solver holds the GIL."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _limit_memory(memory_bytes: int) -> None:
    """Bound the address space: what one allocation could take before the parent, which watches, would see it.

    Address space is more than memory (stacks and arenas are reserved, not used), so what is reserved by now and a
    gigabyte come on top.
    """
    if sys.platform == "linux":
        with open("/proc/self/statm", encoding="ascii") as pages:
            reserved = int(pages.read().split()[0]) * resource.getpagesize()
        most = reserved + memory_bytes + RESERVED_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def main(arguments: list[str]) -> None:
    """Entry point of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C reaches all; the parent decides
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _outlive_nobody()
    fd, entry, threads, budget, memory = arguments
    sock = socket.socket(fileno=int(fd))
    sock.set_inheritable(False)
    pipeline = importlib.import_module(entry)
    if hasattr(pipeline, "warm_up"):
        pipeline.warm_up()
    _limit_memory(int(memory))
    Worker(sock, pipeline, int(threads), float(budget)).serve()


if __name__ == "__main__":
    main(sys.argv[1:])
