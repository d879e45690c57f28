"""Flexible ramping: ramp kept for the change of the next period (family 5).

After the flexible ramping product of CAISO (tariff section 44; Business Practice Manual for Market Operations, section
on flexible ramping) and the ramp capability product of MISO (Navid & Rosenwald 2012): what a unit can move from its
output of period t until t + 1, within the limits of t + 1. What is awarded there is kept beside the room that other
products hold, and within the ramp of one period. Readings: only a unit that is on in t and in
t + 1 holds it (a start or stop in t + 1 is a change that is scheduled, not kept); the last period leans on its own
limits; where p_max falls (p_min rises) into t + 1 there is no award up (down), see `variables.fading`.
"""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats, Ints
from clearing.case.case import Case
from clearing.formulation.awards import Awards
from clearing.formulation.commitment import shifted
from clearing.formulation.unit_data import UnitData
from clearing.formulation.variables import directions, following
from clearing.milp.columns import Columns
from clearing.milp.rows import RowBlock, Scattered, Term, row_block
from clearing.rules.rules import RampSharing


def rows(case: Case, data: UnitData, awards: Awards, columns: Columns, sharing: RampSharing) -> list[RowBlock]:
    """All rows; none where the case has no flexible ramping."""
    if not awards.flexible.any():
        return []
    return [
        flexible_next(awards, columns),
        flexible_up(case, awards, columns),
        flexible_down(case, awards, columns),
        flexible_ramp_up(case, data, awards, columns, sharing),
        flexible_ramp_down(case, data, awards, columns, sharing),
    ]


def flexible_pairs(awards: Awards) -> Ints:
    """Pairs (n) of flexible ramping products."""
    return np.flatnonzero(awards.flexible)


def flexible_next(awards: Awards, columns: Columns) -> RowBlock:
    """award_pt ≤ cap_p · on_{i,t+1}: the unit is there in the next period too; open in the last. `flexible_pairs`."""
    pair = flexible_pairs(awards)
    award, on = columns["award"][pair], columns["on"][awards.unit[pair]]
    upper = np.zeros(award.shape)
    upper[:, -1:] = np.inf
    return row_block(
        "flexible_next", award.shape, -np.inf, upper, [(award, 1.0), (shifted(on, -1), -awards.cap_mw[pair, None])]
    )


def flexible_units(case: Case, awards: Awards) -> tuple[Ints, Ints]:
    """Units that may hold flexible ramping up, and down."""
    up, down = directions(case, awards, flexible=True)
    return tuple(np.unique(awards.unit[awards.flexible & (way > 0.0)]) for way in (up, down))  # type: ignore[return-value]


def flexible_up(case: Case, awards: Awards, columns: Columns) -> RowBlock:
    """P_it + Σ_{up q} award_qit ≤ p_max_{i,t+1} · on_it, all up products of the unit; open where p_max falls."""
    units, _ = flexible_units(case, awards)
    p_max, p_min = case.units.p_max_mw[units], case.units.p_min_mw[units]
    room = following(p_max) - p_min
    upper = np.where(following(p_max) < p_max, np.inf, 0.0)
    terms: list[Term] = [(columns["above"][units], 1.0), (columns["on"][units], -room)]
    up, _ = directions(case, awards, flexible=True)
    return row_block("flexible_up", upper.shape, -np.inf, upper, terms, [_of_units(awards, units, up, columns)])


def flexible_down(case: Case, awards: Awards, columns: Columns) -> RowBlock:
    """P_it − Σ_{down q} award_qit ≥ p_min_{i,t+1} · on_it, all down products; open where p_min rises."""
    _, units = flexible_units(case, awards)
    p_min = case.units.p_min_mw[units]
    lower = np.where(following(p_min) > p_min, -np.inf, 0.0)
    terms: list[Term] = [(columns["above"][units], 1.0), (columns["on"][units], p_min - following(p_min))]
    _, down = directions(case, awards, flexible=True)
    return row_block("flexible_down", lower.shape, lower, np.inf, terms, [_of_units(awards, units, -down, columns)])


def flexible_ramp_units(case: Case, data: UnitData, awards: Awards) -> tuple[Ints, Ints]:
    """Units of `flexible_units` whose ramp of a period is limited."""
    up, down = flexible_units(case, awards)
    return up[np.isfinite(data.ramp_up_mw[up])], down[np.isfinite(data.ramp_down_mw[down])]


def flexible_ramp_up(case: Case, data: UnitData, awards: Awards, columns: Columns, sharing: RampSharing) -> RowBlock:
    """Σ_{flexible up q} award_qit ≤ RU_i · on_it: what is kept of the ramp is kept once. Shape (n, T).

    Form PGLIB, where awards share ramps: all up products of the unit.
    """
    units, _ = flexible_ramp_units(case, data, awards)
    up, _ = directions(case, awards, flexible=True)
    return _shared_ramp("flexible_ramp_up", units, data.ramp_up_mw[units], awards, up, columns, sharing)


def flexible_ramp_down(case: Case, data: UnitData, awards: Awards, columns: Columns, sharing: RampSharing) -> RowBlock:
    """Σ_{flexible down q} award_qit ≤ RD_i · on_it, in form PGLIB all down products. Shape (n, T)."""
    _, units = flexible_ramp_units(case, data, awards)
    _, down = directions(case, awards, flexible=True)
    return _shared_ramp("flexible_ramp_down", units, data.ramp_down_mw[units], awards, down, columns, sharing)


def _shared_ramp(
    name: str, units: Ints, ramp: Floats, awards: Awards, way: Floats, columns: Columns, sharing: RampSharing
) -> RowBlock:
    on = columns["on"][units]
    way = way if sharing is RampSharing.PGLIB else way * awards.flexible
    return row_block(name, on.shape, -np.inf, 0.0, [(on, -ramp[:, None])], [_of_units(awards, units, way, columns)])


def _of_units(awards: Awards, units: Ints, weight: Floats, columns: Columns) -> Scattered:
    """Awards with a weight ≠ 0 of the given units as terms of rows shaped (n, T)."""
    place = np.full(int(awards.unit.max(initial=-1)) + 1, -1, dtype=np.int64)
    place[units] = np.arange(len(units))
    kept = np.flatnonzero((place[awards.unit] >= 0) & (weight != 0.0))
    periods = columns["award"].shape[1]
    row = place[awards.unit[kept]][:, None] * periods + np.arange(periods)
    return row, columns["award"][kept], weight[kept, None]
