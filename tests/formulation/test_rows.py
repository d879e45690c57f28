"""Every row function on cases small enough to write the rows down by hand."""

from dataclasses import replace

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.reserves import Direction
from clearing.formulation.injections import fixed_injection, injections
from clearing.formulation.network import network
from clearing.formulation.sced import sced
from clearing.formulation.scuc import scuc
from clearing.grid.islands import islands
from clearing.grid.monitored import grid
from clearing.milp.problem import Problem, stack
from clearing.rules.rules import HeldIn, RampSharing, Rules
from tests.factory import Row, market
from tests.formulation.drawn import CLEARING, GENERIC
from tests.formulation.reading import column, row

INF = np.inf
HEADROOM = replace(
    GENERIC, clearing_penalties=CLEARING, reserves=replace(GENERIC.reserves, ramp_sharing=RampSharing.HEADROOM)
)
PGLIB = replace(HEADROOM, reserves=replace(HEADROOM.reserves, ramp_sharing=RampSharing.PGLIB))


def problem(case: Case, rules: Rules = HEADROOM) -> Problem:
    return scuc(case, rules, islands(case)).problem


def unit(**more: object) -> Row:
    """20–100 MW, blocks 30 at 10, 40 at 20, 30 at 30, on at 50 MW for long."""
    return {
        "id": "u", "p_min": 20.0, "p_max": 100.0, "blocks": [(30.0, 10.0), (40.0, 20.0), (30.0, 30.0)],
        "on": True, "mw": 50.0, "minutes": 6000, **more,
    }  # fmt: skip


def test_on_pays_the_curve_up_to_p_min_and_the_no_load_for_the_length_of_the_period() -> None:
    case = market([50.0] * 3, [unit(no_load=80.0, stop_cost=7.0, start_cost=90.0)], period_minutes=15)
    p = problem(case)
    assert column(p, "on", 0, 1) == (0.0, 1.0, (80.0 + 20.0 * 10.0) / 4, True)
    assert column(p, "start", 0, 1) == (0.0, 1.0, 90.0, True)
    assert column(p, "stop", 0, 1) == (0.0, 1.0, 7.0, True)
    assert [column(p, "segment", m, 0) for m in range(3)] == [
        (0.0, 10.0, 2.5, False), (0.0, 40.0, 5.0, False), (0.0, 30.0, 7.5, False),
    ]  # fmt: skip


def test_commitment_links_on_start_and_stop_from_the_initial_state() -> None:
    p = problem(market([50.0] * 3, [unit()]))
    assert row(p, "commitment", 0, 0) == ({"on[0,0]": 1.0, "start[0,0]": -1.0, "stop[0,0]": 1.0}, 1.0, 1.0)
    assert row(p, "commitment", 0, 2) == (
        {"on[0,2]": 1.0, "on[0,1]": -1.0, "start[0,2]": -1.0, "stop[0,2]": 1.0}, 0.0, 0.0,
    )  # fmt: skip


def test_min_up_and_min_down_sum_the_starts_and_stops_of_the_window() -> None:
    p = problem(market([50.0] * 3, [unit(min_up=90, min_down=180)]))  # 2 and 3 periods
    assert row(p, "min_up", 0, 0) == ({"start[0,0]": 1.0, "on[0,0]": -1.0}, -INF, 0.0)
    assert row(p, "min_up", 0, 2) == ({"start[0,1]": 1.0, "start[0,2]": 1.0, "on[0,2]": -1.0}, -INF, 0.0)
    assert row(p, "min_down", 0, 2) == (
        {"stop[0,0]": 1.0, "stop[0,1]": 1.0, "stop[0,2]": 1.0, "on[0,2]": 1.0}, -INF, 1.0,
    )  # fmt: skip


def test_what_is_left_of_initial_times_is_in_the_bounds_of_on() -> None:
    p = problem(
        market([50.0] * 4, [unit(min_up=200, minutes=60), unit(id="v", on=False, mw=0.0, min_down=130, minutes=60)])
    )
    assert [column(p, "on", 0, t)[:2] for t in range(4)] == [(1.0, 1.0)] * 3 + [(0.0, 1.0)]
    assert [column(p, "on", 1, t)[:2] for t in range(4)] == [(0.0, 0.0)] * 2 + [(0.0, 1.0)] * 2


def test_windows_are_bounds_and_an_outage_outranks_what_is_left_of_the_min_up_time() -> None:
    p = problem(market([50.0] * 3, [unit(must_run=[0, 0, 1], must_off=[0, 1, 0], min_up=6100, shutdown_limit=60.0)]))
    assert [column(p, "on", 0, t)[:2] for t in range(3)] == [(1.0, 1.0), (0.0, 0.0), (1.0, 1.0)]


def test_fixed_outputs_say_whether_the_unit_is_on() -> None:
    case = market([50.0] * 3, [unit(fixed={0: 20.0, 1: 45.0, 2: 0.0}), unit(id="v", p_min=0.0, fixed={0: 0.0})])
    p = problem(case)
    assert [column(p, "on", 0, t)[:2] for t in range(3)] == [(1.0, 1.0), (1.0, 1.0), (0.0, 0.0)]
    assert [column(p, "above", 0, t)[:2] for t in range(3)] == [(0.0, 0.0), (25.0, 25.0), (0.0, 0.0)]
    assert column(p, "on", 1, 0)[:2] == (0.0, 1.0)  # at 0 MW it may be on or off


def test_a_unit_too_high_to_stop_is_held_on_until_its_ramp_has_brought_it_down() -> None:
    p = problem(market([50.0] * 4, [unit(mw=90.0, shutdown_limit=30.0, ramp_down=25.0 / 60)]))
    # 90, 65, 40, then 15 below 30: it can stop in the fourth period at the earliest
    assert [column(p, "on", 0, t)[0] for t in range(4)] == [1.0, 1.0, 1.0, 0.0]
    assert column(p, "stop", 0, 0)[1] == 0.0


def test_output_is_the_sum_of_its_blocks() -> None:
    p = problem(market([50.0] * 3, [unit()]))
    terms = {"above[0,1]": -1.0, "segment[0,1]": 1.0, "segment[1,1]": 1.0, "segment[2,1]": 1.0}
    assert row(p, "output", 0, 1) == (terms, 0.0, 0.0)


def test_blocks_shrink_after_a_start_and_before_a_stop() -> None:
    """SU 50, SD 35; blocks above p_min begin at 20, 30 and 70 MW."""
    limits = {"startup_limit": 50.0, "shutdown_limit": 35.0}
    p = problem(market([50.0] * 3, [unit(min_up=120, **limits)]))
    assert row(p, "segment_limit", 0, 0) == ({"segment[0,0]": 1.0, "on[0,0]": -10.0}, -INF, 0.0)
    assert row(p, "segment_limit", 1, 0) == (
        {"segment[1,0]": 1.0, "on[0,0]": -40.0, "start[0,0]": 20.0, "stop[0,1]": 35.0}, -INF, 0.0,
    )  # fmt: skip
    p = problem(market([50.0] * 3, [unit(min_up=60, **limits)]))  # may run for one period only: two rows
    assert row(p, "segment_limit_start", 1, 0) == (
        {"segment[1,0]": 1.0, "on[0,0]": -40.0, "start[0,0]": 20.0, "stop[0,1]": 15.0}, -INF, 0.0,
    )  # fmt: skip
    assert row(p, "segment_limit_stop", 1, 0) == ({"segment[1,0]": 1.0, "on[0,0]": -40.0, "stop[0,1]": 35.0}, -INF, 0.0)


def starts(**more: object) -> Case:
    """Hot up to 2 h for 100, warm up to 4 h for 250, cold beyond for 400; 60-min periods; off for 90 min."""
    states = {"start": [(0, 100.0), (120, 250.0), (240, 400.0)], "on": False, "mw": 0.0, "minutes": 90}
    return market([50.0] * 5, [unit(**{**states, **more})])


def test_a_warm_start_needs_a_stop_in_its_window_or_the_initial_state() -> None:
    p = problem(starts())  # thresholds inclusive: 2 h off is warm
    assert column(p, "start", 0, 3)[2] == 400.0
    assert [column(p, "start_saving", a, 3)[2] for a in range(2)] == [-300.0, -150.0]
    # hot: 1 h off. Initially off for 90 min, so hot in period 0 only; warm in 1 (150) and 2 (210), 270 is cold
    assert row(p, "start_saving", 0, 3) == ({"start_saving[0,3]": 1.0, "stop[0,2]": -1.0}, -INF, 0.0)
    assert row(p, "start_saving", 1, 3) == ({"start_saving[1,3]": 1.0, "stop[0,1]": -1.0, "stop[0,0]": -1.0}, -INF, 0.0)
    assert [row(p, "start_saving", 0, t)[2] for t in range(5)] == [1.0, 0.0, 0.0, 0.0, 0.0]
    assert [row(p, "start_saving", 1, t)[2] for t in range(5)] == [0.0, 1.0, 1.0, 0.0, 0.0]
    assert row(p, "start_matching", 0, 3) == (
        {"start_saving[0,3]": 1.0, "start_saving[1,3]": 1.0, "start[0,3]": -1.0}, -INF, 0.0,
    )  # fmt: skip


def test_an_exclusive_threshold_leaves_its_boundary_to_the_warmer_state() -> None:
    case = starts(minutes=180)
    table = replace(case.units.start_costs, inclusive=np.array([True, False, False]))
    p = problem(replace(case, units=replace(case.units, start_costs=table)))
    # hot: up to and with 2 h; warm: above 2 h, up to and with 4 h
    assert row(p, "start_saving", 0, 3)[0] == {"start_saving[0,3]": 1.0, "stop[0,2]": -1.0, "stop[0,1]": -1.0}
    assert row(p, "start_saving", 1, 4)[0] == {"start_saving[1,4]": 1.0, "stop[0,1]": -1.0, "stop[0,0]": -1.0}
    assert [row(p, "start_saving", 1, t)[2] for t in range(3)] == [1.0, 1.0, 0.0]


def test_the_least_time_off_is_the_min_down_time() -> None:
    p = problem(starts(min_down=120))
    assert row(p, "start_saving", 0, 3) == ({"start_saving[0,3]": 1.0}, -INF, 0.0)  # hot cannot happen any more


def test_a_cold_start_that_costs_less_must_have_been_off_for_long_enough() -> None:
    """300 up to 2 h off, then 100; off for 90 min before the first hour."""
    p = problem(starts(start=[(0, 300.0), (120, 100.0)]))
    assert column(p, "start_saving", 0, 1)[2] == 200.0  # a saving below 0: the warmer start is dearer
    assert p.rows["start_offline"].shape == (1 + 1 + 2 + 2 + 2,)
    cold = {"start[0,0]": 1.0, "start_saving[0,0]": -1.0}
    assert row(p, "start_offline", 0) == (cold, -INF, 0.0)
    cold = {"start[0,1]": 1.0, "start_saving[0,1]": -1.0}
    assert row(p, "start_offline", 1) == ({**cold, "on[0,0]": 1.0}, -INF, 1.0)
    cold = {"start[0,3]": 1.0, "start_saving[0,3]": -1.0}
    assert [row(p, "start_offline", k)[0] for k in (4, 5)] == [{**cold, "on[0,1]": 1.0}, {**cold, "on[0,2]": 1.0}]
    assert problem(starts()).rows["start_offline"].shape == (0,)


SPIN = {"id": "spin", "direction": Direction.UP, "requirement": 15.0}
DOWN = {"id": "down", "direction": Direction.DOWN, "requirement": 5.0}


def test_headroom_shared_with_awards_in_both_forms() -> None:
    """Range 80; SU 50, SD 35: above may reach 30 after a start, 15 before a stop."""
    case = market([50.0] * 3, [unit(min_up=120, startup_limit=50.0, shutdown_limit=35.0)], products=[SPIN, DOWN])
    p = problem(case, HEADROOM)
    assert row(p, "headroom", 0, 1) == ({"above[0,1]": 1.0, "award[0,1]": 1.0, "on[0,1]": -80.0}, -INF, 0.0)
    ends = {"on[0,1]": -80.0, "start[0,1]": 50.0, "stop[0,2]": 65.0}
    assert row(p, "output_limit", 0, 1) == ({"above[0,1]": 1.0, **ends}, -INF, 0.0)
    p = problem(case, PGLIB)
    assert row(p, "headroom", 0, 1) == ({"above[0,1]": 1.0, "award[0,1]": 1.0, **ends}, -INF, 0.0)
    assert row(p, "headroom", 0, 2)[0].get("stop[0,2]") is None  # nothing is known after the last period
    assert "output_limit" not in p.rows
    assert p.rows["headroom_stop"].shape == (0, 3)


def test_a_unit_that_may_run_for_one_period_has_two_headroom_rows() -> None:
    p = problem(market([50.0] * 3, [unit(startup_limit=50.0, shutdown_limit=35.0)], products=[SPIN]), PGLIB)
    first, second = row(p, "headroom", 0, 1)[0], row(p, "headroom_stop", 0, 1)[0]
    base = {"above[0,1]": 1.0, "award[0,1]": 1.0, "on[0,1]": -80.0}
    assert first == {**base, "start[0,1]": 50.0, "stop[0,2]": 15.0}  # both: 80 − 65 = 15
    assert second == {**base, "stop[0,2]": 65.0}


def test_footroom_holds_the_downward_awards_above_p_min() -> None:
    case = market([50.0] * 3, [unit(id="a"), unit(id="b")], products=[SPIN, {**DOWN, "max": [0.0, 7.0]}])
    p = problem(case)
    assert p.rows["footroom"].shape == (1, 3)
    assert row(p, "footroom", 0, 2) == ({"above[1,2]": 1.0, "award[2,2]": -1.0}, 0.0, INF)


def test_awards_are_capped_by_the_response_time_and_by_the_unit() -> None:
    case = market(
        [50.0] * 3, [unit(ramp=2.0)], products=[{**SPIN, "minutes": 10.0}, {**DOWN, "max": [7.0], "minutes": 10.0}]
    )
    p = problem(case)
    assert row(p, "award_cap", 0, 1) == ({"award[0,1]": 1.0, "on[0,1]": -20.0}, -INF, 0.0)
    assert row(p, "award_cap", 1, 1) == ({"award[1,1]": 1.0, "on[0,1]": -7.0}, -INF, 0.0)
    wide = problem(market([50.0] * 3, [unit()], products=[{**SPIN, "max": [80.0]}]))
    assert wide.rows["award_cap"].shape == (0, 3)  # headroom says as much


def test_only_units_at_covered_buses_are_awarded_and_the_requirement_is_soft() -> None:
    case = market(
        {"a": [50.0] * 3, "b": [10.0] * 3}, [unit(bus="a"), unit(id="v", bus="b")],
        products=[{**SPIN, "buses": ["b"]}], branches=[{"id": "ab", "ends": ("a", "b")}], period_minutes=15,
    )  # fmt: skip
    p = problem(case)
    assert p.columns["award"].shape == (1, 3)
    assert row(p, "headroom", 0, 0)[0] == {"above[0,0]": 1.0, "on[0,0]": -80.0}
    assert row(p, "product", 0, 2) == (
        {"award[0,2]": 1.0, "product.short[0,2]": 1.0, "product.short[1,2]": 1.0}, 15.0, INF,
    )  # fmt: skip
    assert column(p, "product.short", 0, 2) == (0.0, 4.0, 300.0 / 4, False)
    assert column(p, "product.short", 1, 2) == (0.0, INF, 600.0 / 4, False)


def test_ramp_up_in_both_forms() -> None:
    """RU 25, SU 50, so above may rise by 25, to 30 after a start."""
    case = market([50.0] * 3, [unit(ramp_up=25.0 / 60, startup_limit=50.0)], products=[SPIN])
    terms = {"above[0,1]": 1.0, "above[0,0]": -1.0, "on[0,1]": -25.0, "start[0,1]": -5.0}
    assert row(problem(case, HEADROOM), "ramp_up", 0, 1) == (terms, -INF, 0.0)
    assert row(problem(case, PGLIB), "ramp_up", 0, 1) == ({**terms, "award[0,1]": 1.0}, -INF, 0.0)
    # first period: output ≤ 50 + 25
    assert row(problem(case, HEADROOM), "ramp_up", 0, 0) == ({"above[0,0]": 1.0, "on[0,0]": 20.0}, -INF, 75.0)


def test_ramp_down_in_both_forms() -> None:
    """RD 15, SD 35: above may fall by 15, from 15 before a stop; 50 − 15 = 35 at least in the first period."""
    case = market([50.0] * 3, [unit(ramp_down=15.0 / 60, shutdown_limit=35.0)], products=[DOWN])
    terms = {"above[0,0]": 1.0, "above[0,1]": -1.0, "on[0,0]": -15.0}
    assert row(problem(case, HEADROOM), "ramp_down", 0, 1) == (terms, -INF, 0.0)  # SD − p_min = RD: no term of stop
    assert row(problem(case, PGLIB), "ramp_down", 0, 1) == ({**terms, "award[0,1]": 1.0}, -INF, 0.0)
    first = {"above[0,0]": -1.0, "on[0,0]": -20.0, "stop[0,0]": -35.0}
    assert row(problem(case, HEADROOM), "ramp_down", 0, 0) == (first, -INF, -35.0)


def test_ramps_follow_a_p_min_that_moves() -> None:
    case = market([60.0] * 3, [unit(p_min=[20.0, 30.0, 20.0], ramp=25.0 / 60, startup_limit=50.0, shutdown_limit=40.0)])
    p = problem(case)
    # rises 0 → 1: above_1 − above_0 ≤ 25 − 10; a start in 1 may reach 50: above 20
    assert row(p, "ramp_up", 0, 1)[0] == {"above[0,1]": 1.0, "above[0,0]": -1.0, "on[0,1]": -15.0, "start[0,1]": -5.0}
    # falls 1 → 2: above_1 − above_2 ≤ 25 − 10; a stop in 2 from at most 40: above_1 10
    assert row(p, "ramp_down", 0, 2)[0] == {"above[0,1]": 1.0, "above[0,2]": -1.0, "on[0,1]": -15.0, "stop[0,2]": 5.0}


def test_ramps_no_change_can_exceed_have_no_rows_unless_the_initial_output_is_outside_the_limits() -> None:
    assert problem(market([50.0] * 3, [unit(ramp=80.0 / 60)])).rows["ramp_up"].shape == (0, 3)
    below = problem(market([50.0] * 3, [unit(ramp=80.0 / 60, mw=5.0)]))  # up to 85 only in the first period
    assert row(below, "ramp_up", 0, 0) == ({"above[0,0]": 1.0, "on[0,0]": 20.0}, -INF, 85.0)


STORE = {"id": "s", "power": 10.0, "eta": 0.8, "energy": 40.0, "initial": 12.0, "final": 15.0, "final_max": 30.0,
         "discharge_price": 6.0, "charge_price": 2.0}  # fmt: skip


def test_storage_rows_bounds_and_costs() -> None:
    p = problem(market([50.0] * 3, [unit()], storage=[STORE], period_minutes=30))
    assert row(p, "storage_energy", 0, 0) == (
        {"energy[0,0]": 1.0, "charge[0,0]": -0.4, "discharge[0,0]": 0.625}, 12.0, 12.0,
    )  # fmt: skip
    assert row(p, "storage_energy", 0, 2)[0]["energy[0,1]"] == -1.0
    assert row(p, "storage_energy", 0, 2)[1:] == (0.0, 0.0)
    assert row(p, "charge_mode", 0, 1) == ({"charge[0,1]": 1.0, "discharging[0,1]": 10.0}, -INF, 10.0)
    assert row(p, "discharge_mode", 0, 1) == ({"discharge[0,1]": 1.0, "discharging[0,1]": -10.0}, -INF, 0.0)
    assert [column(p, "energy", 0, t)[:2] for t in range(3)] == [(0.0, 40.0), (0.0, 40.0), (15.0, 30.0)]
    assert column(p, "charge", 0, 1) == (0.0, 10.0, -1.0, False)
    assert column(p, "discharge", 0, 1) == (0.0, 10.0, 3.0, False)


def test_balance_by_island_with_ties_least_renewable_output_and_shed() -> None:
    wind = {"id": "w", "bus": "b", "forecast": 9.0, "min": 4.0, "blocks": [(6.0, 5.0), (3.0, 8.0)]}
    case = market(
        {"a": [50.0] * 3, "b": [30.0] * 3, "c": [-7.0] * 3}, [unit(bus="a")], renewables=[wind],
        storage=[{**STORE, "bus": "b"}], ties=[{"id": "t", "bus": "b", "mw": -3.0}],
        branches=[{"id": "ab", "ends": ("a", "b")}, {"id": "bc", "ends": ("b", "c"), "on": False}],
    )  # fmt: skip
    p = problem(case)
    terms, low, high = row(p, "balance", 0, 1)
    assert terms == {
        "above[0,1]": 1.0, "on[0,1]": 20.0, "renewable_segment[0,1]": 1.0, "renewable_segment[1,1]": 1.0,
        "discharge[0,1]": 1.0, "charge[0,1]": -1.0, "shed[0,1]": 1.0, "shed[1,1]": 1.0,
        "surplus_step[0,0,1]": -1.0, "surplus_step[1,0,1]": -1.0,
    }  # fmt: skip
    assert (low, high) == (79.0, 79.0)  # 50 + 30 + 3 exported − 4 of wind
    assert row(p, "balance", 1, 1) == ({"surplus_step[0,1,1]": -1.0, "surplus_step[1,1,1]": -1.0}, -7.0, -7.0)
    assert column(p, "renewable_segment", 0, 0) == (0.0, 2.0, 5.0, False)
    assert column(p, "renewable_floor", 0, 0) == (1.0, 1.0, 20.0, False)
    assert [column(p, "shed", b, 0)[1] for b in range(2)] == [50.0, 33.0]
    assert row(p, "shed_total", 0, 1)[0] == {
        "shed[0,1]": 1.0, "shed[1,1]": 1.0, "shed_step[0,0,1]": -1.0, "shed_step[1,0,1]": -1.0,
    }  # fmt: skip
    assert column(p, "shed_step", 0, 0, 1) == (0.0, 15.0, 900.0, False)


def test_network_rows_are_shift_factors_times_injections() -> None:
    """Two equal paths a→c: direct (x 0.2) and over b (0.1 + 0.1); all load at c, so c is the reference."""
    case = market(
        {"c": [60.0] * 2, "b": [0.0] * 2, "a": [0.0] * 2}, [unit(bus="a", p_max=[100.0, 90.0])],
        branches=[{"id": "ac", "ends": ("a", "c"), "x": 0.2, "limit": 18.0}, {"id": "ab", "ends": ("a", "b"), "x": 0.1},
                  {"id": "bc", "ends": ("b", "c"), "x": 0.1, "limit": 30.0}],
        interfaces=[{"id": "cut", "terms": {"ac": 1.0, "bc": 2.0}, "min": [-40.0, -50.0], "max": [70.0, INF]}],
        ties=[{"id": "t", "bus": "b", "mw": 8.0}],
    )  # fmt: skip
    model = scuc(case, HEADROOM, islands(case))
    network_ = grid(case)
    assert network_.monitored.id == ("ac", "bc", "cut")
    block = network(
        "x",
        network_,
        np.array([0, 2]),
        np.array([1, 0]),
        injections(case, model.renewable_curve, model.problem.columns),
        fixed_injection(case),
        model.given_mw,
    )
    p = stack(model.problem.columns, [block])
    # half of what a injects takes ac; 8 MW injected at b: a quarter goes b→a→c, so 2 on ac
    terms, low, high = row(p, "x", 0)
    assert terms == pytest.approx({"above[0,1]": 0.5, "on[0,1]": 10.0})
    assert (low, high) == pytest.approx((-20.0, 16.0))
    # interface: 0.5 + 2·0.5; tie: 2 + 2·6 = 14
    terms, low, high = row(p, "x", 1)
    assert terms == pytest.approx({"above[0,0]": 1.5, "on[0,0]": 30.0})
    assert (low, high) == pytest.approx((-54.0, 56.0))


def test_system_reserves_as_soft_rows_of_the_whole_system() -> None:
    wind = {"id": "w", "forecast": 10.0, "min": 4.0}
    case = market(
        [50.0] * 3, [unit(), unit(id="v", p_min=10.0)], renewables=[wind], storage=[STORE],
        ties=[{"id": "t", "mw": 5.0}], positive_min_mw=20.0, positive_max_mw=60.0, negative_min_mw=3.0,
    )  # fmt: skip
    rules = replace(HEADROOM, reserves=replace(HEADROOM.reserves, renewable_share=0.5, storage_minutes=120.0))
    p = problem(case, rules)
    terms, low, high = row(p, "system_positive_min", 1)
    short = {"system_positive_min.short[0,1]": 1.0, "system_positive_min.short[1,1]": 1.0}
    assert terms == {"on[0,1]": 100.0, "on[1,1]": 100.0, "deliverable[0,1]": 1.0, **short}
    assert (low, high) == (60.0, INF)  # 50 − 5 + 20 − 0.5·10
    assert row(p, "deliverable", 0, 1) == ({"deliverable[0,1]": 1.0, "energy[0,1]": -0.4}, -INF, 0.0)
    assert column(p, "deliverable", 0, 1)[:2] == (0.0, 10.0)
    terms, low, high = row(p, "system_positive_max", 1)
    over = {"system_positive_max.over[0,1]": -1.0, "system_positive_max.over[1,1]": -1.0}
    assert terms == {"on[0,1]": 80.0, "on[1,1]": 90.0, "above[0,1]": -1.0, "above[1,1]": -1.0, **over}
    assert (low, high) == (-INF, 60.0)
    terms, low, high = row(p, "system_negative_min", 1)
    over = {"system_negative_min.over[0,1]": -1.0, "system_negative_min.over[1,1]": -1.0}
    assert terms == {"on[0,1]": 20.0, "on[1,1]": 10.0, **over}
    assert (low, high) == (-INF, 38.0)  # 50 − 5 − 3 − 4
    assert column(p, "system_negative_min.over", 1, 1) == (0.0, INF, 250.0, False)


def test_the_case_overrules_the_rule_set_and_neither_means_no_row() -> None:
    asked = replace(HEADROOM, reserves=replace(HEADROOM.reserves, positive_min_mw=30.0, negative_min_mw=2.0))
    p = problem(market([50.0] * 2, [unit()], positive_min_mw=[10.0, 11.0]), asked)
    assert [row(p, "system_positive_min", t)[1] for t in range(2)] == [60.0, 61.0]
    assert row(p, "system_negative_min", 0)[2] == 48.0
    assert "system_positive_max" not in p.rows


def test_sced_holds_commitment_and_modes_and_has_no_commitment_terms() -> None:
    case = market(
        [50.0] * 3, [unit(no_load=80.0, start_cost=90.0, stop_cost=7.0)], storage=[STORE], positive_min_mw=10.0
    )
    on, mode = np.array([[1, 0, 1]], dtype=np.int8), np.array([[1, 0, 0]], dtype=np.int8)
    p = sced(case, HEADROOM, HEADROOM.clearing_penalties, islands(case), on, mode).problem
    assert [column(p, "on", 0, t) for t in range(3)] == [(1, 1, 0, False), (0, 0, 0, False), (1, 1, 0, False)]
    assert [column(p, "start", 0, t)[:2] for t in range(3)] == [(0, 0), (0, 0), (1, 1)]
    assert [column(p, "stop", 0, t)[:2] for t in range(3)] == [(0, 0), (1, 1), (0, 0)]
    assert [column(p, "discharging", 0, t) for t in range(3)] == [(1, 1, 0, False), (0, 0, 0, False), (0, 0, 0, False)]
    assert not p.integer.any()
    assert not {"commitment", "min_up", "start_saving", "system_positive_min"} & p.rows.keys()
    free = sced(case, HEADROOM, HEADROOM.clearing_penalties, islands(case), on, None).problem
    assert column(free, "discharging", 0, 0) == (0, 1, 0, True)


def test_sced_holds_the_least_positive_reserve_where_the_rules_say_so() -> None:
    case = market([50.0] * 3, [unit()], storage=[STORE], positive_min_mw=[10.0, 11.0, 12.0])
    on, mode = np.ones((1, 3), dtype=np.int8), np.zeros((1, 3), dtype=np.int8)
    held = replace(HEADROOM, reserves=replace(HEADROOM.reserves, positive_min_in=HeldIn.DISPATCH))
    p = sced(case, held, held.clearing_penalties, islands(case), on, mode).problem
    whole = problem(case, held)
    for name in ("system_positive_min", "deliverable"):
        for t in range(3):
            at = (t,) if name == "system_positive_min" else (0, t)
            assert row(p, name, *at) == row(whole, name, *at)
    assert "system_positive_max" not in p.rows


def test_sced_holds_the_greatest_positive_reserve_where_the_rules_say_so() -> None:
    case = market([50.0] * 2, [unit(), unit(id="b", p_min=0.0, p_max=60.0)], positive_max_mw=30.0)
    on = np.array([[1, 1], [1, 0]], dtype=np.int8)
    held = replace(HEADROOM, reserves=replace(HEADROOM.reserves, positive_max_in=HeldIn.DISPATCH))
    p = sced(case, held, held.clearing_penalties, islands(case), on, np.zeros((0, 2), np.int8)).problem
    terms, low, high = row(p, "system_positive_max", 1)
    over = {name: -1.0 for name in terms if name.startswith("system_positive_max.over[")}
    room = {"on[0,1]": 80.0, "on[1,1]": 60.0, "above[0,1]": -1.0, "above[1,1]": -1.0}
    assert over
    assert (terms, low, high) == (room | over, -INF, 30.0)
