"""Deviation of months and years by hand: clauses 6.3, 6.4, 7, 8.4 and 9.6, and the readings that settings choose."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clearing.rules.substitution_metering import (
    AfterAdjustment,
    CaptiveCaused,
    DeviationBase,
    DeviationRules,
    HighestPrice,
    ReturnIn,
    RollTo,
)
from clearing.substitution.deviation_advances import settle
from clearing.substitution.deviation_rolling import roll
from clearing.substitution.deviation_year import (
    Exemption,
    Standing,
    captive_year,
    default_payment,
    highest_price,
    site_year,
)

RULES = DeviationRules()
NONE = np.zeros(1, dtype=np.int64)


def whole(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def test_clause_7_2_1_2_a_month_rolls_on_within_ten_percent_of_its_plan() -> None:
    """Plans 100, 100, 100; executed 95, 80, 130: 5 roll on; then 105 − 80 = 25, of which 10 roll on; then −20, of
    which −10."""
    rolled = roll(np.array([[100, 100, 100]]), np.array([[95, 80, 130]]), RULES)
    assert rolled.plan_kwh.tolist() == [[100, 105, 110]]
    assert rolled.deviation_kwh.tolist() == [[5, 25, -20]]
    assert rolled.rolled_kwh.tolist() == [[5, 10, -10]]
    assert rolled.not_rolled_kwh.tolist() == [[0, 15, -10]]


def test_clause_7_2_2_3_over_the_remaining_months_by_their_plans() -> None:
    """10 of 100 over plans of 200 and 100: 7 and 3 (6.67, 3.33)."""
    rolled = roll(
        np.array([[100, 200, 100]]), np.array([[90, 207, 103]]), replace(RULES, roll_to=RollTo.REMAINING_MONTHS)
    )
    assert rolled.plan_kwh.tolist() == [[100, 207, 103]]
    assert rolled.not_rolled_kwh.tolist() == [[0, 0, 0]]


def test_clause_7_2_1_2_the_year_stays_as_it_is() -> None:
    """Σ plan = Σ executed + Σ not rolled + rolled out of the last month, over random years and both ways."""
    draw = np.random.default_rng(5)
    for way in RollTo:
        for _ in range(100):
            plan, executed = draw.integers(0, 10_000, (2, 4, 12))
            rolled = roll(plan, executed, replace(RULES, roll_to=way))
            left = executed.sum(axis=1) + rolled.not_rolled_kwh.sum(axis=1) + rolled.rolled_kwh[:, -1]
            assert (plan.sum(axis=1) == left).all()
            assert (np.abs(rolled.rolled_kwh) * 10 <= plan + 5).all()  # a tenth of the plan, rounded to the kWh


@pytest.mark.parametrize(
    ("executed", "standing", "default"),
    [
        (100_000, Standing.WITHIN_TARGET, 0),
        (97_000, Standing.WITHIN_TARGET, 0),  # −3 %
        (96_999, Standing.WITHIN_LIMIT, 0),
        (95_000, Standing.WITHIN_LIMIT, 0),  # −5 %
        (94_999, Standing.DEFAULT, 1),
        (90_000, Standing.DEFAULT, 5_000),
        (0, Standing.DEFAULT, 95_000),
        (103_000, Standing.WITHIN_TARGET, 0),  # +3 %
        (150_000, Standing.ABOVE_TARGET, 0),  # no sanction stated
    ],
)
def test_clause_7_2_1_1_only_the_part_beyond_five_percent_is_default(
    executed: int, standing: int, default: int
) -> None:
    year = captive_year(whole(100_000), whole(100_000), whole(executed), NONE, RULES)
    assert (year.standing.tolist(), year.default_kwh.tolist()) == ([standing], [default])
    assert year.deviation_kwh.tolist() == [executed - 100_000]


def test_clause_7_1_1_deviation_is_settled_against_awarded_energy() -> None:
    """Settled 93 of 100 awarded: −7; new energy: settled 80 of 100 that captive plants took in full: −20."""
    assert captive_year(whole(100_000), whole(100_000), whole(93_000), NONE, RULES).deviation_kwh.tolist() == [-7_000]
    year = site_year(whole(100_000), whole(80_000), whole(100_000), 0, NONE, NONE, RULES)
    assert (year.deviation_kwh.tolist(), year.own_kwh.tolist()) == ([-20_000], [20_000])


def test_clause_9_6_1_1_after_transfers_and_the_base_is_a_setting() -> None:
    """Award 100, of which 40 transferred; 50 of 60 executed: 10 short, limit 3 (contract) or 5 (award)."""
    arguments = (whole(100_000), whole(60_000), whole(50_000), NONE)
    assert captive_year(*arguments, RULES).default_kwh.tolist() == [7_000]
    by_award = replace(RULES, captive_base=DeviationBase.AWARD)
    assert captive_year(*arguments, by_award).default_kwh.tolist() == [5_000]


def test_clause_6_4_1_all_that_is_not_executed_is_default_where_the_setting_says_so() -> None:
    strict = replace(RULES, after_adjustment=AfterAdjustment.ALL)
    assert captive_year(whole(100_000), whole(100_000), whole(98_000), NONE, strict).default_kwh.tolist() == [2_000]


@pytest.mark.parametrize("cause", list(Exemption))
def test_clause_8_4_5_exempt_energy_is_deviation_and_no_default(cause: Exemption) -> None:
    """20 short, 12 of them by the cause: 8 − 5 = 3 are default; more than the shortfall excuses no more than it."""
    assert len(Exemption) == 7  # six causes of 8.4.5, congestion of 8.4.4
    assert 1 <= cause <= 7
    year = captive_year(whole(100_000), whole(100_000), whole(80_000), whole(12_000), RULES)
    assert (year.deviation_kwh[0], year.exempt_kwh[0], year.default_kwh[0]) == (-20_000, 12_000, 3_000)
    year = captive_year(whole(100_000), whole(100_000), whole(80_000), whole(50_000), RULES)
    assert (year.exempt_kwh[0], year.default_kwh[0]) == (20_000, 0)


def test_clause_8_4_4_congestion_is_deviation_and_no_default() -> None:
    """All of a shortfall of 40 by a congested channel: it stays a deviation, and nobody pays."""
    year = captive_year(whole(100_000), whole(100_000), whole(60_000), whole(40_000), RULES)
    assert (year.deviation_kwh.tolist(), year.default_kwh.tolist()) == ([-40_000], [0])
    assert default_payment(year.default_kwh, 212_300, RULES).tolist() == [0]
    assert Exemption.CONGESTION == 7


def test_clause_7_2_2_2_deviation_that_captive_plants_caused_is_taken_out_first() -> None:
    """Contract 100, allocated 70, delivered 50: 30 come from the captive side, 20 are the site's own; 15 go free."""
    year = site_year(whole(100_000), whole(50_000), whole(70_000), 30_000, NONE, NONE, RULES)
    assert (year.deviation_kwh[0], year.own_kwh[0], year.default_kwh[0]) == (-50_000, 20_000, 5_000)
    by_contract = replace(RULES, captive_caused=CaptiveCaused.BY_CONTRACT)
    year = site_year(
        whole(100_000, 300_000), whole(50_000, 300_000), whole(70_000, 300_000), 40_000, NONE, np.arange(2), by_contract
    )
    assert year.own_kwh.tolist() == [40_000, 0]  # 40 short of the captive side: 10 to the first, 30 to the second


@pytest.mark.parametrize(("limit", "default"), [(0.15, 0), (0.10, 2_000)])
def test_clause_9_6_2_fifteen_percent_and_ten_by_setting(limit: float, default: int) -> None:
    rules = replace(RULES, new_energy_limit=limit)
    assert site_year(whole(100_000), whole(88_000), whole(100_000), 0, NONE, NONE, rules).default_kwh.tolist() == [
        default
    ]


def test_clause_7_2_2_1_beyond_fifteen_percent_only_the_excess_is_default() -> None:
    short = [site_year(whole(100_000), whole(e), whole(100_000), 0, NONE, NONE, RULES) for e in (85_000, 84_999, 0)]
    assert [int(year.default_kwh[0]) for year in short] == [0, 1, 85_000]
    assert [int(year.standing[0]) for year in short] == [Standing.WITHIN_TARGET, Standing.DEFAULT, Standing.DEFAULT]


def test_clause_9_6_2_ten_percent_of_the_highest_traded_price_times_default_energy() -> None:
    """(200 + 12.3) · 10 % · 5 MWh = 106.15; by the variation alone 6.15; nothing for a negative price."""
    variations = whole(-5_000, 12_300, 4_000)
    assert highest_price(200_000, variations, RULES) == 212_300
    assert default_payment(whole(5_000, 0), 212_300, RULES).tolist() == [106_150, 0]
    alone = replace(RULES, highest_price=HighestPrice.VARIATION)
    assert default_payment(whole(5_000), highest_price(200_000, variations, alone), alone).tolist() == [6_150]
    assert default_payment(whole(5_000), highest_price(0, whole(-5_000), alone), alone).tolist() == [0]
    assert highest_price(200_000, whole(), RULES) == 200_000


def test_clause_9_6_3_captive_default_pays_the_same_share() -> None:
    """90 of 100 executed: 5 MWh beyond −5 % · 10 % · 212.3 = 106.15; without the base 6.15."""
    default = captive_year(whole(100_000), whole(100_000), whole(90_000), NONE, RULES).default_kwh
    assert default_payment(default, 212_300, RULES).tolist() == [106_150]
    assert default_payment(default, 12_300, RULES).tolist() == [6_150]


def test_clause_9_6_payments_of_whole_years_are_exact() -> None:
    """6 TWh at 10 000 per MWh: 10 % are 6 · 10⁹ money, to the thousandth; half a thousandth goes up."""
    assert default_payment(whole(6_000_000_000), 10_000_000, RULES).tolist() == [6_000_000_000_000]
    assert default_payment(whole(5), 1, RULES).tolist() == [0]  # 0.0005 of a thousandth
    assert default_payment(whole(5_000), 1, RULES).tolist() == [1]


def test_clause_7_monotone_a_greater_shortfall_is_never_less_default() -> None:
    executed = np.arange(0, 120_000, 777)
    award = np.full(len(executed), 100_003)
    for rules in (RULES, replace(RULES, after_adjustment=AfterAdjustment.ALL)):
        captive = captive_year(award, award, executed, np.full(len(executed), 1_234), rules)
        site = site_year(award, executed, award, 0, np.full(len(executed), 1_234), np.arange(len(executed)), rules)
        for year in (captive, site):
            assert (np.diff(year.default_kwh) <= 0).all()
            assert (np.diff(default_payment(year.default_kwh, 212_300, rules)) <= 0).all()


def test_clause_9_6_1_2_advances_are_due_in_the_next_first_quarter() -> None:
    """November 9, December 3; 10 still open from before, due January to March, of which 8 came back: 2 are overdue."""
    months = np.array([1, 2, 3, 11, 12])
    short, back = np.array([[0, 0, 0, 9, 3]]), np.array([[4, 4, 0, 0, 0]])
    book = settle(whole(10), short, NONE, back, months, RULES)
    assert book.due_kwh.tolist() == [[4, 3, 3, 0, 0]]
    assert (book.advanced_kwh[0], book.returned_kwh[0], book.outstanding_kwh[0], book.overdue_kwh[0]) == (12, 8, 14, 2)
    assert book.next_quarter_kwh.tolist() == [[4, 4, 4]]


def test_clause_9_6_1_2_or_in_the_next_month() -> None:
    book = settle(
        whole(10), np.array([[6, 3]]), NONE, np.array([[10, 6]]), np.array([11, 12]),
        replace(RULES, return_in=ReturnIn.NEXT_MONTH),
    )  # fmt: skip
    assert book.due_kwh.tolist() == [[10, 6]]
    assert (book.outstanding_kwh[0], book.overdue_kwh[0]) == (3, 0)
    assert book.next_quarter_kwh.tolist() == [[3, 0, 0]]


def test_clause_9_6_1_2_default_energy_is_not_advanced() -> None:
    """Shortfalls of 4, 6, 5; 8 are default: the latest go first, 4 and 3 stay advanced."""
    book = settle(
        whole(0), np.array([[4, 6, 5]]), whole(8), np.zeros((1, 3), dtype=np.int64), np.array([9, 10, 11]), RULES
    )
    assert book.advanced_kwh.tolist() == [7]
    assert book.next_quarter_kwh.tolist() == [[3, 2, 2]]


def test_advances_given_are_returned_or_outstanding() -> None:
    draw = np.random.default_rng(9)
    for way in ReturnIn:
        for _ in range(200):
            opening = draw.integers(0, 1_000, 5)
            short = draw.integers(0, 1_000, (5, 12))
            default = draw.integers(0, 2_000, 5)
            back = draw.integers(0, 40, (5, 12))
            book = settle(opening, short, default, back, np.arange(1, 13), replace(RULES, return_in=way))
            assert (opening + book.advanced_kwh == book.returned_kwh + book.outstanding_kwh).all()
            assert (book.advanced_kwh == short.sum(axis=1) - np.minimum(default, short.sum(axis=1))).all()
            assert (book.outstanding_kwh == book.overdue_kwh + book.next_quarter_kwh.sum(axis=1)).all()
