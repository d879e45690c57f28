"""Storage (family 16)."""

from __future__ import annotations

import pyomo.environ as pyo

from clearing.case.arrays import Flags
from models.data import Data


def storage(m: pyo.ConcreteModel, d: Data, mode: Flags | None) -> None:
    """Charge, discharge, energy. mode (G, T): 1 = may discharge, 0 = may charge; None = decided here (binary)."""
    table, last = d.case.storage, d.periods[-1]
    pairs = (d.storages, d.periods)
    m.charge = pyo.Var(*pairs, domain=pyo.NonNegativeReals)
    m.discharge = pyo.Var(*pairs, domain=pyo.NonNegativeReals)

    def energy_bounds(_: pyo.ConcreteModel, g: int, t: int) -> tuple[float, float]:
        """Bounds at the end of every period; after the last one the final bounds too."""
        low, high = float(table.energy_min_mwh[g]), float(table.energy_max_mwh[g])
        if t != last:
            return low, high
        return max(low, float(table.final_energy_min_mwh[g])), min(high, float(table.final_energy_max_mwh[g]))

    m.energy = pyo.Var(*pairs, bounds=energy_bounds)
    if mode is None:
        m.discharging = pyo.Var(*pairs, domain=pyo.Binary)
    else:
        held = {(g, t): int(mode[g, t]) for g in d.storages for t in d.periods}
        m.discharging = pyo.Param(*pairs, initialize=held, domain=pyo.Binary)
    m.storage_cost = pyo.Expression(
        expr=sum(
            d.hours * float(table.discharge_price_per_mwh[g, t]) * m.discharge[g, t]
            - d.hours * float(table.charge_price_per_mwh[g, t]) * m.charge[g, t]
            for g in d.storages
            for t in d.periods
        )
    )

    @m.Constraint(*pairs)
    def storage_energy(m, g, t):
        """E_gt − E_g,t−1 = dt·(η_c·c_gt − d_gt/η_d), with E_g,−1 the initial energy."""
        before = m.energy[g, t - 1] if t > 0 else float(table.initial_energy_mwh[g])
        stored = float(table.charge_efficiency[g]) * m.charge[g, t]
        drawn = m.discharge[g, t] / float(table.discharge_efficiency[g])
        return m.energy[g, t] - before == d.hours * (stored - drawn)

    @m.Constraint(*pairs)
    def charge_mode(m, g, t):
        """c_gt ≤ charge_max_gt·(1 − discharging_gt)."""
        return m.charge[g, t] <= float(table.charge_max_mw[g, t]) * (1 - m.discharging[g, t])

    @m.Constraint(*pairs)
    def discharge_mode(m, g, t):
        """d_gt ≤ discharge_max_gt·discharging_gt."""
        return m.discharge[g, t] <= float(table.discharge_max_mw[g, t]) * m.discharging[g, t]
