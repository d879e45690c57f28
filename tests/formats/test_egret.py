"""Egret's JSON: what every field of units, branches, loads and renewables becomes."""

from pathlib import Path

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.units import Fuel, StartState
from clearing.case.validate import validate
from clearing.day_ahead import clear
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.formats.egret_instance import QUADRATIC, instance, points, read, series


def test_every_field_becomes_what_egret_means_by_it(tmp_path: Path) -> None:
    case = read(tmp_path, instance())
    units, network = case.units, case.network
    assert [f for f in validate(case, load("generic")) if f.severity.name == "ERROR"] == []
    assert (case.horizon.periods, case.horizon.period_minutes) == (3, 60)
    assert (units.id, case.renewables.id, case.loads.id) == (("a", "b"), ("w",), ("l",))
    assert units.fuel.tolist() == [Fuel.COAL] * 2
    assert case.renewables.fuel.tolist() == [Fuel.WIND]
    assert (units.ramp_up_mw_per_minute[0], units.ramp_down_mw_per_minute[0]) == (1.0, 0.5)
    assert (units.startup_limit_mw[0], units.shutdown_limit_mw[0], units.stop_cost[0]) == (40.0, 35.0, 7.0)
    assert (units.min_up_minutes[0], units.min_down_minutes[0]) == (180, 120)
    assert units.initial_on.tolist() == [True, False]
    assert units.initial_minutes.tolist() == [240, 180]
    assert units.initial_mw.tolist() == [50.0, 0.0]
    assert units.on_min[1].tolist() == [0, 0, 1]
    assert units.on_max[1].tolist() == [1, 0, 1]
    # 100 + 10 P + 0.02 P² at 20, 60, 100 MW: 308, 772, 1300
    assert units.no_load_cost_per_hour[0] == pytest.approx(308.0 - 11.6 * 20.0)
    assert units.offers.price_per_mwh[:2, 0].tolist() == pytest.approx([11.6, 13.2])
    assert units.offers.width_mw[:2, 0].tolist() == [60.0, 40.0]
    starts = units.start_costs
    assert starts.after_minutes.tolist() == [0, 300, 540, 0]
    assert starts.cost.tolist() == [50.0, 80.0, 120.0, 40.0]
    assert starts.state.tolist() == [StartState.HOT, StartState.WARM, StartState.COLD, StartState.COLD]
    assert starts.inclusive.all()
    assert case.renewables.offers.price_per_mwh[0].tolist() == [1.5] * 3
    assert network.branch_reactance_pu.tolist() == [0.4]  # 0.2 on 50 MVA is 0.4 on 100
    assert network.branch_limit_mw.tolist() == [80.0]
    assert (network.interface_min_mw[0, 0], network.interface_max_mw[0, 2]) == (-70.0, 60.0)
    assert network.term_coefficient.tolist() == [-1.0]
    assert case.reserves.requirement_mw.tolist() == [[5.0, 6.0, 7.0]]
    assert case.reserve_demand.step_price.tolist() == [300.0]
    assert any("999" in note for note in case.notes)
    assert any("left out: out" in note for note in case.notes)


def test_what_is_not_stated_has_egrets_default(tmp_path: Path) -> None:
    data = instance()
    row = data["elements"]["generator"]["a"]
    for key in ("startup_capacity", "shutdown_capacity", "startup_cost", "shutdown_cost", "must_run", "fuel"):
        del row[key]
    units = read(tmp_path, data).units
    assert (units.startup_limit_mw[0], units.shutdown_limit_mw[0]) == (50.0, 35.0)  # half an hour's ramp over p_min
    assert (units.start_costs.cost[0], units.stop_cost[0], units.fuel[0]) == (0.0, 0.0, Fuel.OTHER)


def test_the_room_of_a_start_scales_with_the_period(tmp_path: Path) -> None:
    data = instance()
    data["system"]["time_period_length_minutes"] = 15
    units = read(tmp_path, data).units
    assert (units.startup_limit_mw[0], units.shutdown_limit_mw[0]) == (25.0, 23.75)


def test_points_are_cut_at_the_limits(tmp_path: Path) -> None:
    data = instance()
    data["elements"]["generator"]["a"]["p_cost"] = points((0, 100), (40, 500), (120, 2100))
    units = read(tmp_path, data).units
    assert units.offers.width_mw[:2, 0].tolist() == pytest.approx([40.0, 60.0])
    assert units.offers.price_per_mwh[:2, 0].tolist() == pytest.approx([10.0, 20.0])
    assert units.no_load_cost_per_hour[0] == pytest.approx(100.0)


def cost_at(case: Case, unit: int, period: int, mw: float) -> float:
    """Cost an hour of an output, from no-load cost and blocks."""
    offers = case.units.offers
    chosen = offers.resource == unit
    left, cost = mw, float(case.units.no_load_cost_per_hour[unit])
    for width, price in zip(offers.width_mw[chosen, period], offers.price_per_mwh[chosen, period], strict=True):
        part = min(left, float(width))
        left, cost = left - part, cost + part * float(price)
    assert left == pytest.approx(0.0)
    return cost


def test_costs_and_limits_by_period_give_back_every_periods_curve(tmp_path: Path) -> None:
    data = instance()
    row = data["elements"]["generator"]["a"]
    row["p_min"], row["p_max"] = series(20.0, 30.0, 20.0), series(100.0, 90.0, 80.0)
    row["p_cost"] = series(QUADRATIC, points((30, 700), (90, 1900)), points((20, 400), (50, 700), (80, 1600)))
    case = read(tmp_path, data)
    expected = [
        {20.0: 308.0, 60.0: 772.0, 100.0: 1300.0}, {30.0: 700.0, 60.0: 1300.0, 90.0: 1900.0},
        {20.0: 400.0, 50.0: 700.0, 65.0: 1150.0, 80.0: 1600.0},
    ]  # fmt: skip
    for t, curve in enumerate(expected):
        for mw, cost in curve.items():
            assert cost_at(case, 0, t, mw) == pytest.approx(cost), (t, mw)
    rising = case.units.offers.price_per_mwh[case.units.offers.resource == 0]
    assert (np.diff(rising, axis=0) >= -1e-9).all()
    answer = clear(case, load("generic"), SolveOptions(gap=0.0), RunControl())
    assert answer.audit_passed


def test_a_curve_that_is_not_convex_is_lowered_and_said(tmp_path: Path) -> None:
    data = instance()
    data["elements"]["generator"]["a"]["p_cost"] = points((20, 300), (60, 900), (100, 1100))
    assert any("Unit a: cost points not convex" in note for note in read(tmp_path, data).notes)
