"""The best incumbent of a run as the parent keeps it, so that it outlives its worker."""

from __future__ import annotations

from dataclasses import replace

from clearing.solve import incumbent as incumbents
from clearing.solve.control import Incumbent


class KeptIncumbent:
    """Latest incumbent, in the bytes it came in, and the best bound that was reported since."""

    def __init__(self) -> None:
        self._bytes = b""
        self._bound: float | None = None

    def __bool__(self) -> bool:
        return bool(self._bytes)

    def found(self, incumbent: bytes) -> None:
        """Keep a better incumbent."""
        self._bytes = incumbent

    def bounded(self, bound: float) -> None:
        """Keep a bound; bounds of one run only rise."""
        self._bound = bound if self._bound is None else max(self._bound, bound)

    def incumbent(self) -> Incumbent:
        """The incumbent with the best bound; a bound above its objective proves the incumbent optimal."""
        kept = incumbents.from_bytes(self._bytes)
        bounds = [bound for bound in (kept.bound, self._bound) if bound is not None]
        return replace(kept, bound=min(max(bounds), kept.objective)) if bounds else kept

    def to_bytes(self) -> bytes:
        """The same, serialised, for a worker that finishes it."""
        return incumbents.to_bytes(self.incumbent())
