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

FAMILY = "losses"
"""Violations: losses of the schedule that are not those of its flows, by island."""

BALANCE_MW = 1e-6
"""Most that losses of 0 may be missed by where loss factors are given."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Losses of a dispatch. I islands, K buses, T periods; MW.

    at          the linearisation that supports the dispatch, equal everywhere: what the pricing run keeps
    tangents    all that the rounds have made, for the next dispatch of the same case to begin with
    mw (I, T)   losses that the balance counts; missed (I, T) those of the flows less these
    rounds      dispatches that were made
    """

    at: Tangent
    tangents: Tangents
    mw: Floats
    missed: Floats
    rounds: int

    def __post_init__(self) -> None:
        freeze(self)


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
    nothing = np.zeros((len(case.network.bus_id), case.horizon.periods))
    return (Tangent(*_linear(case, grid, nothing), everywhere, ~everywhere),)


def settle(
    run: Callable[[Tangents, bool], Dispatch | None],
    case: Case,
    rules: Rules,
    grid: Grid,
    known: Tangents = (),
    share_ties: bool = False,
) -> Dispatch | None:
    """The dispatch whose losses are those of its flows, within the tolerance; None where a round has none.

    run: the dispatch at tangents, and whether equal offers are to be shared. known: tangents of an earlier dispatch.
    Losses are convex: while energy has a price, tangents where it was dispatched bound them from below and the rounds
    close in on the optimum of the quadratic problem. Where they do not (surplus, prices below 0: there the problem would
    lose more than the network does), the losses are held equal to the linearisation about the last operating point.
    What is still missed after the last round is a violation of the family `losses`.
    """
    tangents = known if known else without_flow(case, rules.losses, grid)
    correct = _corrected_constant if rules.losses.model is LossModel.GIVEN else _with_tangent
    found = None
    for round_ in range(1, rules.losses.max_rounds + 1):
        found = run(tangents, False)
        if found is None:
            return None
        found = _judged(found, case, rules.losses, grid, tangents, round_)
        assert found.losses is not None
        tangents = found.losses.tangents
        if (np.abs(found.losses.missed) <= allowed_mw(rules.losses)).all():
            break
        if round_ < rules.losses.max_rounds:
            tangents = correct(found, case, grid, tangents, allowed_mw(rules.losses))
    assert found is not None and found.losses is not None
    if share_ties:
        shared = run(tangents, True)
        if shared is not None:
            shared = _judged(shared, case, rules.losses, grid, tangents, found.losses.rounds + 1)
            assert shared.losses is not None
            if np.abs(shared.losses.missed).max() <= max(np.abs(found.losses.missed).max(), allowed_mw(rules.losses)):
                found = shared
    return _with_violations(found, grid, rules.losses)


def _linear(case: Case, grid: Grid, injection: Floats) -> tuple[Floats, Floats]:
    """Loss factors (K, T) and constants (I, T) of the tangent at injections (K, T)."""
    lost, factor = island_losses(case.network, grid, injection)
    return factor, lost - grid.islands.total(factor * injection)


def _with_tangent(found: Dispatch, case: Case, grid: Grid, tangents: Tangents, allowed: float) -> Tangents:
    """One tangent more, at the dispatch, where its losses are not those of its flows."""
    assert found.losses is not None
    missed = found.losses.missed
    factor, constant = _linear(case, grid, found.injection)
    more, less = missed > allowed, missed < -allowed
    held = np.logical_or.reduce([less, *(t.equal & t.where for t in tangents)])
    now = held & (more | less)
    kept = tuple(t.within(~now) for t in tangents)
    return (*kept, Tangent(factor, constant, more | less, now))


def _corrected_constant(found: Dispatch, case: Case, grid: Grid, tangents: Tangents, allowed: float) -> Tangents:
    """Given factors: the constant at which the last dispatch would have lost nothing."""
    (tangent,) = tangents
    return (replace(tangent, constant=-grid.islands.total(tangent.factor * found.injection)),)


def _judged(found: Dispatch, case: Case, rules: LossRules, grid: Grid, tangents: Tangents, rounds: int) -> Dispatch:
    """The dispatch with its losses, and those of its flows beside them."""
    islands, injection = grid.islands, found.injection
    counted = islands.total(injection) - found.schedule.surplus_mw
    at = _support(found, case, grid, tangents)
    at = replace(at, constant=counted - islands.total(at.factor * injection))
    real = np.zeros(counted.shape)
    if rules.model is LossModel.MARGINAL:
        real = island_losses(case.network, grid, injection)[0]
    return replace(found, losses=Settled(at, tangents, counted, real - counted, rounds))


def _support(found: Dispatch, case: Case, grid: Grid, tangents: Tangents) -> Tangent:
    """The tangents weighted with their multipliers, which add up to λ: at this linearisation the dispatch is optimal.

    Where energy has no price, the tangent at the dispatch itself.
    """
    islands, everywhere = grid.islands, np.ones((grid.islands.count, case.horizon.periods), dtype=np.bool_)
    if len(tangents) == 1 and tangents[0].equal.all():
        return tangents[0]
    weight = np.zeros((len(tangents), *everywhere.shape))
    for j, tangent in enumerate(tangents):
        weight[j][tangent.where] = found.row_dual[found.model.problem.rows[name_of(j)]].ravel()
    total = weight.sum(axis=0)
    alone = np.zeros(everywhere.shape, dtype=np.bool_)
    for j, tangent in enumerate(tangents):
        single = tangent.where & tangent.equal
        weight[:, single], weight[j][single] = 0.0, 1.0
        alone |= single
    total = np.where(alone, 1.0, total)
    priced = total > SMALLEST_DUAL
    unpriced = islands.at_buses(np.where(priced, 0.0, 1.0))
    factor = island_losses(case.network, grid, found.injection)[1] * unpriced
    for j, tangent in enumerate(tangents):
        share = np.where(priced, weight[j] / np.where(priced, total, 1.0), 0.0)
        factor = factor + islands.at_buses(share) * tangent.factor
    return Tangent(factor, np.zeros(everywhere.shape), everywhere, everywhere)


SMALLEST_DUAL = 1e-7
"""Multipliers of losses below it say nothing about where the dispatch stands."""


def _with_violations(found: Dispatch, grid: Grid, rules: LossRules) -> Dispatch:
    """What is missed beyond the tolerance, as violations."""
    assert found.losses is not None
    missed = np.abs(found.losses.missed)
    beyond = tuple(
        Violation(FAMILY, grid.islands.id[a], int(t), float(missed[a, t]), 0.0)
        for a, t in np.argwhere(missed > allowed_mw(rules))
    )
    return replace(found, violations=(*found.violations, *beyond)) if beyond else found


def bounds(tangents: Tangents) -> Tangents:
    """The tangents as bounds from below that hold at every dispatch: what a search may keep for its bound."""
    return tuple(replace(t, equal=np.zeros(t.where.shape, dtype=np.bool_)) for t in tangents)
