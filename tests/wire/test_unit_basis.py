"""Gross MW and heat supply of a message: what they become, and that nothing but the numbers changes."""

from __future__ import annotations

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.result import ClearingResult
from clearing.day_ahead import clear
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from clearing.v1 import case_pb2, units_pb2
from clearing.wire import decode, encode
from tests.factory import market

RATE = 0.2  # net = 0.8 gross


def net() -> Case:
    """Two units whose limits, ramps, curve and fixed output all matter."""
    return market(
        [100.0, 130.0, 90.0, 60.0],
        [
            {"id": "coal", "p_min": 40, "p_max": 120, "blocks": [(60, 10), (60, 30)], "ramp": 0.5, "on": True, "mw": 80,
             "minutes": 600, "no_load": 100, "regulation": 0.25, "startup_limit": 40, "shutdown_limit": 48},
            {"id": "gas", "p_min": 16, "p_max": 64, "price": 50, "start_cost": 40, "up": [8], "min_down": 120,
             "fixed": {1: 24.0}, "minutes": 600},
        ],
        products=[{"id": "spin", "requirement": 8, "minutes": 10}],
    )  # fmt: skip


def gross_of(case: Case) -> case_pb2.Case:
    """The same units with MW at their terminals."""
    pb, k = encode.case(case), 1.0 / (1.0 - RATE)
    pb.units.mw_basis = units_pb2.MW_BASIS_GROSS
    pb.units.auxiliary_rate.extend([RATE] * len(case.units.id))
    for name in (
        "p_min_mw", "p_max_mw", "ramp_up_mw_per_minute", "ramp_down_mw_per_minute", "startup_limit_mw",
        "shutdown_limit_mw", "initial_mw", "fixed_mw", "regulation_mw_per_minute",
    ):  # fmt: skip
        column = getattr(pb.units, name)
        column[:] = [value * k for value in column]
    pb.units.offers.width_mw[:] = [value * k for value in pb.units.offers.width_mw]
    pb.units.offers.price_per_mwh[:] = [value / k for value in pb.units.offers.price_per_mwh]
    pb.units.startup_curves.mw[:] = [value * k for value in pb.units.startup_curves.mw]
    return pb


def read(pb: case_pb2.Case) -> Case:
    case, findings = decode.case(pb)
    assert findings == []
    assert case is not None
    return case


def cleared(case: Case) -> ClearingResult:
    result = clear(case, load("generic"), SolveOptions(gap=0.0), RunControl())
    assert result.audit_passed
    return result


def test_gross_mw_are_the_net_ones_over_what_reaches_the_bus() -> None:
    case, other = net(), read(gross_of(net()))
    for name in ("p_min_mw", "p_max_mw", "ramp_up_mw_per_minute", "initial_mw", "fixed_mw", "startup_limit_mw"):
        assert getattr(other.units, name) == pytest.approx(getattr(case.units, name))
    assert other.units.offers.width_mw == pytest.approx(case.units.offers.width_mw)
    assert other.units.offers.price_per_mwh == pytest.approx(case.units.offers.price_per_mwh)
    assert other.startup_curves.mw == pytest.approx(case.startup_curves.mw)
    assert other.reserve_kinds.speed_mw_per_minute == pytest.approx(case.reserve_kinds.speed_mw_per_minute)
    assert other.notes == ("MW of 2 units are stated gross; cleared net of their auxiliary use.",)
    assert cleared(other).termination.objective == pytest.approx(cleared(case).termination.objective, rel=1e-9)


def test_a_rate_alone_leaves_net_mw_as_they_are() -> None:
    pb = encode.case(net())
    pb.units.auxiliary_rate.extend([RATE, RATE])
    assert read(pb).units.p_max_mw.tolist() == net().units.p_max_mw.tolist()


def test_heat_supply_raises_the_least_output_and_sets_no_price() -> None:
    """Load 60: heat keeps 50 of coal at 30 on line, so gas at 20 serves 10 instead of 50, and gas sets the price."""
    case = market(
        [60.0, 60.0],
        [
            {"id": "chp", "p_min": 10, "p_max": 80, "price": 30, "must_run": [1, 1], "on": True, "mw": 50},
            {"id": "gas", "p_max": 80, "price": 20, "on": True, "mw": 10},
        ],
    )
    pb = encode.case(case)
    pb.units.heat_min_mw.extend([50.0, 0.0, 0.0, 0.0])
    heated = read(pb)
    assert heated.units.p_min_mw.tolist() == [[50.0, 10.0], [0.0, 0.0]]
    assert heated.notes == ("Heat supply raises the least output of 1 units in 1 unit-periods.",)
    result = cleared(heated)
    assert result.schedule is not None
    assert result.prices is not None
    assert result.schedule.dispatch_mw == pytest.approx(np.array([[50.0, 10.0], [10.0, 50.0]]))
    assert result.prices.bus_price[0] == pytest.approx([20.0, 20.0])
    assert result.termination.objective == pytest.approx(50 * 30 + 10 * 20 + 10 * 30 + 50 * 20)


def test_gross_heat_is_made_net_like_the_rest() -> None:
    pb = gross_of(net())
    pb.units.heat_min_mw.extend([75.0, 0.0])
    assert read_with_notes(pb).units.p_min_mw[0].tolist() == [60.0] * 4


def read_with_notes(pb: case_pb2.Case) -> Case:
    case = read(pb)
    assert len(case.notes) == 2
    return case
