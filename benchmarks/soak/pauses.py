"""Whether the machine let this process run: what was asked while it did not says nothing about a server beside it."""

from __future__ import annotations

import threading
import time
from typing import Self

TICK_SECONDS = 0.05
LEAST_SECONDS = 0.4
"""A tick that comes so much too late was a pause: less than the margin of answers before their deadlines."""


class Pauses:
    """Context manager; a thread that ticks, and remembers when it could not."""

    def __init__(self) -> None:
        self._ends: list[float] = []
        self._ticked = time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._tick, daemon=True)
        self.count = 0
        self.seconds = 0.0

    def __enter__(self) -> Self:
        self._ticked = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def since(self, began: float) -> bool:
        """Whether there was a pause after this moment."""
        now = time.monotonic()
        return now - self._ticked > LEAST_SECONDS or any(end > began for end in self._ends[-100:])

    def _tick(self) -> None:
        while not self._over.wait(TICK_SECONDS):
            now = time.monotonic()
            late = now - self._ticked
            self._ticked = now
            if late > LEAST_SECONDS:
                self._ends.append(now)
                self.count += 1
                self.seconds += late
