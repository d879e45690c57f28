"""Contracts of a year and what changes them (clauses 2.4.1, 6.3, 7.2.1.3): transfers, adjustments, scaling, plan
changes.

Only captive enterprises ask. A transfer moves energy to another of them, an adjustment raises or cuts the
enterprise's own; both by the end of October, after the security check, and never below what was executed. New
energy follows in proportion. Changes of month plans are asked by the 20th for later months, and one request leaves
the year's energy as it is. What does not fulfil its clause is left out and listed with the reason; requests are
taken in the order of their dates, ties in the order of the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from clearing.case.arrays import Bools, Ints, freeze
from clearing.rules.substitution_metering import DeviationRules
from clearing.substitution.quantities import fill


class Refused(IntEnum):
    """Why a request is left out."""

    NOT_REFUSED = 0
    TOO_LATE = 1  # 6.3.2, 6.3.3
    NOT_CHECKED = 2  # not confirmed, or the security check said no (6.3.2, 6.3.4)
    BELOW_EXECUTED = 3  # would change what is executed already (6.3.1)
    NOT_A_LATER_MONTH = 4  # 6.3.3
    CHANGES_TOTAL = 5  # month changes do not leave the year's energy (2.4.1, 7.2.1.2)
    NEGATIVE_PLAN = 6  # would leave a month less than nothing


@dataclass(frozen=True, slots=True)
class Transfers:
    """Requests (k): row of the enterprise that gives and of the one that takes (−1 = adjustment of its own), energy
    (an adjustment that raises: negative), month (row, from 0) and day asked, whether the security check passed."""

    giver: Ints
    taker: Ints
    energy_kwh: Ints
    month: Ints
    day: Ints
    checked: Bools

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class PlanChanges:
    """Changes of month plans (k): request (rows of one number belong together), enterprise, month asked (row) and
    day, month changed (row), change in kWh, whether the exchange confirmed."""

    request: Ints
    enterprise: Ints
    month: Ints
    day: Ints
    changed_month: Ints
    change_kwh: Ints
    confirmed: Bools

    def __post_init__(self) -> None:
        freeze(self)


def transferred(
    award_kwh: Ints, executed_kwh: Ints, asked: Transfers, calendar_month: Ints, rules: DeviationRules
) -> tuple[Ints, Ints]:
    """Contract (C) after transfers and adjustments, and the reason (k) a request is refused for.

    executed_kwh (C, T); calendar_month (T): 1 to 12. What is executed through the month before the request stands.
    """
    contract = np.array(award_kwh)
    refused = np.zeros(len(asked.giver), dtype=np.int64)
    for k in _by_date(asked.month, asked.day):
        giver, taker, energy, month = (
            int(asked.giver[k]), int(asked.taker[k]), int(asked.energy_kwh[k]), int(asked.month[k]),
        )  # fmt: skip
        if calendar_month[month] > rules.transfer_last_month:
            refused[k] = Refused.TOO_LATE
        elif not asked.checked[k]:
            refused[k] = Refused.NOT_CHECKED
        elif contract[giver] - energy < executed_kwh[giver, :month].sum():
            refused[k] = Refused.BELOW_EXECUTED
        else:
            contract[giver] -= energy
            if taker >= 0:
                contract[taker] += energy
    return contract, refused


def scaled(contract_kwh: Ints, total_kwh: int, rank: Ints) -> Ints:
    """Contracts (n) raised or cut in proportion to a total (7.2.1.3; new energy after the captive side: 6.3.2)."""
    return np.array(contract_kwh) if int(contract_kwh.sum()) == total_kwh else fill(total_kwh, contract_kwh, rank)


def changed_plans(plan_kwh: Ints, asked: PlanChanges, rules: DeviationRules) -> tuple[Ints, Ints]:
    """Month plans (C, T) after changes, and the reason (k) a row is refused for: a request stands or falls as a
    whole."""
    plan, refused = np.array(plan_kwh), np.zeros(len(asked.request), dtype=np.int64)
    for request in _requests(asked):
        rows = np.flatnonzero(asked.request == request)
        reason = _reason(plan, asked, rows, rules)
        refused[rows] = reason
        if reason is Refused.NOT_REFUSED:
            np.add.at(plan, (asked.enterprise[rows], asked.changed_month[rows]), asked.change_kwh[rows])
    return plan, refused


def _reason(plan: Ints, asked: PlanChanges, rows: Ints, rules: DeviationRules) -> Refused:
    if (asked.day[rows] > rules.plan_change_last_day).any():
        return Refused.TOO_LATE
    if not asked.confirmed[rows].all():
        return Refused.NOT_CHECKED
    if (asked.changed_month[rows] <= asked.month[rows]).any():
        return Refused.NOT_A_LATER_MONTH
    sums = np.zeros(len(plan), dtype=np.int64)
    np.add.at(sums, asked.enterprise[rows], asked.change_kwh[rows])
    if sums.any():
        return Refused.CHANGES_TOTAL
    after = np.array(plan)
    np.add.at(after, (asked.enterprise[rows], asked.changed_month[rows]), asked.change_kwh[rows])
    return Refused.NEGATIVE_PLAN if (after < 0).any() else Refused.NOT_REFUSED


def _requests(asked: PlanChanges) -> list[int]:
    """Numbers of the requests by date, ties in the order of the table."""
    return list(dict.fromkeys(asked.request[_by_date(asked.month, asked.day)].tolist()))


def _by_date(month: Ints, day: Ints) -> Ints:
    return np.lexsort((np.arange(len(month)), day, month))
