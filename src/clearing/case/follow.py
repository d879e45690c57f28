"""A commitment that is followed as far as hard data allow: real time after an outage, or off the day-ahead schedule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.case.arrays import Bools, Flags
from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.give_way_step import Step
from clearing.case.lead_times import first_start
from clearing.case.validate_way import first_stuck, implied_windows, ways
from clearing.case.way import Way
from clearing.rules.rules import Rules


def followed(case: Case, rules: Rules) -> tuple[Case, list[Step]]:
    """The case with a commitment given as FOLLOW made FIXED, and what of it had to change: one step a period.

    Weakest of all hard data: the commitment yields to windows, outages, fixed outputs, ramps from the state before the
    horizon and lead times. Least times are not asked for, as of any fixed commitment. A unit off where the commitment
    has it on was not able to run; one on where the commitment has it off was not able to stop yet.
    """
    given = case.commitment
    if given is None or given.use is not CommitmentUse.FOLLOW:
        return case, []
    least, most = implied_windows(case)
    wanted = (given.on > 0).astype(np.int8)
    on, first = np.clip(wanted, least, most).astype(np.int8), first_start(case, rules)
    stuck = np.flatnonzero(first_stuck(case, on, on, spells=False, first=first).any(axis=1))
    for i, way in zip(stuck.tolist(), ways(case, stuck, least, most, spells=False, first=first), strict=True):
        on[i] = _nearest(way, wanted[i])
    steps = [
        Step("commitment", case.units.id[i], t, float(wanted[i, t]), float(on[i, t]), "commitment.on", i)
        for i, t in np.argwhere(on != wanted).tolist()
    ]
    return replace(case, commitment=CommitmentInput(CommitmentUse.FIXED, on, given.free)), steps


def _nearest(way: Way, wanted: Flags) -> Flags:
    """A commitment (T) with a way through the horizon that keeps most of `wanted` and runs on no longer than it must.

    way: limits with the windows in `least` and `most`. Off where it is not wanted, but for the first k periods with
    the least k that leaves a way: who cannot stop yet runs on.
    """
    periods = len(wanted)
    asked: Bools = (wanted == 1) | (way.least == 1)
    for k in range(periods + 1):
        may = np.where(asked | (np.arange(periods) < k), way.most, 0).astype(np.int8)
        tried = replace(way, most=may, wanted=wanted)
        if tried.there():
            return tried.best()
    return wanted  # no way at all: validation refuses such a case
