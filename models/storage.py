"""Storage (family 16)."""

from __future__ import annotations

import pyomo.environ as pyo

from clearing.case.arrays import Ints
from clearing.case.resources import StorageMode
from models.data import Data

FREE, CHARGE, DISCHARGE = StorageMode.UNSPECIFIED, StorageMode.CHARGE, StorageMode.DISCHARGE


def storage(m: pyo.ConcreteModel, d: Data, mode: Ints | None) -> None:
    """Charge, discharge, energy. mode (G, T): 1 discharges, −1 charges, 0 stands still; None = decided here (binary).

    A unit without a least MW has one binary: where it does not discharge it may charge, also in mode 0.
    """
    table, last = d.case.storage, d.periods[-1]
    pairs = (d.storages, d.periods)
    m.charge = pyo.Var(*pairs, domain=pyo.NonNegativeReals)
    m.discharge = pyo.Var(*pairs, domain=pyo.NonNegativeReals)
    least = [g for g in d.storages if (table.charge_min_mw[g] > 0).any() or (table.discharge_min_mw[g] > 0).any()]
    given = {(g, t): int(table.given_mode[g, t]) for g in d.storages for t in d.periods}

    def energy_bounds(_: pyo.ConcreteModel, g: int, t: int) -> tuple[float, float]:
        """Bounds at the end of every period; after the last one the final bounds too."""
        low, high = float(table.energy_min_mwh[g, t]), float(table.energy_max_mwh[g, t])
        if t != last:
            return low, high
        return max(low, float(table.final_energy_min_mwh[g])), min(high, float(table.final_energy_max_mwh[g]))

    m.energy = pyo.Var(*pairs, bounds=energy_bounds)
    if mode is None:

        def given_mode(g: int, t: int, this: StorageMode) -> tuple[int, int]:
            """1 where this mode is given, 0 where another one is."""
            return (0, 1) if given[g, t] == FREE else (int(given[g, t] == this),) * 2

        m.discharging = pyo.Var(*pairs, domain=pyo.Binary, bounds=lambda _, g, t: given_mode(g, t, DISCHARGE))
        m.charging = pyo.Var(least, d.periods, domain=pyo.Binary, bounds=lambda _, g, t: given_mode(g, t, CHARGE))
    else:
        out = {(g, t): int(mode[g, t] == 1 or given[g, t] == DISCHARGE) for g in d.storages for t in d.periods}
        into = {(g, t): int(mode[g, t] == -1 or given[g, t] == CHARGE) for g in least for t in d.periods}
        m.discharging = pyo.Param(*pairs, initialize=out, domain=pyo.Binary)
        m.charging = pyo.Param(least, d.periods, initialize=into, domain=pyo.Binary)
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
        """E_gt − (1 − loss_gt)^dt·E_g,t−1 = dt·(η_c,gt·c_gt − d_gt/η_d,gt), with E_g,−1 the initial energy."""
        before = m.energy[g, t - 1] if t > 0 else float(table.initial_energy_mwh[g])
        stored = float(table.charge_efficiency[g, t]) * m.charge[g, t]
        drawn = m.discharge[g, t] / float(table.discharge_efficiency[g, t])
        left = (1.0 - float(table.self_discharge_per_hour[g, t])) ** d.hours
        return m.energy[g, t] - left * before == d.hours * (stored - drawn)

    @m.Constraint(*pairs)
    def charge_mode(m, g, t):
        """c_gt ≤ charge_max_gt·(1 − discharging_gt), with a least MW ≤ charge_max_gt·charging_gt; 0 in other modes."""
        most = float(table.charge_max_mw[g, t]) if given[g, t] in (FREE, CHARGE) else 0.0
        may = m.charging[g, t] if g in least else 1 - m.discharging[g, t]
        return m.charge[g, t] <= most * may

    @m.Constraint(*pairs)
    def discharge_mode(m, g, t):
        """d_gt ≤ discharge_max_gt·discharging_gt, 0 where another mode is given."""
        most = float(table.discharge_max_mw[g, t]) if given[g, t] in (FREE, DISCHARGE) else 0.0
        return m.discharge[g, t] <= most * m.discharging[g, t]

    @m.Constraint(least, d.periods)
    def charge_least(m, g, t):
        """c_gt ≥ charge_min_gt·charging_gt."""
        return m.charge[g, t] >= float(table.charge_min_mw[g, t]) * m.charging[g, t]

    @m.Constraint(least, d.periods)
    def discharge_least(m, g, t):
        """d_gt ≥ discharge_min_gt·discharging_gt."""
        return m.discharge[g, t] >= float(table.discharge_min_mw[g, t]) * m.discharging[g, t]

    @m.Constraint(least, d.periods)
    def one_mode(m, g, t):
        """charging_gt + discharging_gt ≤ 1."""
        if mode is not None:
            return pyo.Constraint.Skip
        return m.charging[g, t] + m.discharging[g, t] <= 1
