"""Losses in the search for a commitment: the problem has the tangents that dispatches have made so far."""

from __future__ import annotations

from collections.abc import Callable

from clearing.case.case import Case
from clearing.formulation.losses import Tangents
from clearing.formulation.model import Model
from clearing.formulation.scuc import scuc
from clearing.grid.monitored import Grid
from clearing.milp.outcome import Condition
from clearing.rules.rules import LossModel, Rules
from clearing.solve.loss_rounds import without_flow
from clearing.solve.search import Search

ROUNDS = 3
"""Branch and bounds with tangents that the one before has brought; the first one is not counted."""


def first_losses(case: Case, rules: Rules, grid: Grid) -> Tangents:
    """Losses before any dispatch; none where the rules have none."""
    return () if rules.losses.model is LossModel.NONE else without_flow(case, rules.losses, grid)


def with_known_losses(search: Search, model: Model) -> Model:
    """The problem with the tangents that the dispatches of the search have met; the model where there are none.

    Tangents are below the losses at every commitment, so the bound of the search stays one of the problem with
    quadratic losses. Given factors hold the constant of the best dispatch.
    """
    if not search.tangents:
        return model
    return scuc(search.case, search.rules, search.grid.islands, search.tangents)


def again(
    search: Search, model: Model, condition: Condition, branch: Callable[[Search, Model], Condition]
) -> Condition:
    """Branch and bound anew while dispatches bring tangents that it did not have and the gap is open."""
    for _ in range(ROUNDS):
        known = sum(name.startswith("loss.") for name in model.problem.rows)
        if search.over() or search.closed() or len(search.tangents) <= known or condition is not Condition.OPTIMAL:
            break
        model = with_known_losses(search, model)
        condition = branch(search, model)
    return condition
