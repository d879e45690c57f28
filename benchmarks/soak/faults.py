"""clearing.pipeline with points where a worker goes wrong: an `idempotency_id` of JSON with "do" asks for one.

Everything else is the real thing: the same functions, the same answers. Made for servers under test only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from clearing import pipeline
from clearing.pipeline import audit_schedule, check_market_power, check_prices, list_rule_sets, validate_case, warm_up
from clearing.solve.control import RunControl
from clearing.v1 import clearing_service_pb2
from tests.server import workload

__all__ = [
    "audit_schedule", "check_market_power", "check_prices", "clear_day_ahead", "clear_real_time", "finish_incumbent",
    "list_rule_sets", "new_stream", "validate_case", "warm_up",
]  # fmt: skip

new_stream = pipeline.new_stream
clear_real_time = pipeline.clear_real_time


def _side(request: bytes, real: Callable[..., bytes], fault: Callable[..., bytes]) -> Callable[..., bytes]:
    asked = clearing_service_pb2.ClearDayAheadRequest.FromString(request)
    return fault if asked.idempotency_id.startswith('{"do"') else real


def clear_day_ahead(request: bytes, control: RunControl, request_id: str) -> bytes:
    """The real clearing, or a fault."""
    return _side(request, pipeline.clear_day_ahead, workload.clear_day_ahead)(request, control, request_id)


def finish_incumbent(request: bytes, *more: Any) -> bytes:
    """The same for what outlived its worker."""
    return _side(request, pipeline.finish_incumbent, workload.finish_incumbent)(request, *more)
