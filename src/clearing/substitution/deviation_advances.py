"""Energy that the grid advances for new-energy sites, and its return (clauses 7.2.2.2, 9.5.1.2, 9.6.1.2 of Xinjiang).

    outstanding = opening + advanced − returned           for every site, to the kWh

Advanced is what captive plants took and a site owed and did not deliver, less what is default. It is returned next
month, or in the first quarter of the next year (setting): what is due when, and what is overdue, follows from that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Ints, freeze
from clearing.rules.substitution_metering import DeviationRules, ReturnIn
from clearing.substitution.quantities import fill

QUARTER = 3


@dataclass(frozen=True, slots=True)
class Advances:
    """Per site (S), kWh: advanced_kwh and returned_kwh of the year; outstanding_kwh at its end, of which
    overdue_kwh; and by month due_kwh (S, T) in the year, next_quarter_kwh (S, 3) in the first quarter of the next:
    outstanding = overdue + Σ next_quarter."""

    advanced_kwh: Ints
    returned_kwh: Ints
    outstanding_kwh: Ints
    overdue_kwh: Ints
    due_kwh: Ints
    next_quarter_kwh: Ints

    def __post_init__(self) -> None:
        freeze(self)


def settle(
    opening_kwh: Ints,
    short_kwh: Ints,
    default_kwh: Ints,
    returned_kwh: Ints,
    calendar_month: Ints,
    rules: DeviationRules,
) -> Advances:
    """Book the year.

    opening_kwh (S): outstanding from before; short_kwh (S, T): due less delivered, by month; default_kwh (S): what
    of its sum is default, taken from the latest months; returned_kwh (S, T); calendar_month (T): 1 to 12.
    """
    advanced = _less(short_kwh, default_kwh)
    due = np.zeros_like(short_kwh)
    if rules.return_in is ReturnIn.NEXT_MONTH:
        due[:, 0] += opening_kwh
        due[:, 1:] += advanced[:, :-1]
    else:
        early = np.flatnonzero(calendar_month <= QUARTER)
        for row in np.flatnonzero(opening_kwh).tolist():
            months = early if early.size else np.zeros(1, dtype=np.int64)
            due[row, months] += fill(int(opening_kwh[row]), np.ones(len(months), dtype=np.int64))
    total, back = advanced.sum(axis=1), returned_kwh.sum(axis=1)
    overdue = np.maximum(due.sum(axis=1) - back, 0)
    outstanding = opening_kwh + total - back
    return Advances(total, back, outstanding, overdue, due, _next_quarter(outstanding - overdue, rules))


def _next_quarter(energy: Ints, rules: DeviationRules) -> Ints:
    """What falls due after the year (S, 3): in January, or in three equal parts."""
    quarter = np.zeros((len(energy), QUARTER), dtype=np.int64)
    if rules.return_in is ReturnIn.NEXT_MONTH:
        quarter[:, 0] = energy
        return quarter
    for row in np.flatnonzero(energy).tolist():
        quarter[row] = fill(int(energy[row]), np.ones(QUARTER, dtype=np.int64))
    return quarter


def _less(short_kwh: Ints, default_kwh: Ints) -> Ints:
    """Shortfalls (S, T) without `default_kwh` (S): the latest ones are cut first."""
    behind = short_kwh[:, ::-1].cumsum(axis=1)[:, ::-1]  # of a month and all later ones
    cut = np.clip(default_kwh[:, None] - (behind - short_kwh), 0, short_kwh)
    return np.asarray(short_kwh - cut, dtype=np.int64)
