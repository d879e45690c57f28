"""MOST's t_most_uc, first two results (economic dispatch with commitment; the same on the network)."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.io import loadmat

from clearing.case.case import Case
from clearing.case.result import ClearingResult, Reason
from clearing.day_ahead import clear
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.outside.most import folder, three_bus

GENERATION_COST = {"ed": 113459.645, "dcopf": 124039.53}
BUS_1 = [30.0, 25.0, 25.0, 25.0, 40.0, 30.0, 30.0, 25.0, 25.0, 25.0, 30.0, 30.0]
LOAD_VALUE = 1000.0
RAMP_RESERVE = 1e-5
"""MOST's reserve prices of 1e-6 stay on and move its prices by up to 5e-6; its own test compares to 1e-5."""


@dataclass(frozen=True)
class Solved:
    name: str
    case: Case
    answer: ClearingResult


@pytest.fixture(scope="module", params=["ed", "dcopf"])
def solved(request: pytest.FixtureRequest) -> Solved:
    case = three_bus(network=request.param == "dcopf")
    return Solved(request.param, case, clear(case, load("generic"), SolveOptions(gap=0.0), RunControl()))


def theirs(name: str, field: str) -> np.ndarray:
    """A result that MOST's own test expects."""
    soln = loadmat(folder() / "lib" / "t" / "t_most_uc_soln.mat", squeeze_me=True, struct_as_record=False)
    return np.asarray(getattr(soln[name], field), dtype=float)


def test_the_optimum_is_proved_and_audited(solved: Solved) -> None:
    assert solved.answer.termination.reason is Reason.OPTIMAL_WITHIN_GAP
    assert solved.answer.audit_passed, solved.answer.audit
    assert solved.answer.violations == ()


def test_generation_cost_to_the_printed_digits(solved: Solved) -> None:
    assert solved.answer.costs is not None
    assert solved.answer.costs.total == pytest.approx(GENERATION_COST[solved.name], abs=5e-4)


def test_objective_is_that_of_the_file_less_the_value_of_the_load(solved: Solved) -> None:
    """Theirs counts the load as −1000 an MWh and 1e-6 a MW of ramp reserve (hundreds of MW over 12 h: below 0.02)."""
    assert solved.answer.costs is not None
    value = LOAD_VALUE * solved.case.loads.mw.sum()
    assert float(theirs(solved.name, "f")) == pytest.approx(solved.answer.costs.total - value, abs=0.02)


def test_schedule_of_every_unit_and_hour(solved: Solved) -> None:
    schedule = solved.answer.schedule
    assert schedule is not None
    thermal, wind = [0, 1, 2], 4
    pg, u = theirs(solved.name, "Pg"), theirs(solved.name, "u")
    assert np.array_equal(schedule.on, u[thermal])
    assert schedule.dispatch_mw == pytest.approx(pg[thermal], abs=1e-6)
    assert schedule.renewable_mw[0] == pytest.approx(pg[wind], abs=1e-6)


def test_price_of_every_bus_and_hour(solved: Solved) -> None:
    assert solved.answer.prices is not None
    found, expected = solved.answer.prices.bus_price, theirs(solved.name, "lamP")
    assert found == pytest.approx(expected[: len(found)], abs=RAMP_RESERVE)


@pytest.mark.parametrize("solved", ["dcopf"], indirect=True)
def test_price_at_bus_1_on_the_network(solved: Solved) -> None:
    assert solved.answer.prices is not None
    assert solved.answer.prices.bus_price[0] == pytest.approx(BUS_1, abs=1e-6)


@pytest.mark.parametrize("solved", ["dcopf"], indirect=True)
def test_flows_and_shadow_prices_of_the_lines(solved: Solved) -> None:
    answer, network = solved.answer, solved.case.network
    assert answer.flows is not None
    assert answer.flows.branch_mw == pytest.approx(theirs("dcopf", "Pf"), abs=1e-5)
    shadow = np.zeros(answer.flows.branch_mw.shape)
    for b in answer.bindings:
        if b.family == "branch":
            shadow[network.branch_id.index(b.subject), b.period] = b.shadow_price
    assert shadow == pytest.approx(theirs("dcopf", "muF"), abs=2 * RAMP_RESERVE)
