"""Limits on energy over several periods: of units (family 17), of what storage gives out (family 16). MWh, soft."""

from __future__ import annotations

from math import inf

import pyomo.environ as pyo

from clearing.rules.rules import Penalties
from models.data import Data
from models.soft import slack, within


def windows(m: pyo.ConcreteModel, d: Data, penalties: Penalties) -> None:
    """Energy of a unit over the periods of a window; `joint_limit`, money per MWh whatever dt."""
    table = d.case.energy_windows
    places = range(len(table.unit))
    # Output is never below 0, so that a least energy of 0 or less is none.
    low = {(w,): float(d.window_min_mwh[w]) if d.window_min_mwh[w] > 0 else -inf for w in places}
    high = {(w,): float(d.window_max_mwh[w]) for w in places}
    given = slack(m, d, "energy_window", penalties.joint_limit, low, high, weight=1.0)

    @m.Constraint(places)
    def energy_window(m, w):
        """min_w ≤ Σ_{t = first_w … last_w} dt·P_it ≤ max_w, i the unit of w."""
        inside = range(int(table.first_period[w]), int(table.last_period[w]) + 1)
        energy = sum(d.hours * m.output[int(table.unit[w]), t] for t in inside)
        return within(low[w,], energy + given(w), high[w,])


def cycles(m: pyo.ConcreteModel, d: Data, penalties: Penalties) -> None:
    """Full cycles over the horizon, counted by what is delivered at the bus; `joint_limit`, money per MWh."""
    table = d.case.storage_cycles
    places = range(len(table.storage))
    high = {(c,): float(d.cycle_max_mwh[c]) for c in places}
    given = slack(m, d, "storage_cycle", penalties.joint_limit, {}, high, weight=1.0)

    @m.Constraint(places)
    def storage_cycle(m, c):
        """Σ_t dt·d_gt ≤ max_cycles_g·(energy_max_g − energy_min_g)."""
        out = sum(d.hours * m.discharge[int(table.storage[c]), t] for t in d.periods)
        return within(-inf, out + given(c), high[c,])
