"""Small random instances solved twice to the optimum: here, and by pglib's own model with every decision left to it.

The instances are drawn so that limits bind: start lags, ramps at starts and stops, min up and down, initial states,
must-run, reserve. A dear unit without limits keeps them feasible, because their model has no soft limit. Lags are drawn
within reach of the min times, so that their equation (7), which forbids a hotter start in the first hours even to a
unit that has run since, forbids nothing (the difference that `formats/pglib_uc.py` states).
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.random import Generator, default_rng

from clearing import formats
from clearing.case.result import ClearingResult, Reason
from clearing.day_ahead import clear
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.outside.pglib_model import build, solved

HOURS = 6
DRAWS = 10
GAP = 1e-7
BACKSTOP = {
    "must_run": 0,
    "power_output_minimum": 0.0,
    "power_output_maximum": 2000.0,
    "ramp_up_limit": 2000.0,
    "ramp_down_limit": 2000.0,
    "ramp_startup_limit": 2000.0,
    "ramp_shutdown_limit": 2000.0,
    "time_up_minimum": 1,
    "time_down_minimum": 1,
    "power_output_t0": 0.0,
    "unit_on_t0": 0,
    "time_down_t0": 1,
    "time_up_t0": 0,
    "startup": [{"lag": 1, "cost": 0.0}],
    "piecewise_production": [{"mw": 0.0, "cost": 0.0}, {"mw": 2000.0, "cost": 400000.0}],
}


def unit(rng: Generator) -> dict[str, Any]:
    up, down = (int(v) for v in rng.integers(1, 4, 2))
    least = float(rng.integers(10, 40))
    most = least + float(rng.integers(20, 120))
    on = bool(rng.random() < 0.5)
    lags = np.cumsum([down, *rng.integers(1, up + 2, 2)]).tolist()
    start = np.cumsum(rng.integers(100, 900, 3)).tolist()
    ramps = {f"ramp_{way}_limit": float(rng.integers(15, 60)) for way in ("up", "down")}
    edges = {f"ramp_{way}_limit": least + float(rng.integers(0, 40)) for way in ("startup", "shutdown")}
    mw = [least, (least + most) / 2, most]
    price = np.sort(rng.integers(10, 60, 3)).astype(float)
    cost = price[0] * least + np.concatenate([[0.0], np.cumsum(price[1:] * np.diff(mw))]) + rng.integers(0, 300)
    return {
        "must_run": int(on and rng.random() < 0.2),
        "power_output_minimum": least,
        "power_output_maximum": most,
        **ramps,
        **edges,
        "time_up_minimum": up,
        "time_down_minimum": down,
        "power_output_t0": float(rng.uniform(least, most)) if on else 0.0,
        "unit_on_t0": int(on),
        "time_up_t0": int(rng.integers(1, 5)) if on else 0,
        "time_down_t0": 0 if on else int(rng.integers(1, 8)),
        "startup": [{"lag": int(lag), "cost": float(c)} for lag, c in zip(lags, start, strict=True)],
        "piecewise_production": [{"mw": m, "cost": float(c)} for m, c in zip(mw, cost, strict=True)],
    }


def instance(seed: int, folder: Path) -> Path:
    rng = default_rng(seed)
    units = {f"u{k}": unit(rng) for k in range(5)}
    capacity = sum(u["power_output_maximum"] for u in units.values())
    demand = capacity * rng.uniform(0.15, 0.9, HOURS)
    wind = rng.uniform(0.0, 0.2 * capacity, HOURS)
    raw = {
        "time_periods": HOURS,
        "demand": demand.tolist(),
        "reserves": (0.05 * demand).tolist(),
        "thermal_generators": {**units, "backstop": BACKSTOP},
        "renewable_generators": {"w": {"power_output_minimum": [0.0] * HOURS, "power_output_maximum": wind.tolist()}},
    }
    path = folder / f"drawn-{seed}.json"
    path.write_text(json.dumps(raw))
    return path


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Path, ClearingResult]]:
    rules = load("generic", overrides={"reserves.ramp_sharing": "pglib"})
    paths = [instance(seed, tmp_path_factory.mktemp("drawn")) for seed in range(DRAWS)]
    return [(p, clear(formats.read(p), rules, SolveOptions(gap=GAP), RunControl())) for p in paths]


@pytest.mark.parametrize("seed", range(DRAWS))
def test_both_models_have_the_same_optimum(seed: int, drawn: list[tuple[Path, ClearingResult]]) -> None:
    path, answer = drawn[seed]
    assert answer.termination.reason is Reason.OPTIMAL_WITHIN_GAP
    assert answer.audit_passed, answer.audit
    assert answer.violations == ()
    assert answer.costs is not None
    model, _ = build(path)
    assert answer.costs.total == pytest.approx(solved(model, GAP), rel=1e-6)


def test_the_draws_hold_many_starts_and_stops(drawn: list[tuple[Path, ClearingResult]]) -> None:
    schedules = [answer.schedule for _, answer in drawn if answer.schedule is not None]
    assert sum(int(s.start.sum()) for s in schedules) >= 2 * DRAWS
    assert sum(int(s.stop.sum()) for s in schedules) >= DRAWS
