"""Solvers of the readable models: any that Pyomo knows, or a class of your own (docs/add-your-solver.md)."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import math
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, Protocol

import pyomo.environ as pyo
from pyomo.common.errors import PyomoException
from pyomo.common.log import LoggingIntercept
from pyomo.opt import TerminationCondition

GAP_CONFIG = ("mip_gap", "rel_gap")
"""The relative gap, as Pyomo's older (appsi_…) and newer solver interfaces call it."""
GAP_OPTION = {
    "cbc": "ratioGap", "glpk": "mipgap", "gurobi": "MIPGap", "cplex": "mip_tolerances_mipgap", "xpress": "miprelstop",
    "scip": "limits/gap",
}  # fmt: skip
"""The same as an option of solvers that Pyomo runs as a program, or by its oldest interfaces."""
THREADS_OPTION = {"cbc": "threads", "gurobi": "Threads", "cplex": "threads", "xpress": "threads"}
MOST_FRACTION = 1e-3
"""Of a binary, from a whole number; solvers hold 1e-5 or less."""
ALIASES = {"scip": ("scip", "scip_direct")}
"""Names that more than one interface of Pyomo answers to: the first one that is installed."""


@dataclass(frozen=True)
class Limits:
    """Relative gap to stop at, seconds of wall clock (None = no limit), threads (None = the solver's own choice)."""

    gap: float = 0.0
    seconds: float | None = None
    threads: int | None = None


@dataclass(frozen=True)
class Found:
    """What a solver ended with; where there is an objective the solution is in the model.

    status: in the solver's words, `optimal` within the gap asked. bound: no schedule costs less; None = none proved.
    """

    status: str
    objective: float | None = None
    bound: float | None = None
    nodes: int | None = None
    notes: tuple[str, ...] = ()


class Solver(Protocol):
    """What the bench needs of a solver."""

    def solve(self, m: pyo.ConcreteModel, limits: Limits) -> Found:
        """Minimise the one objective of the model and leave the solution in it."""


class NotInstalledError(RuntimeError):
    """The solver is not on this machine; the text says what is missing."""


class SolverFailedError(RuntimeError):
    """The solver, or Pyomo's way to it, fell over."""


class PyomoSolver:
    """A solver of Pyomo's SolverFactory. Raises NotInstalledError."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._machine = _machine(name)

    def solve(self, m: pyo.ConcreteModel, limits: Limits) -> Found:
        """Minimise; raises SolverFailedError where there is no answer at all."""
        notes = self._set(limits)
        try:
            with LoggingIntercept(StringIO(), "pyomo", logging.ERROR):
                told = self._machine.solve(m, load_solutions=False, timelimit=limits.seconds)
                if len(told.solution):
                    m.solutions.load_from(told)
        except (RuntimeError, ValueError, PyomoException) as error:
            raise SolverFailedError(str(error).splitlines()[0] if str(error) else type(error).__name__) from error
        solved = bool(len(told.solution)) and _finite(told.problem.upper_bound) is not None and _whole(m)
        bound = _finite(told.problem.lower_bound)
        optimal = told.solver.termination_condition == TerminationCondition.optimal
        objective = float(pyo.value(_objective(m))) if solved else None
        if self.name == "cbc" and optimal and objective is not None and limits.gap > 0.0:
            # Pyomo gives the objective, or the first relaxation, as the bound of a search that CBC ended by its gap.
            bound = objective - limits.gap * abs(objective)
            notes += ("bound: the gap that CBC says it reached",)
        return Found(str(told.solver.termination_condition), objective, bound, _nodes(self._machine, told), notes)

    def _set(self, limits: Limits) -> tuple[str, ...]:
        """Hand gap and threads over; what could not be, in words."""
        machine, notes = self._machine, ()
        config = getattr(machine, "config", None)
        gap = next((name for name in GAP_CONFIG if config is not None and name in config), None)
        if gap is not None:
            config[gap] = limits.gap
        elif self.name in GAP_OPTION:
            machine.options[GAP_OPTION[self.name]] = limits.gap
        else:
            notes += ("gap: the solver's own",)
        if self.name == "cbc":
            machine.options["timeMode"] = "elapsed"
        if limits.threads is None:
            return notes
        if config is not None and "threads" in config:
            config["threads"] = limits.threads
        elif hasattr(machine, "highs_options"):
            machine.highs_options["threads"] = limits.threads
        elif self.name in THREADS_OPTION:
            machine.options[THREADS_OPTION[self.name]] = limits.threads
        else:
            notes += ("threads: the solver's own",)
        return notes


def named(name: str) -> Solver:
    """The solver of a name: `FILE.py:CLASS` or `MODULE:CLASS` of your own, else one of Pyomo's.

    Raises NotInstalledError; what the import of your own code raises is passed on.
    """
    if ":" in name:
        return _own(name)
    missing: list[str] = []
    for one in ALIASES.get(name, (name,)):
        try:
            return PyomoSolver(one)
        except NotInstalledError as error:
            missing.append(str(error))
    raise NotInstalledError("; ".join(missing))


def worst_break(m: pyo.ConcreteModel) -> float:
    """Greatest amount by which the values in the model break a row, a bound or integrality."""
    worst = 0.0
    for row in m.component_data_objects(pyo.Constraint, active=True):
        value = pyo.value(row.body)
        low, high = pyo.value(row.lower), pyo.value(row.upper)
        worst = max(worst, 0.0 if low is None else low - value, 0.0 if high is None else value - high)
    return max([worst, *_bound_breaks(m.component_data_objects(pyo.Var))])


def _bound_breaks(variables: Iterable[Any]) -> Iterable[float]:
    for one in variables:
        if one.value is not None:
            low, high = one.bounds
            yield (low if low is not None else -math.inf) - one.value
            yield one.value - (high if high is not None else math.inf)
            yield abs(one.value - round(one.value)) if one.is_integer() else 0.0


def _own(name: str) -> Solver:
    place, _, of = name.rpartition(":")
    if place.endswith(".py"):
        spec = importlib.util.spec_from_file_location(Path(place).stem, place)
        if spec is None or spec.loader is None or not Path(place).is_file():
            raise NotInstalledError(f"there is no file {place}")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    else:
        module = importlib.import_module(place)
    if not hasattr(module, of):
        raise NotInstalledError(f"{place} has no {of}")
    own: Solver = getattr(module, of)()
    return own


def _machine(name: str) -> Any:
    with LoggingIntercept(StringIO(), "pyomo", logging.WARNING):
        try:
            machine = pyo.SolverFactory(name)
            if machine.available(exception_flag=False):
                return machine
            program = _in_a_wheel(name)
            if program is not None:
                machine = pyo.SolverFactory(name, executable=program)
                if machine.available(exception_flag=False):
                    return machine
        except (RuntimeError, ValueError, PyomoException) as error:
            raise NotInstalledError(f"{name}: {str(error).splitlines()[0]}") from error
    raise NotInstalledError(f"Pyomo finds no solver {name}")


def _in_a_wheel(name: str) -> str | None:
    """CBC as the wheel `pulp` (extra `bench`) brings it, where no `cbc` is on the path."""
    if name != "cbc" or shutil.which("cbc") or importlib.util.find_spec("pulp") is None:
        return None
    from pulp import PULP_CBC_CMD  # noqa: PLC0415  # an extra

    return str(PULP_CBC_CMD().path)


def _whole(m: pyo.ConcreteModel) -> bool:
    """Whether binaries are whole: CBC out of time may leave the relaxation in the model."""
    values = (one.value for one in m.component_data_objects(pyo.Var) if one.is_integer())
    return all(value is None or abs(value - round(value)) < MOST_FRACTION for value in values)


def _objective(m: pyo.ConcreteModel) -> Any:
    return next(m.component_data_objects(pyo.Objective, active=True))


def _finite(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if abs(number) < 1e50 else None


def _nodes(machine: Any, told: Any) -> int | None:
    """Nodes of branch and bound, from the solver itself where it lives in this process, else from what it printed."""
    own = getattr(machine, "_solver_model", None)
    if hasattr(own, "getNNodes"):
        return int(own.getNNodes())
    if hasattr(own, "getInfo"):
        count = int(own.getInfo().mip_node_count)
        return count if count >= 0 else None
    counted = told.solver.statistics.branch_and_bound.number_of_bounded_subproblems
    return int(counted) if isinstance(counted, int) else None
