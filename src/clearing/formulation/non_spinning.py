"""Non-spinning reserve that units off line hold (family 5)."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Ints
from clearing.case.case import Case
from clearing.formulation.awards import Awards, joint_pairs
from clearing.formulation.min_up_down import windows
from clearing.formulation.unit_data import UnitData
from clearing.milp.columns import Columns
from clearing.milp.rows import RowBlock, Scattered, Term, row_block


def offline_units(awards: Awards) -> Ints:
    """Units (n) that may hold non-spinning reserve while they are off because they are quick."""
    return np.unique(awards.unit[awards.offline[~awards.stated]])


def offline(data: UnitData, awards: Awards, columns: Columns) -> RowBlock:
    """Σ_q offline_qit ≤ SU_it · (1 − on_it − Σ_{k=t−DT_i+1..t} stop_ik): a unit off line that is free to start in t.

    SU, what it can reach with a start, is held within p_min and p_max. Rows of `offline_units`, shape (n, T). The
    bound of a column is 0 where the unit must be off, or still is because of its initial down time.
    """
    units = offline_units(awards)
    on, most = columns["on"][units], data.startup_mw[units]
    row, stop = windows(columns["stop"][units], data.min_down[units])
    place = np.full(len(data.min_up), -1, dtype=np.int64)
    place[units] = np.arange(len(units))
    quick = ~awards.stated
    held = place[awards.unit[awards.offline[quick]]][:, None] * on.shape[1] + np.arange(on.shape[1])
    scattered: list[Scattered] = [(held, columns["award_offline"][quick], 1.0), (row, stop, most.ravel()[row])]
    return row_block("offline", on.shape, -np.inf, most, [(on, most)], scattered)


def offline_stated(case: Case, awards: Awards, columns: Columns) -> list[RowBlock]:
    """o_qit + Σ_{better p, joint cap} o_pit ≤ offline_max_qi·(1 − on_it), shape (k, T), of pairs that state it."""
    own = np.flatnonzero(awards.stated)
    if not len(own):
        return []
    product, unit = awards.product[awards.offline], awards.unit[awards.offline]
    terms: list[Term] = [
        (columns["award_offline"][own], 1.0),
        (columns["on"][unit[own]], awards.offline_mw[own]),
    ]
    row, better = joint_pairs(case, awards.form, product, unit, own)
    periods = np.arange(awards.offline_mw.shape[1])
    scattered = [(row[:, None] * len(periods) + periods, columns["award_offline"][better], 1.0)]
    return [
        row_block("offline_stated", awards.offline_mw[own].shape, -np.inf, awards.offline_mw[own], terms, scattered)
    ]
