"""Solve the executable specification: python -m models.solve CASE --model scuc|sced|pricing --solver NAME.

The only module here that reads files: the case through `clearing.formats`, rules through `clearing.rules.load`, a
commitment from a result file through `clearing.wire.case_file`.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pyomo.environ as pyo

from clearing.case.case import Case
from clearing.case.finding import Severity
from clearing.case.give_way import give_way
from clearing.case.schedule import Schedule
from clearing.case.validate import validate
from clearing.formats import AUTO, FormatError, read
from clearing.rules.load import load
from clearing.rules.rule_set import RulesError
from clearing.rules.rules import Rules
from clearing.wire import case_file
from models import outcome
from models.data import read as read_data
from models.pricing import pricing, unanswered
from models.sced import sced
from models.scuc import scuc
from models.solvers import Limits, NotInstalledError, SolverFailedError, named


class NoSolutionError(RuntimeError):
    """The solver ended without an optimum (within the gap)."""


@dataclass(frozen=True)
class Solved:
    """Objective, proved bound and wall-clock seconds of one solve."""

    objective: float
    bound: float
    seconds: float


def solve(m: pyo.ConcreteModel, solver: str = "appsi_highs", gap: float = 0.0, seconds: float | None = None) -> Solved:
    """Solve with any solver (`models.solvers.named`); values (and duals of an LP) are in the model afterwards."""
    try:
        machine = named(solver)
        started = time.perf_counter()
        found = machine.solve(m, Limits(gap, seconds))
    except (NotInstalledError, SolverFailedError) as error:
        raise NoSolutionError(f"{solver}: {error}") from error
    elapsed = time.perf_counter() - started
    if found.objective is None:
        raise NoSolutionError(f"{solver}: it ended without a solution: {found.status}")
    return Solved(found.objective, float("-inf") if found.bound is None else found.bound, elapsed)


@dataclass(frozen=True)
class Run:
    """What the command line asks for."""

    model: str
    solver: str
    gap: float
    seconds: float | None

    def solve(self, title: str, m: pyo.ConcreteModel) -> None:
        """Solve and print one line."""
        done = solve(m, self.solver, self.gap, self.seconds)
        size = f"{m.nvariables()} variables, {m.nconstraints()} constraints"
        print(
            f"{title}: objective {done.objective:.6f}, bound {done.bound:.6f}, {done.seconds:.2f} s ({size})",
            flush=True,
        )


def run(case: Case, rules: Rules, asked: Run, schedule: Schedule | None) -> None:
    """SCUC, then SCED at its commitment, then the pricing run, as far as asked; a given schedule takes SCUC's place.

    Of a given schedule the commitment counts, and the modes that its storages are in.
    """
    d = read_data(case, rules)
    if schedule is None:
        m = scuc(case, rules)
        asked.solve("scuc", m)
        schedule = outcome.schedule(m, d)
    on, mode = schedule.on, outcome.storage_mode(schedule)
    if asked.model == "scuc":
        return
    m = sced(case, rules, on, mode, schedule.pumped_mode)
    asked.solve("sced", m)
    if asked.model == "sced":
        return
    dispatched = outcome.schedule(m, d)
    m = pricing(case, rules, dispatched, mode)
    asked.solve("pricing", m)
    missing = unanswered(m, case, rules, dispatched)
    if missing is not None:
        m = pricing(case, rules, dispatched, mode, missing)
        asked.solve("pricing, energy free where nobody can answer", m)
    if not len(m.dual):
        raise NoSolutionError(f"{asked.solver} gives no duals, so no prices")
    for name, prices in zip(case.network.bus_id, outcome.bus_prices(m, d), strict=True):
        print(f"price at {name}:", " ".join(f"{price:.4f}" for price in prices))


def ready(case: Case, rules: Rules) -> Case:
    """The case that is cleared: valid, and where hard data clash the weakest given way. Raises NoSolutionError."""
    wrong = [f"{f.path}: {f.message}" for f in validate(case, rules) if f.severity is Severity.ERROR]
    if wrong:
        raise NoSolutionError("the case is not valid: " + "; ".join(wrong))
    return give_way(case, rules)[0]


def commitment(path: Path, case: Case) -> Schedule:
    """The schedule of a result file (`clearing run --out`). Raises NoSolutionError where it holds none."""
    result, findings = case_file.result_from_json(path.read_text(encoding="utf-8-sig"), case)
    if result is None or result.schedule is None:
        raise NoSolutionError("; ".join([f.message for f in findings] or [f"{path.name} holds no schedule"]))
    return result.schedule


def main(arguments: list[str]) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m models.solve", description="Solve the executable specification.")
    parser.add_argument("case", type=Path, help="case file or folder, any format that `clearing run` reads")
    parser.add_argument("--format", default=AUTO, help="format of the case; default: by content")
    parser.add_argument("--model", choices=("scuc", "sced", "pricing"), default="scuc")
    parser.add_argument(
        "--solver", default="appsi_highs", help="any name of Pyomo's SolverFactory: highs, scip_direct …"
    )
    parser.add_argument("--commitment", type=Path, help="result.json whose commitment replaces the SCUC")
    parser.add_argument("--rules", default="generic", help="name of a rule set")
    parser.add_argument("--gap", type=float, default=1e-4, help="relative gap of the SCUC")
    parser.add_argument("--seconds", type=float, help="time limit of each solve")
    options = parser.parse_args(arguments)
    if options.model == "scuc" and options.commitment is not None:
        parser.error("--commitment replaces the SCUC; ask for --model sced or pricing")
    try:
        case, rules = read(options.case, options.format), load(options.rules)
        case = ready(case, rules)
        given = None if options.commitment is None else commitment(options.commitment, case)
        run(case, rules, Run(options.model, options.solver, options.gap, options.seconds), given)
    except (FormatError, RulesError, NoSolutionError, OSError) as error:
        print(f"models.solve: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
