"""A commitment that may only grow: what a floor says, said as must-run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.case.case import Case, CommitmentUse


def floored(case: Case) -> Case:
    """The case in which every unit must run where a commitment given as a FLOOR has it on; else the same case.

    on_min_it = max(on_min_it, floor_it). A floor is therefore as weak as must-run: stronger hard data (outages, least
    times, ramps) take it away, and what they take is listed (give_way.py).
    """
    given = case.commitment
    if given is None or given.use is not CommitmentUse.FLOOR:
        return case
    least = np.maximum(case.units.on_min, (given.on > 0).astype(case.units.on_min.dtype))
    return replace(case, units=replace(case.units, on_min=least))
