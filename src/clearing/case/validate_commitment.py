"""A commitment in the request: an error where it is to be followed, a warning where it is a hint or a floor."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Flags
from clearing.case.case import Case, CommitmentUse
from clearing.case.finding import Finding, Severity
from clearing.case.give_way import give_way
from clearing.case.predicates import Field, flag
from clearing.case.validate_initial import broken_times
from clearing.case.validate_way import first_stuck, implied_windows
from clearing.rules.rules import Rules


def commitment(case: Case, rules: Rules) -> list[Finding]:
    """It keeps to must-run, must-off and fixed outputs; min up and min down are warned of.

    Held against the case as it is cleared: what gives way of hard data does so whatever commitment is given.
    """
    given = case.commitment
    if given is None:
        return []
    if given.use is CommitmentUse.UNSPECIFIED:
        path, message = "case.commitment.use", "say whether the commitment is FIXED, a HINT, a FLOOR or to FOLLOW"
        return [Finding(Severity.ERROR, "UNKNOWN_ENUM", path, message, value=str(int(given.use)), limit="1, 2, 3, 4")]
    field = Field("case.commitment.on", case.units.id)
    if given.use is CommitmentUse.FLOOR:
        return _floor(case, given.on, field)
    case, _ = give_way(case, rules)  # one to follow is FIXED then
    assert case.commitment is not None
    given = case.commitment
    severity = Severity.ERROR if given.use is CommitmentUse.FIXED else Severity.WARNING
    least, most = implied_windows(case)
    on = given.on
    off_early, on_early = broken_times(case, on)
    warning = Severity.WARNING
    stuck = first_stuck(case, on, on, spells=False)
    stuck[np.any((on < least) | (on > most), axis=1)] = False  # said already
    message = "limits, ramps and fixed outputs leave no output for this commitment"
    return [
        *flag("COMMITMENT_AGAINST_MUST_RUN", field, on < least, "off where the unit must run", on, least, severity),
        *flag("COMMITMENT_AGAINST_MUST_OFF", field, on > most, "on where the unit must be off", on, most, severity),
        *flag("COMMITMENT_BREAKS_MIN_UP", field, off_early, "stops before its min-up time is over", severity=warning),
        *flag(
            "COMMITMENT_BREAKS_MIN_DOWN", field, on_early, "starts before its min-down time is over", severity=warning
        ),
        *flag("COMMITMENT_HAS_NO_DISPATCH", field, stuck, message, severity=severity),
    ]


def _floor(case: Case, floor: Flags, field: Field) -> list[Finding]:
    """Must-off takes units from a floor; what else of it gives way is said as must-run (validate_give_way.py)."""
    most = implied_windows(case)[1]
    message = "on where the unit must be off: the floor gives way"
    return flag("COMMITMENT_AGAINST_MUST_OFF", field, floor > most, message, floor, most, Severity.WARNING)
