"""What is held beyond the least positive reserve counts what the result counts: pumped hydro as well."""

from __future__ import annotations

import pytest

from clearing.day_ahead import clear
from clearing.explain.needs import positive_slack
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.factory import market


def test_water_in_a_reservoir_counts() -> None:
    """100 MW on line serve 80; 10 MWh give 8 MW for an hour, and 10 MW are asked for: 18 are left of 28."""
    pump = {"id": "p", "max": 20.0, "eta": 0.8}
    pool = {"id": "r", "energy": 10.0, "initial": 10.0}
    case = market([80.0], [{"id": "u", "p_max": 100.0, "price": 10, "must_run": 1}], pumps=[pump], reservoirs=[pool],
                  positive_min_mw=[10.0])  # fmt: skip
    rules = load("generic")
    found = clear(case, rules, SolveOptions(), RunControl())
    assert found.schedule is not None
    assert found.schedule.reservoir_mwh[0].tolist() == pytest.approx([10.0])
    slack = positive_slack(case, rules, found.schedule)
    assert slack is not None
    assert slack.tolist() == pytest.approx([18.0])
