"""Files that are read again when they change: certificates, keys, roles. A file that is broken changes nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from structlog.typing import FilteringBoundLogger

T = TypeVar("T")
Stamps = tuple[tuple[int, int, int], ...]


class Watched(Generic[T]):
    """What `read` makes of files. The first reading raises what `read` raises; later ones keep what there was."""

    def __init__(self, name: str, files: tuple[Path, ...], read: Callable[[], T], log: FilteringBoundLogger) -> None:
        self._name = name
        self._files = files
        self._read = read
        self._log = log
        self._lock = threading.Lock()  # transports ask from threads of their own
        self._stamps = self._stamp()
        self._value = read()

    def get(self) -> T:
        """What the files hold now, as far as it can be read."""
        return self.look()[0]

    def look(self) -> tuple[T, bool]:
        """The same, and whether it is new."""
        with self._lock:
            try:
                stamps = self._stamp()
                if stamps == self._stamps:
                    return self._value, False
                self._stamps = stamps
                self._value = self._read()
            except Exception as fault:  # whatever a half-written file brings about: the old one stays in force
                self._log.error("reload_failed", what=self._name, fault=type(fault).__name__)
                return self._value, False
            self._log.info("reloaded", what=self._name)
            return self._value, True

    def _stamp(self) -> Stamps:
        return tuple((s.st_mtime_ns, s.st_size, s.st_ino) for s in (file.stat() for file in self._files))
