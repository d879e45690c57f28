"""The least reduced cost of storage at multipliers of its own rows: every MW and MWh of it by itself."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.bound_proof import STORAGE
from clearing.case.case import Case
from clearing.case.resources import StorageMode


def stores_least(case: Case, energy: Floats, rows: dict[str, Floats], reserve: Floats, reserve_hours: float) -> float:
    """What stores cost at least at multipliers of a MWh at their bus (K, T) and of their rows (G, T), money.

    rows, by family:
    storage_energy                of energy_t = kept_t · energy_(t−1) + dt · (η_c · charge − discharge / η_d)
    charge_mode, discharge_mode   of charge ≤ most · (1 − mode) and discharge ≤ most · mode
    deliverable                   of held ≤ (energy − energy_min) · η_d / reserve_hours; held counts in the reserve at
                                  a multiplier of it (T)
    −inf where the last three are above 0, which they cannot be: the rows have no lower side. Period by period, the
    level of each by itself.
    """
    table, hours, periods = case.storage, case.horizon.hours, case.horizon.periods
    level, charging, discharging, deliverable = (rows[name] for name in STORAGE)
    if (charging > 0.0).any() or (discharging > 0.0).any() or (deliverable > 0.0).any():
        return -np.inf
    total = 0.0
    for g in range(len(table.id)):
        price = energy[table.bus[g]]
        kept = (1.0 - table.self_discharge_per_hour[g]) ** hours
        for t in range(periods):
            given, last = table.given_mode[g, t], t == periods - 1
            most = table.charge_max_mw[g, t] if given in (StorageMode.UNSPECIFIED, StorageMode.CHARGE) else 0.0
            best = table.discharge_max_mw[g, t] if given in (StorageMode.UNSPECIFIED, StorageMode.DISCHARGE) else 0.0
            in_cost = price[t] - table.charge_price_per_mwh[g, t] * hours - charging[g, t]
            in_cost += table.charge_efficiency[g, t] * hours * level[g, t]
            out_cost = table.discharge_price_per_mwh[g, t] * hours - price[t] - discharging[g, t]
            out_cost -= hours / table.discharge_efficiency[g, t] * level[g, t]
            total += min(0.0, in_cost * most) + min(0.0, out_cost * best)
            # the mode: of charging what is free without it, of discharging what it frees
            total += charging[g, t] * most
            mode = discharging[g, t] * best - charging[g, t] * most
            total += mode if given == StorageMode.DISCHARGE else 0.0
            total += min(0.0, mode) if given == StorageMode.UNSPECIFIED else 0.0
            held = (0.0 if last else kept[t + 1] * level[g, t + 1]) - level[g, t]
            if deliverable[g, t] < 0.0 or reserve[t] != 0.0:
                share = table.discharge_efficiency[g, t] / reserve_hours
                held += share * deliverable[g, t]
                total -= share * deliverable[g, t] * table.energy_min_mwh[g, t]
                total += min(0.0, -reserve[t] - deliverable[g, t]) * table.discharge_max_mw[g, t]
            low, high = table.energy_min_mwh[g, t], table.energy_max_mwh[g, t]
            if last:
                low, high = max(low, table.final_energy_min_mwh[g]), min(high, table.final_energy_max_mwh[g])
            total += held * (low if held > 0.0 else high)
        total += level[g, 0] * kept[0] * table.initial_energy_mwh[g]
    return float(total)
