"""Groups of units with joint limits (family 8)."""

from __future__ import annotations

import numpy as np

from clearing.case.case import Case
from clearing.milp.columns import Columns
from clearing.milp.rows import RowBlock, Scattered, row_block


def group_output(case: Case, columns: Columns) -> RowBlock:
    """min_jt ≤ Σ_{members i} P_it ≤ max_jt, P_it = p_min_it·on_it + above_it. Shape (J, T); soft, `joint_limit`.

    Source: clearing-model.md family 8. Its multipliers move the marginal value of the members.
    """
    groups, periods = case.unit_groups, case.horizon.periods
    unit = groups.member_unit
    row = groups.member_group[:, None] * periods + np.arange(periods)
    terms: list[Scattered] = [(row, columns["above"][unit], 1.0), (row, columns["on"][unit], case.units.p_min_mw[unit])]
    shape = (len(groups.id), periods)
    return row_block("group_output", shape, groups.min_mw.reshape(shape), groups.max_mw.reshape(shape), (), terms)


def group_on(case: Case, columns: Columns) -> RowBlock:
    """min_on_jt ≤ Σ_{members i} on_it ≤ max_on_jt. Shape (J, T); soft, `group_on`; a commitment row, SCUC only.

    Source: clearing-model.md family 8.
    """
    groups, periods = case.unit_groups, case.horizon.periods
    shape = (len(groups.id), periods)
    least, most = groups.min_on.reshape(shape), groups.max_on.reshape(shape)
    row = groups.member_group[:, None] * periods + np.arange(periods)
    lower, upper = np.where(least > 0, least, -np.inf), np.where(most >= 0, most, np.inf)
    return row_block("group_on", shape, lower, upper, (), [(row, columns["on"][groups.member_unit], 1.0)])
