"""The case whose commitment a clearing searches for: what every formulation of it starts from."""

from __future__ import annotations

from clearing.case.case import Case, CommitmentUse
from clearing.case.finding import Severity
from clearing.case.free_units import free_to_search, has_free_units
from clearing.case.give_way import give_way
from clearing.case.validate import validate
from clearing.formats.findings import FormatError, refuse
from clearing.rules.rules import LossModel, Rules


def searched(case: Case, rules: Rules) -> Case:
    """The case that is cleared, where it is one mixed-integer problem; raises FormatError where it is not.

    Valid; where hard data clash the weakest have given way; units that a commitment binds are held.
    """
    wrong = tuple(f for f in validate(case, rules) if f.severity is Severity.ERROR)
    if wrong:
        raise FormatError(wrong)
    if rules.losses.model is not LossModel.NONE:
        message = "Losses are met by a row of problems, each with tangents of the last: none of them is the problem."
        raise refuse("NOT_ONE_PROBLEM", "rules.losses.model", message, value=rules.losses.model, limit="none")
    case, _ = give_way(case, rules)
    if has_free_units(case):
        return free_to_search(case, rules)
    if case.commitment is not None and case.commitment.use is CommitmentUse.FIXED:
        message = "The commitment is given: nothing is searched for. Leave it out, or leave units free."
        raise refuse("NOT_ONE_PROBLEM", "case.commitment", message, value=case.commitment.use.name)
    return case
