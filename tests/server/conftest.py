"""Servers with the test workload, and raw stubs to talk to them."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import psutil
import pytest

from clearing.server.embedded import EmbeddedServer
from clearing.server.settings import Settings
from clearing.v1 import clearing_service_pb2_grpc

WORKLOAD = "tests.server.workload"
ROOT = str(Path(__file__).parents[2])


@contextmanager
def serving(**settings: object) -> Iterator[EmbeddedServer]:
    """A server with the workload; one worker of one thread unless told otherwise."""
    chosen = {"listen": "127.0.0.1:0", "threads": 1, "log_level": "error", **settings}
    with EmbeddedServer(settings=Settings.model_validate(chosen), entry=WORKLOAD) as server:
        whole(server, int(chosen.get("workers", 1)) + 1)
        yield server


def whole(server: EmbeddedServer, size: int, seconds: float = 15.0) -> tuple[int, ...]:
    """Wait until the pool has all its processes; their ids."""
    wait_until(lambda: len(server.worker_pids) == size, seconds)
    return server.worker_pids


def wait_until(true: Callable[[], bool], seconds: float) -> float:
    """Poll; seconds it took."""
    began = time.monotonic()
    while not true():
        if time.monotonic() - began > seconds:
            pytest.fail(f"not so within {seconds} s")
        time.sleep(0.01)
    return time.monotonic() - began


def busy_children() -> list[int]:
    """Worker processes of this process that burned CPU in the last 0.3 s."""
    children = psutil.Process().children(recursive=True)
    for child in children:
        with_suppressed(child)
    time.sleep(0.3)
    return [child.pid for child in children if (with_suppressed(child) or 0.0) > 50.0]


def with_suppressed(child: psutil.Process) -> float | None:
    try:
        return child.cpu_percent()
    except psutil.Error:
        return None


@pytest.fixture(scope="module", autouse=True)
def _workers_find_the_tests() -> Iterator[None]:
    """Workers import the workload by name."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([ROOT, *([before] if before else [])])
    yield
    os.environ.pop("PYTHONPATH")
    if before is not None:
        os.environ["PYTHONPATH"] = before
    assert sys.executable


@pytest.fixture(scope="module")
def server(_workers_find_the_tests: None) -> Iterator[EmbeddedServer]:
    with serving() as embedded:
        yield embedded


@pytest.fixture
def stub(server: EmbeddedServer) -> Iterator[clearing_service_pb2_grpc.ClearingServiceStub]:
    with grpc.insecure_channel(server.address, options=[("grpc.max_metadata_size", 1 << 18)]) as channel:
        yield clearing_service_pb2_grpc.ClearingServiceStub(channel)
