"""MOST's t_most_tlmp, examples 1 and 2: look-ahead dispatch and LMP of a ramp-limited unit, hours on one bus.

Two units without a least output, 500 MW each, at 25 and 30 (t_case_tlmp); the second may change by 50 MW an hour (the
load-following reserve of xgd_table). The load is that of the file, 0.001 MW below round figures; nothing is known
before the first hour, so both units begin where the first hour leaves them. The expected figures are those that the
file tests (ePg, eLMP). Its TLMP adds multipliers of a unit's own ramps to the LMP and is no price of this market.
"""

from __future__ import annotations

import numpy as np
import pytest

from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.result import ClearingResult
from clearing.real_time import clear_interval
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.factory import market
from tests.outside.most import GEN_PMAX, LINEAR, matrix

RAMP_MW = (500.0, 50.0)
"""xgd_table of t_most_tlmp."""
PRICES_TO = 1e-5
"""Digits that the file compares prices to: its reserve prices of 1e-6 move them."""


def window(loads: np.ndarray, before: tuple[float, float]) -> Case:
    gen, cost = (matrix("t_case_tlmp", f"mpc.{name}", "lib/t") for name in ("gen", "gencost"))
    units = [
        {
            **{"id": f"G{i + 1}", "p_max": gen[i, GEN_PMAX], "price": cost[i, LINEAR], "on": True, "mw": before[i]},
            **{"ramp": RAMP_MW[i] / 60.0},
        }
        for i in range(2)
    ]
    on = np.ones((2, len(loads)), dtype=np.int8)
    return market(loads.tolist(), units, commitment=CommitmentInput(CommitmentUse.FIXED, on))


def cleared(case: Case) -> ClearingResult:
    result = clear_interval(case, load("generic"), SolveOptions(), RunControl())
    assert result.audit_passed, result.audit
    assert result.violations == ()
    return result


def loads_of(which: int) -> np.ndarray:
    return matrix("t_most_tlmp", "load_profile.values(:, 1, 1)", "lib/t", which)[:, 0]


def held(result: ClearingResult, mw: list[list[float]], prices: list[float]) -> None:
    assert result.schedule is not None
    assert result.prices is not None
    np.testing.assert_allclose(result.schedule.dispatch_mw, mw, atol=1e-6)
    np.testing.assert_allclose(result.prices.bus_price, [prices], atol=PRICES_TO)


def test_example_1_one_window_of_three_hours() -> None:
    loads = loads_of(0)
    assert loads == pytest.approx([419.999, 589.999, 589.999])
    held(cleared(window(loads, (380.0, 39.999))), [[380, 500, 500], [39.999, 89.999, 89.999]], [25, 35, 30])


def test_example_2_rolls_its_window_by_an_hour() -> None:
    loads = loads_of(1)
    assert loads == pytest.approx([419.999, 599.999])
    first = cleared(window(loads, (370.0, 49.999)))
    held(first, [[370, 500], [49.999, 99.999]], [25, 35])
    assert first.schedule is not None
    binding = first.schedule.dispatch_mw[:, 0]
    held(cleared(window(np.array([590.0, 590.0]), (binding[0], binding[1]))), [[500, 500], [90, 90]], [30, 30])
