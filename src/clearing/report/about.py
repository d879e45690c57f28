"""What a report says about where its figures come from, beside the case and the result."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SystemReserveRule:
    """Values of the rule set that the case may leave open (families 2 and 3); MW, None = no requirement."""

    positive_min_mw: float | None = None
    positive_max_mw: float | None = None
    negative_min_mw: float | None = None
    renewable_share: float = 1.0
    storage_minutes: float = 60.0


@dataclass(frozen=True, slots=True)
class About:
    """Provenance of a result; an empty text means not known.

    rules_overrides   (key, value) pairs as applied
    wall_seconds      seconds in the worker; None = not known
    stage_seconds     (stage, seconds) in order; they are about the run, so a result does not hold them
    system_reserves   for the picture of system reserves against their limits
    """

    rules_name: str = ""
    rules_version: str = ""
    rules_digest: str = ""
    rules_overrides: tuple[tuple[str, str], ...] = ()
    request_id: str = ""
    request_digest: str = ""
    server_version: str = ""
    solver_version: str = ""
    wall_seconds: float | None = None
    queue_seconds: float | None = None
    threads: int = 0
    stage_seconds: tuple[tuple[str, float], ...] = ()
    system_reserves: SystemReserveRule = field(default_factory=SystemReserveRule)
