"""Output limits of units, with the room that reserve awards take (families 4 and 7)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.award_terms import Form
from clearing.case.case import Case
from clearing.formulation.awards import Awards
from clearing.formulation.commitment import shifted
from clearing.formulation.regulation_bands import narrowing
from clearing.formulation.unit_data import UnitData
from clearing.formulation.variables import directions
from clearing.milp.columns import Columns, Index
from clearing.milp.rows import RowBlock, Scattered, row_block


def headroom(case: Case, data: UnitData, awards: Awards, columns: Columns) -> list[RowBlock]:
    """above + Σ up awards ≤ (p_max − p_min)·on − (p_max − SU)·start − (p_max − SD)·stop_{t+1}. Shape (N, T).

    Form PGLIB: awards count against the start-up and shut-down limits. Form HEADROOM: awards count against p_max
    only, and a second block, output_limit, holds the output alone below SU and SD. Products with terms of their own:
    all awards against p_max, those that count against SU and SD in output_limit too; regulating narrows the first.
    A unit that may run for a single period has the row twice (headroom, headroom_stop), each subtracting one of the
    limits in full.
    Source: clearing-model.md family 4; Morales-España, Latorre & Ramos 2013 for the tight form.
    """
    up, _ = directions(case, awards)
    everyone = np.ones(len(case.units.id), dtype=bool)
    over_start = case.units.p_max_mw - data.startup_mw
    over_stop = case.units.p_max_mw - data.shutdown_mw
    ends, inside = (over_start, over_stop), awards.form.in_limits[awards.product]
    if one_headroom(case, awards.form):
        return _with_ends("headroom", data, columns, ends, award_terms(awards, up, columns))
    nothing = np.zeros(over_start.shape)
    shared = _row("headroom", data, columns, everyone, (nothing, nothing), award_terms(awards, up, columns))
    if len(case.regulation_bands.unit):
        shared = _narrowed(case, shared, columns, narrowing(case)[0])
    inner = award_terms(awards, up * inside, columns) if inside.any() else None
    return [shared, *_with_ends("output_limit", data, columns, ends, inner)]


def one_headroom(case: Case, form: Form) -> bool:
    """Whether all awards count against start-up and shut-down limits, so that one row holds both."""
    every = bool(form.in_limits.all()) if len(form.in_limits) else form.shares
    return every and not len(case.regulation_bands.unit)


def _narrowed(case: Case, rows: RowBlock, columns: Columns, mw: Floats) -> RowBlock:
    """Rows (N, T) with mw (b, T) · regulating of the units with a band."""
    unit, periods = case.regulation_bands.unit, case.horizon.periods
    place = unit[:, None] * periods + np.arange(periods)
    return replace(
        rows,
        row=np.concatenate([rows.row, place.ravel()]),
        column=np.concatenate([rows.column, columns["regulating"].ravel()]),
        value=np.concatenate([rows.value, np.broadcast_to(mw, place.shape).ravel()]),
    )


def footroom(case: Case, awards: Awards, columns: Columns) -> RowBlock:
    """above_it − Σ down awards ≥ 0: output stays at p_min or more when they are called. Shape (`footroom_units`, T).

    While a unit regulates, at the least of its band or more: ≥ (band_min_it − p_min_it)·regulating_it.
    """
    _, down = directions(case, awards)
    units = footroom_units(case, awards)
    place = np.full(len(case.units.id), -1, dtype=np.int64)
    place[units] = np.arange(len(units))
    kept = np.flatnonzero(down > 0.0)
    periods = case.horizon.periods
    row = place[awards.unit[kept]][:, None] * periods + np.arange(periods)
    scattered: list[Scattered] = [(row, columns["award"][kept], -1.0)]
    banded = case.regulation_bands.unit
    if len(banded):
        at = place[banded][:, None] * periods + np.arange(periods)
        scattered.append((at, columns["regulating"], -narrowing(case)[1]))
    terms = [(columns["above"][units], 1.0)]
    return row_block("footroom", (len(units), periods), 0.0, np.inf, terms, scattered)


def footroom_units(case: Case, awards: Awards) -> Index:
    """Units of the rows of `footroom`: those that may hold a product downward, and those with a band."""
    _, down = directions(case, awards)
    return np.union1d(awards.unit[down > 0.0], case.regulation_bands.unit).astype(np.int64)


def award_terms(awards: Awards, weight: Floats, columns: Columns) -> Scattered:
    """Awards as terms of rows shaped (N, T): Σ_p weight_p · award_pt in the row of the award's unit."""
    award = columns["award"]
    periods = award.shape[1]
    row = awards.unit[:, None] * periods + np.arange(periods)
    return row, award, weight[:, None]


def _with_ends(
    name: str, data: UnitData, columns: Columns, over: tuple[Floats, Floats], shared: Scattered | None
) -> list[RowBlock]:
    over_start, over_stop = over
    long = (data.min_up >= 2)[:, None]
    first = (over_start, np.where(long, over_stop, np.maximum(over_stop - over_start, 0.0)))
    second = (np.maximum(over_start - over_stop, 0.0), over_stop)
    everyone = np.ones(len(data.min_up), dtype=bool)
    return [
        _row(name, data, columns, everyone, first, shared),
        _row(f"{name}_stop", data, columns, ~long[:, 0], second, shared),
    ]


def _row(
    name: str,
    data: UnitData,
    columns: Columns,
    kept: np.ndarray,
    over: tuple[Floats, Floats],
    shared: Scattered | None,
) -> RowBlock:
    periods = data.range_mw.shape[1]
    scattered = []
    if shared is not None:
        row, column, weight = shared
        place = np.cumsum(kept) - 1
        unit, period = np.divmod(row, periods)
        chosen = np.broadcast_to(np.asarray(weight), row.shape) * kept[unit]
        scattered.append((np.where(kept[unit], place[unit] * periods + period, 0), column, chosen))
    return row_block(
        name,
        (int(kept.sum()), periods),
        -np.inf,
        0.0,
        [
            (columns["above"][kept], 1.0),
            (columns["on"][kept], -data.range_mw[kept]),
            (columns["start"][kept], over[0][kept]),
            (shifted(columns["stop"], -1)[kept], over[1][kept]),
        ],
        scattered,
    )
