"""One run: from a place in the queue to an answer, whatever happens to workers and callers on the way."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

import grpc

from clearing.case.finding import Finding
from clearing.case.result import Reason
from clearing.server import unpriced
from clearing.server.admission import Gate, Ticket
from clearing.server.errors import InvalidCase, ServiceError, internal, out_of_memory, unavailable
from clearing.server.frames import Frame, Job, Kind
from clearing.server.kept import KeptIncumbent
from clearing.server.pool import WorkerPool
from clearing.server.process import WorkerProcess
from clearing.server.timeline import PROMISED_MARGIN_SECONDS, Timeline
from clearing.v1 import clearing_service_pb2, report_pb2
from clearing.wire import decode, disclosure
from clearing.wire.disclosure import EVERYTHING, View

SEARCH_STAGES = frozenset({"", "decode", "form", "commit"})
TAKEN_SECONDS = 3.0  # an idle worker says at once that it has a job, if the machine gives it a moment to
STOP_GRACE_SECONDS = 2.0  # from the stop flag to SIGKILL when nobody waits for the answer


class Abandoned(Exception):
    """Nobody listened any more; the work was stopped."""


class End(Enum):
    """Why a conversation with a worker ended without its answer."""

    DIED = auto()
    TOO_BIG = auto()
    TAKEN_OVER = auto()
    LAST_CALL = auto()
    NOT_TAKEN = auto()


class Alarm(Enum):
    """What falls due while a worker works."""

    LATE = auto()  # it should have answered; if it still searches and left an incumbent, set its stop flag
    TAKE_OVER = auto()  # do not wait for it if it still searches and left an incumbent
    LAST_CALL = auto()  # do not wait for it
    NOT_TAKEN = auto()  # it was idle and has not even taken the job: it hangs, and another one gets it
    ABANDON = auto()  # nobody waits: set its stop flag, kill it after two seconds


Alarms = deque[tuple[float, Alarm]]


class Stream:
    """A stream of intervals: its id, the workers that know it, and the one that answered last."""

    def __init__(self, stream_id: str) -> None:
        self.id = stream_id
        self.last: WorkerProcess | None = None
        self._known_to: set[WorkerProcess] = set()

    def answered_by(self, worker: WorkerProcess) -> None:
        """A worker is about to run an interval of it."""
        self.last = worker
        self._known_to.add(worker)

    async def end(self) -> None:
        """Nothing of it stays behind."""
        for worker in self._known_to:
            if not worker.lost.is_set():
                await worker.forget(self.id)
        self._known_to.clear()


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be run: method of the pipeline, serialised request, ids, deadline by time.monotonic(), its stream, and
    what its caller may see."""

    method: str
    request: bytes
    request_id: str
    digest: str
    deadline: float
    stream: Stream | None = None
    view: View = EVERYTHING


class Run:
    """Drives one order through the gate and the pool; `answer` is awaited as a task of its own.

    on_progress gets the stage and the serialised message of every Progress; on_fault gets request id, type and place
    of an exception of the pipeline. queue_seconds, stage_seconds and stages (name, began, ended; as
    the parent saw them change) and ended (the newest progress; at the end gap and violations) are for log and
    metrics.
    """

    def __init__(
        self,
        order: Order,
        ticket: Ticket,
        gate: Gate,
        pool: WorkerPool,
        on_progress: Callable[[str, bytes], None],
        on_fault: Callable[[str, str], None],
    ) -> None:
        self._order = order
        self._ticket = ticket
        self._gate = gate
        self._pool = pool
        self._on_progress = on_progress
        self._on_fault = on_fault
        self._mail: asyncio.Queue[Frame | Alarm | None] = asyncio.Queue()
        self._kept = KeptIncumbent()
        self._stage = ""
        self._worker: WorkerProcess | None = None
        self._abandoned = False
        self._stage_began = 0.0
        self.queue_seconds = 0.0
        self.stage_seconds: dict[str, float] = {}
        self.stages: list[tuple[str, float, float]] = []
        self.ended = report_pb2.Progress()
        self.task = asyncio.create_task(self._answer())

    def abandon(self) -> None:
        """Nobody listens any more: the worker is told to stop, and killed after two seconds."""
        self._abandoned = True
        if self._worker is None:
            self.task.cancel()
        else:
            self._mail.put_nowait(Alarm.ABANDON)

    async def stop_search(self) -> None:
        """End the search and finish with what there is."""
        if self._worker is not None:
            await self._worker.stop_search()

    async def _answer(self) -> bytes:
        """The serialised response; raises ServiceError, or Abandoned."""
        try:
            worker = await self._start()
            self.queue_seconds = time.monotonic() - self._ticket.entered
            outcome, times = await self._search(worker)
            while outcome is End.NOT_TAKEN and not self._abandoned:
                outcome, times = await self._search(await self._start(again=True))
            if isinstance(outcome, bytes):
                return outcome
            if self._kept and not self._abandoned:
                return await self._finish(outcome, times)
            raise self._without_answer(outcome)
        finally:
            self._gate.leave(self._ticket)

    async def _search(self, worker: WorkerProcess) -> tuple[bytes | End, Timeline]:
        """Have a worker answer the order in the time that is left."""
        now = time.monotonic()
        times = Timeline.towards(self._order.deadline, now)
        moments = (
            (now + TAKEN_SECONDS, Alarm.NOT_TAKEN), (times.answer_by, Alarm.LATE), (times.takeover_at, Alarm.TAKE_OVER),
            (times.last_call, Alarm.LAST_CALL),
        )  # fmt: skip
        alarms: Alarms = deque(sorted(moments, key=lambda alarm: alarm[0]))
        return await self._converse(worker, self._job(self._order.method, times.answer_by), alarms), times

    async def _start(self, again: bool = False) -> WorkerProcess:
        """A worker, and the slot before it unless this is another try; raises ServiceError at the deadline."""
        left = self._order.deadline - PROMISED_MARGIN_SECONDS - time.monotonic()
        try:
            async with asyncio.timeout(max(0.0, left)):
                if not again:
                    await self._gate.take_slot(self._ticket)
                stream = self._order.stream
                worker = await self._pool.acquire(None if stream is None else stream.last)
                if stream is not None:
                    stream.answered_by(worker)
                return worker
        except TimeoutError:
            raise ServiceError(
                grpc.StatusCode.DEADLINE_EXCEEDED, "no worker was free before the deadline; nothing was started"
            ) from None

    def _job(self, method: str, answer_by: float, incumbent: bytes = b"", reason: int = 0) -> Job:
        left = max(0.0, answer_by - time.monotonic())
        stream = "" if self._order.stream is None else self._order.stream.id
        order = self._order
        return Job(method, order.request, order.request_id, left, incumbent, reason, stream, order.view)

    async def _converse(self, worker: WorkerProcess, job: Job, alarms: Alarms) -> bytes | End:
        """Have a worker run a job; it goes back to the pool if it answered, or is killed if not."""
        self._worker = worker
        end: bytes | End = End.DIED
        try:
            await worker.begin(job, self._mail.put_nowait)
            end = await self._listen(worker, alarms)
        except ServiceError:
            end = b""
            raise
        finally:
            self._worker = None
            if isinstance(end, bytes):
                await self._pool.release(worker)
            else:
                self._pool.discard(worker)
        return end

    async def _listen(self, worker: WorkerProcess, alarms: Alarms) -> bytes | End:
        overdue = taken = False
        while True:
            item = await self._next(alarms)
            if item is None:
                return End.TOO_BIG if await worker.ran_out_of_memory() else End.DIED
            if isinstance(item, Frame):
                taken = True
                answer = self._hear(item)
                if answer is not None:
                    return answer
            elif item is Alarm.LAST_CALL:
                return End.LAST_CALL
            elif item is Alarm.NOT_TAKEN:
                if not taken:
                    return End.NOT_TAKEN
            elif item is Alarm.TAKE_OVER:
                overdue = True
            elif item is Alarm.ABANDON:
                await worker.stop_search()
                alarms.clear()
                alarms.append((time.monotonic() + STOP_GRACE_SECONDS, Alarm.LAST_CALL))
            elif self._kept and self._stage in SEARCH_STAGES:
                await worker.stop_search()
            if overdue and self._kept and self._stage in SEARCH_STAGES:
                return End.TAKEN_OVER

    async def _next(self, alarms: Alarms) -> Frame | Alarm | None:
        """Next letter, or the alarm that falls due before it."""
        moment, alarm = alarms[0]
        try:
            async with asyncio.timeout(moment - time.monotonic()):
                return await self._mail.get()
        except TimeoutError:
            alarms.popleft()
            return alarm

    def _hear(self, frame: Frame) -> bytes | None:
        """Take in one frame of the worker; bytes end the conversation, and so do failures."""
        match frame.kind:
            case Kind.ANSWER:
                self._enter_stage("")
                return frame.payload
            case Kind.PROGRESS:
                progress = report_pb2.Progress.FromString(frame.payload)
                self._enter_stage(progress.stage)
                self.ended = progress
                if progress.HasField("bound"):
                    self._kept.bounded(progress.bound)
                self._on_progress(progress.stage, frame.payload)
            case Kind.INCUMBENT:
                self._kept.found(frame.payload)
            case Kind.TAKEN:
                pass
            case Kind.INVALID:
                raise InvalidCase(_findings(frame.payload))
            case Kind.MEMORY:
                raise out_of_memory()
            case _:
                self._on_fault(self._order.request_id, frame.payload.decode())
                raise internal(self._order.request_id)
        return None

    def _enter_stage(self, stage: str) -> None:
        now = time.monotonic()
        if self._stage:
            spent = self.stage_seconds.get(self._stage, 0.0)
            self.stage_seconds[self._stage] = spent + now - self._stage_began
            self.stages.append((self._stage, self._stage_began, now))
        self._stage, self._stage_began = stage, now

    async def _finish(self, end: End, times: Timeline) -> bytes:
        """Answer with the kept incumbent: finished by another worker if there is time, else as it is."""
        late = end is End.LAST_CALL  # it was on its way; every other end is a worker that died or hung
        reason = Reason.TIME_LIMIT_WITH_SOLUTION if late else Reason.WORKER_LOST_WITH_SOLUTION
        alarms: Alarms = deque([(times.last_call, Alarm.LAST_CALL)])
        try:
            async with asyncio.timeout(max(0.0, times.last_call - time.monotonic())):
                worker = await self._pool.acquire()
            job = self._job("finish_incumbent", times.finish_by, self._kept.to_bytes(), reason)
            outcome = await self._converse(worker, job, alarms)
        except (TimeoutError, ServiceError):
            outcome = End.LAST_CALL
        if isinstance(outcome, bytes):
            return outcome
        if self._abandoned:
            raise Abandoned
        answer = await asyncio.to_thread(unpriced.response, self._order.request, self._kept.incumbent(), reason)
        return disclosure.limited(self._order.method, answer, self._order.view)

    def _without_answer(self, end: End) -> Exception:
        if self._abandoned:
            return Abandoned()
        if end is End.DIED:
            return unavailable("the worker was lost before it had a solution; nothing was kept, ask again")
        if end is End.TOO_BIG:
            return out_of_memory()
        return ServiceError(grpc.StatusCode.DEADLINE_EXCEEDED, "the deadline came before a first solution")


def _findings(payload: bytes) -> list[Finding]:
    return [decode.finding(f) for f in clearing_service_pb2.ValidateCaseResponse.FromString(payload).findings]
