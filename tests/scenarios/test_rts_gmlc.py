"""The scenario reads as its page and expected.toml say."""

import importlib.util
import tomllib
from pathlib import Path

import pytest

from clearing import formats
from clearing.case.units import Fuel
from clearing.day_ahead import clear
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions

FOLDER = Path(__file__).parents[2] / "scenarios" / "rts-gmlc"


@pytest.mark.skipif(importlib.util.find_spec("dispatches_data") is None, reason="data come with the cases extra")
def test_the_input_is_the_one_described() -> None:
    expected = tomllib.loads((FOLDER / "expected.toml").read_text())
    case = formats.read(FOLDER)
    wind = case.renewables.fuel == Fuel.WIND
    found: dict[str, float] = {
        "periods": case.horizon.periods,
        "period_minutes": case.horizon.period_minutes,
        "units": len(case.units.id),
        "sites": len(case.renewables.id),
        "buses": len(case.network.bus_id),
        "branches": len(case.network.branch_id),
        "thermal_capacity_mw": case.units.p_max_mw[:, 0].sum(),
        "load_mwh": case.loads.mw.sum() * case.horizon.hours,
        "load_peak_mw": case.loads.mw.sum(axis=0).max(),
        "wind_mwh": case.renewables.forecast_mw[wind].sum() * case.horizon.hours,
        "initial_units_on": case.units.initial_on.sum(),
        "initial_mw": case.units.initial_mw.sum(),
    }
    assert found == pytest.approx(expected["input"], rel=expected["tolerance"]["input"])
    assert any("212_CSP_1: incremental heat rates not rising" in note for note in case.notes)


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("dispatches_data") is None, reason="data come with the cases extra")
def test_the_day_clears_within_the_stated_figures() -> None:
    expected = tomllib.loads((FOLDER / "expected.toml").read_text())["cleared"]
    case = formats.read(FOLDER)
    result = clear(case, load("generic"), SolveOptions(time_limit_seconds=120, gap=0.01), RunControl())
    objective, bound = result.termination.objective, result.termination.bound
    assert objective is not None
    assert bound is not None
    assert bound <= objective
    assert expected["objective_least"] <= objective <= expected["objective_most"]
    assert bound <= expected["objective_most"]
    assert len(result.violations) == expected["violations"]
    assert expected["congested_branch"] in {b.subject for b in result.bindings if b.family == "branch"}
    assert result.audit_passed
