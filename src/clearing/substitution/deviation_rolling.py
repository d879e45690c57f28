"""Months of a year: deviation from plan, and how much of it goes on to later months (clauses 7.1.2, 7.2.1.2,
7.2.2.3).

    deviation = plan + rolled in − executed       rolled out = deviation, within ± 10 % of the month's plan

The year's energy stays: what cannot be rolled on (beyond the share, or in the last month) is reported apart, and

    Σ plan = Σ executed + Σ not rolled + rolled out of the last month        for every enterprise, to the kWh.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Ints, freeze
from clearing.rules.substitution_metering import DeviationRules, RollTo
from clearing.substitution.quantities import fill, part


@dataclass(frozen=True, slots=True)
class Rolled:
    """Per enterprise and month (n, T), kWh: plan_kwh with what was rolled in, deviation_kwh (more executed than
    planned: negative), rolled_kwh (out of the month), not_rolled_kwh (beyond the share)."""

    plan_kwh: Ints
    deviation_kwh: Ints
    rolled_kwh: Ints
    not_rolled_kwh: Ints

    def __post_init__(self) -> None:
        freeze(self)


def roll(plan_kwh: Ints, executed_kwh: Ints, rules: DeviationRules) -> Rolled:
    """Roll months on. plan_kwh (n, T): published plans after changes; executed_kwh (n, T)."""
    months = plan_kwh.shape[1]
    rolled_in, most = np.zeros_like(plan_kwh), part(plan_kwh, rules.month_share)
    deviation, out = np.zeros_like(plan_kwh), np.zeros_like(plan_kwh)
    for t in range(months):
        deviation[:, t] = plan_kwh[:, t] + rolled_in[:, t] - executed_kwh[:, t]
        out[:, t] = np.clip(deviation[:, t], -most[:, t], most[:, t])
        if t + 1 < months:
            _hand_on(rolled_in, plan_kwh, out[:, t], t + 1, rules)
    return Rolled(plan_kwh + rolled_in, deviation, out, deviation - out)


def _hand_on(rolled_in: Ints, plan_kwh: Ints, energy: Ints, first: int, rules: DeviationRules) -> None:
    """Add energy (n) to the months from `first` on: all to the next one, or by their plans."""
    if rules.roll_to is RollTo.NEXT_MONTH:
        rolled_in[:, first] += energy
        return
    for row in np.flatnonzero(energy).tolist():
        plans = plan_kwh[row, first:]
        if plans.any():
            rolled_in[row, first:] += np.sign(energy[row]) * fill(abs(int(energy[row])), plans)
        else:
            rolled_in[row, first] += energy[row]
