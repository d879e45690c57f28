"""The only importer of highspy: a problem handed over once, solved as LP or MIP, rows added as they are found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import highspy
import numpy as np
import scipy.sparse as sp
from highspy import HighsModelStatus as Status
from numpy.typing import NDArray

from clearing.milp.outcome import Condition, Face, Outcome
from clearing.milp.problem import Problem, changed, extended
from clearing.milp.standing import BASIC, FREE, LOWER, UPPER, Standing, nonbasic

Callback = highspy.cb.HighsCallbackType
SOLVER_VERSION = "HiGHS " + highspy.Highs().version()

# Any status that is not listed is a failure: nothing is called optimal by default.
_CONDITIONS = {
    Status.kOptimal: Condition.OPTIMAL,
    Status.kTimeLimit: Condition.TIME_LIMIT,
    Status.kSolutionLimit: Condition.WORK_LIMIT,
    Status.kIterationLimit: Condition.WORK_LIMIT,
    Status.kInterrupt: Condition.INTERRUPTED,
    Status.kHighsInterrupt: Condition.INTERRUPTED,  # type: ignore[attr-defined]  # missing in the stubs
    Status.kObjectiveTarget: Condition.OPTIMAL,
    Status.kInfeasible: Condition.INFEASIBLE,
    Status.kUnbounded: Condition.UNBOUNDED,
    Status.kUnboundedOrInfeasible: Condition.INFEASIBLE,
}


ON_FACE = 1e-7
"""Reduced costs and multipliers below this are zero."""

_STATUS = np.array([highspy.HighsBasisStatus(kind) for kind in (LOWER, BASIC, UPPER, FREE)], dtype=object)

MOST_CHANGED = 4096
"""Coefficients that are changed one by one; where more differ a new model is quicker."""

PROVEN = 1e-6
"""How far an LP called optimal may lie outside a limit (MW, MWh) or a reduced cost on the wrong side of 0."""

PERTURBATION = "dual_simplex_cost_perturbation_multiplier"

SLOW_REDUCTIONS = 7 << 12
"""Presolve rules by bit: aggregator, parallel rows and columns, sparsify."""


class SolverError(RuntimeError):
    """The solver refused a call, or a model holds NaN or infinite data."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When a search may end: seconds (None = no limit), relative and absolute gap, nodes (None = no limit)."""

    seconds: float | None = None
    relative_gap: float = 1e-4
    absolute_gap: float = 1e-6
    nodes: int | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """What the caller hears of a running search.

    stopped          True ends the search at the next callback
    on_bounds        (objective or None, bound or None) of the running MIP
    on_solution      (x, objective, bound or None) at every improving solution
    """

    stopped: Callable[[], bool] = lambda: False
    on_bounds: Callable[[float | None, float | None], None] = lambda objective, bound: None
    on_solution: Callable[[NDArray[np.float64], float, float | None], None] = lambda x, objective, bound: None


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) and abs(value) < highspy.kHighsInf else None


class Highs:
    """One problem in one solver instance.

    The library has one pool of threads a process: a run with another number of threads than the last one makes it anew,
    so instances that run at the same time must have the same. stood: whether a basis was handed over to begin at.
    """

    _pool_threads: ClassVar[int | None] = None

    def __init__(self, problem: Problem, *, threads: int, seed: int = 0, relaxed: bool = False) -> None:
        self.threads, self._relaxed, self._integer = threads, relaxed, False
        self.stood = False
        self.problem = problem
        self._highs = highspy.Highs()
        for name, value in (("output_flag", False), ("threads", threads), ("random_seed", seed)):
            self._accept(self._highs.setOptionValue(name, value), f"option {name}")
        self._accept(self._highs.passModel(_model(problem, relaxed=relaxed)), "passModel")
        self._added_rows: list[tuple[sp.csr_array, NDArray[np.float64], NDArray[np.float64]]] = []
        self._added_columns: list[tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]] = []
        self._ended: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None
        self._holds(problem)

    def _holds(self, problem: Problem) -> None:
        """Note the costs and bounds that the library holds: asking it copies the whole model."""
        self._cost, self._lower, self._upper = map(_own, (problem.cost, problem.lower, problem.upper))
        self._row_lower, self._row_upper = map(_own, (problem.row_lower, problem.row_upper))

    def become(self, problem: Problem, threads: int) -> bool:
        """Turn a relaxed instance into that of a problem of the same shape; False = too much differs, nothing is done.

        Data are changed in place, what was added is taken out, no column is integer, nothing of the last solve stays.
        """
        own, lp = self.problem, self._highs
        if not self._relaxed or threads != self.threads or own.matrix.shape != problem.matrix.shape:
            return False
        row, column, value = changed(own.matrix, problem.matrix)
        if len(value) > MOST_CHANGED:
            return False
        _sound(problem)
        rows, columns = problem.matrix.shape
        self.forget()
        for count, kept, delete in ((lp.getNumRow(), rows, lp.deleteRows), (lp.getNumCol(), columns, lp.deleteCols)):
            if count > kept:
                self._accept(delete(count - kept, np.arange(kept, count, dtype=np.int32)), "deletion")
        for i, j, entry in zip(row.tolist(), column.tolist(), value.tolist(), strict=True):
            self._accept(lp.changeCoeff(i, j, entry), "changeCoeff")
        if self._integer:
            self.set_integer(np.arange(columns), integer=False)
        other = np.flatnonzero(self._cost[:columns] != problem.cost)
        self.set_costs(other, problem.cost[other])
        lower, upper = self._lower[:columns], self._upper[:columns]
        other = np.flatnonzero((lower != problem.lower) | (upper != problem.upper))
        self.set_bounds(other, problem.lower[other], problem.upper[other])
        lower, upper = self._row_lower[:rows], self._row_upper[:rows]
        other = np.flatnonzero((lower != problem.row_lower) | (upper != problem.row_upper))
        status = lp.changeRowsBounds(  # type: ignore[attr-defined]  # missing in the stubs
            len(other), _int32(other), problem.row_lower[other], problem.row_upper[other]
        )
        self._accept(status, "changeRowsBounds")
        self._holds(problem)
        self.problem, self._added_rows, self._added_columns, self._integer = problem, [], [], False
        return True

    def add_rows(self, matrix: sp.csr_array, lower: NDArray[np.float64], upper: NDArray[np.float64]) -> None:
        """Add rows over the existing columns."""
        count = matrix.shape[0]
        if count:
            status = self._highs.addRows(
                count,
                lower,
                upper,
                matrix.nnz,
                matrix.indptr[:-1].astype(np.int32),
                _int32(matrix.indices),
                matrix.data,
            )
            self._accept(status, "addRows")
            self._added_rows.append((matrix, lower, upper))
            self._row_lower = np.concatenate([self._row_lower, lower])
            self._row_upper = np.concatenate([self._row_upper, upper])

    def add_columns(
        self,
        cost: NDArray[np.float64],
        lower: NDArray[np.float64],
        upper: NDArray[np.float64],
        matrix: sp.csc_array | None = None,
    ) -> None:
        """Add continuous columns; matrix (rows, columns): coefficients, unknown to `whole`; None = no row yet."""
        if not len(cost):
            return
        part = sp.csc_array((1, len(cost))) if matrix is None else matrix
        starts = part.indptr[:-1].astype(np.int32)
        status = self._highs.addCols(
            len(cost), cost, lower, upper, part.nnz, starts, _int32(part.indices), part.data.astype(float)
        )
        self._accept(status, "addCols")
        self._added_columns.append((cost, lower, upper))
        self._cost, self._lower, self._upper = (
            np.concatenate(pair) for pair in ((self._cost, cost), (self._lower, lower), (self._upper, upper))
        )

    def drop_columns(self, columns: NDArray[np.int64]) -> None:
        """Take added columns out, unknown to `whole`; those behind them move up. The basis is forgotten."""
        self._accept(self._highs.deleteCols(len(columns), _int32(columns)), "deletion")
        self._cost, self._lower, self._upper = (np.delete(v, columns) for v in (self._cost, self._lower, self._upper))

    def set_bounds(self, columns: NDArray[np.int64], lower: NDArray[np.float64], upper: NDArray[np.float64]) -> None:
        """Change bounds of columns."""
        self._lower[columns], self._upper[columns] = lower, upper
        self._accept(
            self._highs.changeColsBounds(len(columns), _int32(columns), lower.astype(float), upper.astype(float)),
            "changeColsBounds",
        )

    def set_costs(self, columns: NDArray[np.int64], cost: NDArray[np.float64]) -> None:
        """Change costs of columns."""
        self._cost[columns] = cost
        self._accept(self._highs.changeColsCost(len(columns), _int32(columns), cost.astype(float)), "changeColsCost")

    def optimal_face(self) -> Face:
        """After an optimal LP: what every optimum has in common.

        Columns with a reduced cost are held at their value, rows with a multiplier at their activity; whatever is
        feasible then is optimal (complementary slackness).
        """
        solution, (x, row_dual) = self._highs.getSolution(), self._point()
        priced = np.abs(np.array(solution.col_dual)) > ON_FACE
        rows = np.flatnonzero(np.abs(row_dual) > ON_FACE)
        lower, upper = np.where(priced, x, self._lower), np.where(priced, x, self._upper)
        row_lower, row_upper = self._row_lower.copy(), self._row_upper.copy()
        row_lower[rows] = row_upper[rows] = np.array(solution.row_value)[rows]
        return Face(~priced, lower, upper, row_lower, row_upper)

    def hold_optimal_face(self) -> NDArray[np.bool_]:
        """Hold what every optimum has in common. Returns which columns are still free."""
        face = self.optimal_face()
        columns = np.flatnonzero(~face.free)
        self.set_bounds(columns, face.lower[columns], face.upper[columns])
        rows = np.flatnonzero((face.row_lower != self._row_lower) | (face.row_upper != self._row_upper))
        held = (len(rows), _int32(rows), face.row_lower[rows], face.row_upper[rows])
        self._row_lower, self._row_upper = face.row_lower, face.row_upper
        status = self._highs.changeRowsBounds(*held)  # type: ignore[attr-defined]  # missing in the stubs
        self._accept(status, "changeRowsBounds")
        return face.free

    def whole(self) -> Problem:
        """The problem with the columns and rows that were added to it."""
        return extended(self.problem, self._added_columns, self._added_rows, {})

    def set_integer(self, columns: NDArray[np.int64], *, integer: bool) -> None:
        """Turn integrality of columns on or off."""
        self._integer |= integer
        kind = highspy.HighsVarType.kInteger if integer else highspy.HighsVarType.kContinuous
        kinds = np.full(len(columns), kind)
        self._accept(self._highs.changeColsIntegrality(len(columns), _int32(columns), kinds), "changeColsIntegrality")

    def start_from(self, columns: NDArray[np.int64], values: NDArray[np.float64]) -> None:
        """Hand over values of some columns (the integer ones); the solver completes them to a first incumbent."""
        self._accept(self._highs.setSolution(len(columns), _int32(columns), values.astype(float)), "setSolution")

    def standing(self) -> Standing | None:
        """How columns and rows stand in the basis of the LP just solved; None where the solver holds none."""
        status, basic = self._highs.getBasicVariables()  # type: ignore[attr-defined]  # missing in the stubs
        if status != highspy.HighsStatus.kOk:
            return None
        solution = self._highs.getSolution()
        column = nonbasic(self._point()[0], self._lower, self._upper)
        row = nonbasic(np.array(solution.row_value), self._row_lower, self._row_upper)
        basic = np.asarray(basic, dtype=np.int64)
        column[basic[basic >= 0]] = BASIC
        row[-1 - basic[basic < 0]] = BASIC  # the library counts rows as −1, −2 …
        return Standing(column, row)

    def stand(self, standing: Standing, *, near: bool = False) -> None:
        """Start the next LP from a basis; presolve is skipped. One that is none is completed by the library.

        near: it is dual feasible but for bounds to flip, and nobody has solved from it. Costs stay as they are then,
        because what the library adds to them against ties would make it infeasible.
        """
        given = highspy.HighsBasis()
        count = int((standing.column == BASIC).sum() + (standing.row == BASIC).sum())
        # what is not as large as a basis, or may be singular, must be checked: what the library calls alien
        given.valid, given.alien = True, near or count != len(standing.row)
        given.col_status, given.row_status = _STATUS[standing.column].tolist(), _STATUS[standing.row].tolist()
        self._accept(self._highs.setBasis(given), "setBasis")
        self.stood = True
        if near:
            self.option(PERTURBATION, 0.0)

    def forget(self) -> None:
        """Solve the next time as if for the first time: without a basis, and with presolve."""
        self._highs.clearSolver()
        self.option(PERTURBATION, 1.0)  # a start may have turned it off
        self.stood = False

    @property
    def proven(self) -> bool:
        """Whether the LP just solved ended at limits kept and reduced costs of the right sign: an optimum by itself."""
        info = self._highs.getInfo()
        return bool(max(info.max_primal_infeasibility, info.max_dual_infeasibility) <= PROVEN)

    def light_presolve(self) -> None:
        """Presolve without the reductions that compare rows and columns with one another: slow on large models."""
        self._accept(self._highs.setOptionValue("presolve_rule_off", SLOW_REDUCTIONS), "option presolve_rule_off")

    def write(self, file: Path) -> None:
        """Write the model as it stands in a format that other solvers read; its suffix says which (.mps, .lp)."""
        self._accept(self._highs.writeModel(str(file)), "writeModel")

    def option(self, name: str, value: float | bool | str) -> None:
        """Set a solver option; an unknown one is an error."""
        self._accept(self._highs.setOptionValue(name, value), f"option {name}")

    def run(self, limits: Limits, watch: Watch | None = None) -> Outcome:
        """Solve within the limits. Without a watch nobody is asked: a callback waits until the interpreter is free."""
        self.option("time_limit", highspy.kHighsInf if limits.seconds is None else max(0.0, limits.seconds))
        self.option("mip_rel_gap", limits.relative_gap)
        self.option("mip_abs_gap", limits.absolute_gap)
        self.option("mip_max_nodes", 2**31 - 1 if limits.nodes is None else limits.nodes)
        if watch is None:
            self._accept(self._highs.setCallback(None, None), "setCallback")
        else:
            self._listen(watch)
        self._pool()
        # The library's clock runs on over several solves of one instance, and its limit is against that clock.
        if limits.seconds is not None:
            self.option("time_limit", self._highs.getRunTime() + max(0.0, limits.seconds))
        self._ended = None
        status = self._highs.run()
        if status == highspy.HighsStatus.kError:
            # Whoever calls the library beside us in this process leaves a pool of which nothing here knows the size.
            highspy.Highs.resetGlobalScheduler(True)
            status = self._highs.run()
        if status == highspy.HighsStatus.kError:
            return Outcome(Condition.FAILED, None, None, None, None, 0, "the solver returned an error")
        return self._outcome()

    def _pool(self) -> None:
        # A pool of another size is an error of the run, even where it is of no use to it.
        if Highs._pool_threads not in (None, self.threads):
            highspy.Highs.resetGlobalScheduler(True)
        Highs._pool_threads = self.threads

    def _listen(self, watch: Watch) -> None:
        # An exception of a listener travels through the library to whoever called `run`.
        def heard(kind: Any, _message: str, out: Any, back: Any, _data: Any) -> None:
            if kind == Callback.kCallbackMipImprovingSolution:
                objective = float(out.objective_function_value)
                watch.on_solution(np.array(out.mip_solution), objective, _finite(out.mip_dual_bound))
            elif kind == Callback.kCallbackMipInterrupt:
                watch.on_bounds(_finite(out.mip_primal_bound), _finite(out.mip_dual_bound))
                back.user_interrupt = watch.stopped()
            elif kind in (Callback.kCallbackSimplexInterrupt, Callback.kCallbackIpmInterrupt):
                back.user_interrupt = watch.stopped()

        self._highs.setCallback(heard, None)
        for kind in (
            Callback.kCallbackMipImprovingSolution,
            Callback.kCallbackMipInterrupt,
            Callback.kCallbackSimplexInterrupt,
            Callback.kCallbackIpmInterrupt,
        ):
            self._highs.startCallback(kind)

    def _point(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Values of the columns and multipliers of the rows that the last run ended at: the library copies them."""
        if self._ended is None:
            solution = self._highs.getSolution()
            self._ended = np.array(solution.col_value), np.array(solution.row_dual)
        return self._ended

    def _outcome(self) -> Outcome:
        status = self._highs.getModelStatus()
        condition = _CONDITIONS.get(status, Condition.FAILED)
        info, solution = self._highs.getInfo(), self._highs.getSolution()
        # An interrupted MIP without incumbent reports an infinite objective; an LP cut short has no feasible point.
        is_mip = bool(np.isfinite(info.mip_gap) or info.mip_node_count >= 0)
        feasible = solution.value_valid and info.primal_solution_status == highspy.kSolutionStatusFeasible
        x = self._point()[0].copy() if feasible else None
        objective = _finite(info.objective_function_value) if feasible else None
        if condition is Condition.OPTIMAL and objective is None:
            condition = Condition.FAILED
        duals = self._point()[1].copy() if solution.dual_valid and not is_mip else None
        bound = _finite(info.mip_dual_bound) if is_mip else (objective if condition is Condition.OPTIMAL else None)
        return Outcome(
            condition, x, objective, bound, duals, max(0, int(info.mip_node_count)),
            self._highs.modelStatusToString(status),
        )  # fmt: skip

    @staticmethod
    def _accept(status: Any, what: str) -> None:
        if status == highspy.HighsStatus.kError:
            raise SolverError(f"the solver refused {what}")


def write_problem(problem: Problem, file: Path, columns: Sequence[str], rows: Sequence[str]) -> None:
    """Write a problem with names in a format that other solvers read; its suffix says which (.mps, .lp).

    Numbers have 15 digits. Raises SolverError where the library would write other names than these.
    """
    lp, highs = _model(problem, relaxed=False), highspy.Highs()
    lp.col_names_, lp.row_names_ = list(columns), list(rows)
    highs.setOptionValue("output_flag", False)
    file.open("ab").close()  # the library does not say what is wrong with a path
    if highs.passModel(lp) != highspy.HighsStatus.kOk or highs.writeModel(str(file)) != highspy.HighsStatus.kOk:
        raise SolverError(f"the solver does not write the model as {file.suffix}")


def _own(side: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array(side, dtype=np.float64)


def _int32(index: NDArray[Any]) -> NDArray[np.int32]:
    return index.astype(np.int32)


def _sound(problem: Problem) -> None:
    for name in ("cost", "lower", "upper", "row_lower", "row_upper"):
        if np.isnan(getattr(problem, name)).any():
            raise SolverError(f"the model's {name} holds NaN")
    if not np.isfinite(problem.cost).all() or not np.isfinite(problem.matrix.data).all():
        raise SolverError("the model's costs or coefficients are not finite")


def _model(problem: Problem, *, relaxed: bool) -> Any:
    _sound(problem)
    by_column = sp.csc_array(problem.matrix)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(problem.cost), len(problem.row_lower)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = problem.cost, problem.lower, problem.upper
    lp.row_lower_, lp.row_upper_ = problem.row_lower, problem.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = _int32(by_column.indptr), _int32(by_column.indices)
    lp.a_matrix_.value_ = by_column.data
    if problem.integer.any() and not relaxed:
        kinds = highspy.HighsVarType
        lp.integrality_ = [kinds.kInteger if i else kinds.kContinuous for i in problem.integer]
    return lp
