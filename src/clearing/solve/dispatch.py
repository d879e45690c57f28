"""SCED and the pricing LP: one problem at a given commitment, network rows added until no limit is broken."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import inf, nan

import numpy as np

from clearing.case.arrays import Bools, Flags, Floats
from clearing.case.case import Case
from clearing.case.result import Costs, Violation
from clearing.case.schedule import Schedule
from clearing.formulation.losses import Tangents
from clearing.formulation.model import Model
from clearing.formulation.sced import sced
from clearing.grid.monitored import AFTER, Grid
from clearing.milp.highs import Highs, Limits, Watch
from clearing.milp.outcome import Condition, Outcome
from clearing.rules.rules import LossModel, Penalties, Rules
from clearing.solve.control import RunControl
from clearing.solve.evaluate import costs, violations
from clearing.solve.extract import commitment_of, injection_of, schedule_of
from clearing.solve.kept_solver import KeptSolver, relaxed
from clearing.solve.loss_rounds import Settled, settle
from clearing.solve.modes import EXACT_GAP, SEARCH_SECONDS, Modes, best_modes
from clearing.solve.network_rows import NetworkRows, excess, grown
from clearing.solve.ties import shared_ties
from clearing.solve.warm_start import LARGE, WarmStart, begin

CUT_SHORT = (Condition.TIME_LIMIT, Condition.WORK_LIMIT)

UNMEASURED = Costs(*[nan] * 6)

ROUNDS = 50
"""Rounds of adding rows to an LP; each adds at least one, and few are ever needed."""


MANY_ROWS = 100
"""Rows that join a large problem at once from which it is quicker to presolve and begin anew than to go on from the
basis: on a province with twice the plant 140 rows took 36,000 iterations and 105 s, from nothing 34 s."""


@dataclass(frozen=True, slots=True)
class Dispatch:
    """A solved dispatch.

    schedule, costs, violations   at the penalties of the clearing; costs NaN and violations () where not measured
    grid                          with every limit after a contingency that the search met or the schedule breaks
    flow (E, T)                   of its monitored elements; injection (K, T) of buses, surplus left out
    row_dual                      of the problem's own rows; network_dual (E, T) of monitored elements; NaN where the
                                  optimum was known before
    lp_objective                  optimum of the LP that was solved
    active (E, T)                 pairs that had a row
    secured, left                 security rounds; limits after contingencies that stay broken without a row
    mode (M, T)                   modes that were given or found
    mode_gap                      how far the cost may lie above that of the best modes, relative; 0 where given
    start                         where a problem of the same layout may begin; None where that is not known
    losses                        where the rules have losses, and no linearisation was given
    """

    model: Model
    grid: Grid
    schedule: Schedule
    costs: Costs
    violations: tuple[Violation, ...]
    flow: Floats
    injection: Floats
    row_dual: Floats
    network_dual: Floats
    lp_objective: float
    active: Bools
    mode: Flags
    start: WarmStart | None
    seconds: float
    losses: Settled | None = None
    secured: int = 0
    left: int = 0
    mode_gap: float = 0.0


def dispatch(
    case: Case,
    rules: Rules,
    grid: Grid,
    on: Flags,
    mode: Flags | None,
    control: RunControl,
    *,
    penalties: Penalties | None = None,
    active: Bools | None = None,
    frozen: tuple[Bools, Floats] | None = None,
    starts: Sequence[WarmStart | None] = (),
    seconds: float | None = None,
    share_ties: bool = False,
    unpriced: tuple[Bools, Bools] | None = None,
    tangents: Tangents = (),
    known: Tangents = (),
    mode_seconds: float = SEARCH_SECONDS,
    solver: KeptSolver | None = None,
    measured: bool = True,
) -> Dispatch | None:
    """Best dispatch for on (N, T) and modes (M, T); None when interrupted or without a feasible point.

    mode None: the best modes are found as well (modes.py), searched for mode_seconds at most;
    penalties: of the LP (default: clearing penalties); active: rows to begin with;
    frozen: (which (N, T), output MW (N, T)) held at a value;
    starts: where dispatches ended; the first of the same layout is begun from;
    share_ties: among equally good dispatches the one that the tie rule asks for;
    unpriced (I, T) each: islands and periods where shortage and surplus cost nothing, and where surplus alone costs
    nothing and may be negative: energy is worth 0 there;
    tangents: losses as they are; without them, and where the rules have losses, they are found (loss_rounds.py),
    known: tangents to begin with; solver: whose instance is used, in place of a new one;
    measured: whether costs and violations are wanted.
    """
    if not tangents and rules.losses.model is not LossModel.NONE:
        ends = None if seconds is None else time.monotonic() + seconds

        def run(tangents: Tangents, share: bool) -> Dispatch | None:
            return dispatch(
                case, rules, grid, on, mode, control, penalties=penalties, active=active, frozen=frozen, starts=starts,
                seconds=None if ends is None else max(ends - time.monotonic(), 0.0), share_ties=share,
                unpriced=unpriced, tangents=tangents, mode_seconds=mode_seconds, solver=solver, measured=measured,
            )  # fmt: skip

        return settle(run, case, rules, grid, known, share_ties)
    started = time.monotonic()
    model = sced(case, rules, penalties or rules.clearing_penalties, grid.islands, on, mode, tangents)
    highs = (relaxed if solver is None else solver.of)(model.problem, control.threads)
    if frozen is not None:
        _hold(highs, model, *frozen)
    if unpriced is not None:
        _free(highs, model, *unpriced)
    rows = NetworkRows(model, grid, highs, rules.solve)
    held = model.problem.columns["above"][frozen[0]] if frozen is not None else np.zeros(0, np.int64)
    begin(highs, rows, starts, held, active)
    solve = partial(_until_clean, highs, rows, control, None if seconds is None else started + seconds)
    if mode is None:
        found = best_modes(model, highs, control, solve, mode_seconds)
    else:
        known_modes = solve(None)
        found = None if known_modes is None else Modes(mode, known_modes)
    if found is None:
        return None
    outcome = found.outcome
    if outcome.x is None or outcome.objective is None or outcome.row_dual is None:
        return None
    ended = WarmStart.of(highs, rows, outcome.x)
    x, network_dual = outcome.x, rows.duals(outcome.row_dual)
    if share_ties:
        limits = _left(None if seconds is None else started + seconds, None, started, 0)
        x = shared_ties(model, highs, rows, x, limits, Watch(stopped=control.stopped))
    schedule = schedule_of(model, x)
    injection = injection_of(model, schedule)
    lost = grid.security.lost_mw(schedule.dispatch_mw + schedule.curve_mw, schedule.hvdc_mw)
    branch_flow = grid.branch_flow(injection)
    # what the rule's rounds left broken is listed like every other violation
    grid = rows.grid.watching(grid.security.broken(branch_flow, lost).pairs)
    flow, active = grid.of_elements(branch_flow, lost), grown(rows.active, len(grid.monitored.id))
    left = excess(grid.monitored, flow).astype(bool) & ~active & (grid.monitored.kind >= AFTER)[:, None]
    broken = violations(case, rules, rules.clearing_penalties, grid, schedule, flow) if measured else ()
    return Dispatch(
        model=model,
        grid=grid,
        schedule=schedule,
        costs=costs(case, schedule, broken) if measured else UNMEASURED,
        violations=broken,
        flow=flow,
        injection=injection,
        row_dual=outcome.row_dual[: len(model.problem.row_lower)],
        network_dual=np.concatenate([network_dual, np.zeros((len(active) - len(network_dual), flow.shape[1]))]),
        lp_objective=outcome.objective,
        active=active,
        mode=found.mode,
        mode_gap=found.gap,
        start=ended,
        seconds=time.monotonic() - started,
        secured=rows.secured,
        left=int(left.sum()),
    )


def dispatched(model: Model, rules: Rules, grid: Grid, x: Floats, objective: float, seconds: float) -> Dispatch:
    """A dispatch of which the optimum x (columns) of the search's problem at its commitment is known already.

    Only where the network has no limits, nothing is lost on it, and a dispatch sees all that the search does. seconds:
    what finding x has cost, as a measure of what a dispatch takes.
    """
    schedule = schedule_of(model, x)
    injection = injection_of(model, schedule)
    none = np.zeros((len(grid.monitored.id), model.case.horizon.periods))
    broken = violations(model.case, rules, rules.clearing_penalties, grid, schedule, none)
    return Dispatch(
        model=model,
        grid=grid,
        schedule=schedule,
        costs=costs(model.case, schedule, broken),
        violations=broken,
        flow=none,
        injection=injection,
        row_dual=np.full(len(model.problem.row_lower), np.nan),
        network_dual=none,
        lp_objective=objective,
        active=none > 0.0,
        mode=commitment_of(model, x)[1],
        start=None,
        seconds=seconds,
    )


def _until_clean(
    highs: Highs, rows: NetworkRows, control: RunControl, ends: float | None, asked: Limits | None
) -> Outcome | None:
    """Solve, add the network rows that the solution breaks, and again; None when cut short or infeasible.

    asked: limits of a search over modes: its best answer stands where they end it, whatever rows it breaks still.
    """
    begun, nodes, beside = time.monotonic(), 0, control.beside if asked is None else None
    for _ in range(ROUNDS):
        limits = _left(ends, asked, begun, nodes)
        if beside is not None:
            beside.begin()
        watch = Watch(stopped=control.stopped) if beside is None else None
        outcome = highs.run(limits, watch)
        if asked is None and _doubtful(highs, outcome):
            highs.forget()
            outcome = highs.run(_left(ends, asked, begun, nodes), watch)
        nodes += outcome.nodes
        if asked is not None and outcome.condition in CUT_SHORT and outcome.x is not None:
            break
        if outcome.condition is not Condition.OPTIMAL or outcome.x is None:
            return None
        added = rows.add_broken(outcome.x)
        if not added:
            break
        if added > MANY_ROWS and asked is None and len(highs.problem.cost) > LARGE:
            highs.forget()
    return replace(outcome, nodes=nodes)


def _doubtful(highs: Highs, outcome: Outcome) -> bool:
    """Whether a basis that was handed over led to anything but an optimum that its multipliers prove."""
    if not highs.stood or outcome.condition in (*CUT_SHORT, Condition.INTERRUPTED):
        return False
    return outcome.condition is not Condition.OPTIMAL or not highs.proven


def _left(ends: float | None, asked: Limits | None, begun: float, nodes: int) -> Limits:
    """What is left of the time of a dispatch, and of a search over modes."""
    left = None if ends is None else ends - time.monotonic()
    if asked is None:
        return Limits(seconds=left, relative_gap=EXACT_GAP)
    spent = time.monotonic() - begun
    own = None if asked.seconds is None or asked.seconds == inf else asked.seconds - spent
    both = [s for s in (left, own) if s is not None]
    return replace(asked, seconds=min(both) if both else None, nodes=max(0, (asked.nodes or 0) - nodes))


def _free(highs: Highs, model: Model, both: Bools, surplus: Bools) -> None:
    columns = model.problem.columns
    free = columns["surplus_step"][:, surplus].ravel()
    steps = np.concatenate([columns["shed_step"][:, both].ravel(), columns["surplus_step"][:, both].ravel(), free])
    highs.set_costs(steps, np.zeros(len(steps)))
    highs.set_bounds(free, np.full(len(free), -inf), np.full(len(free), inf))


def _hold(highs: Highs, model: Model, which: Bools, output_mw: Floats) -> None:
    above = model.problem.columns["above"]
    level = np.maximum(output_mw - model.case.units.p_min_mw, 0.0)[which]
    highs.set_bounds(above[which], level, level)
