"""Storage modes at a given commitment: taken from the relaxation, decided by branching only where that is not exact."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from clearing.case.arrays import Bools, Flags, Floats
from clearing.formulation.model import Model
from clearing.formulation.modes import mode_columns, nearest_signs, three_modes
from clearing.milp.highs import Highs
from clearing.milp.outcome import Outcome
from clearing.solve.control import RunControl

EXACT_GAP = 1e-9
"""Relative difference up to which two optima are equal; also the gap of the search over modes."""

BOTH_MW = 1e-7
"""A store that charges and discharges more than this at once is in conflict with itself."""

NEAR = 8
"""Periods around a conflict in which the modes of its store are decided together."""

PART = 1e-6
"""A mode further than this from 0 and 1 is undecided; it matters only where a mode has a least MW."""


def best_modes(
    model: Model, highs: Highs, control: RunControl, solve: Callable[[], Outcome | None]
) -> tuple[Flags | None, Outcome | None]:
    """Best modes (M, T) and the optimum of the LP that holds them; (None, None) when cut short or infeasible.

    highs: the relaxed dispatch. Every store is in the mode that the relaxation points to. Where the LP with these modes
    reaches the relaxed optimum they are proven best; else the modes of stores that do both at once become integer, then
    all: integrality of a part is still a relaxation, so the proof stays the same.
    """
    problem, index = model.problem, mode_columns(model.problem.columns)
    decided: Bools = np.zeros(index.shape, dtype=np.bool_)
    while True:
        relaxed = solve()
        if relaxed is None or relaxed.x is None or relaxed.objective is None:
            return None, None
        mode, unclear = _pointed_to(model, relaxed.x, decided)
        highs.set_integer(index[decided], integer=False)
        at = mode.ravel().astype(np.float64)
        highs.set_bounds(index.ravel(), at, at)
        held = solve()
        if held is not None and held.objective is not None:
            worse = held.objective - relaxed.objective
            if worse <= EXACT_GAP * max(1.0, abs(held.objective)) or decided.all():
                return mode, held
        if decided.all() or control.stopped():
            return None, None
        highs.set_bounds(index.ravel(), problem.lower[index].ravel(), problem.upper[index].ravel())
        decided = decided | _around(unclear) if (unclear & ~decided).any() else np.ones_like(decided)
        highs.set_integer(index[decided], integer=True)


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
