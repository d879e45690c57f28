"""A Dask cluster that runs already as a place to have requests answered (extra `dask`)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager

from distributed import Client
from distributed.client import FutureCancelledError
from distributed.scheduler import KilledWorker

from clearing.batch import here
from clearing.client import InvalidCase, ServerFault, ServerUnavailable

CONNECT_SECONDS = 30.0
AHEAD = 2
"""Requests a worker: one that it answers and one that waits there, so that it never waits for the next."""


class Cluster:
    """Workers of a Dask scheduler; a process answers one request at a time, so workers have one thread each."""

    def __init__(self, client: Client, threads: int) -> None:
        self._client, self._threads = client, threads
        self.slots = AHEAD * len(client.scheduler_info(n_workers=-1)["workers"])

    def clear(self, request: bytes, seconds: float) -> bytes:
        """See Place."""
        name = f"batch-{uuid.uuid4().hex[:16]}"
        try:
            future = self._client.submit(here.clear, request, name, seconds, self._threads, key=name, pure=False)
            reply: here.Reply = future.result()
        except KilledWorker:
            raise ServerUnavailable("workers of the cluster were lost while they had this run", name) from None
        except (CancelledError, FutureCancelledError, OSError, TimeoutError) as fault:
            raise ServerUnavailable(f"the cluster was lost: {type(fault).__name__}", name) from None
        if reply.findings:
            raise InvalidCase("the request was refused", reply.findings, name)
        if reply.fault:
            raise ServerFault(reply.fault, name)
        return reply.answer

    def stop(self) -> None:
        """See Place."""
        self._client.close()  # type: ignore[no-untyped-call]


@contextmanager
def cluster(address: str, threads: int) -> Iterator[Cluster]:
    """The cluster of a scheduler (tcp://HOST:PORT); raises ServerUnavailable where it has no worker."""
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError) as fault:
        raise ServerUnavailable(f"no scheduler answers at {address}: {type(fault).__name__}") from None
    with client:
        try:
            client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except TimeoutError:
            raise ServerUnavailable(f"the scheduler at {address} has no worker") from None
        yield Cluster(client, threads)
