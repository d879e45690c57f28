"""The gate in front of the workers: slots, a queue bounded by count and bytes, and a fair order between callers.

The order is start-time fair queueing: every run of a caller has a tag one higher than its run before it, and never
below the tag that runs now; the lowest tag starts next, among equals whoever came first. A caller by itself is served
first come, first served; one that sends many runs waits behind itself, not before others.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field

SHORTEST_RETRY_SECONDS = 0.5
LONGEST_RETRY_SECONDS = 60.0
MEMORY_OF_MEAN = 0.3  # weight of the newest run in the running mean of run seconds


class Busy(Exception):
    """No room; ask again after `retry_seconds`. reason: queue, bytes, caller or deadline, for the metrics."""

    def __init__(self, why: str, retry_seconds: float, reason: str) -> None:
        super().__init__(why)
        self.retry_seconds = retry_seconds
        self.reason = reason


@dataclass(slots=True, eq=False)
class Ticket:
    """A place in the queue. position: runs before it when it entered, 0 = it starts now; later ones may go first."""

    caller: str
    tag: int
    position: int = 0
    entered: float = field(default_factory=time.monotonic)
    bytes: int = 0
    started: float | None = None
    turn: asyncio.Future[None] | None = None

    @property
    def order(self) -> tuple[int, float]:
        """Lower goes first."""
        return self.tag, self.entered


class Gate:
    """`slots` runs at a time; `queue_length` may wait, together holding at most `queue_bytes`.

    caller_runs: places of one caller at most, waiting and running; 0 = no limit of its own.
    """

    def __init__(self, slots: int, queue_length: int, queue_bytes: int, caller_runs: int = 0) -> None:
        self._free = slots
        self._width = slots
        self._queue_length = queue_length
        self._queue_bytes = queue_bytes
        self._caller_runs = caller_runs
        self._inside: set[Ticket] = set()
        self._places: Counter[str] = Counter()
        self._next_tag: dict[str, int] = {}
        self._tag_now = 0
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

    @property
    def bytes(self) -> int:
        """Bytes of requests that wait or run."""
        return self._bytes

    def enter(self, caller: str = "") -> Ticket:
        """Take a place, before a byte of the request is read; raises Busy."""
        if self.inside >= self._width + self._queue_length:
            raise Busy(f"the queue is full: {self.inside} runs wait or run", self._retry_seconds(), "queue")
        held = self._places[caller]
        if self._caller_runs and held >= self._caller_runs:
            raise Busy(
                f"{held} runs of this caller wait or run, as many as it may have", self._retry_seconds(), "caller"
            )
        ticket = Ticket(caller, max(self._tag_now, self._next_tag.get(caller, 0)))
        ticket.position = self._before(ticket)
        self._next_tag[caller] = ticket.tag + 1
        self._inside.add(ticket)
        self._places[caller] += 1
        return ticket

    def weigh(self, ticket: Ticket, size: int, seconds_left: float | None) -> None:
        """Count the bytes of a request; raises Busy when they do not fit, or when its turn would come too late."""
        if self._bytes + size > self._queue_bytes:
            why = f"the queue is full: it holds {self._bytes} bytes of requests"
            raise Busy(why, self._retry_seconds(), "bytes")
        wait = self.predicted_wait(ticket)
        if seconds_left is not None and wait >= seconds_left:
            raise Busy(f"about {wait:.0f} s would pass before this run starts, past its deadline", wait, "deadline")
        ticket.bytes = size
        self._bytes += size

    def predicted_wait(self, ticket: Ticket) -> float:
        """Seconds until the ticket's turn if runs last as the latest did; optimistic while one of them is overdue."""
        before = self._before(ticket)
        if before == 0:
            return 0.0
        now = time.monotonic()
        running = [now - other.started for other in self._inside if other.started is not None]
        first_free = min((max(0.0, self._mean_seconds - elapsed) for elapsed in running), default=0.0)
        return first_free + (before - 1) // self._width * self._mean_seconds

    async def take_slot(self, ticket: Ticket) -> None:
        """Wait for a slot; `leave` gives it back."""
        ticket.turn = asyncio.get_running_loop().create_future()
        self._grant()
        await ticket.turn

    def leave(self, ticket: Ticket) -> None:
        """Give the place up, and the slot if it was taken; harmless when it was given up before."""
        if ticket not in self._inside:
            return
        self._inside.discard(ticket)
        self._bytes -= ticket.bytes
        self._places[ticket.caller] -= 1
        if not self._places[ticket.caller]:
            del self._places[ticket.caller]
        if ticket.started is not None:
            self._free += 1
            seconds = time.monotonic() - ticket.started
            self._mean_seconds += MEMORY_OF_MEAN * (seconds - self._mean_seconds)
        self._grant()

    def _grant(self) -> None:
        """Give free slots to those whose turn it is."""
        ready = [t for t in self._inside if t.started is None and t.turn is not None and not t.turn.done()]
        for ticket in sorted(ready, key=lambda t: t.order)[: self._free]:
            assert ticket.turn is not None  # so it was chosen
            ticket.started = time.monotonic()
            ticket.turn.set_result(None)
            self._free -= 1
            self._tag_now = max(self._tag_now, ticket.tag)
        self._next_tag = {caller: tag for caller, tag in self._next_tag.items() if tag > self._tag_now}

    def _before(self, ticket: Ticket) -> int:
        """Runs that end before this one starts, by the order as it is now."""
        running = self._width - self._free
        ahead = sum(t.started is None and t.order < ticket.order for t in self._inside)
        return max(0, running + ahead - self._width + 1)

    def _retry_seconds(self) -> float:
        return min(LONGEST_RETRY_SECONDS, max(SHORTEST_RETRY_SECONDS, self._mean_seconds / self._width))
