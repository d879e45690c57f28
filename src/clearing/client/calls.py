"""One call with retries inside one deadline."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar, cast

import grpc

from clearing.client import errors

T = TypeVar("T")

FIRST_BACKOFF_SECONDS = 0.2
LONGEST_WAIT_SECONDS = 30.0
TRAILER_BYTES = 128 << 10
METADATA = (("clearing-trailer-bytes", str(TRAILER_BYTES)),)
"""Tells the server that this channel takes long trailers, so that all findings come back."""


def channel_options(message_bytes: int) -> list[tuple[str, int]]:
    """Limits both ways, trailers with a hundred findings, and keepalive for solves that say nothing for long."""
    return [
        ("grpc.max_send_message_length", message_bytes),
        ("grpc.max_receive_message_length", message_bytes),
        ("grpc.max_metadata_size", TRAILER_BYTES),
        ("grpc.absolute_max_metadata_size", 2 * TRAILER_BYTES),
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.enable_retries", 0),  # `with_retries` is the only one that asks again
    ]


def with_retries(attempt: Callable[[float], T], seconds: float, retries: int) -> T:
    """Result of `attempt(seconds left)`, asked again at most `retries` times; raises ClearingError.

    Asked again is only what the server did not do: UNAVAILABLE, and RESOURCE_EXHAUSTED with a RetryInfo. A request
    changes nothing on the server, so asking again is always safe.
    """
    end = time.monotonic() + seconds
    for tried in range(retries + 1):
        try:
            return attempt(end - time.monotonic())
        except grpc.RpcError as error:
            wait = _wait(error, tried)
            if wait is None or tried == retries or time.monotonic() + wait >= end:
                raise errors.translated(error) from error
        time.sleep(wait)
    raise AssertionError("the last attempt returns or raises")


def _wait(error: grpc.RpcError, tried: int) -> float | None:
    """Seconds to wait before asking again; None where asking again is of no use."""
    code = cast(grpc.Call, error).code()
    told = errors.retry_seconds(error)
    backoff: float = FIRST_BACKOFF_SECONDS * 2**tried * random.uniform(0.8, 1.2)
    if code is grpc.StatusCode.UNAVAILABLE:
        return min(LONGEST_WAIT_SECONDS, max(told or 0.0, backoff))
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED and told is not None:
        return min(LONGEST_WAIT_SECONDS, max(told, backoff))
    return None
