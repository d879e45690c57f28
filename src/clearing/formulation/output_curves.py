"""Start-up and shut-down curves in the injections: output below p_min of a unit that is off line (family 12)."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats, Ints
from clearing.case.case import Case
from clearing.case.output_curves import rest_mw, shutdown_table, startup_table
from clearing.formulation.commitment import shifted
from clearing.formulation.injections import Injection
from clearing.formulation.start_states import StartArcs
from clearing.milp.columns import ABSENT, Columns, Index


def curve_injections(case: Case, arcs: StartArcs, columns: Columns) -> tuple[Injection, ...]:
    """Σ_s Σ_{k=1..L_s} curve^s_k · start^s_{i,t+L_s−k+1} + Σ_k down_k · stop_{i,t−k+1}, a term a lag.

    start^s of a warmer state is start_saving, that of the coldest is start − Σ start_saving: so start carries the
    coldest curve, and start_saving what its own curve has more. Source: clearing-model.md family 12.
    """
    units, (up, steps) = case.units, startup_table(case)
    count = len(units.id)
    coldest = len(units.start_costs.unit) + np.arange(count)
    every, terms = np.arange(count), list[Injection]()
    for lag in range(1, up.shape[1] + 1):
        cold = _before(up, steps, coldest, lag)
        terms += _terms(units.bus, every, shifted(columns["start"], -lag), cold)
        more = _before(up, steps, arcs.row, lag) - cold[arcs.unit]
        terms += _terms(units.bus, arcs.unit, shifted(columns["start_saving"], -lag), more)
    down = shutdown_table(case)
    for lag in range(down.shape[1]):
        terms += _terms(units.bus, every, shifted(columns["stop"], lag), down[:, lag])
    return tuple(terms)


def rest_injection(case: Case) -> tuple[Ints, Floats]:
    """Bus (N) and MW (N, T) of shut-down curves that began before the horizon."""
    return case.units.bus, rest_mw(case)


def _before(up: Floats, steps: Ints, row: Ints, lag: int) -> Floats:
    """MW of the curves `row` (n) so many periods before the first period on, 0 where the curve is shorter."""
    return np.asarray(np.where(lag <= steps[row], up[row, np.maximum(steps[row] - lag, 0)], 0.0))


def _terms(bus: Ints, unit: Ints, column: Index, mw: Floats) -> list[Injection]:
    """One term of the rows (of units) that are not 0; nothing beyond the horizon. bus (N)."""
    rows = np.flatnonzero(mw != 0.0)
    if not len(rows):
        return []
    factor = np.where(column[rows] == ABSENT, 0.0, mw[rows, None])
    return [Injection(bus[unit[rows]], column[rows], factor, "unit", unit[rows])]
