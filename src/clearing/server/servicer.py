"""The RPCs: admission, one run each, and the way its events and its end reach the caller.

Handlers take and give raw bytes and are registered as streams on both sides, which is the same on the wire as a
unary call: the gate decides before the request is read, so a full queue costs neither memory nor time.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace

import grpc

from clearing.case.finding import Finding, Severity
from clearing.server import envelope
from clearing.server.admission import Busy, Gate
from clearing.server.calls import Call, CallObserver, Context
from clearing.server.errors import InvalidCase, ServiceError, busy, unavailable
from clearing.server.metrics import Metrics
from clearing.server.pool import WorkerPool
from clearing.server.run import Order, Run, Stream
from clearing.server.settings import MEGABYTE, Settings

SERVICE = "clearing.v1.ClearingService"
SUBSTITUTION = "clearing.v1.SubstitutionService"
SETTLEMENT = "clearing.v1.SettlementService"
ADMISSION = "clearing.v1.AdmissionService"
SERVICES = (SERVICE, SUBSTITUTION, SETTLEMENT, ADMISSION)
READ_SECONDS = 30.0  # a request that is on its way longer is refused: it holds a place
LIGHT_QUEUE = 64
MOST_STREAMS = 32
STREAM_RETRY_SECONDS = 5.0
IDLE_SECONDS = 3600.0  # between two intervals of a stream; a quarter-hourly market says something every 15 minutes


@dataclass(frozen=True, slots=True)
class Rpc:
    """method: function of the pipeline; clears: takes a slot and RunInfo; streams: events in envelopes; many: one run
    after another; gathers: parts of one request, joined as they come; service: where it is declared."""

    method: str
    clears: bool = False
    streams: bool = False
    many: bool = False
    gathers: bool = False
    service: str = SERVICE


RPCS = {
    "ClearDayAhead": Rpc("clear_day_ahead", clears=True),
    "StreamClearDayAhead": Rpc("clear_day_ahead", clears=True, streams=True),
    "ClearRealTime": Rpc("clear_real_time", clears=True),
    "StreamRealTime": Rpc("clear_real_time", clears=True, many=True),
    "ValidateCase": Rpc("validate_case"),
    "AuditSchedule": Rpc("audit_schedule"),
    "CheckMarketPower": Rpc("check_market_power", clears=True),
    "CheckPrices": Rpc("check_prices", clears=True),
    "ChargeDeviations": Rpc("charge_deviations"),
    "LimitPrices": Rpc("limit_prices"),
    "ListRuleSets": Rpc("list_rule_sets"),
    "ValidateSubstitutionRound": Rpc("validate_substitution_round", service=SUBSTITUTION),
    "ClearSubstitution": Rpc("clear_substitution", service=SUBSTITUTION),
    "MeterSubstitution": Rpc("meter_substitution", service=SUBSTITUTION),
    "SettleSubstitutionDeviation": Rpc("settle_substitution_deviation", service=SUBSTITUTION),
    "Settle": Rpc("settle", service=SETTLEMENT),
    "SettleChunks": Rpc("settle_chunks", gathers=True, service=SETTLEMENT),
    "RollUpStatements": Rpc("roll_up_statements", service=SETTLEMENT),
    "CheckPositions": Rpc("check_positions", service=ADMISSION),
    "CheckEntry": Rpc("check_entry", service=ADMISSION),
}


class ClearingServicer:
    """Serves the RPCs of all services from a pool of workers."""

    def __init__(self, settings: Settings, pool: WorkerPool, metrics: Metrics, observer: CallObserver) -> None:
        self._settings = settings
        self._pool = pool
        self._metrics = metrics
        self._observer = observer
        queue_bytes = settings.queue_megabytes * MEGABYTE
        self.gate = Gate(settings.workers, settings.queue_length, queue_bytes, settings.caller_runs)
        self.light_gate = Gate(1, LIGHT_QUEUE, queue_bytes)
        self._runs: set[Run] = set()
        self._draining = False
        self._closing = asyncio.Event()
        self._open_streams = 0
        self._gathering = 0  # bytes

    def handlers(self) -> tuple[grpc.GenericRpcHandler[bytes, bytes], ...]:
        """For Server.add_generic_rpc_handlers."""
        return tuple(grpc.method_handlers_generic_handler(service, self._methods(service)) for service in SERVICES)

    def _methods(self, service: str) -> dict[str, grpc.RpcMethodHandler[bytes, bytes]]:
        return {
            name: grpc.stream_stream_rpc_method_handler(self._handler(name, rpc))
            for name, rpc in RPCS.items()
            if rpc.service == service
        }

    def close(self) -> None:
        """Accept nothing more; streams end with the interval they are at."""
        self._draining = True
        self._closing.set()

    async def drain(self, seconds: float, finish_seconds: float) -> None:
        """Wait for what was accepted; searches are ended `finish_seconds` before the time is up."""
        if await self._observer.idle(max(0.0, seconds - finish_seconds)):
            return
        for run in tuple(self._runs):
            await run.stop_search()
        await self._observer.idle(finish_seconds)

    def _handler(self, name: str, rpc: Rpc) -> Callable[[AsyncIterator[bytes], Context], Awaitable[None]]:
        async def handle(requests: AsyncIterator[bytes], context: Context) -> None:
            serve = self._serve_many if rpc.many else self._serve
            await self._observer.observe(name, context, lambda call: serve(rpc, requests, call))

        return handle

    async def _serve_many(self, rpc: Rpc, requests: AsyncIterator[bytes], call: Call) -> None:
        """One interval after another; between two the stream holds no slot, and its worker serves others."""
        if self._draining:
            raise unavailable("the server is shutting down")
        if self._open_streams >= MOST_STREAMS:
            raise self._refused(Busy(f"{self._open_streams} streams are open", STREAM_RETRY_SECONDS, "streams"))
        self._open_streams += 1
        stream, count = Stream(call.request_id), 0
        messages = aiter(requests)
        try:
            while (message := await self._next(messages)) is not None:
                count += 1
                call.note(intervals=count)
                call.caller.check_time()
                await self._serve(rpc, _one(message), call, stream)
        finally:
            self._open_streams -= 1
            await stream.end()

    async def _next(self, messages: AsyncIterator[bytes]) -> bytes | None:
        """The next message of a stream, None at its end; raises ServiceError when the server closes, or none comes."""
        reading = asyncio.ensure_future(anext(messages, None))
        closing = asyncio.ensure_future(self._closing.wait())
        try:
            await asyncio.wait((reading, closing), timeout=IDLE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                return reading.result()
            if closing.done():
                raise unavailable("the server is shutting down")
            raise ServiceError(grpc.StatusCode.DEADLINE_EXCEEDED, f"no interval within {IDLE_SECONDS:.0f} s")
        finally:
            reading.cancel()
            closing.cancel()

    async def _serve(self, rpc: Rpc, requests: AsyncIterator[bytes], call: Call, stream: Stream | None = None) -> None:
        if self._draining:
            raise unavailable("the server is shutting down")
        gate = self.gate if rpc.clears else self.light_gate
        try:
            ticket = gate.enter(call.caller.name)
        except Busy as full:
            raise self._refused(full) from None
        try:
            order = replace(await self._order(rpc, requests, call), stream=stream)
            gate.weigh(ticket, len(order.request), order.deadline - time.monotonic())
            await call.begin()
            if rpc.streams:
                await call.write(envelope.accepted(ticket.position, order.digest, call.request_id))
            relay = Relay()
            run = Run(order, ticket, gate, self._pool, relay.progress, self._observer.fault)
        except BaseException as fault:
            gate.leave(ticket)
            if isinstance(fault, Busy):
                raise self._refused(fault) from None
            raise
        try:
            answer = await self._follow(run, relay, call if rpc.streams else None)
        finally:
            call.stages.extend(run.stages)
        call.note(queue_seconds=round(run.queue_seconds, 3))
        if rpc.clears:
            for stage, seconds in run.stage_seconds.items():
                self._metrics.stage(stage, seconds)
            self._metrics.answered(run.ended)
            answer = envelope.with_run_info(answer, order.request_id, order.digest, run.queue_seconds)
        if rpc.streams:
            answer = envelope.result_event(answer)
        if rpc.many:
            answer = envelope.interval_result(answer)
        if len(answer) > self._settings.message_megabytes * MEGABYTE:
            raise ServiceError(
                grpc.StatusCode.RESOURCE_EXHAUSTED,
                f"the answer has {len(answer)} bytes, more than a message may have; ask for less of it with output",
            )
        await call.write(answer)

    def _refused(self, full: Busy) -> ServiceError:
        self._metrics.refused.labels(full.reason).inc()
        return busy(str(full), full.retry_seconds)

    async def _order(self, rpc: Rpc, requests: AsyncIterator[bytes], call: Call) -> Order:
        try:
            if rpc.gathers:
                message = await self._gathered(requests)
            else:
                async with asyncio.timeout(READ_SECONDS):
                    message = await anext(aiter(requests))
            request = envelope.inner_request(message) if rpc.streams or rpc.many else message
        except TimeoutError:
            raise ServiceError(grpc.StatusCode.DEADLINE_EXCEEDED, f"no request within {READ_SECONDS} s") from None
        except StopAsyncIteration:
            raise _malformed("The call ended without a request.") from None
        except envelope.EnvelopeError as fault:
            raise _malformed(f"Not the request of this stream: {fault}.") from None
        digest = await asyncio.to_thread(lambda: hashlib.sha256(request).hexdigest())
        call.note(digest=digest, request_bytes=len(request))
        left = min(call.seconds_left(), self._settings.run_limit_seconds)
        return Order(rpc.method, request, call.request_id, digest, time.monotonic() + left, view=call.caller.view)

    async def _gathered(self, requests: AsyncIterator[bytes]) -> bytes:
        """The parts of one request behind one another, which is how the wire merges them; all that are being gathered
        together hold at most the bytes of the queue, and each comes within READ_SECONDS of the one before."""
        parts: list[bytes] = []
        most, messages = self._settings.queue_megabytes * MEGABYTE, aiter(requests)
        try:
            while True:
                async with asyncio.timeout(READ_SECONDS):
                    part = await anext(messages, None)
                if part is None:
                    break
                parts.append(part)
                self._gathering += len(part)
                if self._gathering > most:
                    text = f"requests in parts have more than {most} bytes together, which is all the queue may hold"
                    raise ServiceError(grpc.StatusCode.RESOURCE_EXHAUSTED, text)
            if not parts:
                raise _malformed("The call ended without a request.")
            return b"".join(parts)
        finally:
            self._gathering -= sum(map(len, parts))

    async def _follow(self, run: Run, relay: Relay, listener: Call | None) -> bytes:
        """The run's answer; its progress goes to the listener meanwhile."""
        self._runs.add(run)
        run.task.add_done_callback(lambda _: self._ended(run, relay))
        try:
            while True:
                ended = run.task.done()
                for progress in relay.take():
                    if listener is not None:
                        await listener.write(envelope.progress_event(progress))
                if ended:
                    return run.task.result()
                await relay.news()
        except BaseException:
            run.abandon()
            raise

    def _ended(self, run: Run, relay: Relay) -> None:
        self._runs.discard(run)
        if not run.task.cancelled():
            run.task.exception()  # looked at, so that asyncio does not report it as forgotten
        relay.end()


class Relay:
    """Hands on the newest progress of every stage; a slow reader misses older ones and holds up nobody."""

    def __init__(self) -> None:
        self._newest: dict[str, bytes] = {}
        self._changed = asyncio.Event()

    def progress(self, stage: str, progress: bytes) -> None:
        """Newer progress of a stage."""
        self._newest[stage] = progress
        self._changed.set()

    def end(self) -> None:
        """The run ended: wakes the reader."""
        self._changed.set()

    def take(self) -> list[bytes]:
        """What was not handed on yet, in the order of the stages."""
        newest, self._newest = self._newest, {}
        return list(newest.values())

    async def news(self) -> None:
        """Wait for progress or the end."""
        await self._changed.wait()
        self._changed.clear()


async def _one(message: bytes) -> AsyncIterator[bytes]:
    yield message


def _malformed(text: str) -> InvalidCase:
    return InvalidCase((Finding(Severity.ERROR, "MALFORMED_MESSAGE", "request", text),))
