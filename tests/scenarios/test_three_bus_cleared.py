"""What production answers on the hand-worked folder, figure by figure."""

import json
from pathlib import Path

import numpy as np
import pytest

from clearing import formats
from clearing.case.case import Case
from clearing.case.result import ClearingResult, Reason
from clearing.day_ahead import clear
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions

FOLDER = Path(__file__).parents[2] / "scenarios" / "three-bus"
EXPECTED = json.loads((FOLDER / "expected.json").read_text())
TOLERANCE = EXPECTED["tolerance"]


@pytest.fixture(scope="module")
def case() -> Case:
    return formats.read(FOLDER)


@pytest.fixture(scope="module")
def result(case: Case) -> ClearingResult:
    answer: ClearingResult = clear(case, load(EXPECTED["rules"]), SolveOptions(gap=0.0), RunControl())
    return answer


def table(key: str) -> np.ndarray:
    return np.array(list(EXPECTED[key].values()), dtype=float)


def test_the_optimum_is_proved_and_costs_what_the_page_says(result: ClearingResult) -> None:
    assert result.termination.reason is Reason.OPTIMAL_WITHIN_GAP
    assert result.termination.objective == pytest.approx(EXPECTED["objective"], abs=TOLERANCE["objective"])
    assert result.costs is not None
    found = {k: getattr(result.costs, k) for k in EXPECTED["costs"]}
    assert found == pytest.approx(EXPECTED["costs"], abs=TOLERANCE["objective"])
    assert result.violations == ()


def test_commitment_dispatch_and_flows(result: ClearingResult) -> None:
    assert result.schedule is not None
    assert result.flows is not None
    assert np.array_equal(result.schedule.on, table("commitment"))
    assert result.schedule.dispatch_mw == pytest.approx(table("dispatch_mw"), abs=TOLERANCE["mw"])
    assert result.flows.branch_mw == pytest.approx(table("branch_flow_mw"), abs=TOLERANCE["mw"])


def test_prices_by_bus_with_their_parts_zones_and_system(case: Case, result: ClearingResult) -> None:
    assert result.prices is not None
    p = result.prices
    assert p.bus_price == pytest.approx(table("bus_price"), abs=TOLERANCE["price"])
    assert p.bus_energy == pytest.approx(table("bus_energy"), abs=TOLERANCE["price"])
    assert p.bus_congestion == pytest.approx(table("bus_congestion"), abs=TOLERANCE["price"])
    assert p.system_price[0] == pytest.approx(EXPECTED["system_price"], abs=TOLERANCE["price"])
    zones = dict(zip(case.network.zone_id, p.zone_price.tolist(), strict=True))
    for zone, price in EXPECTED["zone_price"].items():
        assert zones[zone] == pytest.approx(price, abs=TOLERANCE["price"])
    assert p.zone_plain_mean[case.network.zone_id.index("west")].all()


def test_make_whole(case: Case, result: ClearingResult) -> None:
    assert result.uplift is not None
    found = dict(zip(case.units.id, result.uplift.make_whole, strict=True))
    assert found == pytest.approx(EXPECTED["make_whole"], abs=TOLERANCE["objective"])
