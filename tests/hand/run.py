"""Clear a hand-worked case to a proved optimum, audited."""

from clearing.case.case import Case
from clearing.case.result import ClearingResult, Reason
from clearing.day_ahead import clear
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions


def optimum(case: Case) -> ClearingResult:
    """The answer at gap 0 under `generic`; fails unless it is proved optimal, audited and within all limits."""
    answer: ClearingResult = clear(case, load("generic"), SolveOptions(gap=0.0), RunControl())
    assert answer.termination.reason is Reason.OPTIMAL_WITHIN_GAP
    assert answer.audit_passed, answer.audit
    assert answer.violations == ()
    return answer
