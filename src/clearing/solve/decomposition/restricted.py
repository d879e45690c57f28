"""The problem around a commitment: all of it held, or all but an open part, without what that settles."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from clearing.case.arrays import Bools, Flags, Floats
from clearing.formulation.model import Model
from clearing.milp.elastic import OVER, SHORT
from clearing.milp.highs import Highs, Limits, Watch
from clearing.milp.outcome import Condition
from clearing.milp.reduced import Reduced, reduced
from clearing.solve.decomposition.merit_basis import merit_basis
from clearing.solve.extract import commitment_of
from clearing.solve.search import Search, limits_of

EXACT = 1e-7
"""Relative gap of a commitment's own cost, where modes of stores are decided with it."""

NEAR = 0.25
"""Part of the gap asked that branch and bound around a commitment leaves open."""


@dataclass(frozen=True, slots=True)
class Found:
    """A solution of the whole problem: x (columns), its objective, its commitment (N, T) and modes (M, T).

    seconds: what its dispatch took; None where the solution is not the best of its commitment.
    row_dual (rows): multipliers of its dispatch, 0 in rows that the commitment settles; None where that had whole
    numbers to find.
    """

    x: Floats
    objective: float
    on: Flags
    mode: Flags
    seconds: float | None = None
    row_dual: Floats | None = None


def cost_of(search: Search, model: Model, on: Flags) -> Found | None:
    """The least cost of a commitment; None where it was cut short or no solution has it."""
    began = time.monotonic()
    whole = reduced(model.problem, *held(model, on, np.zeros(on.shape, dtype=np.bool_)))
    if whole is None:
        return None
    if whole.settled:
        return found_at(model, whole.lower)
    highs, basis = _solver(search, whole), None if whole.problem.integer.any() else merit_basis(model, whole)
    if basis is not None:
        highs.stand(basis, near=True)
    limits = Limits(search.left(), EXACT, search.rules.solve.absolute_gap / 10)
    outcome = highs.run(limits, Watch(stopped=search.over))
    if outcome.x is None:
        return None
    found = found_at(model, whole.whole(outcome.x))
    if outcome.row_dual is not None:
        row_dual = np.zeros(len(model.problem.row_lower))
        row_dual[whole.rows] = outcome.row_dual
        found = replace(found, row_dual=row_dual)
    optimal = outcome.condition is Condition.OPTIMAL
    return replace(found, seconds=time.monotonic() - began) if optimal else found


def around(
    search: Search, model: Model, best: Found, open_: Bools, target: float, seconds: float | None,
    gap: float | None = None,
) -> Found:  # fmt: skip
    """Branch and bound over the open unit-periods (N, T), from a solution; ends once its objective is at the target.

    gap: relative, of the whole objective, that it may leave open; None = NEAR of the gap asked.
    """
    part = reduced(model.problem, *held(model, best.on, open_))
    if part is None or part.settled:
        return best
    # What is left to gain, against the objective of the whole problem: the part's own may be near zero.
    scale = max(abs(best.objective - part.offset), 1.0)
    gap = NEAR * search.gap_asked() if gap is None else gap
    found = branched(search, model, part, best, target, min(1.0, gap * abs(best.objective) / scale), seconds)
    return found if found is not None and found.objective < best.objective else best


def branched(
    search: Search, model: Model, part: Reduced, best: Found | None, target: float, gap: float, seconds: float | None,
    begin: Floats | None = None, *, sound: bool = True,
) -> Found | None:  # fmt: skip
    """Branch and bound over a part of the problem, from a solution if there is one; ends once its objective is at the
    target, or its own gap is as small as asked. None where it found nothing.

    sound: whether the part knows all of the cost of what it finds, so that the caller may hear of it.
    begin (columns): in place of a solution, whole numbers that the solver completes to a first one.
    """
    highs = _solver(search, part)
    if best is not None:
        highs.start_from(np.arange(len(part.columns)), best.x[part.columns])
    elif begin is not None:
        whole = np.flatnonzero(part.problem.integer)
        highs.start_from(whole, begin[part.columns[whole]])
    highs.option("objective_target", target - part.offset)
    limits = replace(limits_of(search), seconds=seconds, relative_gap=gap)
    known = np.inf if best is None else best.objective

    def heard(x: Floats, objective: float, _: float | None) -> None:
        nonlocal known
        if objective + part.offset < known:
            known = objective + part.offset
            tell(search, found_at(model, part.whole(x)), sound=sound)

    outcome = highs.run(limits, Watch(search.over, lambda objective, bound: search.tell(), heard))
    return None if outcome.x is None else found_at(model, part.whole(outcome.x))


def held(model: Model, on: Flags, open_: Bools) -> tuple[Floats, Floats]:
    """Bounds of all columns with the commitment held where it is not open (N, T); starts and stops go with it."""
    problem = model.problem
    columns, low, high = problem.columns, problem.lower.copy(), problem.upper.copy()
    before = np.concatenate([model.case.units.initial_on[:, None].astype(np.int8), on[:, :-1]], axis=1)
    beside = open_ | np.concatenate([np.zeros((len(on), 1), dtype=np.bool_), open_[:, :-1]], axis=1)
    for name, value, free in (("on", on, open_), ("start", on > before, beside), ("stop", on < before, beside)):
        index = columns[name][~free]
        low[index] = high[index] = value[~free]
    return low, high


def lacking(model: Model, x: Floats) -> Bools:
    """Periods (T) in which a solution breaks a soft limit that stands by period."""
    columns, periods = model.problem.columns, model.case.horizon.periods
    out = np.zeros(periods, dtype=np.bool_)
    for name in columns.names():
        index = columns[name]
        if (name.endswith((SHORT, OVER)) or name in ("shed_step", "surplus_step")) and index.size % periods == 0:
            out |= (x[index].reshape(-1, periods) > EXACT).any(axis=0)
    return out


def tell(search: Search, found: Found, *, sound: bool = True) -> None:
    """Let the caller hear of a solution that no dispatch has confirmed yet; not of its objective, where rows of the
    network may be missing from its problem, or something else is (not sound)."""
    if search.best is None or found.objective < search.best.costs.total:
        search.propose(found.on, found.mode, found.objective)
        search.owed = True
    if sound and search.network_free():
        search.told = found.objective if search.told is None else min(search.told, found.objective)
    search.tell()


def _solver(search: Search, part: Reduced) -> Highs:
    return Highs(part.problem, threads=search.control.threads, seed=search.options.seed)


def found_at(model: Model, x: Floats) -> Found:
    """A solution with its objective, commitment and modes."""
    return Found(x, float(model.problem.cost @ x), *commitment_of(model, x))
