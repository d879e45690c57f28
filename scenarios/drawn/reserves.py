"""Spinning products. The system reserves (3,000 to 7,000 MW up, 1,500 MW down) are the rule set's, not the case's."""

from __future__ import annotations

import numpy as np

from clearing.case.reserves import Direction, Reserves

from .fleet import Fleet

RESPONSE_MINUTES = 10.0
LOAD_SHARE = 0.02
AWARD_SHARE = 0.1
"""Most of a thermal unit's capacity that one product may hold."""


def reserves(fleet: Fleet, load_mw: np.ndarray, buses: int, spinning: bool) -> Reserves:
    """Up: 2 % of the load, at least the largest unit; down: half of it. Nuclear units hold none. load_mw (T)."""
    count = 2 if spinning else 0
    up = np.maximum(LOAD_SHARE * load_mw, fleet.capacity_mw.max())
    most = np.where(fleet.nuclear, 0.0, np.round(AWARD_SHARE * fleet.capacity_mw, 1))
    return Reserves(
        product_id=("spin-up", "spin-down")[:count],
        direction=np.array([Direction.UP, Direction.DOWN][:count], dtype=np.int64),
        response_minutes=np.full(count, RESPONSE_MINUTES),
        covers_bus=np.ones((count, buses), dtype=np.bool_),
        unit_max_mw=np.repeat(most[None, :], count, axis=0),
        requirement_mw=np.round(np.vstack([up, 0.5 * up])[:count].reshape(count, len(load_mw)), 1),
    )
