"""Cost points → blocks: exact where convex, the lower hull where not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearing.case.arrays import Floats
from clearing.formats.curves import BlockCurve, block_curve, rises


def cost_at(curve: BlockCurve, mw: float) -> float:
    """Cost per hour at an output: no-load plus the area under the blocks."""
    ends = np.cumsum(curve.width_mw)
    used = np.clip(mw - (ends - curve.width_mw), 0.0, curve.width_mw)
    return float(curve.no_load_cost_per_hour + used @ curve.price_per_mwh)


def test_convex_points_are_reproduced_exactly_with_a_negative_no_load_cost() -> None:
    mw, cost = np.array([10.0, 20.0, 40.0]), np.array([100.0, 300.0, 900.0])
    curve = block_curve(mw, cost)
    assert curve.width_mw.tolist() == [20.0, 20.0]
    assert curve.price_per_mwh.tolist() == [20.0, 30.0]
    assert curve.no_load_cost_per_hour == -100.0
    assert curve.lowered_cost_per_hour == 0.0
    assert [cost_at(curve, p) for p in mw] == cost.tolist()


def test_a_falling_slope_is_lowered_to_the_hull_and_the_greatest_difference_is_told() -> None:
    # slopes 30 then 10: the hull is the straight line of slope 20, 100 below the point at 20 MW
    curve = block_curve(np.array([10.0, 20.0, 30.0]), np.array([0.0, 300.0, 400.0]))
    assert curve.width_mw.tolist() == [30.0]
    assert curve.price_per_mwh.tolist() == [20.0]
    assert curve.lowered_cost_per_hour == pytest.approx(100.0)


@pytest.mark.parametrize("mw", [[1e-300], [0.0, 1.0], [5.0, 5.0 + 1e-8]])
def test_no_price_is_made_of_rounding(mw: list[float]) -> None:
    curve = block_curve(np.array(mw), np.linspace(1e6, 2e6, len(mw)))
    assert np.isfinite(curve.price_per_mwh).all()
    assert np.isfinite(curve.no_load_cost_per_hour)


def test_points_nearer_than_rounding_do_not_rise() -> None:
    assert rises(np.array([5.0, 5.0 + 1e-8]))
    assert not rises(np.array([5.0, 5.0 + 1e-10]))


def test_one_point_is_the_mean_cost_over_a_block_of_fixed_output() -> None:
    curve = block_curve(np.array([50.0]), np.array([1000.0]))
    assert (curve.width_mw.tolist(), curve.price_per_mwh.tolist(), curve.no_load_cost_per_hour) == ([50.0], [20.0], 0.0)


def test_one_point_at_zero_keeps_its_cost_as_no_load() -> None:
    curve = block_curve(np.array([0.0]), np.array([7.0]))
    assert (curve.price_per_mwh.tolist(), curve.no_load_cost_per_hour) == ([0.0], 7.0)


def test_a_line_through_the_origin_has_no_no_load_cost_of_the_last_digit() -> None:
    mw = np.array([0.1, 0.3])
    assert mw[0] * ((mw[1] * 0.7 - mw[0] * 0.7) / (mw[1] - mw[0])) != mw[0] * 0.7  # the subtraction does leave a digit
    assert block_curve(mw, mw * 0.7).no_load_cost_per_hour == 0.0


@st.composite
def points(draw: st.DrawFn) -> tuple[Floats, Floats]:
    steps = draw(st.lists(st.floats(0.5, 100), min_size=1, max_size=8))
    cost = draw(st.lists(st.floats(-1e4, 1e5), min_size=len(steps) + 1, max_size=len(steps) + 1))
    return np.cumsum([draw(st.floats(0, 100)), *steps]), np.array(cost)


@given(points())
def test_the_curve_is_convex_below_the_points_and_touches_both_ends(given_points: tuple[Floats, Floats]) -> None:
    mw, cost = given_points
    curve = block_curve(mw, cost)
    assert np.all(np.diff(curve.price_per_mwh) > 0)
    assert curve.width_mw.sum() == pytest.approx(mw[-1])
    below = cost - np.array([cost_at(curve, p) for p in mw])
    tolerance = 1e-9 * (1 + np.abs(cost).max() + np.abs(curve.price_per_mwh).max() * mw[-1])
    assert below[[0, -1]] == pytest.approx(0.0, abs=tolerance)
    assert np.all(below >= -tolerance)
    assert curve.lowered_cost_per_hour == pytest.approx(below.max(), abs=tolerance)
