"""The least reduced cost of storage at multipliers of its own rows: every MW and MWh of it by itself."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Floats
from clearing.case.bound_proof import STORAGE, STORAGE_LEAST
from clearing.case.case import Case
from clearing.case.resources import StorageMode


def with_least(case: Case) -> Bools:
    """Stores (G) with a least MW in some period: idle is a mode of its own, so charging has a 0/1 of its own too."""
    table = case.storage
    return np.asarray(((table.charge_min_mw > 0.0) | (table.discharge_min_mw > 0.0)).any(axis=1))


def stores_least(
    case: Case, energy: Floats, stored: Floats, rows: dict[str, Floats], discharged: Floats, reserve: Floats,
    reserve_hours: float,
) -> float:  # fmt: skip
    """What stores cost at least at the worth of a MW that they give (G, T), at what a MWh in them costs besides (G, T),
    at multipliers of their rows (G, T), and at what a MW of discharging is worth besides in every period (G), money.

    rows, by family:
    storage_energy                of energy_t = kept_t · energy_(t−1) + dt · (η_c · charge − discharge / η_d)
    charge_mode, discharge_mode   of charge ≤ most · (1 − mode) and discharge ≤ most · mode; of stores with a least MW
                                  (n of them) charge ≤ most · charging
    charge_least, discharge_least (n, T)    of charge ≥ least · charging, discharge ≥ least · mode
    one_mode (n, T)               of charging + mode ≤ 1
    deliverable                   of held ≤ (energy − energy_min) · η_d / reserve_hours; held counts in the reserve at
                                  a multiplier of it (T)
    −inf where one has a sign that it cannot have: these rows have one side. Period by period, the level of each by
    itself.
    """
    table, hours, periods, three = case.storage, case.horizon.hours, case.horizon.periods, with_least(case)
    level, charging, discharging, deliverable = (rows[name] for name in STORAGE)
    own = np.zeros((3, *level.shape))
    own[:, three] = [rows[name] for name in STORAGE_LEAST]
    if (np.stack([charging, discharging, deliverable, own[2]]) > 0.0).any() or (own[:2] < 0.0).any():
        return -np.inf
    total = 0.0
    for g in range(len(table.id)):
        price = energy[g]
        kept = (1.0 - table.self_discharge_per_hour[g]) ** hours
        for t in range(periods):
            given, last = table.given_mode[g, t], t == periods - 1
            most = table.charge_max_mw[g, t] if given in (StorageMode.UNSPECIFIED, StorageMode.CHARGE) else 0.0
            best = table.discharge_max_mw[g, t] if given in (StorageMode.UNSPECIFIED, StorageMode.DISCHARGE) else 0.0
            in_cost = price[t] - table.charge_price_per_mwh[g, t] * hours - charging[g, t] - own[0, g, t]
            in_cost += table.charge_efficiency[g, t] * hours * level[g, t]
            out_cost = table.discharge_price_per_mwh[g, t] * hours - price[t] - discharging[g, t] - own[1, g, t]
            out_cost -= hours / table.discharge_efficiency[g, t] * level[g, t] + discharged[g]
            total += min(0.0, in_cost * most) + min(0.0, out_cost * best)
            back, out = charging[g, t] * most, discharging[g, t] * best
            back += own[0, g, t] * table.charge_min_mw[g, t] - own[2, g, t]
            out += own[1, g, t] * table.discharge_min_mw[g, t] - own[2, g, t]
            if three[g]:
                total += (
                    own[2, g, t] + _mode(back, given, StorageMode.CHARGE) + _mode(out, given, StorageMode.DISCHARGE)
                )
            else:  # of charging what is free without the mode, of discharging what it frees
                total += back + _mode(out - back, given, StorageMode.DISCHARGE)
            held = (0.0 if last else kept[t + 1] * level[g, t + 1]) - level[g, t] + stored[g, t]
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


def _mode(cost: float, given: int, mode: StorageMode) -> float:
    """Least cost of a 0/1 that is 1 in a mode: held where a mode is given."""
    if given == StorageMode.UNSPECIFIED:
        return min(0.0, cost)
    return cost if given == mode else 0.0
