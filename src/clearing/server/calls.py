"""Around every RPC: request id, log line, metrics, and the translation of failures into statuses."""

from __future__ import annotations

import asyncio
import os
import time
import traceback
import uuid
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import grpc
from structlog.typing import FilteringBoundLogger

from clearing.server import errors
from clearing.server.errors import ServiceError
from clearing.server.identity import Authority, Caller
from clearing.server.metrics import Metrics
from clearing.wire.disclosure import EVERYTHING

if TYPE_CHECKING:
    from clearing.server.traces import Traces  # the extra `otel`

REQUEST_ID_KEY = "clearing-request-id"
TRACE_PARENT_KEY = "traceparent"
Context = grpc.aio.ServicerContext[bytes, bytes]


class Call:
    """One RPC as its handler sees it."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.request_id = uuid.uuid4().hex
        self.notes: dict[str, Any] = {}
        self.stages: list[tuple[str, float, float]] = []
        self._begun = False
        self.caller = Caller(address_of(context.peer()), "", EVERYTHING)

    def identify(self, method: str, authority: Authority) -> None:
        """Learn who calls; raises ServiceError when it may not."""
        self.caller = authority.identify(method, self._context, self.caller.name)
        if self.caller.role:
            self.note(caller=self.caller.name, role=self.caller.role)

    async def begin(self) -> None:
        """Tell the caller the id of its request, which is accepted. gRPC itself asks again only what was not."""
        if not self._begun:
            self._begun = True
            await self._context.send_initial_metadata(((REQUEST_ID_KEY, self.request_id),))

    async def write(self, message: bytes) -> None:
        """Send one message."""
        await self.begin()
        await self._context.write(message)

    async def abort(self, error: ServiceError) -> None:
        """End the call with a status."""
        # The id with the status too: what was not accepted has no first metadata, and many clients show trailers only.
        trailers = error.trailers(self._trailer_room())
        await self._context.abort(error.code, error.message, ((REQUEST_ID_KEY, self.request_id), *trailers))

    def seconds_left(self) -> float:
        """Seconds to the caller's deadline; +inf without one."""
        left = self._context.time_remaining()
        return float("inf") if left is None else left

    def note(self, **facts: str | int | float) -> None:
        """Something for the log line: ids, digests, sizes, seconds."""
        self.notes.update(facts)

    def metadata(self, wanted: str) -> str:
        """What the caller said under a key; '' = nothing."""
        pairs = self._context.invocation_metadata() or ()
        return next((str(value) for key, value in pairs if key == wanted), "")

    def _trailer_room(self) -> int:
        told = self.metadata(errors.TRAILER_BYTES_KEY)
        return min(int(told), errors.GREATEST_TRAILER_BYTES) if told.isdigit() else errors.DEFAULT_TRAILER_BYTES


class CallObserver:
    """Runs handlers; knows how many are at work."""

    def __init__(
        self, metrics: Metrics, authority: Authority, log: FilteringBoundLogger, traces: Traces | None = None
    ) -> None:
        self._traces = traces
        self._metrics = metrics
        self._authority = authority
        self._log = log
        self._at_work = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def observe(self, method: str, context: Context, body: Callable[[Call], Awaitable[None]]) -> None:
        """Run the body of an RPC; whatever it raises becomes a log line, a count, and then a status."""
        call, began = Call(context), time.monotonic()
        error: ServiceError | None = None
        self._metrics.started.labels(method).inc()
        self._at_work += 1
        self._idle.clear()
        try:
            try:
                call.identify(method, self._authority)
                await body(call)
            except ServiceError as known:
                error = known
            except asyncio.CancelledError:
                self._record(method, call, grpc.StatusCode.CANCELLED, began)
                raise
            except Exception as fault:  # ours: the caller gets no traceback, the log gets no message
                self.fault(call.request_id, where(fault))
                error = errors.internal(call.request_id)
            self._record(method, call, grpc.StatusCode.OK if error is None else error.code, began)
            if error is not None:
                await call.abort(error)
        finally:
            self._at_work -= 1
            if not self._at_work:
                self._idle.set()

    def _record(self, method: str, call: Call, code: grpc.StatusCode, began: float) -> None:
        seconds = time.monotonic() - began
        self._metrics.handled.labels(method, code.name).inc()
        self._metrics.seconds.labels(method).observe(seconds)
        self._log.info(
            "handled",
            method=method,
            request_id=call.request_id,
            code=code.name,
            seconds=round(seconds, 3),
            **call.notes,
        )
        if self._traces is not None:
            parent = call.metadata(TRACE_PARENT_KEY)
            self._traces.handled(method, code.name, began, call.request_id, call.notes, call.stages, parent)

    def fault(self, request_id: str, place: str) -> None:
        """Log a fault of ours."""
        self._log.error("fault", request_id=request_id, fault=place)

    async def idle(self, seconds: float) -> bool:
        """Wait until no handler is at work; False when the time was too short."""
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True


def address_of(peer: str) -> str:
    """Address of a caller without its port, which is another one every time."""
    kind, _, rest = peer.partition(":")
    return rest.rpartition(":")[0] if kind in ("ipv4", "ipv6") else peer


def where(fault: BaseException) -> str:
    """Type and place of an exception, without its message: a message may quote somebody's offer."""
    frames = traceback.extract_tb(fault.__traceback__)
    places = " > ".join(f"{os.path.basename(f.filename)}:{f.lineno} {f.name}" for f in frames[-8:])
    return f"{type(fault).__name__} at {places}"
