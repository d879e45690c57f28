"""Conduct, mitigation and what follows: Shandong rows 2, 7, 8, 9, 10 and a market with one pivotal owner."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.declarations import nothing_declared, unit_rating
from clearing.case.result import ClearingResult
from clearing.day_ahead import clear
from clearing.market_check import Asked, MarketPower, check, mean_price
from clearing.market_power.benchmarks import Benchmarks
from clearing.market_power.conduct import mitigated
from clearing.market_power.conduct import tested as held_against
from clearing.market_power.costs import CostTable, no_costs, price_at
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from clearing.v1.market_power_pb2 import ApprovedCosts
from clearing.wire import read_costs
from tests.factory import market

PIVOTAL = [
    {"id": "big", "owner": "large", "p_max": 100, "blocks": [(5, 300), (95, 900)]},
    {"id": "a", "owner": "small", "p_max": 70, "price": 310},
    {"id": "b", "owner": "other", "p_max": 70, "price": 320},
]
COST = {"big": 300.0, "a": 300.0, "b": 300.0}


def pivotal() -> Case:
    """150 MW to be served; without `large` there are 140. 5 MW of its second block, at 900, are needed."""
    return market([150.0, 60.0], units=PIVOTAL)


def costs(case: Case, of: dict[str, float] = COST) -> CostTable:
    return replace(no_costs(case), unit_per_mwh=np.array([of.get(name, np.nan) for name in case.units.id]))


def run(
    case: Case, mitigate: bool, given: ClearingResult | None = None, name: str = "generic", **overrides: str
) -> MarketPower:
    rules = load(name, "", {key.replace("__", "."): value for key, value in overrides.items()})
    asked = Asked(nothing_declared(case), costs(case), mitigate)
    return check(case, rules, asked, SolveOptions(gap=0.0), RunControl(), given)


def test_one_pivotal_owner_is_screened_mitigated_and_prices_fall_to_the_competitive_level() -> None:
    """Method 1: 900 > 1.3 · 300 = 390, replaced by it; the price of the first period falls from 900 to 390."""
    case = pivotal()
    found = run(case, mitigate=True)
    of = {w: k for k, w in enumerate(found.supply.group_id)}
    np.testing.assert_allclose(found.structure.index[0, of["large"]], [140 / 150, 140 / 60])
    assert found.fails_structure.tolist() == [name == "large" for name in found.supply.group_id]
    assert found.fails_conduct.tolist() == [name == "large" for name in found.supply.group_id]
    change = found.mitigation
    assert change is not None
    assert change.applied
    assert change.price_fall is not None
    np.testing.assert_allclose(change.price_fall, [[510.0, 0.0]], atol=1e-6)
    assert change.result.prices is not None
    np.testing.assert_allclose(change.result.prices.bus_price, [[390.0, 310.0]], atol=1e-6)
    assert change.result.audit_passed
    assert [r.groups for r in change.rounds] == [("large",)]
    assert mean_price(case, change.result.prices) == pytest.approx((150 * 390 + 60 * 310) / 210)


def test_at_cost_the_price_is_that_of_the_market_in_which_everybody_offers_cost() -> None:
    """Replaced by approved cost (ε = 0): `large` costs 315, the others offer theirs. Competitive: 315 and 310."""
    case = pivotal()
    table = costs(case, {"big": 315.0, "a": 310.0, "b": 320.0})
    rules = load("generic", "", {"market_power.conduct.cost_scaling": "0"})
    found = check(case, rules, Asked(nothing_declared(case), table, True), SolveOptions(gap=0.0), RunControl(), None)
    honest = [PIVOTAL[0] | {"blocks": [(5, 300), (95, 315)]}, *PIVOTAL[1:]]
    competitive = clear(market([150.0, 60.0], units=honest), rules, SolveOptions(gap=0.0), RunControl())
    assert found.original is not None
    assert found.original.prices is not None
    assert found.mitigation is not None
    assert found.mitigation.result.prices is not None
    assert competitive.prices is not None
    np.testing.assert_allclose(found.original.prices.bus_price, [[900.0, 310.0]], atol=1e-6)
    np.testing.assert_allclose(found.mitigation.result.prices.bus_price, [[315.0, 310.0]], atol=1e-6)
    np.testing.assert_allclose(found.mitigation.result.prices.bus_price, competitive.prices.bus_price, atol=1e-6)
    assert found.mitigation.result.termination.objective == pytest.approx(competitive.termination.objective)


@pytest.mark.parametrize(
    ("owners", "failing", "after"), [(1, [], 899.0), (2, ["u0", "u1", "u2"], 350.0), (3, ["u0", "u1", "u2"], 350.0)]
)
def test_three_owners_that_are_pivotal_together_are_mitigated_together(
    owners: int, failing: list[str], after: float
) -> None:
    """Three of 60 MW and 30 MW beside them against 140 MW: without one 150 are left, without two 90, three 30."""
    units = [{"id": f"u{k}", "owner": f"u{k}", "p_max": 60, "price": 900 - k} for k in range(3)]
    units.append({"id": "f", "owner": "f", "p_max": 30, "price": 340})
    case = market([140.0], units=units)
    rules = load("generic", "", {
        "market_power.structure.pivotal_owners": str(owners), "market_power.conduct.cost_scaling": "0",
        "market_power.mitigation.groups_per_round": "0",
    })  # fmt: skip
    asked = Asked(nothing_declared(case), costs(case, {f"u{k}": 350.0 for k in range(3)}), True)
    found = check(case, rules, asked, SolveOptions(gap=0.0), RunControl(), None)
    ids = found.supply.group_id
    assert [ids[w] for w in np.flatnonzero(found.fails_conduct)] == failing
    result = found.original if found.mitigation is None else found.mitigation.result
    assert result is not None
    assert result.prices is not None
    assert float(result.prices.bus_price[0, 0]) == pytest.approx(after)


def test_without_mitigation_the_market_is_untouched() -> None:
    case = pivotal()
    before = run(case, mitigate=True).original
    found = run(case, mitigate=False, given=before)
    assert found.mitigation is None
    assert found.original is before
    np.testing.assert_array_equal(case.units.offers.price_per_mwh[1], [900.0, 900.0])


def test_an_owner_that_passes_structure_keeps_its_offers_in_the_narrow_scope() -> None:
    """60 MW in both periods: nobody is pivotal, so the dear block stands; with scope all it does not."""
    case = market([60.0, 60.0], units=PIVOTAL)
    assert not run(case, mitigate=True).fails_conduct.any()
    wide = run(case, mitigate=True, market_power__conduct__scope="all")
    assert wide.fails_conduct.sum() == 1
    assert wide.mitigation is not None
    assert not wide.mitigation.applied  # the block is not needed: no price falls


def one(price: float, **overrides: str) -> Any:
    """Tests of one 100 MW unit at a price; approved cost 100."""
    case = market([50.0], units=[{"id": "u", "p_max": 100, "price": price, "owner": "o"}])
    rules = load(
        "shandong-trial", "", {"offers.cap_per_mwh": "5000"} | {k.replace("__", "."): v for k, v in overrides.items()}
    )
    tests = held_against(
        case, rules, costs(case, {"u": 100.0}), unit_rating(case, nothing_declared(case)), Benchmarks(), None
    )
    return case, rules, tests


def replaced(price: float, rounds: int = 1, **overrides: str) -> float:
    """Price after so many rounds of replacement."""
    case, rules, tests = one(price, **overrides)
    flags = (np.ones(1, bool), np.zeros(0, bool), np.zeros(0, bool))
    for _ in range(rounds):
        case = mitigated(case, tests, flags, rules.market.conduct)
    return float(case.units.offers.price_per_mwh[0, 0])


@pytest.mark.parametrize(("price", "called"), [(250.0, False), (250.1, True)])
def test_no_02_an_offer_above_two_and_a_half_times_cost_may_be_called(price: float, called: bool) -> None:
    _, _, tests = one(price)
    assert bool(tests[0].calls.any()) is called


def test_no_07_above_250_percent_of_cost_replaced_by_200_percent() -> None:
    assert replaced(250.0) == 250.0
    assert replaced(251.0) == 200.0
    other = {"market_power__conduct__basis": "one_plus"}
    assert replaced(340.0, **other) == 340.0
    assert replaced(351.0, **other) == 300.0


def test_no_07_all_offers_are_replaced_before_one_clearing() -> None:
    """Fourteen owners at 900, cost 300: 2.5 · 300 = 750 is allowed, so all are replaced by 600 in one round."""
    row = {"p_max": 10, "price": 900.0, "must_run": 1, "on": True, "mw": 5.0}
    units = [row | {"id": f"u{k:02d}", "owner": f"o{k:02d}"} for k in range(14)]
    case = market([100.0], units=units)
    over = {"reserves.positive_min_mw": "none", "reserves.positive_max_mw": "none", "reserves.negative_min_mw": "none"}
    rules = load("shandong-trial", "", over)
    asked = Asked(nothing_declared(case), costs(case, {f"u{k:02d}": 300.0 for k in range(14)}), True)
    found = check(case, rules, asked, SolveOptions(gap=0.0), RunControl(), None)
    assert found.mitigation is not None
    assert [len(r.groups) for r in found.mitigation.rounds] == [14]
    assert found.mitigation.result.prices is not None
    assert float(found.mitigation.result.prices.bus_price[0, 0]) == pytest.approx(600.0)


def test_no_08_method_1_holds_offers_to_130_percent_of_cost() -> None:
    method = {"market_power__conduct__method": "method_1"}
    assert replaced(130.0, **method) == 130.0
    assert replaced(131.0, **method) == 130.0


def test_no_09_method_2_takes_5_to_15_percent_off_a_round() -> None:
    method = {"market_power__conduct__method": "method_2"}
    assert replaced(200.0, **method) == pytest.approx(180.0)
    assert replaced(200.0, 3, **method) == pytest.approx(145.8)
    assert replaced(200.0, 5, **method) == pytest.approx(130.0)  # never below the reference
    assert load("shandong-trial").market.conduct.offer_reduction_least == 0.05
    assert load("shandong-trial").market.conduct.offer_reduction_most == 0.15


def test_no_10_a_share_of_the_excess_is_recovered() -> None:
    """large sells 10 MW at 900 and 5 at 310: with μ = 0.4, 40 % of revenue less 1.3 times its cost of 300."""
    case = pivotal()
    found = run(case, mitigate=True, market_power__after__excess_share="0.4")
    after, w = found.after, found.supply.group_id.index("large")
    assert after is not None
    assert found.original is not None
    assert found.original.schedule is not None
    assert found.original.prices is not None
    given, price = found.original.schedule.dispatch_mw[0], found.original.prices.bus_price[0]
    excess = float((given * price).sum() - 1.3 * 300.0 * given.sum())
    np.testing.assert_allclose(given, [10.0, 5.0], atol=1e-6)
    assert after.excess[w] == pytest.approx(10 * 900 + 5 * 310 - 390 * 15)
    assert after.excess[w] == pytest.approx(excess)
    assert after.recovery[w] == pytest.approx(0.4 * excess)
    assert after.lerner[w] == pytest.approx((10 * 900 + 5 * 310 - 300 * 15) / (10 * 900 + 5 * 310))
    assert after.markup[w] == pytest.approx((10 * 900 + 5 * 310 - 300 * 15) / (300 * 15))


def test_no_10_every_group_by_its_own_share() -> None:
    """Excess of 4700 as above: `large` pays 80 % of it; a group without a share of its own pays that of the rules."""
    case, rules = pivotal(), load("generic", "", {"market_power.after.excess_share": "0.4"})
    given = Benchmarks(shares=(("large", 0.8), ("other", 1.0)))
    asked = Asked(nothing_declared(case), costs(case), True, given)
    found = check(case, rules, asked, SolveOptions(gap=0.0), RunControl(), None)
    of = {name: w for w, name in enumerate(found.supply.group_id)}
    assert found.after is not None
    assert found.recovered is not None
    assert found.after.excess[of["large"]] == pytest.approx(10 * 900 + 5 * 310 - 390 * 15)
    share = found.recovered.recovery / np.where(found.after.excess > 0.0, found.after.excess, np.nan)
    assert share[[of["large"], of["small"], of["other"]]] == pytest.approx([0.8, 0.4, 1.0])


def test_virtual_generation_with_an_approved_cost_is_looked_at_after_the_fact_and_a_virtual_load_is_not() -> None:
    """v gives 20 MW at 50 for an hour, its cost is 10; u sets the price of 200: revenue 4000, cost 200."""
    plants = [
        {"id": "d", "owner": "v owner", "load": True, "max": 5.0, "blocks": [(5.0, 1.0)]},
        {"id": "v", "owner": "v owner", "max": 20.0, "blocks": [(20.0, 50.0)]},
    ]
    case = market([60.0], units=[{"id": "u", "p_max": 100, "price": 200}], virtual=plants)
    table = replace(no_costs(case), virtual_per_mwh=np.array([np.nan, 10.0]))
    asked = Asked(nothing_declared(case), table, mitigate=False)
    rules, options = load("generic"), SolveOptions(gap=0.0)
    found = check(case, rules, asked, options, RunControl(), clear(case, rules, options, RunControl()))
    after, w = found.after, found.supply.group_id.index("v owner")
    assert after is not None
    assert after.revenue[w] == pytest.approx(4000.0)
    assert after.cost[w] == pytest.approx(200.0)
    assert after.excess[w] == pytest.approx(4000.0 - 1.3 * 200.0)


def test_clause_2_the_test_price_of_the_1000_mw_class_holds_for_new_energy() -> None:
    key = "classes.class_1000_mw.test_price_per_mwh"
    rules = load("fujian-2025-4", "", {key: "350", "offers.cap_per_mwh": "5000"})
    case = market([5.0], renewables=[{"id": "w", "forecast": 10.0, "price": 351.0}])
    tests = held_against(case, rules, no_costs(case), np.zeros(0), Benchmarks(), None)
    assert tests[1].fails.all()
    new = mitigated(case, tests, (np.zeros(0, bool), np.ones(1, bool), np.zeros(0, bool)), rules.market.conduct)
    assert new.renewables.offers.price_per_mwh.tolist() == [[350.0]]


def test_clause_2_units_are_held_to_the_price_of_their_own_class() -> None:
    prices = {f"classes.class_{mw}_mw.test_price_per_mwh": str(p) for mw, p in ((300, 500), (600, 450), (1000, 400))}
    rules = load("fujian-2024", "", prices)
    case = market([50.0], units=[{"id": f"u{mw}", "p_max": mw, "price": 460} for mw in (300, 600, 1000)])
    tests = held_against(case, rules, no_costs(case), unit_rating(case, nothing_declared(case)), Benchmarks(), None)
    assert tests[0].allowed[:, 0].tolist() == [500.0, 450.0, 400.0]
    assert tests[0].fails[:, 0].tolist() == [False, True, True]


def test_a_replaced_curve_does_not_fall() -> None:
    """240 stands (below 250), 260 fails and would become 200: it is lifted to 240."""
    case = market([50.0], units=[{"id": "u", "p_max": 100, "blocks": [(50, 240), (50, 260)]}])
    rules = load("shandong-trial")
    tests = held_against(case, rules, costs(case, {"u": 100.0}), np.array([100.0]), Benchmarks(), None)
    new = mitigated(case, tests, (np.ones(1, bool), np.zeros(0, bool), np.zeros(0, bool)), rules.market.conduct)
    assert new.units.offers.price_per_mwh[:, 0].tolist() == [240.0, 240.0]


def test_clause_1_a_segment_holds_its_end_and_not_its_start() -> None:
    case = market([50.0], units=[{"id": "u", "p_max": 100, "blocks": [(40, 10), (60, 20)]}])
    at = price_at(case.units.offers, 0, 0, np.array([0.1, 40.0, 40.01, 100.0]))
    assert at.tolist() == [10.0, 10.0, 20.0, 20.0]


def test_offers_of_two_groups_that_are_alike_are_named() -> None:
    units = [
        {"id": "a", "owner": "o1", "p_max": 100, "price": 300},
        {"id": "b", "owner": "o2", "p_max": 50, "price": 304},
        {"id": "c", "owner": "o2", "p_max": 50, "price": 700},
    ]
    found = run(market([50.0], units=units), mitigate=False, offers__cap_per_mwh="1000")
    assert found.alike == (("a", "b", pytest.approx(0.996)),)


def test_groups_are_replaced_one_a_round_and_the_mean_price_stops_it() -> None:
    """Two pivotal owners; the one with the lower index goes first, and a generous stop keeps the other's offers."""
    units = [
        {"id": "p", "owner": "first", "p_max": 100, "price": 900},
        {"id": "q", "owner": "second", "p_max": 90, "price": 900},
    ]
    case = market([150.0], units=units)
    asked = Asked(nothing_declared(case), costs(case, {"p": 300.0, "q": 300.0}), True)
    both = check(case, load(), asked, SolveOptions(gap=0.0), RunControl(), None)
    assert both.mitigation is not None
    assert [r.groups for r in both.mitigation.rounds] == [("first",), ("second",)]
    stopped = load("generic", "", {"market_power.mitigation.stop_mean_per_mwh": "900"})
    none = check(case, stopped, asked, SolveOptions(gap=0.0), RunControl(), None)
    assert none.mitigation is None or none.mitigation.rounds == ()


def test_a_virtual_load_bids_and_is_not_tested() -> None:
    """Its bid is above every cost; it is no offer, and a cost for it is an unknown id."""
    case = market([50.0], units=[{"id": "u", "p_max": 100, "price": 10, "owner": "o"}],
                  virtual=[{"id": "v", "load": True, "max": 5.0, "blocks": [(5.0, 900.0)]}])  # fmt: skip
    dear = replace(costs(case, {"u": 10.0}), virtual_per_mwh=np.array([1.0]))
    rules = load("generic", "", {"market_power.conduct.scope": "all"})
    found = check(case, rules, Asked(nothing_declared(case), dear, False), SolveOptions(), RunControl(), None)
    assert not found.fails_conduct.any()
    pb = ApprovedCosts(resource=["v"], cost_per_mwh=[1.0])
    assert [f.code for f in read_costs.read(pb, case, rules.market.approved_cost)[1]] == ["UNKNOWN_ID"]
