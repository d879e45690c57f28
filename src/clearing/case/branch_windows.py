"""Branches in part of the horizon: windows in which they are out, and windows with other limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, Ids, Ints, freeze


@dataclass(frozen=True, slots=True)
class BranchOutages:
    """W windows in which a branch is out of service.

    branch (W)                      row of the branches; windows of one branch may overlap: it is out in all of them
    first_period, last_period (W)   0-based; both belong to the window
    """

    branch: Ints
    first_period: Ints
    last_period: Ints

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class BranchLimits:
    """W windows in which limits hold instead of those of the branch table.

    branch (W)                                row of the branches; windows of one branch do not overlap
    first_period, last_period (W)             0-based; both belong to the window
    limit_mw, emergency_limit_mw (W)          in both directions, before and after a contingency; +inf = no limit
    """

    branch: Ints
    first_period: Ints
    last_period: Ints
    limit_mw: Floats
    emergency_limit_mw: Floats

    def __post_init__(self) -> None:
        freeze(self)


_NONE = np.zeros(0, dtype=np.int64)
NO_OUTAGES = BranchOutages(_NONE, _NONE, _NONE)
NO_LIMITS = BranchLimits(_NONE, _NONE, _NONE, np.zeros(0), np.zeros(0))


def window_subjects(windows: BranchOutages | BranchLimits, branch_id: Ids) -> Ids:
    """Name (W) of every window in findings: `branch|first-last`, periods from 0."""
    ends = zip(windows.branch.tolist(), windows.first_period.tolist(), windows.last_period.tolist(), strict=True)
    return tuple(f"{branch_id[b]}|{first}-{last}" for b, first, last in ends)
