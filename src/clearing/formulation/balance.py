"""Power balance of every island (family 1)."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.formulation.injections import Injection
from clearing.formulation.variables import load_buses
from clearing.grid.islands import Islands
from clearing.milp.columns import Columns
from clearing.milp.rows import RowBlock, Scattered, row_block


def balance(terms: tuple[Injection, ...], fixed: Floats, islands: Islands, columns: Columns) -> RowBlock:
    """Σ generation + ties + discharge − charge + shed − surplus − losses = load, by island and period. Shape (I, T)."""
    periods = fixed.shape[1]
    here = np.arange(periods)
    scattered: list[Scattered] = [
        (islands.of_bus[t.bus] * periods + here, t.column, t.coefficient) for t in terms if len(t.bus)
    ]
    surplus, stands = columns["surplus_step"], islands.stands
    row = np.arange(islands.count * periods).reshape(islands.count, periods)
    # Where the island is part of another one its row is empty.
    scattered.append((np.broadcast_to(row[stands], surplus[:, stands].shape), surplus[:, stands], -1.0))
    if "loss" in columns:
        scattered.append((row[stands], columns["loss"][stands], -1.0))
    right = -islands.total(fixed)
    return row_block("balance", right.shape, right, right, (), scattered)


def shed_total(case: Case, islands: Islands, columns: Columns) -> RowBlock:
    """Σ_{buses of the island} shed = Σ_steps shed_step: shed load pays the stepped penalty. Shape (I, T)."""
    periods = case.horizon.periods
    shed, step = columns["shed"], columns["shed_step"]
    at_bus = islands.of_bus[load_buses(case)] * periods + np.arange(periods)
    of_step = np.broadcast_to(np.arange(islands.count * periods).reshape(islands.count, periods), step.shape)
    return row_block("shed_total", (islands.count, periods), 0.0, 0.0, (), [(at_bus, shed, 1.0), (of_step, step, -1.0)])
