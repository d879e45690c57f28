"""Where runs are answered: workers of an embedded server, servers, or a Dask cluster. Bytes in, bytes out."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Protocol

from clearing.client import Client, Endpoint, ServerUnavailable
from clearing.server.embedded import EmbeddedServer
from clearing.server.settings import Settings

WARM_SECONDS = 60.0
"""So long a batch waits for all of its workers; it begins with those that are there then."""
FIRST_REST_SECONDS, LONGEST_REST_SECONDS = 1.0, 60.0


class Place(Protocol):
    """Somewhere to have requests answered. slots: how many at a time are of use."""

    slots: int

    def clear(self, request: bytes, seconds: float) -> bytes:
        """The serialised answer; raises ClearingError."""

    def stop(self) -> None:
        """End the calls that are under way; they raise."""


@dataclass(slots=True)
class _Seat:
    """A place for one call at a server. rest: seconds that it is left alone after the server was not reached."""

    client: Client
    rest: float = 0.0


class Servers:
    """Servers that answer, `each` calls at a time; one that is not reached rests while the others go on."""

    def __init__(self, clients: Sequence[Client], each: int) -> None:
        self.slots = len(clients) * each
        self._clients = tuple(clients)
        self._seats: queue.SimpleQueue[_Seat] = queue.SimpleQueue()
        for _ in range(each):
            for client in clients:
                self._seats.put(_Seat(client))

    def clear(self, request: bytes, seconds: float) -> bytes:
        """See Place."""
        seat = self._seats.get()
        try:
            reply: bytes = seat.client.replay(request, seconds).SerializeToString()
            seat.rest = 0.0
        except ServerUnavailable:
            seat.rest = min(LONGEST_REST_SECONDS, max(FIRST_REST_SECONDS, 2.0 * seat.rest))
            raise
        finally:
            self._free(seat)
        return reply

    def stop(self) -> None:
        """See Place."""
        for client in self._clients:
            client.close()

    def _free(self, seat: _Seat) -> None:
        if seat.rest == 0.0:
            self._seats.put(seat)
            return
        timer = threading.Timer(seat.rest, self._seats.put, (seat,))
        timer.daemon = True
        timer.start()


@contextmanager
def local(workers: int, threads: int) -> Iterator[Servers]:
    """`workers` processes of this machine with `threads` each, behind a server of our own."""
    settings = Settings(
        listen="127.0.0.1:0", workers=workers, threads=threads, queue_length=workers, log_level="error",
        metrics_port=None,
    )  # fmt: skip
    with EmbeddedServer(settings=settings) as server, Client(server.address) as client:
        until = time.monotonic() + WARM_SECONDS
        while len(server.worker_pids) < workers and time.monotonic() < until:
            time.sleep(0.05)  # the first is ready, the others follow
        yield Servers([client], workers)


@contextmanager
def servers(endpoints: Sequence[Endpoint], each: int) -> Iterator[Servers]:
    """Servers that run already, with `each` calls at a time."""
    with ExitStack() as stack:
        yield Servers([stack.enter_context(one.connect()) for one in endpoints], each)
