"""Windows of branches from short rows: out=[(first, last) …], limits=[(first, last, limit, emergency) …]."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from clearing.case.branch_windows import NO_LIMITS, NO_OUTAGES, BranchLimits, BranchOutages

Row = dict[str, Any]


def windows_of(branches: Sequence[Row]) -> dict[str, Any]:
    """Fields of Network."""
    out = [(b, *window) for b, row in enumerate(branches) for window in row.get("out", ())]
    limits = [(b, *window) for b, row in enumerate(branches) for window in row.get("limits", ())]
    found: dict[str, Any] = {"branch_outages": NO_OUTAGES, "branch_limit_windows": NO_LIMITS}
    if out:
        found["branch_outages"] = BranchOutages(*np.array(out, dtype=np.int64).T.copy())
    if limits:
        places = np.array([row[:3] for row in limits], dtype=np.int64).T.copy()
        found["branch_limit_windows"] = BranchLimits(*places, *np.array([row[3:] for row in limits], float).T.copy())
    return found
