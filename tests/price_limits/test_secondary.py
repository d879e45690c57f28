"""Secondary price limit of Fujian, article 85: both means, the month's schedule of β, and random days."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearing.price_limits.secondary import Limited, LimitPrices, LimitState, apply, limit
from clearing.rules.load import RulesError, load
from clearing.rules.market_choices import CounterReset, NegativePrices
from clearing.rules.market_rules import SecondaryRules

NEW, OLD = load("fujian-2025-4").market.secondary, load("fujian-2024").market.secondary
PRICES = LimitPrices(400.0, 380.0, 370.0, 360.0, auction_mean=365.0)
HOUR = np.repeat([0.0, 1.0], 2)


def day(
    energy: list[list[float]], price: list[list[float]], rules: SecondaryRules = NEW, state: LimitState | None = None,
    month: str = "2026-05", scope: list[bool] | None = None, decimals: int = 3,
) -> Limited:  # fmt: skip
    """Four quarters in two hours."""
    inside = np.array([True] * len(energy) if scope is None else scope)
    return apply(np.array(energy), np.array(price), inside, HOUR, PRICES, state or LimitState(), month, rules, decimals)


def test_clause_4_the_revised_mean_is_weighted_over_all_sources_and_periods() -> None:
    """(10·100 + 30·800 + 10·100 + 50·600) / 100 = 560 > 1.05 · 400 = 420: prices are multiplied by 0.75."""
    found = day([[10, 30, 10, 50]], [[100.0, 800.0, 100.0, 600.0]])
    assert (found.mean_per_mwh, found.limit_per_mwh, found.triggered) == (560.0, 420.0, True)
    assert found.factor == pytest.approx(0.75)
    assert found.scaled.tolist() == [[75.0, 600.0, 75.0, 450.0]]
    assert found.unscaled.tolist() == [[100.0, 800.0, 100.0, 600.0]]
    assert found.scaled_mean_per_mwh == 420.0


def test_clause_4_the_original_mean_is_the_mean_of_the_hours() -> None:
    """Hours: (10·100 + 30·800)/40 = 625 and (10·100 + 50·600)/60 = 516.67; their mean 570.83; k = 420/570.83."""
    found = day([[10, 30, 10, 50]], [[100.0, 800.0, 100.0, 600.0]], OLD)
    assert found.mean_per_mwh == pytest.approx((625 + 31000 / 60) / 2)
    assert found.factor == pytest.approx(420 / ((625 + 31000 / 60) / 2))
    assert found.scaled_mean_per_mwh <= 420.0


def test_clause_4_sources_out_of_scope_do_not_count_and_are_scaled_too() -> None:
    found = day([[10] * 4, [1000] * 4], [[600.0] * 4, [100.0] * 4], scope=[True, False])
    assert found.mean_per_mwh == 600.0
    assert found.scaled[1].tolist() == [70.0] * 4  # 420/600 = 0.7
    below = day([[10] * 4, [1000] * 4], [[600.0] * 4, [100.0] * 4])
    assert not below.triggered
    assert below.factor == 1.0


def test_clause_4_a_mean_at_the_limit_does_not_trigger() -> None:
    found = day([[10] * 4], [[420.0] * 4])
    assert not found.triggered
    assert found.state.days_above == 0


def test_clause_4_steps_of_the_limit_and_the_floor_of_adjusted_ones() -> None:
    """1.05 · 400; then 380 re-measured; then (380 + 370 + 360)/3 = 370. An auction mean of 375 lifts the last only."""
    assert [limit(PRICES, step, NEW) for step in range(3)] == [420.0, 380.0, 370.0]
    assert [limit(replace(PRICES, auction_mean=375.0), step, NEW) for step in range(3)] == [420.0, 380.0, 375.0]
    assert limit(replace(PRICES, auction_mean=500.0), 0, NEW) == 420.0


def test_clause_4_a_month_with_three_steps_of_beta() -> None:
    """N = 3. Days at 500 on 1, 2, 4 (above 420), then 390 on 5 to 7 (above 380), then 375 (above 370) to the end."""
    rules = replace(NEW, days=3)
    state, told = LimitState(), []
    for price in [500.0, 500.0, 300.0, 500.0, 390.0, 390.0, 390.0, 375.0, 375.0, 375.0, 375.0, 300.0]:
        found = day([[10] * 4], [[price] * 4], rules, state)
        told.append((found.limit_per_mwh, found.triggered, round(found.scaled_mean_per_mwh, 3)))
        state = found.state
    assert told == [
        (420.0, True, 420.0), (420.0, True, 420.0), (420.0, False, 300.0), (420.0, True, 420.0),
        (380.0, True, 380.0), (380.0, True, 380.0), (380.0, True, 380.0),
        (370.0, True, 370.0), (370.0, True, 370.0), (370.0, True, 370.0), (370.0, True, 370.0), (370.0, False, 300.0),
    ]  # fmt: skip
    assert state == LimitState("2026-05", 2, 4)
    fresh = day([[10] * 4], [[500.0] * 4], rules, state, month="2026-06")
    assert fresh.limit_per_mwh == 420.0
    assert fresh.state == LimitState("2026-06", 0, 1)
    kept = day([[10] * 4], [[300.0] * 4], replace(rules, counter_reset=CounterReset.NEVER), state, month="2026-06")
    assert kept.state.days_above == 0  # four days are more than three: the next step
    assert kept.state.step == 1


def test_clause_4_a_step_may_take_effect_days_later() -> None:
    """N = 2, in force from the third day on after the second day above: 420 on days 3 and 4, whatever they are."""
    rules = replace(NEW, days=2, effective_days=3)
    state, told = LimitState(), []
    for price in [500.0, 500.0, 500.0, 300.0, 390.0, 390.0]:
        found = day([[10] * 4], [[price] * 4], rules, state)
        state = found.state
        told.append((found.limit_per_mwh, state.step, state.days_above, state.pending_days))
    assert told == [
        (420.0, 0, 1, 0), (420.0, 0, 2, 2), (420.0, 0, 2, 1), (420.0, 1, 0, 0), (380.0, 1, 1, 0), (380.0, 1, 2, 2),
    ]  # fmt: skip


def test_clause_4_weights_of_the_classes() -> None:
    """380, 370, 360 by 2 : 1 : 1 are 372.5; nothing but 0 is no weight."""
    assert limit(PRICES, 2, replace(NEW, class_weights=(2.0, 1.0, 1.0))) == 372.5
    for wrong in ("[1, 1]", "[0, 0, 0]", "[-1, 1, 1]"):
        with pytest.raises(RulesError):
            load("fujian-2025-4", "", {"secondary_limit.class_weights": wrong})


def test_clause_4_negative_prices_by_setting() -> None:
    """Energy 10 each; −100, 900, 900, 900: mean 650. Scaled: k = 420/650. Kept: k = (420 + 25)/675."""
    energy, price = [[10] * 4], [[-100.0, 900.0, 900.0, 900.0]]
    both = day(energy, price)
    assert both.scaled[0, 0] == pytest.approx(-100 * 420 / 650, abs=1e-3)
    kept = day(energy, price, replace(NEW, negative_prices=NegativePrices.KEEP))
    assert kept.scaled[0, 0] == -100.0
    assert kept.factor == pytest.approx(445 / 675)
    assert kept.scaled_mean_per_mwh <= 420.0


def test_clause_4_a_source_that_takes_energy_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        day([[-1.0, 1.0, 1.0, 1.0]], [[1.0] * 4])


def test_clause_4_without_energy_nothing_triggers() -> None:
    assert not day([[0.0] * 4], [[900.0] * 4]).triggered


NUMBERS = st.lists(st.floats(-200.0, 1500.0), min_size=8, max_size=8)
AMOUNTS = st.lists(st.floats(0.0, 500.0), min_size=8, max_size=8)


@settings(deadline=None, max_examples=200)
@given(NUMBERS, AMOUNTS, st.sampled_from([NEW, OLD]), st.sampled_from(list(NegativePrices)), st.integers(0, 3))
def test_clause_4_on_random_days(
    numbers: list[float], amounts: list[float], rules: SecondaryRules, negative: NegativePrices, decimals: int
) -> None:
    """P̄' ≤ L after rounding; the order of prices is kept; money is energy times price, and falls to L · Σ Q."""
    energy, price = np.array(amounts).reshape(2, 4), np.array(numbers).reshape(2, 4)
    rules = replace(rules, negative_prices=negative)
    found = day(energy.tolist(), price.tolist(), rules, decimals=decimals)
    if not found.triggered:
        np.testing.assert_array_equal(found.scaled, found.unscaled)
        return
    assert found.scaled_mean_per_mwh <= found.limit_per_mwh
    assert found.mean_per_mwh > found.limit_per_mwh
    order = np.argsort(found.unscaled.ravel(), kind="stable")
    assert (np.diff(found.scaled.ravel()[order]) >= 0.0).all()
    assert (np.sign(found.scaled) * np.sign(found.unscaled) >= 0.0).all()
    if rules is not NEW and rules.mean is OLD.mean:
        return
    money = float((energy * found.scaled).sum())
    assert money == pytest.approx(found.scaled_mean_per_mwh * float(energy.sum()), rel=1e-9, abs=1e-6)
    digit = 10.0**-decimals
    assert money >= (found.limit_per_mwh - 2 * digit) * float(energy.sum()) - 1e-6
