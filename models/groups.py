"""Groups of units with joint limits (family 8)."""

from __future__ import annotations

from math import inf

import pyomo.environ as pyo

from clearing.rules.rules import Penalties
from models.data import Data, rows_of
from models.soft import slack, within


def output(m: pyo.ConcreteModel, d: Data, penalties: Penalties) -> None:
    """Joint output, soft: `joint_limit`, money per MWh."""
    units, places = _members(d), [(j, t) for j in d.groups for t in d.periods]
    low, high = ({at: float(side[at]) for at in places} for side in (d.group_min_mw, d.group_max_mw))
    given = slack(m, d, "group_output", penalties.joint_limit, low, high)

    @m.Constraint(d.groups, d.periods)
    def group_output(m, j, t):
        """min_jt ≤ Σ_{i in j} P_it ≤ max_jt."""
        return within(low[j, t], sum(m.output[i, t] for i in units[j]) + given(j, t), high[j, t])


def number(m: pyo.ConcreteModel, d: Data, penalties: Penalties) -> None:
    """Members on line, SCUC only, soft: `group_on`, money per unit and hour. min_on 0, max_on −1: no limit."""
    groups, units = d.case.unit_groups, _members(d)
    places = [(j, t) for j in d.groups for t in d.periods]
    low = {at: float(groups.min_on[at]) if groups.min_on[at] > 0 else -inf for at in places}
    high = {at: float(groups.max_on[at]) if groups.max_on[at] >= 0 else inf for at in places}
    given = slack(m, d, "group_on", penalties.group_on, low, high)

    @m.Constraint(d.groups, d.periods)
    def group_on(m, j, t):
        """min_on_jt ≤ Σ_{i in j} on_it ≤ max_on_jt."""
        return within(low[j, t], sum(m.on[i, t] for i in units[j]) + given(j, t), high[j, t])


def _members(d: Data) -> dict[int, list[int]]:
    """Units by group."""
    groups = d.case.unit_groups
    return {j: [int(groups.member_unit[r]) for r in rows] for j, rows in rows_of(groups.member_group, d.groups).items()}
