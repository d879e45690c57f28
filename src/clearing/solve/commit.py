"""SCUC: quick starts, relaxation, narrow searches, then branch and bound."""

from __future__ import annotations

import time

import numpy as np

from clearing.case.arrays import Flags, Floats
from clearing.case.beginning import Beginning
from clearing.case.case import Case, CommitmentUse
from clearing.case.result import BoundKind, Reason, Violation
from clearing.formulation.model import Model
from clearing.formulation.scuc import scuc
from clearing.grid.monitored import Grid
from clearing.milp.outcome import Condition
from clearing.rules.rules import LossModel, Rules
from clearing.solve.begun import leaning, limits_met
from clearing.solve.by_unit import around_relaxed, better_by_unit
from clearing.solve.control import RunControl
from clearing.solve.decomposition import networked
from clearing.solve.decomposition.capacity import capacity_rows
from clearing.solve.decomposition.stage import applies, decomposed, many
from clearing.solve.dive import dive
from clearing.solve.extract import commitment_of
from clearing.solve.loss_search import again, first_losses, with_known_losses
from clearing.solve.narrow import narrow
from clearing.solve.network_rows import grown
from clearing.solve.options import SolveOptions
from clearing.solve.quick_modes import quick_modes
from clearing.solve.quick_start import merit_order, nearest, rounded, with_products
from clearing.solve.relax import deferred, relax, round_up
from clearing.solve.search import Search, limits_of, solver, start_from_best, watching

HUGE_SECONDS = 60.0
"""Least time for a branch and bound of a huge problem."""

PENALISED = 0.05
"""Part of its cost that penalties may be of a commitment that a search begins at: more, and units are added. A province
that was asked for 1 % more load cost 2.3 % more than the best one as it was, and 7.7 % with the units added."""

PRODUCT_ROUNDS, PRODUCT_SHARE = 3, 0.6
"""Dispatches that a first commitment may cost until it holds the reserve products; part of the time for each."""

BLIND = ("mip_heuristic_run_rens", "mip_heuristic_run_root_reduced_cost", "mip_heuristic_run_feasibility_jump")
"""Searches of the solver at its root that use no known solution. Where few units have been searched by prices one is
known, and the cuts that raise the bound would wait for them: fifteen seconds on a day of rts_gmlc, for nothing."""

GOOD = 0.005
"""Gap of a known solution up to which they are left out: on another day one at 8.5e-3 was not bettered without them."""


def commit(
    case: Case, rules: Rules, grid: Grid, options: SolveOptions, control: RunControl, beginning: Beginning | None = None
) -> tuple[Search, Reason]:
    """Search for the best commitment within the budget. The search's `best` is None only if nothing was feasible.

    beginning: what an earlier result came to; None = from nothing.
    """
    search = Search(case, rules, grid, options, control, beginning=beginning)
    if beginning is not None:
        search.meet(*limits_met(beginning, case, grid))
    seconds = control.budget if options.time_limit_seconds is None else options.time_limit_seconds
    search.ends = time.monotonic() + seconds
    model = scuc(case, rules, grid.islands, first_losses(case, rules, grid))
    search.deferred = deferred(model)
    idle = quick_modes(case, rules, control) if search.deferred is None else None
    by_prices = applies(search, model)
    networks = not by_prices and networked.applies(search, model)
    _before_prices(search, model, idle, by_prices=by_prices, networks=networks)
    if by_prices and not (search.over() or search.closed()):
        decomposed(search, model)
    if networks and not (search.over() or search.closed()):
        networked.by_prices(search, model)
        if search.best is None:
            _try_given(search, model, idle)
            _first_answers(search, model, idle)
    elif search.deferred is not None and not by_prices:
        better_by_unit(search, model, rounds=1)  # one is a sane answer; then the bound, and what it shows, comes first
    model = with_known_losses(search, model)
    if search.tangents:
        search.deferred = deferred(model)
    # bounded by prices, and with a commitment: branch and bound is what is left
    huge = search.deferred is not None
    bounded = search.bound is not None and ((networks and huge) or (by_prices and not many(model)))
    relaxed = None if search.over() or search.closed() or bounded else relax(search, model)
    if relaxed is not None and not search.over():
        x = relaxed.x
        if search.deferred is None:
            round_up(search, model, x)
        else:
            around_relaxed(search, model, x)
            dive(search, model, relaxed)
        if not (search.closed() or _too_late(search)):
            narrow(search, model, x)
    condition = branch(search, model) if not (search.closed() or _too_late(search)) else Condition.TIME_LIMIT
    if rules.losses.model is not LossModel.NONE:
        condition = again(search, model, condition, branch)
    search.complete = condition is Condition.OPTIMAL and not search.closed()
    return search, _reason(search, condition)


def _before_prices(search: Search, model: Model, mode: Flags | None, *, by_prices: bool, networks: bool) -> None:
    """Dispatch the commitment that is given, and merit order where the search does not go by prices.

    A huge problem with a network has a better answer from prices in the time that such a dispatch takes: only a
    commitment that the caller asks for comes before.
    """
    prices_first = networks and search.deferred is not None
    if search.case.commitment is not None or not prices_first:
        _try_given(search, model, mode)
    if not (search.over() or by_prices or prices_first):
        _first_answers(search, model, mode)


def _try_given(search: Search, model: Model, mode: Flags | None) -> None:
    """Dispatch the commitment that the caller gave as a hint; or the one that the search begins at, and where penalties
    pay for it the same with units added until it covers what is to be served now.

    A dispatch asks nothing of min up/down times, so one that breaks them must not be tried as it is.
    """
    given, beginning = search.case.commitment, search.beginning
    if given is not None and given.use is CommitmentUse.HINT:
        search.try_commitment(nearest(model.data, np.where(given.on == 1, 1.0, -1.0)), mode)
    elif beginning is not None and (beginning.on >= 0).any():
        lean = leaning(beginning)
        done = search.try_commitment(nearest(model.data, lean), mode)
        if done is not None and done.costs.penalty > PENALISED * done.costs.total:
            search.try_commitment(rounded(search.case, search.rules, model.data, lean, 0.0), mode)


def _first_answers(search: Search, model: Model, mode: Flags | None) -> None:
    """Dispatch merit order, unless the search begins at an answer, and add what that lacks of reserve products."""
    if search.beginning is None or search.best is None:
        search.try_commitment(merit_order(search.case, search.rules, model.data), mode)
    _hold_products(search, model, mode)


def _hold_products(search: Search, model: Model, mode: Flags | None) -> None:
    """Add units to the best commitment that hold what it lacks of reserve products, as long as that helps."""
    for _ in range(PRODUCT_ROUNDS):
        best, left = search.best, search.left()
        if best is None or search.over() or (left is not None and search.dispatch_seconds > PRODUCT_SHARE * left):
            return
        lacking = lacking_mw(search.case, best.violations)
        on = with_products(search.case, model.data, best.schedule.on, lacking)
        if (on == best.schedule.on).all() or search.try_commitment(on, mode) is not search.best:
            return


def lacking_mw(case: Case, violations: tuple[Violation, ...]) -> Floats:
    """What a dispatch lacks of every reserve product (Q, T)."""
    at = {name: q for q, name in enumerate(case.reserves.product_id)}
    lacking = np.zeros(case.reserves.requirement_mw.shape)
    for v in violations:
        if v.family == "product":
            lacking[at[v.subject], v.period] = v.amount_mw
    return lacking


def _too_late(search: Search) -> bool:
    """Whether a branch and bound would end before it began: presolve of a huge problem hears no limit."""
    left = search.left()
    return search.over() or (search.deferred is not None and left is not None and left < HUGE_SECONDS)


def branch(search: Search, model: Model) -> Condition:
    """Branch and bound; while its best solution breaks network limits that have no row yet, add them and go on."""
    highs, rows = solver(search, model)
    condition = Condition.TIME_LIMIT
    by_prices = applies(search, model)
    known = capacity_rows(model) if by_prices else None
    if known is not None:
        highs.add_rows(*known, np.full(len(known[1]), np.inf))
    if by_prices and not many(model) and _good(search):
        for name in BLIND:
            highs.option(name, False)
    for round_ in range(1, search.rules.solve.security_rounds + 1):
        search.round = round_
        rows.follow(search.grid)
        if search.active is not None:
            rows.add(search.active)
        start_from_best(highs, search, model)
        outcome = highs.run(limits_of(search), watching(search, model, rows))
        condition = outcome.condition
        if condition is not Condition.INFEASIBLE:
            search.raise_bound(outcome.bound, BoundKind.SOLVER_CLAIMED)
            search.tell()
        if outcome.x is None:
            break
        missing = rows.broken(outcome.x)
        if not missing.any() and search.grid.security.contingencies.id:
            missing = rows.insecure(outcome.x)
        search.meet(rows.grid, missing)
        on, mode = commitment_of(model, outcome.x)
        if _differs(search, on, mode):
            told = search.best is None or (outcome.objective or np.inf) < search.best.costs.total
            search.try_commitment(on, mode, told=told)
        rows_missing = search.active is not None and bool(
            (search.active & ~grown(rows.active, len(search.active))).any()
        )
        if not rows_missing or search.over() or search.closed():
            break
    return condition


def _good(search: Search) -> bool:
    """Whether the best commitment is near the bound."""
    best, bound = search.best, search.bound
    return best is not None and bound is not None and best.costs.total - bound <= GOOD * max(abs(bound), 1.0)


def _differs(search: Search, on: Flags, mode: Flags) -> bool:
    best, known = search.best, search.best_mode
    return best is None or known is None or bool((best.schedule.on != on).any() or (known != mode).any())


def _reason(search: Search, condition: Condition) -> Reason:
    found = search.best is not None
    if search.closed():
        return Reason.OPTIMAL_WITHIN_GAP
    if search.control.stopped():
        return Reason.INTERRUPTED_WITH_SOLUTION if found else Reason.INTERRUPTED_WITHOUT_SOLUTION
    if found and condition in (Condition.WORK_LIMIT, Condition.OPTIMAL):
        # Optimal but not closed: the rounds of the security loop ran out, or limits that only the dispatch decides
        # (greatest positive reserve) cost more after SCED, which does not see them.
        return Reason.WORK_LIMIT_WITH_SOLUTION
    if condition in (Condition.FAILED, Condition.INFEASIBLE, Condition.UNBOUNDED):
        return Reason.NUMERICAL_FAILURE
    return Reason.TIME_LIMIT_WITH_SOLUTION if found else Reason.TIME_LIMIT_WITHOUT_SOLUTION
