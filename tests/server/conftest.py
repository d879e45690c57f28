"""Servers with the test workload, and raw stubs to talk to them."""

from __future__ import annotations

import os
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


def patience(seconds: float) -> float:
    """The same time on a machine that is busy with other things: stretched by its load."""
    return seconds * max(1.0, 2.0 * os.getloadavg()[0] / (os.cpu_count() or 1))


def whole(server: EmbeddedServer, size: int, seconds: float = 30.0) -> tuple[int, ...]:
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
        _cpu_percent(child)
    time.sleep(0.3)
    return [child.pid for child in children if _cpu_percent(child) > 10.0]


def _cpu_percent(child: psutil.Process) -> float:
    """Since it was last asked; 0 when it is gone."""
    try:
        return float(child.cpu_percent())
    except psutil.Error:
        return 0.0


@pytest.fixture(scope="module", autouse=True)
def _workers_find_the_tests() -> Iterator[None]:
    """Workers import the workload by name."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([ROOT, *([before] if before else [])])
    yield
    os.environ.pop("PYTHONPATH")
    if before is not None:
        os.environ["PYTHONPATH"] = before


@pytest.fixture(scope="module")
def server(_workers_find_the_tests: None) -> Iterator[EmbeddedServer]:
    with serving() as embedded:
        yield embedded


@pytest.fixture
def stub(server: EmbeddedServer) -> Iterator[clearing_service_pb2_grpc.ClearingServiceStub]:
    whole(server, 2)  # whatever the test before has killed
    with grpc.insecure_channel(server.address, options=[("grpc.max_metadata_size", 1 << 18)]) as channel:
        yield clearing_service_pb2_grpc.ClearingServiceStub(channel)
