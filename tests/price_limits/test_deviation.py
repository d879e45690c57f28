"""Deviation charges of Fujian: class C by both versions, article 61 and its deletion."""

from __future__ import annotations

import numpy as np
import pytest

from clearing.price_limits.deviation import ClassCUnits, KindC, article_61, class_c_charge, regulation_reward
from clearing.rules.load import load

NEW, OLD = load("fujian-2025-4").market.deviation, load("fujian-2024").market.deviation
NONE = load("generic").market.deviation


def units(kind: KindC, actual: list[float], contract: list[float]) -> ClassCUnits:
    """One unit: approved 390, contracts at 410 and 420, 350 by its document."""
    return ClassCUnits(
        np.array([int(kind)]), np.array([actual]), np.array([contract]), np.array([390.0]),
        np.array([[410.0, 420.0][: len(actual)]]), np.array([350.0]),
    )  # fmt: skip


def charge(kind: KindC, rules: object, auction: list[float]) -> list[float]:
    """10 MWh too many in the first period, 5 too few in the second; latest auction mean 380."""
    table = units(kind, [110.0, 95.0], [100.0, 100.0])
    return class_c_charge(table, np.array(auction), 380.0, rules)[0].tolist()  # type: ignore[arg-type,no-any-return]


def test_clause_3_original_pays_the_approved_price_for_more_and_takes_the_contract_mean_for_less() -> None:
    assert charge(KindC.MARKET, OLD, [370.0, 370.0]) == [10 * 390.0, -5 * 420.0]


@pytest.mark.parametrize(("auction", "price"), [(370.0, 370.0), (400.0, 390.0), (np.nan, 380.0)])
def test_clause_3_revised_pays_the_lower_of_approved_and_auction_price(auction: float, price: float) -> None:
    """No auction price of the period: the mean of the latest auction, 380, then the lower of the two."""
    assert charge(KindC.MARKET, NEW, [auction, 370.0]) == [10 * price, -5 * 420.0]


def test_clause_3_guaranteed_at_the_approved_price_both_ways_and_documents_by_themselves() -> None:
    for rules in (OLD, NEW):
        assert charge(KindC.GUARANTEED, rules, [300.0, 300.0]) == [10 * 390.0, -5 * 390.0]
        assert charge(KindC.BY_DOCUMENT, rules, [300.0, 300.0]) == [10 * 350.0, -5 * 350.0]
    assert charge(KindC.MARKET, NONE, [300.0, 300.0]) == [0.0, 0.0]


def test_clause_5_article_61_charges_the_whole_deviation_above_2_percent() -> None:
    """Plan 100, 100; actual 97, 103 over two hours: 6 MWh of 200 are 3 %: 6 · 400. 99, 101 are 1 %: nothing."""
    plan, none = np.array([[100.0, 100.0]] * 2), np.zeros((2, 2), dtype=bool)
    actual = np.array([[97.0, 103.0], [99.0, 101.0]])
    by_period = article_61(plan, actual, none, 1.0, 400.0, OLD)
    assert by_period.tolist() == [[1200.0, 1200.0], [0.0, 0.0]]
    quarter = article_61(plan, actual, none, 0.25, 400.0, OLD)
    assert quarter.sum(axis=1).tolist() == [600.0, 0.0]


def test_clause_5_exempt_periods_do_not_count() -> None:
    plan, actual = np.array([[100.0, 100.0]]), np.array([[97.0, 103.0]])
    assert article_61(plan, actual, np.array([[True, True]]), 1.0, 400.0, OLD).tolist() == [[0.0, 0.0]]


def test_clause_5_the_revision_deletes_article_61() -> None:
    plan, actual = np.array([[100.0, 100.0]]), np.array([[50.0, 150.0]])
    assert article_61(plan, actual, np.zeros((1, 2), bool), 1.0, 400.0, NEW).tolist() == [[0.0, 0.0]]
    assert (OLD.article_61, NEW.article_61) == ("in_force", "deleted")


def test_clause_5_charges_go_to_regulation_by_mileage() -> None:
    reward = regulation_reward(np.array([100.0, 50.0]), np.array([[3.0, 0.0], [1.0, 0.0]]))
    assert reward.tolist() == [[75.0, 0.0], [25.0, 0.0]]
