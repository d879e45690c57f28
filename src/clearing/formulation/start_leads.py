"""Lead time of a unit's first start (family 13): a window where it is one, else rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.case.arrays import Bools
from clearing.formulation.unit_data import UnitData
from clearing.milp.columns import Columns
from clearing.milp.rows import RowBlock, row_block


def with_first_starts(data: UnitData, first: Bools) -> UnitData:
    """The same data: a unit off since before the horizon is off until the first period it may start in.

    first (N, T): where it may start, from case.lead_times. What lies before all of them is in on_max, and outranks
    must-run, as the rest of a min down time does.
    """
    on_max = np.where(_open(first), data.on_max, 0).astype(np.int8)
    return replace(data, on_max=on_max, on_min=np.minimum(data.on_min, on_max), first_start=first)


def start_lead(data: UnitData, columns: Columns) -> RowBlock:
    """start_it ≤ Σ_{k ≤ t−DT_i} stop_ik: a start that may not be the unit's first follows a stop. Shape (pairs).

    Pairs (i, t) in which a first start is not allowed though an earlier one was: a unit that has grown colder, where
    the state is judged at synchronisation. Source: clearing-model.md family 13.
    """
    unit, period = np.nonzero(_open(data.first_start) & ~data.first_start)
    here = np.arange(data.first_start.shape[1])
    pair, stop = np.nonzero(here <= (period - data.min_down[unit])[:, None])
    scattered = [
        (np.arange(len(unit)), columns["start"][unit, period], 1.0),
        (pair, columns["stop"][unit[pair], stop], -1.0),
    ]
    return row_block("start_lead", (len(unit),), -np.inf, 0.0, (), scattered)


def _open(first: Bools) -> Bools:
    """(N, T): a first start was possible up to here."""
    return np.asarray(np.logical_or.accumulate(first, axis=1))
