"""Storage modes at a given commitment: taken from the relaxation, decided by branching only where that is not exact."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from clearing.case.arrays import Bools, Flags, Floats, Ints
from clearing.formulation.model import Model
from clearing.formulation.modes import mode_columns, nearest_signs, three_modes
from clearing.milp.columns import Index
from clearing.milp.highs import Highs, Limits
from clearing.milp.outcome import Condition, Outcome
from clearing.solve.control import RunControl

EXACT_GAP = 1e-9
"""Relative difference up to which two optima are equal; also the gap of the search over modes."""

BOTH_MW = 1e-7
"""A store that charges and discharges more than this at once is in conflict with itself."""

NEAR = 8
"""Periods around a conflict in which the modes of its store are decided together."""

KEPT = 1e-9
"""A row counts as kept when it is broken by less than this times max(1, |its value|)."""

PART = 1e-6
"""A mode further than this from 0 and 1 is undecided; it matters only where a mode has a least MW."""

SEARCH_SECONDS = 60.0
"""Most that the search over integer modes may take in all, wall-clock."""

SEARCH_NODES = 2000
"""Branch-and-bound nodes of the same; the only limit where runs must repeat each other."""

Solve = Callable[[Limits | None], Outcome | None]
"""Solves the dispatch: without limits to the optimum, with limits as far as they reach; None when cut short."""


@dataclass(frozen=True, slots=True)
class Modes:
    """Modes (M, T), the optimum of the LP that holds them, and how far it may lie above the best modes, relative."""

    mode: Flags
    outcome: Outcome
    gap: float = 0.0

    @property
    def objective(self) -> float:
        """Of the LP."""
        assert self.outcome.objective is not None
        return self.outcome.objective


def best_modes(
    model: Model, highs: Highs, control: RunControl, solve: Solve, seconds: float = SEARCH_SECONDS
) -> Modes | None:
    """Best modes and the optimum of the LP that holds them; None when cut short or infeasible.

    highs: the relaxed dispatch; solve: adds the network rows that are broken. Every store is in the mode that the
    relaxation points to. Where the LP with these modes reaches the relaxed optimum they are proven best (it does, at
    the same multipliers, where the relaxed solution keeps them itself, for modes cost nothing); else the modes of
    stores that do both at once become integer, then all: integrality of a part is still a relaxation, so the proof
    stays the same. The search over integer modes ends after `seconds` or SEARCH_NODES nodes; the best modes met so far
    stand then, and the gap says how far they may be from the best.
    """
    problem, index = model.problem, mode_columns(model.problem.columns)
    decided: Bools = np.zeros(index.shape, dtype=np.bool_)
    best, bound, ends, nodes = None, -np.inf, np.inf, SEARCH_NODES
    while True:
        left = Limits(max(ends - time.monotonic(), 0.0), EXACT_GAP, nodes=nodes) if decided.any() else None
        relaxed = solve(left)
        highs.set_integer(index[decided], integer=False)
        if relaxed is None or relaxed.x is None:
            break
        bound = max(bound, -np.inf if relaxed.bound is None else relaxed.bound)
        mode, unclear = _pointed_to(model, relaxed.x, decided)
        held = _kept(model, highs, index, mode, relaxed) if not (decided.any() or unclear.any()) else None
        held = _held(highs, index, mode, solve) if held is None else held
        if held is not None and (best is None or held.objective < best.objective):
            best = held
        nodes -= relaxed.nodes
        over = relaxed.condition is not Condition.OPTIMAL or nodes <= 0 or control.stopped()
        if decided.all() or over or (best is not None and _gap(best, bound) <= EXACT_GAP):
            break
        ends = min(ends, time.monotonic() + seconds)
        highs.set_bounds(index.ravel(), problem.lower[index].ravel(), problem.upper[index].ravel())
        decided = decided | _around(unclear) if (unclear & ~decided).any() else np.ones_like(decided)
        highs.set_integer(index[decided], integer=True)
    if best is None:
        return None
    current = held if relaxed is not None and relaxed.x is not None else None
    again = best if current is best else _held(highs, index, best.mode, solve)
    return None if again is None else replace(again, gap=_gap(again, bound))


def _held(highs: Highs, index: Ints, mode: Flags, solve: Solve) -> Modes | None:
    """The LP that holds modes; None when cut short or infeasible."""
    at = mode.ravel().astype(np.float64)
    highs.set_bounds(index.ravel(), at, at)
    found = solve(None)
    return None if found is None or found.objective is None else Modes(mode, found)


def _kept(model: Model, highs: Highs, index: Index, mode: Flags, relaxed: Outcome) -> Modes | None:
    """The relaxed optimum as that of the LP that holds the modes; None where it breaks a row with them."""
    problem, at = model.problem, mode.ravel().astype(np.float64)
    assert relaxed.x is not None
    x = relaxed.x.copy()
    x[index.ravel()] = at
    value = problem.matrix @ x[: problem.matrix.shape[1]]
    over = np.maximum(problem.row_lower - value, value - problem.row_upper)
    if problem.cost[index].any() or (over > KEPT * np.maximum(1.0, np.abs(value))).any() or relaxed.row_dual is None:
        return None
    highs.set_bounds(index.ravel(), at, at)
    return Modes(mode, replace(relaxed, x=x))


def _gap(found: Modes, bound: float) -> float:
    """How far the objective lies above a bound, relative to it."""
    return max(found.objective - bound, 0.0) / max(1.0, abs(found.objective))


def _around(unclear: Bools) -> Bools:
    """The cells within NEAR periods of an unclear one of the same store.

    Where a conflict is solved in one period only, the relaxation moves it to the next: every round is a search.
    """
    found = unclear.copy()
    for shift in range(1, min(NEAR, unclear.shape[1] - 1) + 1):
        found[:, shift:] |= unclear[:, :-shift]
        found[:, :-shift] |= unclear[:, shift:]
    return found


def _pointed_to(model: Model, x: Floats, decided: Bools) -> tuple[Flags, Bools]:
    """Modes (M, T) of a solution, and where it leaves open which is meant."""
    storage, columns = model.case.storage, model.problem.columns
    charge, discharge = x[columns["charge"]], x[columns["discharge"]]
    value = x[mode_columns(columns)]
    both = np.minimum(charge, discharge) > BOTH_MW
    three = three_modes(storage)
    stores = len(both) + len(three)
    signs = np.concatenate([*nearest_signs(storage, charge, discharge), np.rint(value[stores:]).astype(np.int8)])
    part = np.minimum(value, 1.0 - value) > PART
    unclear = np.concatenate([both, both[three] | part[len(both) : stores], part[stores:]])  # pumps: at a part of power
    unclear[three] |= part[three]
    mode: Flags = np.where(decided, np.rint(value), signs).astype(np.int8)
    return mode, unclear
