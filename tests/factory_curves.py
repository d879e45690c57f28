"""Start-up and shut-down curves of the short rows of tests/factory.py.

A unit has up=[MW, …] for all its start states or up={state: [MW, …]} (1 hot, 2 warm, 3 cold), down=[MW, …].
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from clearing.case.output_curves import NO_CURVES, OutputCurves

Row = dict[str, Any]


def curve_tables(units: Sequence[Row]) -> dict[str, OutputCurves]:
    """Fields of Case."""
    return {"startup_curves": _table(units, "up"), "shutdown_curves": _table(units, "down")}


def at_p_min(units: Sequence[Row], key: str, limit: str) -> list[Row]:
    """The rows with the limit of units with the curve at p_min, where they state none."""
    return [{limit: float(np.max(r.get("p_min", 0.0))), **r} if r.get(key) else dict(r) for r in units]


def _table(units: Sequence[Row], key: str) -> OutputCurves:
    points = [
        (i, state, step, float(mw))
        for i, row in enumerate(units)
        for state, curve in _by_state(row.get(key, [])).items()
        for step, mw in enumerate(curve, start=1)
    ]
    if not points:
        return NO_CURVES
    unit, state, step, mw = zip(*points, strict=True)
    return OutputCurves(np.array(unit), np.array(state), np.array(step), np.array(mw))


def _by_state(curves: Any) -> dict[int, Sequence[float]]:
    return curves if isinstance(curves, dict) else {0: curves}
