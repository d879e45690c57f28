"""Penalties of limits that only steer commitment: SCED does not pay for them."""

from __future__ import annotations

from collections.abc import Iterable

from clearing.case.result import Violation
from clearing.rules.rules import HeldIn, Rules

STEERING = ("system_", "group_on", "unit_", "plant_", "start_", "stop_", "switching", "mode_changes")
"""How the names of their families begin."""


def steering_penalty(violations: Iterable[Violation], rules: Rules) -> float:
    """Money of the penalties that a dispatch does not see; the positive reserve has none where the rules hold it."""
    asked = {
        "system_positive_min": rules.reserves.positive_min_in,
        "system_positive_max": rules.reserves.positive_max_in,
    }
    held = [family for family, where in asked.items() if where is HeldIn.DISPATCH]
    return sum(v.penalty for v in violations if v.family.startswith(STEERING) and v.family not in held)
