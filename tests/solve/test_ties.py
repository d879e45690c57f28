"""The tie rule: renewables first at equal price, equal offers at a bus in proportion, cost and prices unchanged."""

from __future__ import annotations

import numpy as np

from clearing.case.case import CommitmentInput, CommitmentUse
from clearing.checks.audit import audit
from clearing.day_ahead import clear
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.factory import market

RULES = load("generic")


def cleared(load_mw, units, **more):
    series = next(iter(load_mw.values())) if isinstance(load_mw, dict) else load_mw
    on = np.ones((len(units), len(series)), dtype=np.int8)
    fixed = CommitmentInput(CommitmentUse.FIXED, on)
    case = market(load_mw, units=[{"on": True, "mw": u.get("p_min", 0), **u} for u in units], commitment=fixed, **more)
    result = clear(case, RULES, SolveOptions(gap=0.0), RunControl())
    assert audit(case, RULES, result).passed
    return result


def test_renewables_run_before_units_at_equal_price():
    units = [{"id": "coal", "p_max": 100, "price": 20.0}]
    result = cleared([90.0, 20.0], units, renewables=[{"id": "wind", "forecast": 30.0, "price": 20.0}])
    np.testing.assert_allclose(result.schedule.renewable_mw, [[30.0, 20.0]], atol=1e-6)
    np.testing.assert_allclose(result.schedule.dispatch_mw, [[60.0, 0.0]], atol=1e-6)


def test_equal_offers_share_in_proportion_to_what_they_offer():
    # 90 MW between 100, 50 and 30 MW offered at 20: half of each; the dear unit stays at 0.
    units = [
        {"id": "a", "p_max": 100, "price": 20.0},
        {"id": "b", "blocks": [(20, 20.0), (30, 20.0)], "p_max": 50},
        {"id": "c", "blocks": [(30, 20.0), (70, 25.0)], "p_max": 100},
        {"id": "d", "p_max": 100, "price": 40.0},
    ]
    result = cleared([90.0], units)
    np.testing.assert_allclose(result.schedule.dispatch_mw[:, 0], [50.0, 25.0, 15.0, 0.0], atol=1e-6)
    assert abs(result.termination.objective - 90 * 20.0) < 1e-6
    np.testing.assert_allclose(result.prices.bus_price, [[20.0]])


def test_what_is_offered_counts_above_p_min_and_ramps_bound_the_share():
    # a must make 40; above that 60 and 50 MW are offered at 20: 66 MW are shared 36 : 30.
    units = [{"id": "a", "p_min": 40, "p_max": 100, "price": 20.0}, {"id": "b", "p_max": 50, "price": 20.0}]
    np.testing.assert_allclose(cleared([106.0], units).schedule.dispatch_mw[:, 0], [76.0, 30.0], atol=1e-6)
    # b may rise by 10 MW an hour from 0: it gives its 10, a the rest.
    slow = [units[0], {**units[1], "ramp": 10 / 60}]
    np.testing.assert_allclose(cleared([106.0], slow).schedule.dispatch_mw[:, 0], [96.0, 10.0], atol=1e-6)


def test_offers_at_other_buses_or_prices_are_no_ties():
    units = [
        {"id": "a", "bus": "x", "p_max": 100, "price": 20.0},
        {"id": "b", "bus": "x", "p_max": 100, "price": 20.5},
        {"id": "c", "bus": "y", "p_max": 100, "price": 20.0},
    ]
    line = [{"id": "l", "ends": ("x", "y"), "limit": 30}]
    result = cleared({"x": [60.0], "y": [60.0]}, units, branches=line)
    assert result.schedule.dispatch_mw[1, 0] < 1e-6
    assert abs(result.termination.objective - 120 * 20.0) < 1e-6


def test_sharing_keeps_network_limits_that_had_no_row_before():
    # Shares of 50 : 50 at x would need no line; the wind at y first would overload it.
    units = [{"id": "a", "bus": "x", "p_max": 100, "price": 20.0}, {"id": "b", "bus": "x", "p_max": 100, "price": 20.0}]
    wind = [{"id": "w", "bus": "y", "forecast": 80.0, "price": 20.0}]
    line = [{"id": "l", "ends": ("y", "x"), "limit": 25}]
    result = cleared({"x": [100.0], "y": [0.0]}, units, renewables=wind, branches=line)
    np.testing.assert_allclose(result.schedule.renewable_mw, [[25.0]], atol=1e-5)
    np.testing.assert_allclose(result.schedule.dispatch_mw[:, 0], [37.5, 37.5], atol=1e-5)
    assert not result.violations
