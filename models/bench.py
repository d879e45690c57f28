"""Form and solve the readable SCUC of a case, measured: one process a solver, so that none takes down the bench."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from typing import Any

import pyomo.environ as pyo

from clearing.bench.rows import Row
from clearing.bench.variants import DEFAULT, Variants
from clearing.case.case import Case
from clearing.rules.rules import Rules
from models.scuc import scuc
from models.solvers import Limits, NotInstalledError, PyomoSolver, Solver, SolverFailedError, named, worst_break

LP_SOLVER = "appsi_highs"
GRACE_SECONDS = 300.0
"""Beyond twice its time limit, for forming the problem and reading the answer: then a run is ended from outside."""


@dataclass(frozen=True)
class Task:
    """All runs of one solver. lp_bounds: also solve the relaxation of every formulation, once."""

    case: Case
    rules: Rules
    solver: str
    variants: tuple[Variants, ...] = (DEFAULT,)
    limits: Limits = field(default_factory=Limits)
    repeats: int = 1
    lp_bounds: bool = False


def runs(task: Task) -> Iterator[Row]:
    """Rows as they come; a solver that is not installed, falls over, dies or does not end is a row that says so."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(there, task), daemon=True)
    process.start()
    there.close()
    allowed = None if task.limits.seconds is None else 2.0 * task.limits.seconds + GRACE_SECONDS
    try:
        for variant in task.variants:
            for run in range(1, task.repeats + 1):
                lost = Row(task.solver, variant.name, run, "did not end", note="ended from outside")
                try:
                    row = here.recv() if here.poll(allowed) else lost
                except EOFError:
                    process.join()
                    row = replace(lost, status="failed", note=f"its process ended with code {process.exitcode}")
                yield row
                if row.status == "not installed" or row is lost or (process.exitcode is not None and not here.poll(0)):
                    return
    finally:
        process.kill()
        process.join()


def measured(task: Task) -> Iterator[Row]:
    """The runs in this process. Pyomo and its writers are warm from the second on, as the figures show."""
    try:
        solver = named(task.solver)
    except NotInstalledError as error:
        yield Row(task.solver, task.variants[0].name, 1, "not installed", note=str(error))
        return
    for variant in task.variants:
        bound = lp_bound(task.case, task.rules, variant) if task.lp_bounds else None
        for run in range(1, task.repeats + 1):
            yield replace(_run(task, solver, variant, run), lp_bound=bound)


def lp_bound(case: Case, rules: Rules, variants: Variants) -> float:
    """Optimum of the LP relaxation of a formulation; money. Raises SolverFailedError."""
    m = scuc(case, rules, variants=variants)
    relax(m)
    found = PyomoSolver(LP_SOLVER).solve(m, Limits())
    if found.objective is None:
        raise SolverFailedError(f"the LP relaxation ended {found.status}")
    return found.objective


def relax(m: pyo.ConcreteModel) -> None:
    """Binaries become fractions, their bounds kept, in place."""
    pyo.TransformationFactory("core.relax_integer_vars").apply_to(m)


def _run(task: Task, solver: Solver, variant: Variants, run: int) -> Row:
    started = time.perf_counter()
    m = scuc(task.case, task.rules, variants=variant)
    formed = time.perf_counter()
    row = Row(
        task.solver, variant.name, run, "failed", form_seconds=formed - started, rows=m.nconstraints(),
        columns=m.nvariables(),
    )  # fmt: skip
    try:
        found = solver.solve(m, task.limits)
    except Exception as error:  # a solver that falls over is a result too, whosever code it is
        return replace(row, note=f"{type(error).__name__}: {error}"[:300])
    ended = time.perf_counter()
    has = found.objective is not None
    return replace(
        row, status=found.status, objective=float(pyo.value(m.cost)) if has else None, bound=found.bound,
        solve_seconds=ended - formed, nodes=found.nodes, worst_break=worst_break(m) if has else None,
        note="; ".join((*found.notes, *_claims(found.objective, m))),
    )  # fmt: skip


def _claims(objective: float | None, m: pyo.ConcreteModel) -> tuple[str, ...]:
    """An objective that is not that of the solution in the model is said; the row has the model's."""
    own = None if objective is None else float(pyo.value(m.cost))
    if objective is None or own is None or abs(objective - own) <= 1e-6 * max(abs(own), 1.0):
        return ()
    return (f"the solver says {objective:.6f}, its solution costs {own:.6f}",)


def _child(there: Connection, task: Task) -> Any:
    for row in measured(task):
        there.send(row)
    there.close()
