"""What was computed for a network before, found again by content: the only thing that outlives a request."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

MOST_BYTES = 1 << 31
"""Most bytes kept in a process: outage factors of all branches of a region of 10,000 buses take 1.2 GB."""


class Sized(Protocol):
    """What can be kept."""

    @property
    def nbytes(self) -> int:
        """Bytes that it holds when complete."""
        ...


T = TypeVar("T", bound=Sized)


class ContentCache:
    """Values by a digest of everything they depend on; the longest unused go first where bytes run out.

    A value larger than all that may be kept is handed out and not kept. Values are shared: nobody changes them.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._values: OrderedDict[bytes, Sized] = OrderedDict()
        self._lock = Lock()
        self.bytes = self.hits = self.misses = 0

    def get(self, key: bytes, build: Callable[[], T]) -> T:
        """The value of a key, built where it is not kept."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                self.hits += 1
                return self._values[key]  # type: ignore[return-value]  # what was kept under the key was built for it
        value = build()
        with self._lock:
            self.misses += 1
            if key not in self._values and value.nbytes <= self._most:
                self._values[key] = value
                self.bytes += value.nbytes
                while self.bytes > self._most:
                    _, gone = self._values.popitem(last=False)
                    self.bytes -= gone.nbytes
        return value

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._values.clear()
            self.bytes = self.hits = self.misses = 0


def digest(kind: str, *arrays: NDArray[Any]) -> bytes:
    """Key of arrays: their shapes, types and bytes, under the name of what is computed from them."""
    total = hashlib.blake2b(kind.encode(), digest_size=32)
    for array in arrays:
        total.update(f"|{array.dtype.str}{array.shape}|".encode())
        total.update(np.ascontiguousarray(array).tobytes())
    return total.digest()


KEPT = ContentCache()
"""The cache of this process."""
