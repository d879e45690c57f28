"""The real-time clearing of one interval with its look-ahead: SCED from metered output, pricing run, audit."""

from __future__ import annotations

from clearing.case.case import Case
from clearing.case.result import ClearingResult
from clearing.day_ahead import clear
from clearing.rules.rules import Rules, of_real_time
from clearing.solve.carried import Carried
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions


def clear_interval(
    case: Case,
    rules: Rules,
    options: SolveOptions,
    control: RunControl,
    binding_periods: int = 1,
    carried: Carried | None = None,
) -> ClearingResult:
    """Clear the periods of a validated case together; the first `binding_periods` are orders, the rest is look-ahead.

    The state before the first period is the metered one, the commitment is given (FIXED or FOLLOW) and only its free
    units are searched. The rules are those of real time (rules.of_real_time). carried: what the interval before left,
    which may be of any case. Returns as `day_ahead.clear` does.
    """
    return clear(case, of_real_time(rules), options, control, binding_periods, carried)
