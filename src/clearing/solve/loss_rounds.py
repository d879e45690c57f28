"""The correction loop of losses: dispatch, losses and factors at its flows, and again until they settle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from clearing.case.arrays import Floats, freeze
from clearing.case.case import Case
from clearing.case.result import Violation
from clearing.formulation.losses import Tangent, Tangents, name_of
from clearing.grid.losses import island_losses
from clearing.grid.monitored import Grid
from clearing.rules.rules import LossModel, LossRules, Rules

if TYPE_CHECKING:
    from clearing.solve.dispatch import Dispatch

Run = Callable[[Tangents, bool], "Dispatch | None"]
"""A dispatch at tangents, and whether equal offers are shared."""

FAMILY = "losses"
"""Violations: losses of the schedule that are not those of its flows, by island."""

BALANCE_MW = 1e-7
"""Most that losses of 0 may be missed by where loss factors are given."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Losses of a dispatch. I islands, K buses, T periods; MW.

    at          the linearisation that supports the dispatch, equal everywhere: what the pricing run keeps
    own         the tangent at the dispatch
    made_at     tangents of the last round, for the next dispatch of the same case to begin with
    mw (I, T)   losses that the balance counts; missed (I, T) those of the flows less these
    rounds      dispatches that were made
    """

    at: Tangent
    own: Tangent
    made_at: Tangents
    mw: Floats
    missed: Floats
    rounds: int

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Found:
    """A dispatch of the loop and its losses."""

    dispatch: Dispatch
    losses: Settled


def allowed_mw(rules: LossRules) -> float:
    """How far losses may lie from those of the flows."""
    return rules.tolerance_mw if rules.model is LossModel.MARGINAL else BALANCE_MW


def without_flow(case: Case, rules: LossRules, grid: Grid) -> Tangents:
    """Where the loop begins: the tangent at no injection, or the given factors without losses."""
    shape = (grid.islands.count, case.horizon.periods)
    everywhere = np.ones(shape, dtype=np.bool_)
    if rules.model is LossModel.GIVEN:
        given = case.network.bus_loss_factor
        column = np.zeros(len(case.network.bus_id)) if given is None else 1.0 - given
        factor = np.broadcast_to(column[:, None], (len(column), case.horizon.periods))
        return (Tangent(factor, np.zeros(shape), everywhere, everywhere),)
    return (_own(case, grid, np.zeros((len(case.network.bus_id), case.horizon.periods)))[1],)


def settle(
    run: Run,
    case: Case,
    rules: Rules,
    grid: Grid,
    known: Tangents = (),
    share_ties: bool = False,
) -> Dispatch | None:
    """The dispatch whose losses are those of its flows, within the tolerance; None where a round has none.

    run: the dispatch at tangents, and whether equal offers are to be shared. known: tangents of an earlier dispatch.
    Losses are convex: while energy has a price, tangents where it was dispatched bound them from below and the rounds
    close in on the optimum of the quadratic problem. Where they do not (surplus, prices below 0: there the problem
    would lose more than the network does), losses are held equal to the linearisation about the last operating point.
    What is still missed after the last round is a violation of the family `losses`.
    """
    tangents = known if known else without_flow(case, rules.losses, grid)
    correct = _corrected_constant if rules.losses.model is LossModel.GIVEN else _with_tangent
    found = None
    for round_ in range(1, rules.losses.max_rounds + 1):
        tried = run(tangents, False)
        if tried is None:  # cut short: what is missed so far is said
            break
        found = _judged(tried, case, rules.losses, grid, tangents, round_)
        if (np.abs(found.losses.missed) <= allowed_mw(rules.losses)).all():
            break
        tangents = correct(found, grid, tangents, allowed_mw(rules.losses))
    if found is None:
        return None
    if share_ties:
        found = _shared(found, run, case, rules.losses, grid)
    return _with_violations(found, grid, rules.losses)


def _shared(found: Found, run: Run, case: Case, rules: LossRules, grid: Grid) -> Found:
    """The same with equal offers shared, where that moves no losses."""
    tangents = found.losses.made_at
    tried = run(tangents, True)
    if tried is None:
        return found
    shared = _judged(tried, case, rules, grid, tangents, found.losses.rounds + 1)
    most = max(float(np.abs(found.losses.missed).max(initial=0.0)), allowed_mw(rules))
    return shared if np.abs(shared.losses.missed).max(initial=0.0) <= most else found


def _with_tangent(found: Found, grid: Grid, tangents: Tangents, allowed: float) -> Tangents:
    """One tangent more, at the dispatch, where its losses are not those of its flows."""
    missed = found.losses.missed
    wrong = np.abs(missed) > allowed
    held = np.logical_or.reduce([missed < -allowed, *(t.equal & t.where for t in tangents)])
    now = held & wrong
    return (*(t.within(~now) for t in tangents), found.losses.own.within(wrong, now))


def _corrected_constant(found: Found, grid: Grid, tangents: Tangents, allowed: float) -> Tangents:
    """Given factors: the constant at which the last dispatch would have lost nothing."""
    (tangent,) = tangents
    return (replace(tangent, constant=-grid.islands.total(tangent.factor * found.dispatch.injection)),)


def _own(case: Case, grid: Grid, injection: Floats) -> tuple[Floats, Tangent]:
    """Losses of the flows (I, T) at injections (K, T), and their tangent there."""
    lost, factor = island_losses(case.network, grid, injection)
    everywhere = np.ones(lost.shape, dtype=np.bool_)
    return lost, Tangent(factor, lost - grid.islands.total(factor * injection), everywhere, ~everywhere)


def _judged(dispatch: Dispatch, case: Case, rules: LossRules, grid: Grid, tangents: Tangents, rounds: int) -> Found:
    """The dispatch with its losses, and those of its flows beside them."""
    islands, injection = grid.islands, dispatch.injection
    counted = islands.total(injection) - dispatch.schedule.surplus_mw
    if rules.model is LossModel.MARGINAL:
        real, own = _own(case, grid, injection)
        factor = _support(dispatch, grid, tangents, own.factor)
    else:
        real, own, factor = np.zeros(counted.shape), tangents[0], tangents[0].factor
    everywhere = np.ones(counted.shape, dtype=np.bool_)
    at = Tangent(factor, counted - islands.total(factor * injection), everywhere, everywhere)
    return Found(dispatch, Settled(at, own, tangents, counted, real - counted, rounds))


def _support(dispatch: Dispatch, grid: Grid, tangents: Tangents, own: Floats) -> Floats:
    """Loss factors (K, T): the tangents weighted with their multipliers, which add up to λ. With them the dispatch is
    optimal too. An exact tangent stands alone; where energy has no price, own (K, T), at the dispatch itself.
    """
    islands, shape = grid.islands, tangents[0].where.shape
    weight, alone = np.zeros((len(tangents), *shape)), np.zeros(shape, dtype=np.bool_)
    for j, tangent in enumerate(tangents):
        dual = dispatch.row_dual[dispatch.model.problem.rows[name_of(j)]].ravel()
        exact = tangent.equal[tangent.where]
        weight[j][tangent.where] = np.where(exact, 1.0, np.maximum(dual, 0.0))
        alone |= tangent.where & tangent.equal
    for j, tangent in enumerate(tangents):
        weight[j][alone & ~tangent.equal] = 0.0
    total = weight.sum(axis=0)
    priced = total > SMALLEST_DUAL
    factor = own * islands.at_buses(np.where(priced, 0.0, 1.0))
    for j, tangent in enumerate(tangents):
        factor = (
            factor + islands.at_buses(np.where(priced, weight[j] / np.where(priced, total, 1.0), 0.0)) * tangent.factor
        )
    return factor


SMALLEST_DUAL = 1e-7
"""Multipliers of losses below it say nothing about where the dispatch stands."""


def _with_violations(found: Found, grid: Grid, rules: LossRules) -> Dispatch:
    """The dispatch with its losses; what is missed beyond the tolerance are violations."""
    missed = np.abs(found.losses.missed)
    beyond = tuple(
        Violation(FAMILY, grid.islands.id[a], int(t), float(missed[a, t]), 0.0)
        for a, t in np.argwhere(missed > allowed_mw(rules))
    )
    dispatch = found.dispatch
    return replace(dispatch, losses=found.losses, violations=(*dispatch.violations, *beyond))


def bounds(tangents: Tangents) -> Tangents:
    """The tangents as bounds from below that hold at every dispatch: what a search may keep for its bound.

    The first one, which every island and period has, and the latest.
    """
    first, *others = tangents
    everywhere = np.ones(first.where.shape, dtype=np.bool_)
    return (first.within(everywhere, ~everywhere), *(replace(t, equal=~everywhere) for t in others[1 - MOST_KEPT :]))


MOST_KEPT = 30
"""Tangents that a search keeps: those of old dispatches rarely bind."""
