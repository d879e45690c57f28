"""How a run talks to whoever started it: deadline, stop flag, progress, incumbents."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from clearing.case.arrays import Flags
from clearing.solve.beside import Beside


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run is; the fields of the proto message of that name. None = not known yet."""

    stage: str
    seconds: float
    incumbent: float | None = None
    bound: float | None = None
    gap: float | None = None
    security_round: int = 0
    violations: int | None = None


@dataclass(frozen=True, slots=True)
class Incumbent:
    """The best commitment so far: on (N, T), storage_mode (M, T) as formulation/modes.py has it, objective, bound."""

    on: Flags
    storage_mode: Flags
    objective: float
    bound: float | None


def never() -> bool:
    """Stop flag of a run that nobody can stop."""
    return False


def _ignore(_: object) -> None:
    return None


@dataclass(frozen=True, slots=True)
class RunControl:
    """Given to a run by its caller.

    answer_by       time.monotonic() by which the finished answer (priced, audited, encoded) must be out;
                    None = no deadline. The search leaves time for the later stages by itself.
    stopped         polled in every solver callback and between stages; True ends the search, not the answer
    beside          what is begun when an LP of a dispatch runs; such an LP is short and ends by time alone
    on_progress     called with Progress, from the solver's thread, at most a few times a second
    on_incumbent    called with every improving Incumbent, so that it outlives a killed worker
    threads         solver threads
    budget          seconds of SCUC search for a request that names no time_limit_seconds
    started         time.monotonic() when the run began
    """

    answer_by: float | None = None
    stopped: Callable[[], bool] = never
    beside: Beside[Any] | None = None
    on_progress: Callable[[Progress], None] = _ignore
    on_incumbent: Callable[[Incumbent], None] = _ignore
    threads: int = 1
    budget: float = 120.0
    started: float = field(default_factory=time.monotonic)

    def elapsed(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self.started

    def left(self) -> float:
        """Seconds until the answer must be out; +inf without a deadline."""
        return float("inf") if self.answer_by is None else self.answer_by - time.monotonic()
