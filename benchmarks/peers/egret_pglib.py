"""Egret's own unit commitment model of a pglib-uc instance: python egret_pglib.py INSTANCE.json OUT.json GAP SECONDS

Runs in an environment of its own (see egret_schedule.py). Writes what `benchmarks/uc/runners.py` asks of every run;
seconds count from the data that are read to the end of the search.
"""

import json
import sys
import time

import pyomo.environ as pyo
from egret.models import unit_commitment
from egret.parsers.pglib_uc_parser import create_ModelData


def main(instance: str, out: str, gap: str, seconds: str) -> None:
    """The tight model on a copper plate, handed to HiGHS by Pyomo's own interface, two threads."""
    data = create_ModelData(instance)
    started = time.perf_counter()
    model = unit_commitment.create_tight_unit_commitment_model(data, network_constraints="copperplate_power_flow")
    formed = time.perf_counter()
    solver = pyo.SolverFactory("appsi_highs")
    solver.config.load_solution = False
    solver.options.update(mip_rel_gap=float(gap), time_limit=float(seconds), threads=2)
    found = solver.solve(model, load_solutions=False)
    ended = time.perf_counter()
    problem, solved = found.problem, found.solver
    run = {
        "objective": _number(problem.upper_bound),
        "bound": _number(problem.lower_bound),
        "bound_kind": "SOLVER_CLAIMED",
        "ended": str(solved.termination_condition),
        "search_s": ended - started,
        "first_s": None,
        "total_s": ended - started,
        "phases_s": {"form": formed - started, "hand-over and solve": ended - formed},
    }
    with open(out, "w", encoding="utf-8") as file:
        json.dump(run, file)


def _number(value: object) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if abs(number) < 1e30 else None


if __name__ == "__main__":
    main(*sys.argv[1:])
