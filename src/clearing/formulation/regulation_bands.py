"""Units that regulate within limits of their own (family 5): a 0/1 decision beside the commitment."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Flags, Floats, Ints
from clearing.case.award_terms import GIVEN_OFF, GIVEN_ON
from clearing.case.case import Case
from clearing.case.reserve_kinds import ProductKind, is_kind
from clearing.formulation.awards import Awards
from clearing.formulation.modes import held
from clearing.milp.columns import Columns, column_block
from clearing.milp.rows import RowBlock, Term, row_block


def add_regulating(columns: Columns, case: Case, modes: Flags | None) -> None:
    """regulating (b, T), 0/1, at its cost an hour; 0 wherever the unit is off."""
    bands = case.regulation_bands
    most = columns.upper("on")[bands.unit]
    low = np.where(bands.given == GIVEN_ON, np.minimum(columns.lower("on")[bands.unit], most), 0.0)
    high = np.where(bands.given == GIVEN_OFF, 0.0, most)
    given = held(case, modes)["regulating"]
    if given is not None:
        low = high = np.clip(given, 0.0, most)
    cost = bands.cost_per_hour * case.horizon.hours
    columns.add(column_block("regulating", high.shape, low, high, cost, integer=modes is None))


def regulating_on(case: Case, columns: Columns) -> list[RowBlock]:
    """regulating_bt ≤ on_it, and = on_it where it is given that the unit regulates. Shape (b, T); SCUC only."""
    bands = case.regulation_bands
    if not len(bands.unit):
        return []
    lower = np.where(bands.given == GIVEN_ON, 0.0, -np.inf)
    terms: list[Term] = [(columns["regulating"], 1.0), (columns["on"][bands.unit], -1.0)]
    return [row_block("regulating_on", bands.given.shape, lower, 0.0, terms)]


def band_pairs(case: Case, awards: Awards) -> tuple[Ints, Ints]:
    """Pairs (p) of regulation products and units with a band, and the band (p) of each."""
    place = np.full(len(case.units.id), -1, dtype=np.int64)
    place[case.regulation_bands.unit] = np.arange(len(case.regulation_bands.unit))
    regulation = is_kind(case.reserve_kinds, len(case.reserves.product_id), ProductKind.REGULATION)
    pair = np.flatnonzero(regulation[awards.product] & (place[awards.unit] >= 0))
    return pair, place[awards.unit[pair]]


def band_cap(case: Case, awards: Awards, columns: Columns) -> list[RowBlock]:
    """r_pt ≤ min(cap_p, band)·regulating_bt for regulation products of units with a band. Shape (p, T)."""
    bands = case.regulation_bands
    if not len(bands.unit):
        return []
    pair, band = band_pairs(case, awards)
    most = np.minimum(awards.cap_mw[pair][:, None], (bands.max_mw - bands.min_mw)[band])
    terms: list[Term] = [(columns["award"][pair], 1.0), (columns["regulating"][band], -most)]
    return [row_block("band_cap", most.shape, -np.inf, 0.0, terms)]


def narrowing(case: Case) -> tuple[Floats, Floats]:
    """What regulating takes off the top of a unit's output and awards, and adds at the bottom (b, T), MW."""
    bands, units = case.regulation_bands, case.units
    return units.p_max_mw[bands.unit] - bands.max_mw, bands.min_mw - units.p_min_mw[bands.unit]


def has_bands(case: Case) -> Bools:
    """Units (N) with a band."""
    own = np.zeros(len(case.units.id), dtype=np.bool_)
    own[case.regulation_bands.unit] = True
    return own
