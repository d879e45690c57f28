"""Groups of units with joint limits (family 8)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, Ids, Ints, freeze


@dataclass(frozen=True, slots=True)
class UnitGroups:
    """J groups, M members, T periods; every limit is soft (penalties `joint_limit` and `group_on`).

    id (J)                          unique
    member_group, member_unit (M)   rows of the group and of the unit; a pair stands once
    min_mw, max_mw (J, T)           min ≤ Σ output of the members ≤ max; −inf, +inf = no limit
    min_on, max_on (J, T)           least and greatest number of members on line; max_on −1 = no limit
    """

    id: Ids
    member_group: Ints
    member_unit: Ints
    min_mw: Floats
    max_mw: Floats
    min_on: Ints
    max_on: Ints

    def __post_init__(self) -> None:
        freeze(self)


_NONE, _NO_SERIES = np.zeros(0, dtype=np.int64), np.zeros((0, 0), dtype=np.int64)
NO_GROUPS = UnitGroups((), _NONE, _NONE, _NO_SERIES.astype(float), _NO_SERIES.astype(float), _NO_SERIES, _NO_SERIES)
"""No group, whatever the number of periods."""
