"""A fixed commitment that leaves some units free: what the search over them alone is given."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.case.arrays import Bools
from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.rules.rules import Rules


def has_free_units(case: Case) -> bool:
    """Whether the commitment is FIXED and leaves units free."""
    given = case.commitment
    return given is not None and given.use is CommitmentUse.FIXED and len(given.free) > 0


def bound_units(case: Case) -> Bools:
    """(N): units that a commitment given as FIXED binds."""
    given = case.commitment
    fixed = given is not None and given.use is CommitmentUse.FIXED
    bound = np.full(len(case.units.id), fixed, dtype=np.bool_)
    if given is not None:
        bound[given.free] = False
    return bound


def free_to_search(case: Case, rules: Rules) -> Case:
    """The case whose SCUC decides the free units only, from the commitment given for them.

    Of the others on_min = on_max = on, without least times and lead times: the caller has decided, as where all is
    fixed. For the search alone: dispatch, prices and audit are those of the case itself.
    """
    given, units, leads = case.commitment, case.units, case.start_leads
    assert given is not None
    bound = bound_units(case)
    rows = leads.minutes
    if not len(rows) and any(
        (rules.starts.lead_hot_minutes, rules.starts.lead_warm_minutes, rules.starts.lead_cold_minutes)
    ):
        rows = np.full(len(units.start_costs.unit), -1, dtype=np.int64)
    return replace(
        case,
        commitment=CommitmentInput(CommitmentUse.HINT, given.on),
        start_leads=replace(leads, minutes=np.where(bound[units.start_costs.unit], 0, rows)) if len(rows) else leads,
        units=replace(
            units,
            on_min=np.where(bound[:, None], given.on, units.on_min),
            on_max=np.where(bound[:, None], given.on, units.on_max),
            min_up_minutes=np.where(bound, 0, units.min_up_minutes),
            min_down_minutes=np.where(bound, 0, units.min_down_minutes),
        ),
    )
