"""Transfers, adjustments, scaling and changes of plans by hand: clauses 2.4.1, 6.3 and 7.2.1.3."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clearing.rules.substitution_metering import DeviationRules
from clearing.substitution.deviation_contracts import (
    PlanChanges,
    Refused,
    Transfers,
    changed_plans,
    scaled,
    transferred,
)

RULES = DeviationRules()
RANK = np.arange(3)
CALENDAR = np.arange(1, 13)
AWARD = np.array([120_000, 60_000, 30_000])
EXECUTED = np.full((3, 12), 5_000)


def transfers(*rows: tuple[int, int, int, int, int, bool]) -> Transfers:
    """giver, taker, energy, month asked (1 to 12), day, checked."""
    giver, taker, energy, month, day, checked = np.array(rows, dtype=np.int64).T
    return Transfers(giver, taker, energy, month - 1, day, checked == 1)


def contracts(*rows: tuple[int, int, int, int, int, bool]) -> tuple[list[int], list[int]]:
    contract, refused = transferred(AWARD, EXECUTED, transfers(*rows), CALENDAR, RULES)
    return contract.tolist(), refused.tolist()


def test_clause_6_3_1_a_transfer_moves_energy_and_keeps_the_total() -> None:
    assert contracts((0, 1, 20_000, 9, 30, True)) == ([100_000, 80_000, 30_000], [Refused.NOT_REFUSED])


def test_clause_6_3_2_asked_by_the_end_of_october() -> None:
    late = (0, 1, 20_000, 11, 1, True)
    assert contracts((0, 1, 20_000, 10, 31, True), late) == ([100_000, 80_000, 30_000], [0, Refused.TOO_LATE])


def test_clause_6_3_2_after_the_security_check() -> None:
    assert contracts((0, 1, 20_000, 9, 30, False)) == (AWARD.tolist(), [Refused.NOT_CHECKED])


def test_clause_6_3_1_what_is_executed_stays() -> None:
    """By the end of June 30 000 were executed: the third may not give anything in July, and gives 5 000 in June."""
    assert contracts((2, 0, 5_000, 7, 1, True)) == (AWARD.tolist(), [Refused.BELOW_EXECUTED])
    assert contracts((2, 0, 5_000, 6, 1, True))[0] == [125_000, 60_000, 25_000]


def test_clause_6_3_2_an_adjustment_cuts_or_raises_and_new_energy_follows_in_proportion() -> None:
    """210 → 200: new energy of 100, 60, 50 is scaled by 20/21: 95.238…, 57.142…, 47.619…."""
    contract, refused = contracts((0, -1, 20_000, 5, 1, True), (1, -1, -10_000, 5, 2, True))
    assert (contract, refused) == ([100_000, 70_000, 30_000], [0, 0])
    assert scaled(np.array([100_000, 60_000, 50_000]), 200_000, RANK).tolist() == [95_238, 57_143, 47_619]
    assert scaled(np.array([3, 4]), 7, RANK[:2]).tolist() == [3, 4]


def test_clause_7_2_1_3_what_cannot_be_rolled_is_scaled_in_proportion() -> None:
    assert scaled(AWARD, 105_000, RANK).tolist() == [60_000, 30_000, 15_000]
    assert scaled(AWARD, 105_001, RANK).sum() == 105_001


def test_requests_are_taken_by_date_whatever_their_order() -> None:
    """Asked in May, then June: the third has nothing left for the second request, first in the table or not."""
    early, late = (2, 0, 10_000, 5, 3, True), (2, 1, 1_000, 6, 2, True)
    assert contracts(early, late)[1] == [0, Refused.BELOW_EXECUTED]
    assert contracts(late, early)[1] == [Refused.BELOW_EXECUTED, 0]
    assert contracts(early, late)[0] == contracts(late, early)[0]


def changes(*rows: tuple[int, int, int, int, int, int, bool]) -> PlanChanges:
    """request, enterprise, month asked (1 to 12), day, month changed, change, confirmed."""
    request, enterprise, month, day, changed, change, confirmed = np.array(rows, dtype=np.int64).T
    return PlanChanges(request, enterprise, month - 1, day, changed - 1, change, confirmed == 1)


PLAN = np.full((2, 12), 10_000)
GOOD = ((0, 0, 3, 20, 4, -4_000, True), (0, 0, 3, 20, 6, 4_000, True))


def test_clause_6_3_3_asked_by_the_twentieth_for_later_months() -> None:
    plan, refused = changed_plans(PLAN, changes(*GOOD), RULES)
    assert plan[0].tolist() == [10_000] * 3 + [6_000, 10_000, 14_000] + [10_000] * 6
    assert (plan[1].tolist(), refused.tolist()) == ([10_000] * 12, [0, 0])


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        (3, 21, Refused.TOO_LATE),
        (4, 3, Refused.NOT_A_LATER_MONTH),
        (5, -3_000, Refused.CHANGES_TOTAL),
        (6, 0, Refused.NOT_CHECKED),
    ],
)
def test_clause_6_3_3_what_does_not_fulfil_it_is_left_out_as_a_whole(column: int, value: int, reason: int) -> None:
    row = list(GOOD[0])
    row[column] = value
    plan, refused = changed_plans(PLAN, changes(tuple(row), GOOD[1]), RULES)  # type: ignore[arg-type]
    assert (plan.tolist(), refused.tolist()) == (PLAN.tolist(), [reason, reason])


def test_clause_2_4_1_a_plan_does_not_become_negative() -> None:
    _, refused = changed_plans(PLAN, changes((0, 0, 3, 1, 4, -10_001, True), (0, 0, 3, 1, 5, 10_001, True)), RULES)
    assert refused.tolist() == [Refused.NEGATIVE_PLAN] * 2


def test_clause_6_3_3_the_last_day_is_a_setting() -> None:
    _, refused = changed_plans(PLAN, changes(*GOOD), replace(RULES, plan_change_last_day=19))
    assert refused.tolist() == [Refused.TOO_LATE] * 2
