"""The RTS-GMLC day at one commitment: production and the specification, solved through Pyomo, cost the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from clearing.formats import read
from clearing.formulation.scuc import scuc as production_scuc
from clearing.grid.monitored import grid
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.dispatch import dispatch
from clearing.solve.quick_start import merit_order
from models.sced import sced
from models.solve import solve

SCENARIO = Path(__file__).resolve().parents[2] / "scenarios" / "rts-gmlc"


@pytest.mark.slow
def test_sced_of_the_rts_gmlc_day_costs_the_same() -> None:
    pytest.importorskip("dispatches_data", reason="the RTS-GMLC data wheel is not installed")
    case, rules = read(SCENARIO), load("generic")
    grid_ = grid(case)
    on = merit_order(case, rules, production_scuc(case, rules, grid_.islands).data)
    mode = np.zeros(case.storage.charge_max_mw.shape, dtype=np.int8)
    found = dispatch(case, rules, grid_, on, mode, RunControl())
    assert found is not None
    own = found.costs.energy + found.costs.storage + found.costs.penalty
    assert own == pytest.approx(solve(sced(case, rules, on, mode)).objective, rel=1e-7)
    assert found.costs.energy > 1e5
