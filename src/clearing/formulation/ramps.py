"""Ramp limits (family 9)."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Floats, Ints
from clearing.case.case import Case
from clearing.formulation.awards import Awards
from clearing.formulation.commitment import shifted
from clearing.formulation.unit_data import UnitData
from clearing.formulation.variables import directions
from clearing.milp.columns import ABSENT, Columns
from clearing.milp.rows import RowBlock, Scattered, Term, row_block


def ramp_units(case: Case, ramp_mw: Floats, awards: Awards) -> Ints:
    """Units whose ramp of a period (N) is smaller than their greatest possible change, awards included."""
    units = case.units
    reach = units.p_max_mw.max(axis=1, initial=0.0) - units.p_min_mw.min(axis=1, initial=np.inf)
    from_initial = np.maximum(units.initial_mw - units.p_min_mw.T, units.p_max_mw.T - units.initial_mw).max(axis=0)
    reach = np.maximum(reach, np.where(units.initial_on, from_initial, 0.0))
    dear = np.zeros(len(units.id), dtype=np.bool_)
    dear[awards.unit[_dear(awards)]] = True
    return np.flatnonzero((ramp_mw < reach - 1e-9) | (dear & np.isfinite(ramp_mw)))


def _dear(awards: Awards) -> Bools:
    """Pairs (P) whose award p_max and the start-up limit do not hold back as the ramp does.

    It takes more than its MW, or takes some and does not count against the start-up limit.
    """
    form = awards.form
    dear = (form.ramp_now > 1.0) | (form.ramp_before > 0.0) | ((form.ramp_now > 0.0) & ~form.in_limits)
    return np.asarray(dear[awards.product])


def ramp_up(case: Case, data: UnitData, awards: Awards, columns: Columns) -> RowBlock:
    """P_t + Σ up awards_t − P_{t−1} ≤ RU·on_{t−1} + SU·start_t, written for output above p_min.

    above_t + Σ up awards_t − above_{t−1}
        ≤ RU·on_t + (SU − p_min_t − RU)·start_t − (p_min_t − p_min_{t−1})·(on_t − start_t)

    Awards stand in the row in form PGLIB only, or with the MW of ramp that their product says they take, in the period
    and in the one behind it. First period, unit on before: P_1 + awards ≤ initial output + RU; off before, where awards
    take more than their MW: P_1 + awards ≤ SU.
    Rows of `ramp_units`, shape (n, T). Tight: 0 on the right side where the unit is off.
    """
    units = ramp_units(case, data.ramp_up_mw, awards)
    rate, p_min = data.ramp_up_mw[units][:, None], case.units.p_min_mw[units]
    above, on, start = columns["above"][units], columns["on"][units], columns["start"][units]
    drift = _drift(p_min)
    on_factor, start_factor = -rate + drift, -(data.startup_mw[units] - p_min - rate) - drift
    right = np.zeros(above.shape)
    if above.shape[1]:
        on_factor[:, 0], start_factor[:, 0] = p_min[:, 0], 0.0
        was_on = case.units.initial_on[units]
        right[:, 0] = np.where(was_on, case.units.initial_mw[units] + rate[:, 0], np.inf)
        if _dear(awards).any():
            room = data.startup_mw[units, 0] - p_min[:, 0]
            on_factor[:, 0] = np.where(was_on, on_factor[:, 0], -room)
            right[:, 0] = np.where(was_on, right[:, 0], 0.0)
    up, _ = directions(case, awards)
    terms: list[Term] = [(above, 1.0), (shifted(above, 1), -1.0), (on, on_factor), (start, start_factor)]
    shared = _shared(case, awards, units, up, columns)
    return row_block("ramp_up", above.shape, -np.inf, right, terms, shared)


def ramp_down(case: Case, data: UnitData, awards: Awards, columns: Columns) -> RowBlock:
    """P_{t−1} − P_t + Σ down awards_t ≤ RD·on_t + SD·stop_t, written for output above p_min.

    above_{t−1} − above_t + Σ down awards_t
        ≤ RD·on_{t−1} + (SD_{t−1} − p_min_{t−1} − RD)·stop_t + (p_min_t − p_min_{t−1})·(on_{t−1} − stop_t)

    First period, unit on before: initial output − P_1 + awards ≤ RD + max(initial output − RD, 0)·stop_1; off before,
    where some award is `_dear`: awards ≤ above_1. Shape (n, T).
    """
    units = ramp_units(case, data.ramp_down_mw, awards)
    rate, p_min = data.ramp_down_mw[units][:, None], case.units.p_min_mw[units]
    above, on, stop = columns["above"][units], columns["on"][units], columns["stop"][units]
    drift = _drift(p_min)
    limit_before = _before(data.shutdown_mw[units] - p_min)
    on_before_factor, stop_factor = -rate - drift, -(limit_before - rate) + drift
    on_now = np.full(on.shape, ABSENT)
    on_now_factor = np.zeros(on.shape)
    right = np.zeros(above.shape)
    if above.shape[1]:
        initial = case.units.initial_mw[units]
        was_on, dear = case.units.initial_on[units], bool(_dear(awards).any())
        on_now[:, 0], on_now_factor[:, 0] = on[:, 0], np.where(was_on, -p_min[:, 0], 0.0)
        # The least factor that lets a unit stop from its initial output; whether it may is in the bound of `stop`.
        stop_factor[:, 0] = -np.maximum(initial - rate[:, 0], 0.0)
        right[:, 0] = np.where(was_on, rate[:, 0] - initial, 0.0 if dear else np.inf)
    _, down = directions(case, awards)
    terms: list[Term] = [
        (shifted(above, 1), 1.0),
        (above, -1.0),
        (shifted(on, 1), on_before_factor),
        (on_now, on_now_factor),
        (stop, stop_factor),
    ]
    shared = _shared(case, awards, units, down, columns)
    return row_block("ramp_down", above.shape, -np.inf, right, terms, shared)


def _drift(p_min: Floats) -> Floats:
    """p_min_t − p_min_{t−1}, 0 in the first period."""
    return np.diff(p_min, axis=1, prepend=p_min[:, :1])


def _before(series: Floats) -> Floats:
    return np.concatenate([series[:, :1], series[:, :-1]], axis=1)


def _shared(case: Case, awards: Awards, units: Ints, weight: Floats, columns: Columns) -> list[Scattered]:
    """Awards of the given units as terms of rows shaped (n, T): what they take of the ramp, now and a period later.

    The first period stands for the one before it.
    """
    place = np.full(len(case.units.id), -1, dtype=np.int64)
    place[units] = np.arange(len(units))
    kept = np.flatnonzero((place[awards.unit] >= 0) & (weight > 0.0))
    periods, form = case.horizon.periods, awards.form
    row = place[awards.unit[kept]][:, None] * periods + np.arange(periods)
    now, before = form.ramp_now[awards.product[kept]][:, None], form.ramp_before[awards.product[kept]][:, None]
    award = columns["award"][kept]
    earlier = np.concatenate([award[:, :1], award[:, :-1]], axis=1)
    return [(row, award, now), (row, earlier, before)]
