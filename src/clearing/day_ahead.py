"""The day-ahead clearing, tables in and tables out: SCUC, SCED, pricing run, audit."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from math import inf

from clearing.case.beginning import Beginning
from clearing.case.case import Case, CommitmentUse
from clearing.case.free_units import free_to_search, has_free_units
from clearing.case.give_way import give_way
from clearing.case.give_way_step import Step
from clearing.case.price_schemes import PriceScheme
from clearing.case.result import BoundKind, ClearingResult, Reason, Termination, Violation
from clearing.checks.audit import audit, before
from clearing.checks.facts import Facts
from clearing.explain.explain import explain
from clearing.grid.monitored import Grid, flows, grid
from clearing.price.certificate import bindings, multipliers
from clearing.price.lmp import prices
from clearing.price.loss_part import losses
from clearing.price.payments import payments
from clearing.price.pricing_run import as_cleared, frozen_outputs, pricing_run
from clearing.price.schemes.compare import compare_schemes
from clearing.price.setters import price_setters
from clearing.price.settlement_prices import settlement_prices
from clearing.price.uplift import make_whole
from clearing.rules.rules import LossModel, Rules
from clearing.solve.beside import Beside
from clearing.solve.carried import Carried
from clearing.solve.commit import commit
from clearing.solve.control import Incumbent, Progress, RunControl, never
from clearing.solve.dispatch import Dispatch, dispatch
from clearing.solve.modes import SEARCH_SECONDS
from clearing.solve.options import LastStage, SolveOptions
from clearing.solve.search import FINISH_DISPATCHES, FINISH_SECONDS, Search

AUDIT_SECONDS = 0.3
"""Time kept for audit and encoding when a deadline presses."""


EQUAL = 1e-9
"""Relative difference of costs that is rounding."""

MODE_GAP = 1e-7
"""A relative gap of the modes of storage below this is rounding."""

COMPLETE = "the search is complete: what is left of the gap comes from limits that only the dispatch decides"
UNSECURED = (
    "the rule's security rounds ({rounds} used) did not suffice: {left} limits after contingencies stay broken that no "
    "row held; they are listed with the violations"
)
MODES = "the search over modes of storage was cut short: the dispatch costs at most {gap:.1e} of its cost too much"
UNSHARED = "equal offers are not shared out by the tie rule: limits of the system reserve would be broken further"
UNPRICED = "the pricing run was cut short; the schedule comes without prices"
LOSSY = "other pricing schemes are not compared where the rule set has losses"
UNCOMPARED = "prices that were asked for beside the LMP are missing, they were cut short or have no solution: {names}"
NOT_ASKED = "the pricing run was not asked for; the schedule comes without prices"


class Stages:
    """Wall-clock seconds by stage, and a progress event at the start of each."""

    def __init__(self, control: RunControl) -> None:
        self.control = control
        self.seconds: list[tuple[str, float]] = []
        self._open: tuple[str, float] | None = None

    def enter(self, stage: str) -> None:
        """Close the running stage and open the next."""
        self.leave()
        self._open = (stage, time.monotonic())
        self.control.on_progress(Progress(stage, self.control.elapsed()))

    def leave(self) -> None:
        """Close the running stage."""
        if self._open is not None:
            stage, since = self._open
            self.seconds.append((stage, time.monotonic() - since))
            self._open = None


def clear(
    case: Case,
    rules: Rules,
    options: SolveOptions,
    control: RunControl,
    binding_periods: int = 0,
    carried: Carried | None = None,
    beginning: Beginning | None = None,
) -> ClearingResult:
    """Clear a validated case. Always returns; what was not reached is None and the termination says why.

    Where hard data of a resource clash, what is cleared is the case with the weakest of them changed (case.give_way);
    every change is listed with the violations. binding_periods: of real time (real_time.py), else 0;
    carried: what an interval before left, and what this one leaves; beginning: where a search of a commitment begins.
    """
    beside, control = control.beside, replace(control, beside=None)
    stages = Stages(control)
    stages.enter("form")
    given = case
    case, steps = give_way(given, rules)
    network, proof = grid(case), None
    if has_free_units(case):
        stages.enter("commit")
        search, reason = commit(free_to_search(case, rules), rules, network, options, control)
        cleared, proof = _at_found(case, search, stages), search.proof
        termination = _certified(_searched(cleared, reason, search.bound, search.bound_kind, search.gap_asked()), rules)
    elif case.commitment is not None and case.commitment.use is CommitmentUse.FIXED:
        stages.enter("dispatch")
        carried = Carried() if carried is None else carried
        network = carried.known(network)
        start = carried.start(network, case.horizon)
        near = control if start is None else replace(control, beside=beside)
        cleared = dispatch(
            case, rules, network, case.commitment.on, None, near, starts=(start,), share_ties=True,
            mode_seconds=_mode_seconds(options, control), solver=carried.solver,
        )  # fmt: skip
        if cleared is not None:
            carried.keep(cleared, case.horizon)
        termination = _searched(cleared, Reason.COMMITMENT_GIVEN, None, BoundKind.NONE, rules.solve.gap)
    else:
        stages.enter("commit")
        search, reason = commit(case, rules, network, options, control, beginning)
        (cleared, said), proof = _settled(search, stages), search.proof
        termination = _certified(_searched(cleared, reason, search.bound, search.bound_kind, search.gap_asked()), rules)
        termination = _with_detail(_with_detail(termination, COMPLETE if search.complete else ""), said)
    facts = None if cleared is None else Beside(partial(before, given, rules, cleared.schedule))
    result = _finish(case, rules, network, cleared, termination, stages, options, carried, facts)
    result = replace(_with_steps(result, steps), binding_periods=binding_periods, bound_proof=proof)
    return _audited(given, rules, result, stages, facts)


def _mode_seconds(options: SolveOptions, control: RunControl) -> float:
    """Most that a search over modes of storage may take: half of what is left, the budget of a search, a minute."""
    if options.reproducible:
        return inf
    asked = inf if options.time_limit_seconds is None else options.time_limit_seconds
    return min(SEARCH_SECONDS, asked, 0.5 * control.left())


def _settled(search: Search, stages: Stages) -> tuple[Dispatch | None, str]:
    """The best dispatch, spread over equal offers by the tie rule where there is time for it; what to say about it.

    The limits of the system reserve are not among what a dispatch sees: one that breaks them further is no equal.
    """
    best, mode, control = search.best, search.best_mode, stages.control
    if best is None or mode is None:
        return best, ""
    stages.enter("dispatch")
    if not search.options.reproducible and control.left() < (FINISH_DISPATCHES + 1.0) * best.seconds + FINISH_SECONDS:
        return best, ""
    answering = replace(control, stopped=never)
    shared = dispatch(
        search.case, search.rules, search.grid, best.schedule.on, mode, answering, active=search.active,
        starts=(best.start,), share_ties=True, known=() if best.losses is None else best.losses.made_at,
    )  # fmt: skip
    if shared is None:
        return best, ""
    equal = shared.costs.total <= best.costs.total + EQUAL * max(1.0, abs(best.costs.total))
    return (shared, "") if equal else (best, UNSHARED)


def _at_found(case: Case, search: Search, stages: Stages) -> Dispatch | None:
    """Dispatch of the case itself at the commitment found by a search over its free units."""
    best, mode = search.best, search.best_mode
    if best is None or mode is None:
        return None
    stages.enter("dispatch")
    answering = replace(stages.control, stopped=never)
    return dispatch(
        case, search.rules, search.grid, best.schedule.on, mode, answering, active=search.active, share_ties=True,
        known=() if best.losses is None else best.losses.made_at,
    )  # fmt: skip


def finish(
    case: Case, rules: Rules, incumbent: Incumbent, reason: Reason, options: SolveOptions, control: RunControl
) -> ClearingResult:
    """SCED, prices and audit of a commitment that outlived its search."""
    stages = Stages(control)
    stages.enter("dispatch")
    given = case
    case, steps = give_way(given, rules)
    network = grid(case)
    cleared = dispatch(case, rules, network, incumbent.on, incumbent.storage_mode, control)
    gap = rules.solve.gap if options.gap is None else options.gap
    kind = BoundKind.NONE if incumbent.bound is None else BoundKind.SOLVER_CLAIMED
    termination = _searched(cleared, reason, incumbent.bound, kind, gap)
    result = _finish(case, rules, network, cleared, termination, stages, options)
    return _audited(given, rules, _with_steps(result, steps), stages)


def _searched(
    cleared: Dispatch | None, reason: Reason, bound: float | None, kind: BoundKind, gap_asked: float
) -> Termination:
    objective = None if cleared is None else cleared.costs.total
    gap = absolute = None
    if objective is not None and bound is not None:
        absolute = objective - bound
        gap = absolute / max(abs(objective), abs(bound), 1.0)
    return Termination(reason, objective, bound, kind, gap, absolute, gap_asked, priced=False)


def _certified(end: Termination, rules: Rules) -> Termination:
    """The same with a reason that holds of the dispatch itself, which may cost more than the search has promised."""
    if end.reason is not Reason.OPTIMAL_WITHIN_GAP or end.gap is None or end.absolute_gap is None:
        return end
    if end.gap <= end.gap_asked * (1.0 + EQUAL) or end.absolute_gap <= rules.solve.absolute_gap * (1.0 + EQUAL):
        return end
    return replace(end, reason=Reason.WORK_LIMIT_WITH_SOLUTION, detail=COMPLETE)


def _finish(
    case: Case,
    rules: Rules,
    network: Grid,
    cleared: Dispatch | None,
    termination: Termination,
    stages: Stages,
    options: SolveOptions,
    carried: Carried | None = None,
    facts: Beside[Facts | None] | None = None,
) -> ClearingResult:
    """Prices of a dispatch, where there is one and they are asked for; facts: for the audit, found beside."""
    if cleared is None:
        return ClearingResult(replace(termination, detail=_nothing(termination.reason)))
    if cleared.left:
        termination = _with_detail(termination, UNSECURED.format(rounds=cleared.secured, left=cleared.left))
    if cleared.mode_gap > MODE_GAP:
        termination = _with_detail(termination, MODES.format(gap=cleared.mode_gap))
    result = ClearingResult(
        termination,
        schedule=cleared.schedule,
        flows=flows(case, network, cleared.injection),
        costs=cleared.costs,
        violations=cleared.violations,
        losses=losses(network.islands, cleared, None, case.horizon.hours),
    )
    if options.last_stage is LastStage.DISPATCH:
        return replace(result, termination=_with_detail(termination, NOT_ASKED))
    stages.enter("price")
    left = stages.control.left()
    # The stop flag ends the search, not the answer: only time can cut the pricing run short.
    answering = replace(stages.control, stopped=never, beside=facts)
    seconds = None if left == inf else left - AUDIT_SECONDS
    carried = Carried() if carried is None else carried
    start = carried.priced_start(cleared.grid, case.horizon)
    priced = pricing_run(case, rules, cleared.grid, cleared, answering, seconds, carried.solver, start)
    if priced is not None:
        carried.keep_priced(priced, case.horizon)
        known = as_cleared(priced.grid, cleared.grid)
        result = _priced(case, rules, known, result, priced, cleared)
        if options.price_schemes:
            result = _compared(case, rules, result, priced, cleared, stages)
        return replace(result, explanations=explain(case, rules, known, result)) if options.explained else result
    return replace(result, termination=_with_detail(termination, UNPRICED))


def _compared(
    case: Case, rules: Rules, result: ClearingResult, priced: Dispatch, cleared: Dispatch, stages: Stages
) -> ClearingResult:
    """The result with prices by other schemes, in what time is left, and a word where one of them is missing."""
    stages.enter("schemes")
    if rules.losses.model is not LossModel.NONE:
        return replace(result, termination=_with_detail(result.termination, LOSSY))
    left = stages.control.left()
    seconds = None if left == inf else max(0.0, 0.5 * left - AUDIT_SECONDS)
    sets = compare_schemes(case, rules, cleared, priced, replace(stages.control, stopped=never), seconds)
    missing = [s.name for s in PriceScheme if s is not PriceScheme.UNSPECIFIED and s not in {p.scheme for p in sets}]
    end = result.termination
    if missing:
        end = _with_detail(end, UNCOMPARED.format(names=", ".join(missing)))
    return replace(result, termination=end, price_sets=sets)


def _with_detail(termination: Termination, detail: str) -> Termination:
    return replace(termination, detail="; ".join(filter(None, (termination.detail, detail))))


def _with_steps(result: ClearingResult, steps: tuple[Step, ...]) -> ClearingResult:
    """The violations of a schedule, with the hard data that gave way behind them: hard data have no price."""
    if result.schedule is None:
        return result
    given = tuple(Violation(s.family, s.subject, s.period, s.amount, 0.0) for s in steps)
    return replace(result, violations=(*result.violations, *given))


def _audited(
    case: Case,
    rules: Rules,
    result: ClearingResult,
    stages: Stages,
    facts: Beside[Facts | None] | None = None,
) -> ClearingResult:
    """The audit of a schedule, where there is one, against the case as it was given; and the seconds of all stages."""
    if result.schedule is not None:
        stages.enter("audit")
        verdict = audit(case, rules, result, None if facts is None else facts.result())
        result = replace(result, audit=verdict.findings, audit_passed=verdict.passed)
    stages.leave()
    return replace(result, termination=replace(result.termination, seconds=tuple(stages.seconds)))


def _priced(
    case: Case, rules: Rules, network: Grid, result: ClearingResult, priced: Dispatch, cleared: Dispatch
) -> ClearingResult:
    assert result.schedule is not None
    found = prices(case, rules, network, priced, result.schedule, cleared.losses)
    certificate = multipliers(case, rules, network, priced)
    held = frozen_outputs(case, rules.prices, result.schedule)
    return replace(
        result,
        termination=replace(result.termination, priced=True),
        prices=found,
        multipliers=certificate,
        settlement=settlement_prices(case, found, rules.prices.decimals),
        price_setters=price_setters(case, result.schedule, found, held),
        uplift=make_whole(case, result.schedule, found),
        payments=payments(case, result.schedule, found),
        bindings=bindings(case, rules, network, priced, certificate),
        losses=losses(network.islands, cleared, found, case.horizon.hours),
    )


def _nothing(reason: Reason) -> str:
    if reason is Reason.NUMERICAL_FAILURE:
        return "no dispatch meets the limits that cannot be broken at a price"
    return "the search ended before it had a schedule"
