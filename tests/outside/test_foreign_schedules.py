"""Schedules that pglib's and Egret's own models make on their own: judged feasible here, at the cost they state.

Nothing of this project's optimiser takes part: the reader makes the case, the audit judges, once in this process and
once through AuditSchedule of a server. The same schedule with one figure changed must fail both.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyomo.environ as pyo
import pytest

from clearing import formats
from clearing.case.case import Case
from clearing.case.schedule import Schedule
from clearing.client import Client
from clearing.server.embedded import EmbeddedServer
from tests.outside import foreign, pglib_model
from tests.outside.test_egret import DATA, PUBLISHED, instance
from tests.outside.test_pglib_small import instance as drawn_instance

SEEDS = range(4)
PEER = Path(__file__).parents[2] / "benchmarks" / "peers" / "egret_schedule.py"


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with EmbeddedServer(threads=1) as server, Client(server.address) as connected:
        yield connected


@dataclass(frozen=True)
class Foreign:
    """A case of ours, and what another model made of the same file."""

    case: Case
    plan: Schedule
    cost: float


def by_pglib(instance: Path, gap: float) -> Foreign:
    """The schedule of pglib's model, which decides everything; its output is above the minimum, ours is not."""
    model, units = pglib_model.build(instance)
    cost = pglib_model.solved(model, gap)
    case = formats.read(instance)
    hours = range(1, case.horizon.periods + 1)

    def rows(of: Any, names: tuple[str, ...]) -> dict[str, list[float]]:
        return {g: [float(pyo.value(of[g, t])) for t in hours] for g in names}

    on = {g: [round(v) for v in row] for g, row in rows(model.ug, case.units.id).items()}
    above = rows(model.pg, case.units.id)
    mw = {g: [above[g][t] + units[g]["power_output_minimum"] * on[g][t] for t in range(len(on[g]))] for g in on}
    wind = rows(model.pw, case.renewables.id)
    return Foreign(case, foreign.schedule(case, on, mw, rows(model.rg, case.units.id), wind), cost)


def accepted(of: Foreign, client: Client) -> None:
    """Feasible, at their cost to 1e-6; and refused as soon as their figures are not theirs any more."""
    errors, objective = foreign.judged(of.case, foreign.result(of.plan, of.cost), client)
    assert errors == ()
    assert objective == pytest.approx(of.cost, rel=1e-6)
    print(f"\n{of.case.name}: stated {of.cost:.6f}, judged {objective:.6f}, {int(of.plan.start.sum())} starts")
    on = np.argwhere(of.plan.on == 1)
    unit, hour = on[len(on) // 2]
    output = of.plan.dispatch_mw.copy()
    output[unit, hour] += 0.5
    wrong = replace(of.plan, dispatch_mw=output)
    errors, _ = foreign.judged(of.case, foreign.result(wrong, of.cost), client)
    assert "BALANCE" in {f.code for f in errors}
    errors, _ = foreign.judged(of.case, foreign.result(of.plan, of.cost * (1.0 + 1e-4)), client)
    assert {f.code for f in errors} == {"OBJECTIVE"}


def one_limit_at_a_stop(path: Path) -> Path:
    """No shut-down limit beyond the ramp: elsewhere our reading of reserve before a stop is the stricter one."""
    raw = json.loads(path.read_text())
    for unit in raw["thermal_generators"].values():
        ramp = unit["power_output_minimum"] + unit["ramp_down_limit"]
        unit["ramp_shutdown_limit"] = min(unit["ramp_shutdown_limit"], ramp)
    path.write_text(json.dumps(raw))
    return path


@pytest.mark.parametrize("seed", SEEDS)
def test_pglibs_own_schedule_of_a_drawn_case(seed: int, client: Client, tmp_path: Path) -> None:
    accepted(by_pglib(one_limit_at_a_stop(drawn_instance(seed, tmp_path)), 1e-9), client)


@pytest.mark.slow
def test_pglibs_own_schedule_of_a_real_day(client: Client, tmp_path: Path) -> None:
    """73 units of RTS-GMLC, the first 12 hours of the day."""
    day = pglib_model.first_hours("rts_gmlc/2020-07-06.json", 12, tmp_path)
    accepted(by_pglib(day, 5e-3), client)


@pytest.mark.slow
@pytest.mark.parametrize("name", PUBLISHED)
def test_egrets_own_schedule(name: str, client: Client, tmp_path: Path) -> None:
    python = os.environ.get("EGRET_PYTHON")
    if not python:
        pytest.skip(f"EGRET_PYTHON names no interpreter with gridx-egret (see {PEER.name})")
    case, out = instance(name), tmp_path / "schedule.json"
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    subprocess.run(
        [python, str(PEER), str(DATA / f"{name}.json"), str(out)], check=True, env=environment, capture_output=True
    )
    made = json.loads(out.read_text())
    assert made["cost"] == pytest.approx(PUBLISHED[name], rel=1e-6)
    plan = foreign.schedule(case, made["on"], made["mw"], made["reserve_mw"])
    accepted(Foreign(case, plan, made["cost"]), client)
