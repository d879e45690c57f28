"""Spans of calls, as an exporter in memory sees them: nesting, the caller's trace, and nothing of a request."""

from __future__ import annotations

import grpc
import pytest

from clearing.server import main
from clearing.v1 import clearing_service_pb2_grpc
from tests.server.conftest import serving
from tests.server.workload import order

exporting = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter", reason="the extra otel")
traces = pytest.importorskip("clearing.server.traces")
pytestmark = pytest.mark.slow  # starts servers

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> object:
    exporter = exporting.InMemorySpanExporter()
    monkeypatch.setattr(main, "traces", lambda settings: traces.Traces(exporter) if settings.otel else None)
    return exporter


def test_a_call_and_its_stages_are_spans_below_the_callers(spans: object) -> None:
    request = order("burn", seconds=0.1, secret="offer 123.45")
    with serving(otel=True) as server, grpc.insecure_channel(server.address) as channel:
        stub = clearing_service_pb2_grpc.ClearingServiceStub(channel)
        _, call = stub.ClearDayAhead.with_call(request, timeout=30, metadata=(("traceparent", PARENT),))
        with pytest.raises(grpc.RpcError):
            stub.ClearDayAhead(order("fault"), timeout=30)
    told = {key: value for key, value in call.initial_metadata() if key == "clearing-request-id"}
    found = {span.name: span for span in spans.get_finished_spans()[:2]}  # type: ignore[attr-defined]
    assert set(found) == {"ClearDayAhead", "commit"}
    whole, stage = found["ClearDayAhead"], found["commit"]
    assert (whole.parent.span_id, whole.context.trace_id) == (0xB7AD6B7169203331, 0x0AF7651916CD43DD8448EB211C80319C)
    assert stage.parent.span_id == whole.context.span_id
    assert whole.start_time <= stage.start_time <= stage.end_time <= whole.end_time
    assert stage.end_time - stage.start_time >= 0.09e9
    assert whole.attributes["clearing.request_id"] == told["clearing-request-id"]
    assert whole.attributes["rpc.status"] == "OK"
    failed = spans.get_finished_spans()[-1]  # type: ignore[attr-defined]
    assert (failed.attributes["rpc.status"], failed.status.is_ok) == ("INTERNAL", False)
    assert "123.45" not in "".join(span.to_json() for span in spans.get_finished_spans())  # type: ignore[attr-defined]


def test_without_the_setting_there_are_none(spans: object) -> None:
    with serving() as server, grpc.insecure_channel(server.address) as channel:
        clearing_service_pb2_grpc.ClearingServiceStub(channel).ClearDayAhead(order("burn", seconds=0), timeout=30)
    assert spans.get_finished_spans() == ()  # type: ignore[attr-defined]
