"""OpenTelemetry traces, where an operator asks for them: a span a call, below it one a stage of its runs.

Attributes are ids, digests, sizes and seconds; never a word of a request and never who called. Where spans go says the
environment of OpenTelemetry (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER …). Needs the extra
`otel`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import grpc
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from clearing import __version__
from clearing.server.calls import TRACE_PARENT_KEY

TOLD = ("digest", "request_bytes", "queue_seconds", "intervals")
"""Notes of a call that a span repeats."""
FAULTS = {code.name for code in (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.UNKNOWN)}
"""Statuses that are nobody's but ours."""
MOST_STAGES = 200
"""Spans below a call; a stream of intervals may have more stages, of which the first are told."""


class Traces:
    """Makes spans of calls that have ended; exporter: None = over OTLP."""

    def __init__(self, exporter: SpanExporter | None = None) -> None:
        self._provider = TracerProvider(resource=Resource.create({SERVICE_NAME: "clearing"}))
        self._provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("clearing.server", __version__)

    def handled(
        self,
        method: str,
        code: str,
        began: float,
        request_id: str,
        notes: Mapping[str, str | int | float],
        stages: Sequence[tuple[str, float, float]],
        parent: str = "",
    ) -> None:
        """A call ended now. Moments by time.monotonic(), stages as (name, began, ended); parent: a W3C traceparent."""
        past = time.time_ns() - time.monotonic_ns()
        context = TraceContextTextMapPropagator().extract({TRACE_PARENT_KEY: parent}) if parent else None
        told = {f"clearing.{name}": notes[name] for name in TOLD if name in notes}
        span = self._tracer.start_span(
            method,
            context,
            SpanKind.SERVER,
            {"rpc.system": "grpc", "rpc.method": method, "rpc.status": code, "clearing.request_id": request_id, **told},
            start_time=past + int(began * 1e9),
        )
        below = set_span_in_context(span)
        for name, first, last in stages[:MOST_STAGES]:
            stage = self._tracer.start_span(name, below, start_time=past + int(first * 1e9))
            stage.end(past + int(last * 1e9))
        if code in FAULTS:
            span.set_status(Status(StatusCode.ERROR))
        span.end()

    def close(self) -> None:
        """Export what is left; waits for it a few seconds at most."""
        self._provider.force_flush(2000)
        self._provider.shutdown()
