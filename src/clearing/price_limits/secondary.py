"""The secondary price limit of Fujian (article 85): mean of the day against L, prices scaled in equal proportion.

    energy_weighted (2025-4)   P̄ = Σ_ij Q_ij · P_ij / Σ_ij Q_ij over sources in scope and periods
    hourly_mean (2024)         P̄ = mean over the hours of Σ_ij Q_ij · P_ij / Σ_ij Q_ij within the hour

Verified, unscaled prices trigger: P̄ > L. Then every price is multiplied by k = L / P̄, rounded, and P̄' ≤ L is checked on
the rounded prices; where rounding lifts it over L, all positive prices are lowered by a digit, which keeps their order.

    L, step 0   β_first · T300                       T: test prices of the size classes of coal units
    L, step 1   max(β_after · T300 re-measured, auction mean)      after N days above the limit in all
    L, step 2   max(β_after · mean(T300, T600, T1000), auction mean)           after N more

Factor, check after rounding, N, the day a step takes effect, the arithmetic mean of the classes and what negative
prices do are readings; N, that day, β, the weights of the classes, negative prices, scope and the reset of the count
are settings of the rule set, `secondary_limit.…`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from clearing.case.arrays import Bools, Floats, freeze
from clearing.rules.market_choices import CounterReset, NegativePrices, SecondaryLimit
from clearing.rules.market_rules import SecondaryRules

LAST_STEP = 2


@dataclass(frozen=True, slots=True)
class LimitState:
    """What goes from day to day, passed in by the caller and returned updated.

    month         YYYY-MM of the last day looked at, '' = none yet
    step          0, 1 or 2
    days_above    days above the limit since the month began, or since the last step
    pending_days  days until the step after this one holds, 0 = none is on its way; days in between are not counted
    """

    month: str = ""
    step: int = 0
    days_above: int = 0
    pending_days: int = 0


@dataclass(frozen=True, slots=True)
class LimitPrices:
    """Prices L is made of, money per MWh: test prices of the 300, 600 and 1000 MW classes at the month's start and
    re-measured on the month's published fuel prices; mean of the month's central auction, or of the latest one held."""

    test_300: float
    remeasured_300: float
    remeasured_600: float
    remeasured_1000: float
    auction_mean: float


@dataclass(frozen=True, slots=True)
class Limited:
    """The day under the limit: S sources, T periods.

    limit_per_mwh, mean_per_mwh (P̄), scaled_mean_per_mwh (P̄'), factor (k; 1 where nothing is scaled), triggered
    unscaled, scaled (S, T)     prices per MWh, both rounded
    state                       to be passed in for the next day
    """

    limit_per_mwh: float
    mean_per_mwh: float
    scaled_mean_per_mwh: float
    factor: float
    triggered: bool
    unscaled: Floats
    scaled: Floats
    state: LimitState

    def __post_init__(self) -> None:
        freeze(self)


def limit(prices: LimitPrices, step: int, rules: SecondaryRules) -> float:
    """L of a step. The first one has no floor."""
    if step <= 0:
        return rules.beta_first * prices.test_300
    if step == 1:
        return max(rules.beta_after * prices.remeasured_300, prices.auction_mean)
    of_classes = (prices.remeasured_300, prices.remeasured_600, prices.remeasured_1000)
    mean = float(np.average(of_classes, weights=rules.class_weights))
    return max(rules.beta_after * mean, prices.auction_mean)


def begin(state: LimitState, month: str, rules: SecondaryRules) -> LimitState:
    """The state at the start of a day of a month: a new month begins with the first step, and counts anew."""
    if state.month == month:
        return state
    kept = state.days_above if rules.counter_reset is CounterReset.NEVER else 0
    return LimitState(month, 0, kept)


def after(state: LimitState, above: bool, rules: SecondaryRules) -> LimitState:
    """The state after a day: after the N-th day above the limit the next step holds, at once or some days later."""
    if state.pending_days > 1:
        return replace(state, pending_days=state.pending_days - 1)
    if state.pending_days == 1:
        return replace(state, step=state.step + 1, days_above=0, pending_days=0)
    days = state.days_above + above
    if rules.days > 0 and days >= rules.days and state.step < LAST_STEP:
        if rules.effective_days > 1:
            return replace(state, days_above=days, pending_days=rules.effective_days - 1)
        return replace(state, step=state.step + 1, days_above=0)
    return replace(state, days_above=days)


def mean_price(energy_mwh: Floats, price: Floats, in_scope: Bools, hour: Floats, rules: SecondaryRules) -> float:
    """P̄ of energy and prices (S, T); in_scope (S); hour (T): number of the hour of every period. NaN without energy."""
    energy, money = energy_mwh[in_scope], (energy_mwh * price)[in_scope]
    if rules.mean is SecondaryLimit.ENERGY_WEIGHTED:
        total = float(energy.sum())
        return float(money.sum()) / total if total > 0.0 else float("nan")
    means = []
    for h in np.unique(hour):
        here = hour == h
        total = float(energy[:, here].sum())
        if total > 0.0:
            means.append(float(money[:, here].sum()) / total)
    return float(np.mean(means)) if means else float("nan")


def apply(
    energy_mwh: Floats,
    price: Floats,
    in_scope: Bools,
    hour: Floats,
    prices: LimitPrices,
    state: LimitState,
    month: str,
    rules: SecondaryRules,
    decimals: int,
) -> Limited:
    """The limit on one day; arrays as in `mean_price`, prices verified. Raises ValueError where energy is negative."""
    if (energy_mwh < 0.0).any():
        raise ValueError("energy of a source is negative: a source in scope gives, it does not take")
    state = begin(state, month, rules)
    unscaled = np.round(price, decimals)
    most = limit(prices, state.step, rules)
    mean = mean_price(energy_mwh, unscaled, in_scope, hour, rules)
    above = rules.mean is not SecondaryLimit.NONE and bool(mean > most)
    scaled, factor = unscaled, 1.0
    if above:
        factor = _factor(energy_mwh, unscaled, in_scope, hour, most, rules)
        scaled = np.round(_scaled(unscaled, factor, rules), decimals)
        scaled = _below(energy_mwh, scaled, in_scope, hour, most, rules, decimals)
    found = mean_price(energy_mwh, scaled, in_scope, hour, rules)
    return Limited(most, mean, found, factor, above, unscaled, scaled, after(state, above, rules))


def scaled_like(price: Floats, found: Limited, rules: SecondaryRules, decimals: int) -> tuple[Floats, Floats]:
    """Prices (…) that are not in the mean, as the system marginal price: rounded, and scaled by the day's factor."""
    rounded = np.round(price, decimals)
    return rounded, np.round(_scaled(rounded, found.factor, rules), decimals)


def _scaled(price: Floats, factor: float, rules: SecondaryRules) -> Floats:
    if rules.negative_prices is NegativePrices.KEEP:
        return np.where(price > 0.0, factor * price, price)
    return factor * price


def _factor(energy: Floats, price: Floats, in_scope: Bools, hour: Floats, most: float, rules: SecondaryRules) -> float:
    """k with P̄(k · price) = L; where negative prices are kept, on the positive part alone; never below 0."""
    if rules.negative_prices is NegativePrices.KEEP:
        positive = mean_price(energy, np.maximum(price, 0.0), in_scope, hour, rules)
        negative = mean_price(energy, np.minimum(price, 0.0), in_scope, hour, rules)
        return max((most - negative) / positive, 0.0)
    return max(most / mean_price(energy, price, in_scope, hour, rules), 0.0)


def _below(
    energy: Floats, scaled: Floats, in_scope: Bools, hour: Floats, most: float, rules: SecondaryRules, decimals: int
) -> Floats:
    """Rounded prices whose mean is at most L: all positive ones are taken down by one digit while it is above."""
    digit = 10.0**-decimals
    while mean_price(energy, scaled, in_scope, hour, rules) > most:
        lower = np.where(scaled > 0.0, np.maximum(np.round(scaled - digit, decimals), 0.0), scaled)
        if (lower == scaled).all():
            return scaled  # nothing positive is left: the mean of negative prices alone is above a negative limit
        scaled = lower
    return scaled
