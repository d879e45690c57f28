"""What the auditor computed for a network before, found again by content: factors alone, never a verdict."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")


class Kept(Generic[T]):
    """Values by a digest of everything they depend on, up to so much of their sizes; the longest unused go first."""

    def __init__(self, most: int) -> None:
        self._most, self._held = most, 0
        self._values: OrderedDict[bytes, tuple[T, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: bytes, build: Callable[[], T], size: Callable[[T], int]) -> T:
        """The value of a key, built where it is not kept; one larger than all that may be kept is not kept."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key][0]
        value = build()
        taken = size(value)
        with self._lock:
            if key not in self._values and taken <= self._most:
                self._values[key] = value, taken
                self._held += taken
                while self._held > self._most:
                    self._held -= self._values.popitem(last=False)[1][1]
        return value


def content(kind: str, *arrays: NDArray[Any]) -> bytes:
    """Key of arrays: types, shapes and bytes, under the name of what is computed from them."""
    total = hashlib.sha256(kind.encode())
    for array in arrays:
        total.update(f"|{array.dtype.str}{array.shape}|".encode())
        total.update(np.ascontiguousarray(array).tobytes())
    return total.digest()
