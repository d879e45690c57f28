"""References that are not a unit's cost: past prices (Hunan), and the price of coal by the ratio of supply (Shaanxi).

    Hunan     P_ref = min{cap, K · max{mean of at most 10 daily highest prices, C}}; above it → max{P_ref, C}
    Shaanxi   mean price of the day > benchmark · f  →  offers above R = coal · 0.42336 · p → R, with R ≤ cap, rounded;
              a last block under 15 % of the curve → min{offer, max{R, benchmark · p}}
              f, p by supply / demand; replacement stops when the mean is at or below the benchmark

C: approved cost of the block; where it is not known the past prices stand alone. coal: money a tonne, benchmark: money
per MWh of coal-fired power; both are the caller's. Recovery (Shaanxi): the excess of the days of a month on which a
group's revenue lies more than 20 % above the reference, from the second such day on.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from clearing.case.arrays import Floats, Ids
from clearing.case.offers import Offers
from clearing.market_power.structure import Structure
from clearing.rules.market_choices import ConductMethod, StopAt, SupplyRatio
from clearing.rules.power_rules import AfterRules, BenchmarkRules
from clearing.rules.rules import Rules


@dataclass(frozen=True, slots=True)
class MonthState:
    """What goes from day to day of a month: group_id (n), days (n) that counted, accrued (n) not recovered yet."""

    month: str = ""
    group_id: Ids = ()
    days: tuple[int, ...] = ()
    accrued: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Benchmarks:
    """What the caller knows: past_highest_per_mwh (n), the latest day last; coal_per_tonne, coal_power_per_mwh (None =
    not known); state of the month; shares: (group, μ) of groups whose excess is recovered at a share of their own."""

    past_highest_per_mwh: tuple[float, ...] = ()
    coal_per_tonne: float | None = None
    coal_power_per_mwh: float | None = None
    state: MonthState = field(default_factory=MonthState)
    shares: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class MeanTest:
    """The mean price against the coal benchmark: supply_ratio, reference_per_mwh (R), last_block_per_mwh; allowed_mean
    and stop_mean; mean_per_mwh (None: no prices) and whether it is too high."""

    supply_ratio: float
    reference_per_mwh: float
    last_block_per_mwh: float
    allowed_mean_per_mwh: float
    stop_mean_per_mwh: float
    mean_per_mwh: float | None
    above: bool


def supply_ratio(system: Structure, rules: BenchmarkRules) -> float:
    """Supply over demand; +inf where there is no demand."""
    supply, demand = system.supply_mw, system.demand_mw
    if rules.supply_ratio is SupplyRatio.DAY:
        return float(supply.sum() / demand.sum()) if demand.sum() > 0.0 else float("inf")
    tight = demand > 0.0
    return float((supply[tight] / demand[tight]).min(initial=np.inf))


def mean_test(system: Structure, given: Benchmarks, mean_per_mwh: float | None, rules: Rules) -> MeanTest | None:
    """The test of the mean; None where the method is another one or coal and benchmark are not known."""
    coal, power = given.coal_per_tonne, given.coal_power_per_mwh
    if rules.market.conduct.method is not ConductMethod.COAL_BENCHMARK or coal is None or power is None:
        return None
    table = rules.market.benchmark
    ratio = supply_ratio(system, table)
    band = int(np.searchsorted(table.supply_ratios, ratio, side="left"))
    f, p = table.mean_factors[band], table.reference_factors[band]
    cap = rules.offers.cap_per_mwh
    reference = round(min(coal * table.coal_tonnes_per_mwh * p, cap), table.reference_decimals)
    allowed = power * f
    return MeanTest(
        supply_ratio=ratio,
        reference_per_mwh=reference,
        last_block_per_mwh=round(min(max(reference, power * p), cap), table.reference_decimals),
        allowed_mean_per_mwh=allowed,
        stop_mean_per_mwh=power if table.stop_at is StopAt.BENCHMARK else allowed,
        mean_per_mwh=mean_per_mwh,
        above=mean_per_mwh is not None and mean_per_mwh > allowed,
    )


def of_past_prices(cost: Floats, given: Benchmarks, rules: BenchmarkRules, cap_per_mwh: float) -> tuple[Floats, Floats]:
    """(allowed, substitute) of blocks with approved cost (M, T); NaN = not known and, without past prices, no test."""
    past = given.past_highest_per_mwh[-rules.past_days :]
    mean = float(np.mean(past)) if past else np.nan
    reference = np.minimum(rules.past_factor * np.fmax(mean, cost), cap_per_mwh)
    return reference, np.fmax(reference, cost)


def of_coal(offers: Offers, found: MeanTest, rules: BenchmarkRules) -> Floats:
    """What every block (M, T) may be offered at: the reference, of a short last block more."""
    width, resource = offers.width_mw, offers.resource
    reach, later = np.zeros((int(resource.max(initial=-1)) + 1, width.shape[1])), np.zeros(width.shape)
    np.add.at(reach, resource, width)
    for m in range(len(resource) - 2, -1, -1):
        if resource[m] == resource[m + 1]:
            later[m] = later[m + 1] + width[m + 1]
    last = (later <= 0.0) & (width > 0.0) & (width < rules.last_block_share * reach[resource])
    return np.where(last, found.last_block_per_mwh, found.reference_per_mwh)


@dataclass(frozen=True, slots=True)
class Recovered:
    """By group (W): premium (NaN without a reference), days that counted this month, accrued and recovered money."""

    premium: Floats
    days: tuple[int, ...]
    accrued: Floats
    recovery: Floats


def recovered(
    groups: Ids, excess: Floats, premium: Floats, given: Benchmarks, month: str, rules: AfterRules
) -> Recovered:
    """The share of the excess (W) that is recovered today; without a least premium that of every day."""
    own, state = dict(given.shares), given.state
    share = np.array([own.get(group, rules.excess_share) for group in groups]) * excess
    if rules.recovery_premium is None:
        return Recovered(premium, (0,) * len(groups), np.zeros(len(groups)), share)
    same = state.month == month
    known = dict(zip(state.group_id, zip(state.days, state.accrued, strict=True), strict=True)) if same else {}
    days, accrued, today = [], np.zeros(len(groups)), np.zeros(len(groups))
    for w, group in enumerate(groups):
        before, open_ = known.get(group, (0, 0.0))
        counts = bool(premium[w] > rules.recovery_premium)
        days.append(before + counts)
        accrued[w] = open_ + (share[w] if counts else 0.0)
        if days[w] >= rules.recovery_days:
            today[w], accrued[w] = accrued[w], 0.0
    return Recovered(premium, tuple(days), accrued, today)
