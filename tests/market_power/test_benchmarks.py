"""References of Hunan and Shaanxi, and recovery over the days of a month, on figures worked by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.declarations import nothing_declared
from clearing.market_check import Asked, MarketPower, check, mean_price
from clearing.market_power.benchmarks import Benchmarks, MeanTest, MonthState, of_coal, of_past_prices, recovered
from clearing.market_power.costs import no_costs
from clearing.rules.load import RulesError, load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from clearing.v1.market_power_pb2 import Benchmarks as Message
from clearing.v1.market_power_pb2 import RecoveryState
from clearing.wire import read_benchmarks
from tests.factory import market

TIGHT = {"solve.gap": "0", "solve.absolute_gap": "0"}


def run(
    case: Case, name: str, given: Benchmarks, cost: float = np.nan, mitigate: bool = True, **over: str
) -> MarketPower:
    rules = load(name, "", TIGHT | {key.replace("__", "."): value for key, value in over.items()})
    table = replace(no_costs(case), unit_per_mwh=np.full(len(case.units.id), cost))
    return check(case, rules, Asked(nothing_declared(case), table, mitigate, given), SolveOptions(), RunControl(), None)


def test_hunan_the_greater_of_past_prices_and_cost_up_to_the_cap() -> None:
    """Highest prices of 11 days: the last ten are 400 and 500 by turns, mean 450; costs 300 and 480; cap 460."""
    past = (9999.0, *([400.0, 500.0] * 5))
    rules = load("hunan").market.benchmark
    cost = np.array([[300.0], [480.0], [np.nan]])
    allowed, substitute = of_past_prices(cost, Benchmarks(past), rules, 1e6)
    assert allowed.ravel().tolist() == [450.0, 480.0, 450.0]
    assert substitute.ravel().tolist() == [450.0, 480.0, 450.0]
    allowed, substitute = of_past_prices(cost, Benchmarks(past), replace(rules, past_factor=1.1), 460.0)
    assert allowed.ravel().tolist() == [460.0, 460.0, 460.0]  # 495 and 528 are above the cap
    assert substitute.ravel().tolist() == [460.0, 480.0, 460.0]  # never below the cost
    allowed, _ = of_past_prices(cost, Benchmarks(), rules, 1e6)
    np.testing.assert_array_equal(allowed.ravel(), [300.0, 480.0, np.nan])


def two_periods() -> Case:
    """150 MW and 60 MW; without `large` there are 140 MW; w gives 20 MW of its own."""
    units = [
        {"id": "big", "owner": "large", "p_max": 100, "blocks": [(5, 300), (95, 900)]},
        {"id": "a", "owner": "small", "p_max": 70, "price": 310},
        {"id": "b", "owner": "other", "p_max": 70, "price": 320},
    ]
    return market([170.0, 80.0], units=units, renewables=[{"id": "w", "forecast": 20.0, "owner": "wind"}])


def test_hunan_offers_are_held_to_the_reference_in_the_periods_in_which_the_group_fails() -> None:
    """Index of `large` 140/150 and 140/60 net of wind: the first period alone falls from 900 to 450."""
    case = two_periods()
    found = run(case, "hunan", Benchmarks((450.0,)), 300.0)
    of = {w: k for k, w in enumerate(found.supply.group_id)}
    np.testing.assert_allclose(found.structure.demand_mw, [150.0, 60.0])
    np.testing.assert_allclose(found.structure.index[0, of["large"]], [140 / 150, 140 / 60])
    assert found.tests[0].fails.tolist() == [[False, False], [True, False], [False, False], [False, False]]
    change = found.mitigation
    assert change is not None
    assert change.result.prices is not None
    np.testing.assert_allclose(change.result.prices.bus_price, [[450.0, 310.0]], atol=1e-6)
    np.testing.assert_array_equal(change.case.units.offers.price_per_mwh[1], [450.0, 900.0])


def pivotal(load_mw: float = 140.0) -> Case:
    """Supply 100 + 60 + 40: without p 100 MW, without q 140, without r 160."""
    units = [
        {"id": "p", "owner": "first", "p_max": 100, "blocks": [(90, 380), (10, 800)]},
        {"id": "q", "owner": "second", "p_max": 60, "price": 700},
        {"id": "r", "owner": "third", "p_max": 40, "price": 250},
    ]
    return market([load_mw], units=units)


COAL = Benchmarks(coal_per_tonne=700.0, coal_power_per_mwh=350.0)


@pytest.mark.parametrize(
    ("load_mw", "f", "p"), [(195.0, 1.3, 1.5), (180.0, 1.2, 1.3), (140.0, 1.1, 1.2), (100.0, 1.05, 1.1)]
)
def test_shaanxi_factors_by_the_ratio_of_supply(load_mw: float, f: float, p: float) -> None:
    """200 MW over 195, 180, 140 and 100: 1.03, 1.11, 1.43 and 2. Reference 700 · 0.42336 · p, two decimals."""
    found = run(pivotal(load_mw), "shaanxi", COAL, mitigate=False).mean
    assert found is not None
    assert found.supply_ratio == pytest.approx(200 / load_mw)
    assert found.allowed_mean_per_mwh == pytest.approx(350 * f)
    assert found.reference_per_mwh == round(296.352 * p, 2)
    assert found.last_block_per_mwh == round(max(296.352 * p, 350 * p), 2)


def test_shaanxi_a_bound_belongs_to_the_band_below() -> None:
    found = run(
        pivotal(160.0),
        "shaanxi",
        COAL,
        mitigate=False,
        **{"market_power__benchmark__supply_ratios": "[1.05, 1.25, 1.5]"},
    )
    assert found.mean is not None
    assert found.mean.allowed_mean_per_mwh == pytest.approx(350 * 1.2)


def test_shaanxi_a_short_last_block_may_reach_more() -> None:
    """Of 100 MW 10 are under 15 %: max{R, benchmark · p}; 20 are not; nor is a short block that is not the last."""
    rules, mean = load("shaanxi").market.benchmark, MeanTest(1.2, 355.62, 420.0, 385.0, 350.0, None, False)
    units = [{"id": str(k), "p_max": 100, "blocks": blocks} for k, blocks in enumerate(
        ([(90, 1), (10, 2)], [(80, 1), (20, 2)], [(10, 1), (90, 2)], [(95, 1), (5, 2), (0, 3)])
    )]  # fmt: skip
    found = of_coal(market([10.0], units=units).units.offers, mean, rules)[:, 0]
    assert found.tolist() == [355.62, 420.0, 355.62, 355.62, 355.62, 355.62, 355.62, 420.0, 355.62]


def test_shaanxi_one_group_a_round_until_the_mean_is_at_the_benchmark() -> None:
    """170 MW: ratio 1.18, f 1.1, p 1.2, so R = 355.62 and 385 is allowed. Mean 700. p (index 100/170) goes first and
    the price stays 700 by q; q (140/170) is next and the price falls to 355.62; r offers 250 and never fails."""
    found = run(pivotal(170.0), "shaanxi", COAL)
    assert found.mean is not None
    assert found.mean.above
    assert sorted(found.supply.group_id[w] for w in np.flatnonzero(found.fails_conduct)) == ["first", "second"]
    change = found.mitigation
    assert change is not None
    assert [(r.groups, r.mean_per_mwh) for r in change.rounds] == [
        (("first",), pytest.approx(700.0)), (("second",), pytest.approx(355.62)),
    ]  # fmt: skip
    assert change.case.units.offers.price_per_mwh[:, 0].tolist() == [355.62, 420.0, 355.62, 250.0]
    soon = run(pivotal(170.0), "shaanxi", COAL, market_power__mitigation__among_top="1")
    assert soon.mitigation is not None
    assert [r.groups for r in soon.mitigation.rounds] == [("first",)]


def test_shaanxi_a_mean_within_what_is_allowed_leaves_every_offer() -> None:
    """The benchmark is 650: 1.1 · 650 = 715 is above the mean of 700."""
    found = run(pivotal(170.0), "shaanxi", replace(COAL, coal_power_per_mwh=650.0))
    assert found.mean is not None
    assert not found.mean.above
    assert not found.fails_conduct.any()
    assert found.mitigation is None


def test_shaanxi_replacement_stops_where_the_mean_is_low_enough() -> None:
    """130 MW, mean 380 by p's first block: R = 355.62 replaces it, above 345 but not above 1.1 · 345 = 379.5."""
    given = replace(COAL, coal_power_per_mwh=345.0)
    for stop, rounds in (("benchmark", 2), ("allowed", 1)):
        case = pivotal(130.0)
        both = {"market_power__benchmark__stop_at": stop, "market_power__conduct__scope": "all"}
        both["market_power__benchmark__supply_ratios"] = "[1.05, 1.15, 1.6]"
        found = run(case, "shaanxi", given, **both)
        assert found.mitigation is not None
        assert len(found.mitigation.rounds) == rounds
        assert mean_price(case, found.mitigation.result.prices) == pytest.approx(355.62)


def test_shaanxi_profit_is_recovered_from_the_second_dear_day_of_a_month_on() -> None:
    """Premiums of 30, 10, 25, 40 %, excess 100 a day: nothing, nothing, 200 at once, 100; then a new month."""
    rules = load("shaanxi").market.after
    state, told = MonthState(), []
    for month, premium in (("05", 0.3), ("05", 0.1), ("05", 0.25), ("05", 0.4), ("06", 0.3), ("06", 0.2)):
        day = recovered(("g",), np.array([100.0]), np.array([premium]), Benchmarks(state=state), f"2026-{month}", rules)
        told.append((day.days, day.accrued.tolist(), day.recovery.tolist()))
        state = MonthState(f"2026-{month}", ("g",), day.days, tuple(day.accrued.tolist()))
    assert told == [
        ((1,), [100.0], [0.0]), ((1,), [100.0], [0.0]), ((2,), [0.0], [200.0]), ((3,), [0.0], [100.0]),
        ((1,), [100.0], [0.0]), ((1,), [100.0], [0.0]),
    ]  # fmt: skip


def test_shaanxi_the_premium_of_a_group_is_over_the_reference() -> None:
    """q sets 700 for all: premium 700/355.62 − 1; p gives 100 MW less nothing: 100 · (700 − 355.62) are in excess."""
    found = run(pivotal(170.0), "shaanxi", COAL, mitigate=False)
    assert found.after is None  # nothing is priced
    found = run(pivotal(170.0), "shaanxi", replace(COAL, state=MonthState("2026-01", ("second",), (1,), (50.0,))))
    assert found.recovered is not None
    assert found.after is not None
    assert found.original is not None
    assert found.original.schedule is not None
    of = {w: k for k, w in enumerate(found.supply.group_id)}
    q = float(found.original.schedule.dispatch_mw[1, 0])
    assert found.recovered.premium[of["second"]] == pytest.approx(700 / 355.62 - 1)
    assert found.after.excess[of["second"]] == pytest.approx(q * (700 - 355.62))
    assert found.recovered.recovery[of["second"]] == pytest.approx(50.0 + q * (700 - 355.62))
    assert found.recovered.days[of["first"]] == 1
    assert found.recovered.recovery[of["first"]] == 0.0


def test_bands_and_lists_that_do_not_fit_are_refused() -> None:
    for key, value in (("mean_factors", "[1, 2]"), ("supply_ratios", "[1.5, 1.2, 1.6]"), ("supply_ratios", "[1]")):
        with pytest.raises(RulesError) as refused:
            load("shaanxi", "", {f"market_power.benchmark.{key}": value})
        assert {f.code for f in refused.value.findings} == {"RULE_CONFLICT"}
        assert {f.path for f in refused.value.findings} == {f"rules.overrides[market_power.benchmark.{key}]"}


def test_every_fault_of_the_message_comes_at_once() -> None:
    pb = Message(
        past_highest_per_mwh=[1e99], coal_per_tonne=-1.0, share_group=["a", "b"], excess_share=[0.5, 1.5],
        recovery=RecoveryState(month="May", group_id=["a", "a"], days=[1, 99], accrued=[1.0, float("nan")]),
    )  # fmt: skip
    found = {(f.code, f.path) for f in read_benchmarks.read(pb, load("shaanxi"))[1]}
    assert found == {
        ("OUT_OF_RANGE", "benchmarks.past_highest_per_mwh[0]"), ("OUT_OF_RANGE", "benchmarks.coal_per_tonne"),
        ("REQUIRED", "benchmarks.coal_power_per_mwh"), ("DUPLICATE_ID", "benchmarks.recovery.group_id[1]"),
        ("OUT_OF_RANGE", "benchmarks.recovery.days[1]"), ("OUT_OF_RANGE", "benchmarks.recovery.accrued[1]"),
        ("BAD_DATE", "benchmarks.recovery.month"), ("OUT_OF_RANGE", "benchmarks.excess_share[1]"),
    }  # fmt: skip
