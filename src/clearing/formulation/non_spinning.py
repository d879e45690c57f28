"""Non-spinning reserve that units off line hold (family 5)."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Ints
from clearing.formulation.awards import Awards
from clearing.formulation.min_up_down import windows
from clearing.formulation.unit_data import UnitData
from clearing.milp.columns import Columns
from clearing.milp.rows import RowBlock, Scattered, row_block


def offline_units(awards: Awards) -> Ints:
    """Units (n) that may hold non-spinning reserve while they are off."""
    return np.unique(awards.unit[awards.offline])


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
    held = place[awards.unit[awards.offline]][:, None] * on.shape[1] + np.arange(on.shape[1])
    scattered: list[Scattered] = [(held, columns["award_offline"], 1.0), (row, stop, most.ravel()[row])]
    return row_block("offline", on.shape, -np.inf, most, [(on, most)], scattered)
