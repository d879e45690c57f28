"""clearing.pipeline with a guard in the place of the solver: whatever reaches it is a fault, hence INTERNAL."""

from __future__ import annotations

from typing import NoReturn

from clearing import pipeline
from clearing.pipeline import audit_schedule, clear_day_ahead, finish_incumbent, list_rule_sets, validate_case

__all__ = ["audit_schedule", "clear_day_ahead", "finish_incumbent", "list_rule_sets", "validate_case"]


def _reached(*_: object) -> NoReturn:
    raise AssertionError("a malformed request reached the solver")


pipeline.clear = _reached
