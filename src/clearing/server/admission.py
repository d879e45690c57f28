"""The gate in front of the workers: slots, and a queue bounded by count and by bytes."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

SHORTEST_RETRY_SECONDS = 0.5
LONGEST_RETRY_SECONDS = 60.0
MEMORY_OF_MEAN = 0.3  # weight of the newest run in the running mean of run seconds


class Busy(Exception):
    """No room; ask again after `retry_seconds`."""

    def __init__(self, why: str, retry_seconds: float) -> None:
        super().__init__(why)
        self.retry_seconds = retry_seconds


@dataclass(slots=True, eq=False)
class Ticket:
    """A place in the queue. position: runs before it when it entered, 0 = it starts now."""

    position: int
    entered: float = field(default_factory=time.monotonic)
    bytes: int = 0
    started: float | None = None


class Gate:
    """First come, first served over `slots`; `queue_length` may wait, together holding at most `queue_bytes`."""

    def __init__(self, slots: int, queue_length: int, queue_bytes: int) -> None:
        self._slots = asyncio.Semaphore(slots)
        self._width = slots
        self._queue_length = queue_length
        self._queue_bytes = queue_bytes
        self._inside: set[Ticket] = set()
        self._bytes = 0
        self._mean_seconds = 0.0

    @property
    def inside(self) -> int:
        """Runs that wait or run."""
        return len(self._inside)

    @property
    def waiting(self) -> int:
        """Runs that wait."""
        return sum(ticket.started is None for ticket in self._inside)

    def enter(self) -> Ticket:
        """Take a place, before a byte of the request is read; raises Busy."""
        if self.inside >= self._width + self._queue_length:
            raise Busy(f"the queue is full: {self.inside} runs wait or run", self._retry_seconds())
        ticket = Ticket(position=max(0, self.inside - self._width + 1))
        self._inside.add(ticket)
        return ticket

    def weigh(self, ticket: Ticket, size: int, seconds_left: float | None) -> None:
        """Count the bytes of a request; raises Busy when they do not fit, or when its turn would come too late."""
        if self._bytes + size > self._queue_bytes:
            raise Busy(f"the queue is full: it holds {self._bytes} bytes of requests", self._retry_seconds())
        wait = self.predicted_wait(ticket)
        if seconds_left is not None and wait >= seconds_left:
            raise Busy(f"about {wait:.0f} s would pass before this run starts, past its deadline", wait)
        ticket.bytes = size
        self._bytes += size

    def predicted_wait(self, ticket: Ticket) -> float:
        """Seconds until the ticket's turn if runs last as the latest did; optimistic while one of them is overdue."""
        if ticket.position == 0:
            return 0.0
        now = time.monotonic()
        running = [now - other.started for other in self._inside if other.started is not None]
        first_free = min((max(0.0, self._mean_seconds - elapsed) for elapsed in running), default=0.0)
        return first_free + (ticket.position - 1) // self._width * self._mean_seconds

    async def take_slot(self, ticket: Ticket) -> None:
        """Wait for a slot; `leave` gives it back."""
        await self._slots.acquire()
        ticket.started = time.monotonic()

    def leave(self, ticket: Ticket) -> None:
        """Give the place up, and the slot if it was taken; harmless when it was given up before."""
        if ticket not in self._inside:
            return
        self._inside.discard(ticket)
        self._bytes -= ticket.bytes
        if ticket.started is not None:
            self._slots.release()
            seconds = time.monotonic() - ticket.started
            self._mean_seconds += MEMORY_OF_MEAN * (seconds - self._mean_seconds)

    def _retry_seconds(self) -> float:
        return min(LONGEST_RETRY_SECONDS, max(SHORTEST_RETRY_SECONDS, self._mean_seconds / self._width))
