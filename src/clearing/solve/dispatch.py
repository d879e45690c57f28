"""SCED and the pricing LP: one problem at a given commitment, network rows added until no limit is broken."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Bools, Flags, Floats
from clearing.case.case import Case
from clearing.case.result import Costs, Violation
from clearing.case.schedule import Schedule
from clearing.formulation.model import Model
from clearing.formulation.sced import sced
from clearing.grid.monitored import Grid
from clearing.milp.highs import Highs, Limits, Watch
from clearing.milp.outcome import Condition, Outcome
from clearing.rules.rules import Penalties, Rules
from clearing.solve.control import RunControl
from clearing.solve.evaluate import costs, violations
from clearing.solve.extract import commitment_of, injection_of, schedule_of
from clearing.solve.network_rows import NetworkRows
from clearing.solve.ties import spread_ties

ROUNDS = 50
"""Rounds of adding rows to an LP; each adds at least one, and few are ever needed."""


IMBALANCE = ("shed_step", "surplus_step")

EXACT_GAP = 1e-9
"""Gap for the storage modes at a given commitment: small problems, solved out."""


@dataclass(frozen=True, slots=True)
class Dispatch:
    """A solved dispatch.

    schedule, costs, violations   at the penalties of the clearing
    flow (E, T)                   of monitored elements; injection (K, T) of buses, surplus left out
    row_dual                      of the problem's own rows; network_dual (E, T) of monitored elements
    lp_objective                  optimum of the LP that was solved
    active (E, T)                 pairs that had a row
    """

    model: Model
    schedule: Schedule
    costs: Costs
    violations: tuple[Violation, ...]
    flow: Floats
    injection: Floats
    row_dual: Floats
    network_dual: Floats
    lp_objective: float
    active: Bools
    seconds: float


def dispatch(
    case: Case,
    rules: Rules,
    grid: Grid,
    on: Flags,
    mode: Flags,
    control: RunControl,
    *,
    penalties: Penalties | None = None,
    active: Bools | None = None,
    frozen: tuple[Bools, Floats] | None = None,
    seconds: float | None = None,
    share_ties: bool = False,
    unpriced: Bools | None = None,
) -> Dispatch | None:
    """Best dispatch for on (N, T) and storage mode (G, T); None when interrupted or without a feasible point.

    penalties: of the LP (default: clearing penalties); active: rows to begin with;
    frozen: (which (N, T), output MW (N, T)) held at a value;
    share_ties: among equally good dispatches the one that the tie rule asks for;
    unpriced (I, T): islands and periods whose shortage and surplus cost nothing.
    """
    started = time.monotonic()
    model = sced(case, rules, penalties or rules.clearing_penalties, grid.islands, on, mode)
    highs = Highs(model.problem, threads=control.threads)
    if frozen is not None:
        _hold(highs, model, *frozen)
    if unpriced is not None:
        steps = np.concatenate([model.problem.columns[name][:, unpriced].ravel() for name in IMBALANCE])
        highs.set_costs(steps, np.zeros(len(steps)))
    rows = NetworkRows(model, grid.monitored, highs)
    if active is not None:
        rows.add(active)
    outcome = _until_clean(highs, rows, control, seconds)
    if outcome is None or outcome.x is None or outcome.objective is None or outcome.row_dual is None:
        return None
    x, network_dual = outcome.x, rows.duals(outcome.row_dual)
    if share_ties and spread_ties(model, highs, rows):
        left = None if seconds is None else seconds - (time.monotonic() - started)
        shared = _until_clean(highs, rows, control, left)
        x = x if shared is None or shared.x is None else shared.x
    schedule = schedule_of(model, x)
    injection = injection_of(model, schedule)
    flow = grid.monitored.flow(injection)
    broken = violations(case, rules, rules.clearing_penalties, grid, schedule, flow)
    return Dispatch(
        model=model,
        schedule=schedule,
        costs=costs(case, schedule, broken),
        violations=broken,
        flow=flow,
        injection=injection,
        row_dual=outcome.row_dual[: len(model.problem.row_lower)],
        network_dual=network_dual,
        lp_objective=outcome.objective,
        active=rows.active,
        seconds=time.monotonic() - started,
    )


def storage_modes(case: Case, rules: Rules, grid: Grid, on: Flags, control: RunControl) -> Flags | None:
    """Best storage modes (G, T) at a given commitment; None when interrupted or without a feasible point."""
    if not case.storage.id:
        return np.zeros(case.storage.charge_max_mw.shape, dtype=np.int8)
    model = sced(case, rules, rules.clearing_penalties, grid.islands, on, None)
    highs = Highs(model.problem, threads=control.threads)
    outcome = _until_clean(highs, NetworkRows(model, grid.monitored, highs), control, None)
    return None if outcome is None or outcome.x is None else commitment_of(model, outcome.x)[1]


def _until_clean(highs: Highs, rows: NetworkRows, control: RunControl, seconds: float | None) -> Outcome | None:
    """Solve, add the network rows that the solution breaks, and again; None when cut short or infeasible."""
    ends = None if seconds is None else time.monotonic() + seconds
    for _ in range(ROUNDS):
        left = None if ends is None else ends - time.monotonic()
        outcome = highs.run(Limits(seconds=left, relative_gap=EXACT_GAP), Watch(stopped=control.stopped))
        if outcome.condition is not Condition.OPTIMAL or outcome.x is None:
            return None
        if not rows.add(rows.broken(outcome.x)):
            return outcome
    return outcome


def _hold(highs: Highs, model: Model, which: Bools, output_mw: Floats) -> None:
    above = model.problem.columns["above"]
    level = np.maximum(output_mw - model.case.units.p_min_mw, 0.0)[which]
    highs.set_bounds(above[which], level, level)
