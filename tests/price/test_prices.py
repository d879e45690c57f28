"""Prices worked by hand: parts, zones, caps, what may set a price, violations, make-whole, period length."""

from dataclasses import replace

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.reserves import Direction
from clearing.case.result import ClearingResult
from clearing.day_ahead import clear
from clearing.grid.islands import bus_load_mw, islands
from clearing.grid.monitored import grid
from clearing.price.lmp import zone_prices
from clearing.price.pricing_run import frozen_outputs
from clearing.rules.rules import RealTimeMinimum, Rules, ViolationPricing, of_real_time
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.factory import Row, market
from tests.formulation.drawn import CLEARING, GENERIC, PRICING, exact
from tests.solve.schedules import schedule_for

PENALTY = replace(exact(GENERIC), clearing_penalties=CLEARING, pricing_penalties=PRICING)
RELAX = replace(PENALTY, prices=replace(PENALTY.prices, violation_pricing=ViolationPricing.RELAX_AND_RERUN))


def cleared(case: Case, rules: Rules = PENALTY) -> ClearingResult:
    result = clear(case, rules, SolveOptions(gap=0.0), RunControl())
    assert result.audit_passed
    assert result.prices is not None
    return result


def multiplier(result: ClearingResult, family: str, subject: str, period: int = 0) -> float:
    """Multiplier of one row, 0 where the sparse table has none."""
    table = result.multipliers
    assert table is not None
    return sum(
        float(v)
        for f, s, t, v in zip(table.family, table.subject, table.period, table.value, strict=True)
        if (f, s, t) == (family, subject, period)
    )


def triangle(**more: object) -> Case:
    """Equal lines; a at 10, b at 30, load 90 at c; a–c carries 50: a gives 60 and b 30, a MW more at c costs 50."""
    units: list[Row] = [
        {"id": "ga", "bus": "a", "p_max": 200.0, "price": 10.0},
        {"id": "gb", "bus": "b", "p_max": 200.0, "price": 30.0},
    ]
    branches = [
        {"id": "ab", "ends": ("a", "b"), "x": 0.1}, {"id": "bc", "ends": ("b", "c"), "x": 0.1},
        {"id": "ac", "ends": ("a", "c"), "x": 0.1, "limit": 50.0},
    ]  # fmt: skip
    given: dict[str, object] = {"load": {"a": [0.0], "b": [0.0], "c": [90.0]}, "units": units, "branches": branches}
    return market(**(given | more))  # type: ignore[arg-type]


def test_a_congested_triangle_and_its_parts() -> None:
    result = cleared(triangle())
    assert result.prices is not None
    assert result.schedule is not None
    assert result.schedule.dispatch_mw[:, 0] == pytest.approx([60.0, 30.0])
    assert result.prices.bus_price[:, 0] == pytest.approx([10.0, 30.0, 50.0])
    assert result.prices.bus_energy[:, 0] == pytest.approx([50.0] * 3)  # the reference is where the load is: c
    assert result.prices.bus_congestion[:, 0] == pytest.approx([-40.0, -20.0, 0.0])
    assert not result.prices.bus_loss.any()
    assert multiplier(result, "branch", "ac") == pytest.approx(-60.0)
    assert multiplier(result, "balance", "a") == pytest.approx(50.0)
    binding = result.bindings[0]
    assert (binding.family, binding.subject, binding.side, binding.limit_mw) == ("branch", "ac", "max", 50.0)
    assert binding.shadow_price == pytest.approx(60.0)
    assert result.flows is not None
    assert result.flows.branch_mw[:, 0] == pytest.approx([10.0, 40.0, 50.0])


def test_energy_part_moves_with_the_reference_but_the_price_does_not() -> None:
    """10 MW of 100 at a: the reference is a tenth at a. λ = 0.1·10 + 0.9·50."""
    result = cleared(triangle(load={"a": [10.0], "b": [0.0], "c": [90.0]}))
    assert result.prices is not None
    assert result.prices.bus_price[:, 0] == pytest.approx([10.0, 30.0, 50.0])
    assert result.prices.bus_energy[:, 0] == pytest.approx([46.0] * 3)
    assert result.prices.bus_congestion[:, 0] == pytest.approx([-36.0, -16.0, 4.0])


def test_a_line_that_binds_against_its_direction_has_a_positive_multiplier() -> None:
    branches = [
        {"id": "ab", "ends": ("a", "b"), "x": 0.1}, {"id": "bc", "ends": ("b", "c"), "x": 0.1},
        {"id": "ca", "ends": ("c", "a"), "x": 0.1, "limit": 50.0},
    ]  # fmt: skip
    result = cleared(triangle(branches=branches))
    assert result.prices is not None
    assert result.prices.bus_price[:, 0] == pytest.approx([10.0, 30.0, 50.0])
    assert multiplier(result, "branch", "ca") == pytest.approx(60.0)
    assert (result.bindings[0].side, result.bindings[0].limit_mw) == ("min", -50.0)


@pytest.mark.parametrize(("sign", "value"), [(1.0, -60.0), (-1.0, 60.0)])
def test_an_interface_prices_like_the_line_it_holds(sign: float, value: float) -> None:
    branches = [
        {"id": "ab", "ends": ("a", "b"), "x": 0.1}, {"id": "bc", "ends": ("b", "c"), "x": 0.1},
        {"id": "ac", "ends": ("a", "c"), "x": 0.1},
    ]  # fmt: skip
    side = {"max": 50.0} if sign > 0 else {"min": -50.0}
    result = cleared(triangle(branches=branches, interfaces=[{"id": "cut", "terms": {"ac": sign}, **side}]))
    assert result.prices is not None
    assert result.prices.bus_price[:, 0] == pytest.approx([10.0, 30.0, 50.0])
    assert multiplier(result, "interface", "cut") == pytest.approx(value)


def test_caps_come_last_and_are_a_part_of_their_own() -> None:
    rules = replace(PENALTY, prices=replace(PENALTY.prices, floor_per_mwh=20.0, cap_per_mwh=45.0))
    result = cleared(triangle(zones={"a": "west", "b": "west", "c": "east"}), rules)
    assert result.prices is not None
    assert result.prices.bus_price[:, 0] == pytest.approx([20.0, 30.0, 45.0])
    assert result.prices.bus_cap_adjustment[:, 0] == pytest.approx([10.0, 0.0, -5.0])
    assert result.prices.bus_energy[:, 0] + result.prices.bus_congestion[:, 0] == pytest.approx([10.0, 30.0, 50.0])
    assert result.prices.system_price[:, 0] == pytest.approx([50.0])
    assert result.prices.zone_price[:, 0] == pytest.approx([45.0, 25.0])  # of capped prices
    assert result.prices.zone_plain_mean[:, 0].tolist() == [0.0, 1.0]


def test_zone_prices_weigh_by_load_or_say_that_they_do_not() -> None:
    load = {"a": [30.0, 0.0, -30.0, 40.0], "b": [10.0, 0.0, 10.0, -10.0], "c": [5.0] * 4}
    case = market(load, zones={"a": "z", "b": "z"})
    price, plain = zone_prices(case, np.array([[20.0] * 4, [60.0] * 4, [999.0] * 4]), bus_load_mw(case))
    assert price[0] == pytest.approx([30.0, 40.0, 40.0, (40 * 20 - 10 * 60) / 30])
    assert plain[0].tolist() == [0.0, 1.0, 1.0, 0.0]


def test_several_islands_have_prices_of_their_own() -> None:
    case = market(
        {"a": [50.0], "b": [60.0]},
        [
            {"id": "x", "bus": "a", "p_max": 100.0, "price": 10.0},
            {"id": "y", "bus": "b", "p_max": 100.0, "price": 25.0},
        ],
    )
    result = cleared(case)
    assert result.prices is not None
    assert result.prices.system_price[:, 0] == pytest.approx([10.0, 25.0])
    assert result.prices.bus_price[:, 0] == pytest.approx([10.0, 25.0])


def test_negative_offers_make_negative_prices() -> None:
    case = market(
        [30.0], [{"id": "u", "p_max": 50.0, "price": 20.0}], renewables=[{"id": "w", "forecast": 40.0, "price": -15.0}]
    )
    result = cleared(case)
    assert result.prices is not None
    assert result.prices.bus_price[0, 0] == pytest.approx(-15.0)


# What may set a price ------------------------------------------------------------------------------------------------


def test_frozen_are_the_ineligible_the_fixed_and_the_must_run_at_p_min_while_on() -> None:
    units: list[Row] = [
        {"id": "free", "p_min": 10.0, "p_max": 50.0}, {"id": "ineligible", "p_max": 50.0, "price_eligible": False},
        {"id": "fixed", "p_max": 50.0, "fixed": {1: 20.0}},
        {"id": "must", "p_min": 10.0, "p_max": 50.0, "must_run": [1, 1, 0]},
        {"id": "for a while", "p_max": 50.0, "ineligible": [2]},
    ]  # fmt: skip
    case = market([50.0] * 3, units)
    on = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1], [1, 1, 1], [1, 1, 1]], dtype=np.int8)
    mw = np.array([[10.0, 10.0, 10.0], [30.0, 0.0, 30.0], [5.0, 20.0, 5.0], [10.0, 12.0, 10.0], [20.0, 20.0, 20.0]])
    schedule = replace(schedule_for(case, on), dispatch_mw=mw)
    held = frozen_outputs(case, PENALTY.prices, schedule)
    assert held.astype(int).tolist() == [[0, 0, 0], [1, 0, 1], [0, 1, 0], [1, 0, 0], [0, 0, 1]]
    # in real time nobody may set the price at its least output, must-run or not
    down = replace(schedule, dispatch_mw=np.where(np.arange(5)[:, None] == 3, 10.0, mw))
    held = frozen_outputs(case, of_real_time(PENALTY).prices, down)
    assert held.astype(int).tolist() == [[1, 1, 1], [1, 0, 1], [0, 1, 0], [1, 1, 1], [0, 0, 1]]
    free = replace(PENALTY, prices=replace(PENALTY.prices, real_time_minimum=RealTimeMinimum.FREE))
    assert frozen_outputs(case, of_real_time(free).prices, down)[3].tolist() == [True, True, False]


@pytest.mark.parametrize(("eligible", "moves"), [(True, True), (False, False)])
def test_only_an_eligible_unit_sets_the_price(eligible: bool, moves: bool) -> None:
    """Load 100: 40 at 10, then the unit in question at 20 or 25 with 60, then one at 50 that runs at 0."""
    found = []
    for offer in (20.0, 25.0):
        units: list[Row] = [
            {"id": "low", "p_max": 40.0, "price": 10.0}, {"id": "high", "p_max": 100.0, "price": 50.0, "must_run": [1]},
            {"id": "mid", "p_max": 100.0, "price": offer, "price_eligible": eligible},
        ]  # fmt: skip
        result = cleared(market([100.0], units))
        assert result.schedule is not None
        assert result.schedule.dispatch_mw[:, 0] == pytest.approx([40.0, 0.0, 60.0])
        assert result.prices is not None
        found.append(float(result.prices.bus_price[0, 0]))
    assert (found == pytest.approx([20.0, 25.0])) is moves
    assert (found[0] == pytest.approx(found[1])) is not moves
    if not eligible:
        assert 10.0 - 1e-6 <= found[0] <= 50.0 + 1e-6


def test_a_must_run_unit_at_p_min_and_a_fixed_output_leave_the_price_to_others() -> None:
    units: list[Row] = [
        {"id": "must", "p_min": 30.0, "p_max": 80.0, "price": 90.0, "must_run": [1, 1]},
        {"id": "fixed", "p_max": 80.0, "price": 70.0, "fixed": {0: 25.0}}, {"id": "free", "p_max": 80.0, "price": 20.0},
    ]  # fmt: skip
    result = cleared(market([100.0, 120.0], units))
    assert result.schedule is not None
    assert result.prices is not None
    assert result.schedule.dispatch_mw == pytest.approx(np.array([[30.0, 30.0], [25.0, 10.0], [45.0, 80.0]]))
    assert result.prices.bus_price[0] == pytest.approx([20.0, 70.0])
    assert result.uplift is not None
    # must: 60 MWh at 90 = 5400 against 30·20 + 30·70 = 2700; fixed: 35 MWh at 70 = 2450 against 25·20 + 10·70 = 1200
    assert result.uplift.make_whole == pytest.approx([2700.0, 1250.0, 0.0])


# Violations ----------------------------------------------------------------------------------------------------------


def test_a_violated_limit_prices_at_its_pricing_penalty_or_leaves_the_price() -> None:
    case = market([130.0, 80.0], [{"id": "u", "p_max": 100.0, "price": 10.0}])
    for rules, price in ((PENALTY, 400.0), (RELAX, 10.0)):
        result = cleared(case, rules)
        assert result.prices is not None
        assert result.prices.bus_price[0] == pytest.approx([price, 10.0])
        assert [(v.family, v.amount_mw) for v in result.violations] == [("shortage", pytest.approx(30.0))]
        assert result.violations[0].penalty == pytest.approx(15 * 900 + 15 * 1200)  # at the clearing penalties


def test_no_penalty_is_left_in_a_relaxed_price_where_two_units_are_full() -> None:
    units: list[Row] = [{"id": "u", "p_max": 60.0, "price": 10.0}, {"id": "v", "p_max": 40.0, "price": 30.0}]
    result = cleared(market([130.0, 80.0], units), RELAX)
    assert result.prices is not None
    assert result.prices.bus_price[0] == pytest.approx([30.0, 30.0])


def test_a_product_that_falls_short() -> None:
    case = market([80.0], [{"id": "u", "p_max": 100.0, "price": 10.0}], products=[{"id": "q", "requirement": 30.0}])
    penalty, relaxed = cleared(case, PENALTY).prices, cleared(case, RELAX).prices
    assert penalty is not None
    assert relaxed is not None
    assert (penalty.reserve_price[0, 0], penalty.bus_price[0, 0]) == pytest.approx((200.0, 210.0))
    assert (relaxed.reserve_price[0, 0], relaxed.bus_price[0, 0]) == pytest.approx((0.0, 10.0))


def test_a_broken_branch() -> None:
    """90 MW of wind that cannot be curtailed behind a line of 50: 40 MW over at 100 are cheaper than a surplus."""
    rules = replace(PENALTY, clearing_penalties=replace(CLEARING, branch=((np.inf, 100.0),)))
    case = market(
        {"a": [0.0], "b": [120.0]}, [{"id": "u", "bus": "b", "p_max": 100.0, "price": 30.0}],
        renewables=[{"id": "w", "bus": "a", "forecast": 90.0, "min": 90.0}],
        branches=[{"id": "ab", "ends": ("a", "b"), "limit": 50.0}],
    )  # fmt: skip
    result = cleared(case, rules)
    assert [(v.family, v.subject) for v in result.violations] == [("branch", "ab")]
    assert result.violations[0].amount_mw == pytest.approx(40.0)
    assert result.violations[0].penalty == pytest.approx(4000.0)
    assert result.prices is not None
    assert result.prices.bus_price[1, 0] == pytest.approx(30.0)


# Multipliers, make-whole, period length ------------------------------------------------------------------------------


def test_multipliers_have_the_sign_of_their_side() -> None:
    """RU 30: the second period lacks 20 of the cheap unit; spin 20 is held by it too (form PGLIB)."""
    units: list[Row] = [
        {"id": "cheap", "p_max": 200.0, "price": 10.0, "ramp_up": 0.5, "ramp_down": 0.5, "on": True, "mw": 60.0},
        {"id": "dear", "p_max": 100.0, "price": 50.0},
    ]
    result = cleared(market([60.0, 110.0], units))
    assert result.prices is not None
    assert result.prices.bus_price[0] == pytest.approx([-30.0, 50.0])
    assert multiplier(result, "ramp_up", "cheap", 1) == pytest.approx(-40.0)
    table = result.multipliers
    assert table is not None
    never_positive = {"headroom", "ramp_up", "ramp_down", "award_cap", "output_limit"}
    for family, value in zip(table.family, table.value, strict=True):
        assert family not in never_positive or value <= 0
        assert family not in {"product", "footroom"} or value >= 0


def reserved(minutes: int) -> Case:
    """Load 90 and spin 20 over two units of 100 and 50 MW at 10 and 40: the first gives 80, the second 10."""
    units: list[Row] = [
        {"id": "u", "p_max": 100.0, "price": 10.0},
        {"id": "v", "p_max": 50.0, "price": 40.0, "no_load": 60.0, "start_cost": 35.0},
    ]
    product = {"id": "spin", "direction": Direction.UP, "requirement": 20.0, "max": [np.inf, 0.0]}
    return market([90.0] * 2, units, products=[product], period_minutes=minutes)


@pytest.mark.parametrize("minutes", [5, 15, 30, 60])
def test_prices_are_per_mwh_and_money_follows_the_clock(minutes: int) -> None:
    result = cleared(reserved(minutes))
    hours = 2 * minutes / 60
    assert result.prices is not None
    assert result.costs is not None
    assert result.uplift is not None
    assert result.prices.bus_price[0] == pytest.approx([40.0, 40.0])
    assert result.prices.reserve_price[0] == pytest.approx([30.0, 30.0])
    assert result.costs.energy == pytest.approx(1200.0 * hours)
    assert result.costs.no_load == pytest.approx(60.0 * hours)
    assert result.costs.start == pytest.approx(35.0)
    assert multiplier(result, "headroom", "u") == pytest.approx(-30.0)
    # u: (80·40 + 20·30)·h; v: (400 + 60)·h + 35 of cost against 400·h
    assert result.uplift.revenue == pytest.approx([3800.0 * hours, 400.0 * hours])
    assert result.uplift.make_whole == pytest.approx([0.0, 60.0 * hours + 35.0])


@pytest.mark.parametrize("minutes", [5, 15, 30, 60])
def test_penalty_prices_do_not_depend_on_the_period_either(minutes: int) -> None:
    case = market([130.0, 60.0], [{"id": "u", "p_max": 100.0, "price": 10.0}], period_minutes=minutes)
    result = cleared(case)
    assert result.prices is not None
    assert result.prices.bus_price[0] == pytest.approx([400.0, 10.0])
    assert result.violations[0].penalty == pytest.approx((15 * 900 + 15 * 1200) * minutes / 60)


def test_make_whole_counts_every_cost_of_the_unit() -> None:
    """On for two of three hours at 30 MW and 10: energy 600, no load 200, start 500, stop 7 against 600."""
    unit = {
        "id": "u",
        "p_min": 20.0,
        "p_max": 50.0,
        "price": 10.0,
        "no_load": 100.0,
        "start_cost": 500.0,
        "stop_cost": 7.0,
    }
    result = cleared(market([30.0, 30.0, 0.0], [unit]))
    assert result.uplift is not None
    assert result.uplift.cost == pytest.approx([1307.0])
    assert result.uplift.revenue == pytest.approx([600.0])
    assert result.uplift.make_whole == pytest.approx([707.0])


def test_a_storage_arbitrage_prices_its_efficiency() -> None:
    """10 MW for an hour at 10, back at 0.8·0.8: the store is full, so each hour keeps the price of its unit."""
    store = {"id": "s", "power": 10.0, "eta": 0.8, "energy": 100.0, "initial": 0.0, "final": 0.0}
    units: list[Row] = [{"id": "u", "p_max": 50.0, "price": 10.0}, {"id": "v", "p_max": 50.0, "price": 40.0}]
    result = cleared(market([30.0, 80.0], units, storage=[store]))
    assert result.schedule is not None
    assert result.prices is not None
    assert result.schedule.discharge_mw[0] == pytest.approx([0.0, 6.4])
    assert result.prices.bus_price[0] == pytest.approx([10.0, 40.0])
    worth = multiplier(result, "storage_energy", "s", 1)
    assert -40.0 * 0.8 - 1e-6 <= worth <= -10.0 / 0.8 + 1e-6


def test_grid_elements_of_the_relaxed_run_are_those_of_the_case() -> None:
    """A surplus in an island without load is taken off at its first bus in the relaxed run too."""
    from clearing.price.pricing_run import MARGIN_MW, _less_shed, _surplus_at_buses  # noqa: PLC0415

    case = market(
        {"b": [10.0]},
        [{"id": "u", "bus": "b", "p_max": 50.0}],
        buses=["a", "b"],
        ties=[{"id": "t", "bus": "a", "mw": 5.0}],
    )
    found = islands(case)
    schedule = replace(
        schedule_for(case, np.ones((1, 1), np.int8)),
        shed_mw=np.array([[0.0], [4.0]]),
        surplus_mw=np.array([[5.0], [0.0]]),
    )
    loads = _less_shed(case, _surplus_at_buses(found, schedule), schedule)
    total = np.zeros((2, 1))
    np.add.at(total, loads.bus, loads.mw)
    assert total == pytest.approx(np.array([[5.0 + MARGIN_MW], [6.0 - MARGIN_MW]]))
    assert grid(case).islands.count == 2


@pytest.mark.parametrize(("load", "sign"), [(30.0, 1.0), (130.0, -1.0)])
def test_a_relaxed_price_has_no_penalty_of_the_other_sign_where_nobody_can_answer(load: float, sign: float) -> None:
    """One unit of 50–100 that may not set the price: too much of it makes nothing scarce, too little nothing spare."""
    unit = {"id": "u", "p_min": 50.0, "p_max": 100.0, "price": 10.0, "must_run": [1], "price_eligible": False}
    result = cleared(market([load], [unit]), RELAX)
    assert result.prices is not None
    assert sign * result.prices.bus_price[0, 0] <= 10.0
