"""A Pyomo model as rows and columns by name, without a solver, and HiGHS on it for quick changes of one side."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import highspy
import numpy as np
import pyomo.environ as pyo
import scipy.sparse as sp
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

INF = np.inf
Name = tuple[str, tuple[int, ...]]
"""Family and index: ("ramp_up", (2, 0))."""


def name_of(component: Any) -> Name:
    """Family and index of a row or column of a Pyomo model."""
    at = component.index()
    return component.parent_component().local_name, at if isinstance(at, tuple) else (at,)


@dataclass(frozen=True)
class Compiled:
    """min cost·x + offset, row_lower ≤ matrix·x ≤ row_upper, lower ≤ x ≤ upper; rows, columns: places by name."""

    cost: np.ndarray
    offset: float
    matrix: sp.csr_array
    row_lower: np.ndarray
    row_upper: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    integer: np.ndarray
    rows: dict[Name, int]
    columns: dict[Name, int]

    @cached_property
    def labels(self) -> list[Name]:
        return list(self.columns)

    def row(self, name: Name) -> tuple[dict[Name, float], float, float]:
        """({column: coefficient}, lower, upper)."""
        r = self.rows[name]
        start, end = self.matrix.indptr[r : r + 2]
        found = zip(self.matrix.indices[start:end], self.matrix.data[start:end], strict=True)
        return {self.labels[c]: float(v) for c, v in found}, float(self.row_lower[r]), float(self.row_upper[r])

    def family(self, name: str) -> list[tuple[int, ...]]:
        """Indices of the rows of a family."""
        return [at for family, at in self.rows if family == name]


def compiled(m: pyo.ConcreteModel) -> Compiled:
    """Rows and columns of a model; a row with two sides is one row."""
    form = LinearStandardFormCompiler().write(m, mixed_form=True)
    lines, rows, lower, upper = [], {}, [], []
    for line, (constraint, side) in enumerate(form.rows):
        name = name_of(constraint)
        if name not in rows:
            rows[name] = len(rows)
            lines.append(line)
            lower.append(-INF)
            upper.append(INF)
        if side >= 0:
            upper[rows[name]] = form.rhs[line]
        if side <= 0:
            lower[rows[name]] = form.rhs[line]
    variables = form.columns
    return Compiled(
        cost=form.c.toarray()[0],
        offset=float(form.c_offset[0]),
        matrix=sp.csr_array(sp.csr_array(form.A)[lines]),
        row_lower=np.array(lower),
        row_upper=np.array(upper),
        lower=np.array([-INF if v.lb is None else v.lb for v in variables], dtype=float),
        upper=np.array([INF if v.ub is None else v.ub for v in variables], dtype=float),
        integer=np.array([v.is_binary() for v in variables], dtype=bool),
        rows=rows,
        columns={name_of(v): c for c, v in enumerate(variables)},
    )


class Solver:
    """HiGHS on a problem; any object with the fields of Compiled (but names) will do."""

    def __init__(self, problem: Any, *, relaxed: bool = False, offset: float = 0.0) -> None:
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(problem.cost), len(problem.row_lower)
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = problem.cost, problem.lower, problem.upper
        lp.row_lower_, lp.row_upper_, lp.offset_ = problem.row_lower, problem.row_upper, offset
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = problem.matrix.indptr
        lp.a_matrix_.index_, lp.a_matrix_.value_ = problem.matrix.indices, problem.matrix.data
        if not relaxed and problem.integer.any():
            kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
            lp.integrality_ = [kinds[int(one)] for one in problem.integer]
        self.highs = highspy.Highs()
        for option, value in (("output_flag", False), ("threads", 1), ("mip_rel_gap", 0.0), ("mip_abs_gap", 1e-9)):
            self.highs.setOptionValue(option, value)
        assert self.highs.passModel(lp) != highspy.HighsStatus.kError

    def optimum(self) -> float | None:
        """Objective, or None where there is no feasible point."""
        self.highs.run()
        status = self.highs.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        assert status == highspy.HighsModelStatus.kOptimal, self.highs.modelStatusToString(status)
        return float(self.highs.getInfo().objective_function_value)

    def x(self) -> np.ndarray:
        return np.array(self.highs.getSolution().col_value)

    def duals(self) -> np.ndarray:
        return np.array(self.highs.getSolution().row_dual)
