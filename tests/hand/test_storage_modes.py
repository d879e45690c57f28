"""A store with least MW, losses and given modes, worked by hand. Hours; one unit at 10 up to 20 MW, then one at 50.

Least charging 8 of 10 MW, least discharging 6 of 10 MW, a tenth of the energy lost in an hour, efficiency 1, empty at
the start and at least empty at the end. Load 5, 26, 0.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clearing import day_ahead
from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.resources import StorageMode
from clearing.case.result import ClearingResult
from clearing.grid.monitored import grid
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.dispatch import dispatch
from clearing.solve.options import SolveOptions
from tests.factory import market
from tests.hand.run import optimum


def case(**store: object) -> Case:
    row = {"id": "S", "power": 10.0, "energy": 50.0, "charge_min": 8.0, "discharge_min": 6.0, "loss": 0.1}
    return market(
        [5.0, 26.0, 0.0],
        units=[
            {"id": "A", "p_max": 20.0, "price": 10.0},
            {"id": "B", "p_max": 20.0, "price": 50.0},
        ],
        storage=[row | store],
    )


@pytest.fixture(scope="module")
def answer() -> ClearingResult:
    return optimum(case())


def test_it_charges_the_least_that_the_loss_leaves_enough_of(answer: ClearingResult) -> None:
    """6 MW are short of A in hour 2. 6/0.9 = 6.67 MWh would do, but it charges 8 or nothing: 7.2 MWh are left.

    Cost: A 13 + (26 − d) MW at 10 with d = 7.2 (all that is left, at 0 each): 130 + 188 = 318. Standing still: A 5 + 20
    and B 6: 50 + 200 + 300 = 550.
    """
    schedule = answer.schedule
    assert schedule is not None
    assert schedule.charge_mw[0] == pytest.approx([8.0, 0.0, 0.0], abs=1e-6)
    assert schedule.discharge_mw[0] == pytest.approx([0.0, 7.2, 0.0], abs=1e-6)
    assert schedule.energy_mwh[0] == pytest.approx([8.0, 0.0, 0.0], abs=1e-6)
    assert answer.costs is not None
    assert answer.costs.total == pytest.approx(318.0)


def test_prices_come_from_the_unit_while_the_store_is_at_its_least(answer: ClearingResult) -> None:
    """Hour 1: A stands at 13 of 20; hour 2: A at 18.8 of 20: both at 10."""
    assert answer.prices is not None
    assert answer.prices.bus_price[0, :2] == pytest.approx([10.0, 10.0])


@pytest.mark.parametrize(
    ("mode", "cost"),
    [
        ([1, 0, 0], 550.0),  # idle in hour 1: nothing stored
        ([2, 1, 0], 130.0 + 200.0 + 300.0),  # charges 8 MW, may not give it back: B again
        # Charges 8 MW in hour 1, discharges 6 MW or more in hour 2, the rest of 7.2 MWh at least: the same as free.
        ([2, 3, 0], 318.0),
    ],
)
def test_given_modes(mode: list[int], cost: float) -> None:
    found = optimum(case(mode=mode))
    assert found.costs is not None
    assert found.costs.total == pytest.approx(cost)
    assert found.schedule is not None
    idle = np.array(mode) == StorageMode.IDLE
    assert not (found.schedule.charge_mw[0][idle].any())
    assert not (found.schedule.discharge_mw[0][idle].any())


ON = np.ones((2, 3), dtype=np.int8)


@pytest.mark.parametrize("seconds", [0.0, 60.0])
def test_a_search_over_modes_that_is_cut_short_says_how_far_it_may_be(seconds: float) -> None:
    """The relaxation charges 6.67 MW, which no mode can: 10·(31 + 0.67) = 316.67 is a bound of the true 318."""
    found = dispatch(case(), load("generic"), grid(case()), ON, None, RunControl(), mode_seconds=seconds)
    assert found is not None
    assert found.lp_objective * (1.0 - found.mode_gap) <= 318.0 + 1e-6
    if seconds:
        assert found.lp_objective == pytest.approx(318.0)
        assert found.mode_gap <= 1e-9
    else:
        assert found.lp_objective * (1.0 - found.mode_gap) == pytest.approx(950.0 / 3.0)
        assert found.lp_objective >= 318.0 - 1e-6


def test_a_cut_search_is_told_and_the_answer_audited() -> None:
    given = replace(case(), commitment=CommitmentInput(CommitmentUse.FIXED, ON))
    told = day_ahead.clear(given, load("generic"), SolveOptions(time_limit_seconds=0.0), RunControl())
    assert told.audit_passed
    assert "search over modes of storage was cut short" in told.termination.detail
    exact = day_ahead.clear(given, load("generic"), SolveOptions(reproducible=True), RunControl())
    assert exact.termination.detail == ""
    assert exact.costs is not None
    assert exact.costs.total == pytest.approx(318.0)
