"""One run of one peer on one instance, in a process of its own: seconds by phase, objective, bound, peak memory."""

from __future__ import annotations

import json
import math
import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clearing import formats
from clearing.day_ahead import clear
from clearing.formulation.scuc import scuc
from clearing.grid.islands import islands
from clearing.milp.highs import SOLVER_VERSION, Highs, Limits, Watch
from clearing.rules.load import load
from clearing.solve.control import Incumbent, Progress, RunControl
from clearing.solve.options import SolveOptions

Run = dict[str, Any]
CORES = 2
"""Given to everybody who can use them."""
COLD_ONLY = "UC_COLD_ONLY"
"""Variable that leaves the second, warm run of our own clearing out."""
RULES = load("generic", overrides={"reserves.ramp_sharing": "pglib"})


def clearing(path: Path, gap: float, seconds: float) -> Run:
    """The project's own clearing, SCUC to audited prices; first cold (a fresh process), then warm unless that is not
    wanted."""
    cold = _cleared(path, gap, seconds)
    return cold if os.environ.get(COLD_ONLY) else cold | {"warm": _cleared(path, gap, seconds)}


def _cleared(path: Path, gap: float, seconds: float) -> Run:
    started, first, searched = time.perf_counter(), [], []
    case = formats.read(path)
    read, cpu = time.perf_counter() - started, time.process_time()

    def heard(_: Incumbent) -> None:
        if not first:
            first.append(time.perf_counter() - started - read)

    def entered(progress: Progress) -> None:
        if progress.stage == "dispatch" and not searched:
            searched.append(time.process_time() - cpu)

    control = RunControl(on_incumbent=heard, on_progress=entered, threads=CORES)
    result = clear(case, RULES, SolveOptions(time_limit_seconds=seconds, gap=gap), control)
    end, total = result.termination, time.perf_counter() - started - read
    stages = dict(end.seconds)
    return {
        "objective": end.objective,
        "bound": end.bound,
        "bound_kind": end.bound_kind.name,
        "ended": end.reason.name,
        "search_s": stages.get("form", 0.0) + stages.get("commit", 0.0),
        "search_cpu_s": searched[0] if searched else None,
        "first_s": first[0] if first else None,
        "total_s": total,
        "phases_s": {"read": read} | stages,
        "audit_passed": result.audit_passed,
        "broken": len(result.violations),
    }


def highs(path: Path, gap: float, seconds: float) -> Run:
    """HiGHS on the compact model as arrays, on the same cores."""
    case = formats.read(path)
    started, first = time.perf_counter(), []
    model = scuc(case, RULES, islands(case))
    formed = time.perf_counter()
    solver = Highs(model.problem, threads=CORES)
    handed = time.perf_counter()

    def better(*_: object) -> None:
        if not first:
            first.append(time.perf_counter() - started)

    cpu = time.process_time()
    out = solver.run(Limits(seconds=seconds, relative_gap=gap, absolute_gap=0.0), Watch(on_solution=better))
    ended = time.perf_counter()
    return {
        "search_cpu_s": time.process_time() - cpu,
        "objective": out.objective,
        "bound": out.bound,
        "bound_kind": "SOLVER_CLAIMED",
        "ended": out.condition.name,
        "search_s": ended - started,
        "first_s": first[0] if first else None,
        "total_s": ended - started,
        "phases_s": {"form": formed - started, "hand-over": handed - formed, "solve": ended - handed},
    }


def scip(path: Path, gap: float, seconds: float) -> Run:
    """SCIP on the compact model, handed over as a file of the exchange format MPS."""
    import pyscipopt  # noqa: PLC0415  only this peer needs it

    case = formats.read(path)
    started = time.perf_counter()
    model = scuc(case, RULES, islands(case))
    formed = time.perf_counter()
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "model.mps"
        Highs(model.problem, threads=1).write(file)
        solver = pyscipopt.Model()
        solver.hideOutput()
        solver.readProblem(str(file))
    handed = time.perf_counter()
    solver.setParam("limits/time", seconds)
    solver.setParam("limits/gap", gap)
    solver.optimize()
    ended = time.perf_counter()
    found = solver.getNSols() > 0
    return {
        "objective": solver.getObjVal() if found else None,
        "bound": solver.getDualbound(),
        "bound_kind": "SOLVER_CLAIMED",
        "ended": str(solver.getStatus()),
        "search_s": ended - started,
        "first_s": None,
        "total_s": ended - started,
        "phases_s": {"form": formed - started, "hand-over": handed - formed, "solve": ended - handed},
    }


def egret_highs(path: Path, gap: float, seconds: float) -> Run:
    """Egret's tight model with HiGHS, in an interpreter of its own."""
    script = Path(__file__).parents[1] / "peers" / "egret_pglib.py"
    with tempfile.TemporaryDirectory() as place:
        out = Path(place) / "run.json"
        command = [os.environ["EGRET_PYTHON"], str(script), str(path), str(out), str(gap), str(seconds)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return dict(json.loads(out.read_text()))


RUNNERS: dict[str, Callable[[Path, float, float], Run]] = {
    "clearing": clearing,
    "highs": highs,
    "scip": scip,
    "egret-highs": egret_highs,
}


def run(peer: str, path: Path, gap: float, seconds: float) -> Run:
    """A run, with what every one of them says."""
    load_before = os.getloadavg()[0]
    found = RUNNERS[peer](path, gap, seconds)
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1e6
    said = {"gap": relative_gap(found["objective"], found["bound"]), "load": load_before, "solver": SOLVER_VERSION}
    return {"peak_gb": peak} | found | said


def relative_gap(objective: float | None, bound: float | None) -> float | None:
    """(objective − bound)/max(|objective|, |bound|, 1), as in the project's Termination; None without one of them."""
    if objective is None or bound is None or not math.isfinite(bound):
        return None
    return (objective - bound) / max(abs(objective), abs(bound), 1.0)


def reached(run: Run) -> bool:
    """Whether the run ended within the gap asked (a millionth of it more counts as within)."""
    gap = run.get("gap")
    return gap is not None and gap <= run["gap_asked"] * (1.0 + 1e-6)
