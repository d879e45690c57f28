"""Contingencies by rounds, for cases too large to hold all of them at once: solve, look, add what is broken, again.

A model that holds only some contingencies and periods is a relaxation of the one that holds all. Once its optimum
breaks no limit after any contingency it is the optimum of both. What is added stays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyomo.environ as pyo

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.rules.rules import Rules
from models import outcome
from models.contingencies import Among, watched
from models.data import read
from models.pricing import flows_after
from models.solve import Solved

TOLERANCE_MW = 1e-6
"""A limit counts as kept when it is broken by less than this times max(1, |limit|)."""


@dataclass(frozen=True)
class Secured:
    """The last model with its values in it, its solve, solves in all, and limits found broken on the way."""

    model: pyo.ConcreteModel
    solved: Solved
    rounds: int
    added: int


def secured(
    case: Case,
    rules: Rules,
    form: Callable[[Among], pyo.ConcreteModel],
    solve: Callable[[pyo.ConcreteModel], Solved],
    rounds: int = 20,
) -> Secured:
    """Form and solve with contingencies and periods (c, t) added until none is broken.

    form: the model that holds some of them, as `scuc(case, rules, among)`. Raises RuntimeError after so many rounds.
    """
    d = watched(read(case, rules))
    held: set[tuple[int, int]] = set()
    added = 0
    for done in range(1, rounds + 1):
        m = form(held)
        solved = solve(m)
        branch, gate = flows_after(d, outcome.schedule(m, d))
        found = _broken(branch, d.after_min_mw, d.after_max_mw) + _broken(
            gate, d.gate_after_min_mw, d.gate_after_max_mw
        )
        fresh = [(c, t) for c, t in found if (c, t) not in held]
        if not fresh:
            return Secured(m, solved, done, added)
        added += len(fresh)
        held |= set(fresh)
    raise RuntimeError(f"limits after contingencies are still found broken after {rounds} rounds")


def _broken(flow: Floats, low: Floats, high: Floats) -> list[tuple[int, int]]:
    """Contingency and period of every limit (C, elements, T) that a flow breaks; pairs come as often as limits."""
    over = np.maximum(flow - high, low - flow)
    limit = np.where(flow > high, high, low)
    scale = np.maximum(1.0, np.abs(np.where(np.isfinite(limit), limit, 1.0)))
    contingency, _, period = np.nonzero(over > TOLERANCE_MW * scale)
    return list(zip(contingency.tolist(), period.tolist(), strict=True))
