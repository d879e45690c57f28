"""What stored energy adds to a least positive reserve that a dispatch is held to: per MWh more, and per MWh held.

A store counts what it can give for the reserve duration, at most its discharge limit: concave in its energy, with a
kink where the energy sustains the limit. So is the sum of the units of a reservoir, the most efficient first.
"""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.checks.facts import Facts
from clearing.checks.finding import tolerance
from clearing.checks.joint import LEAST
from clearing.checks.pumped_hydro import share


def stored_worth(known: Facts, values: dict[str, Floats]) -> tuple[Floats, Floats]:
    """Of stores, money per MWh (G, T): of a MWh more, and of the last one held."""
    plants, energy = known.case.storage, known.schedule.energy_mwh
    if LEAST not in values:
        return np.zeros(energy.shape), np.zeros(energy.shape)
    hours = known.rules.reserves.storage_minutes / 60.0
    worth = values[LEAST] * known.hours * plants.discharge_efficiency / hours
    enough = plants.energy_min_mwh + plants.discharge_max_mw * hours / plants.discharge_efficiency
    near = tolerance(plants.energy_max_mwh)
    return np.where(energy < enough - near, worth, 0.0), np.where(energy <= enough + near, worth, 0.0)


def reservoir_worth(known: Facts, values: dict[str, Floats]) -> tuple[Floats, Floats]:
    """Of reservoirs, money per MWh (O, T): of a MWh more, and of the last one held."""
    table, energy = known.case.pumped_hydro, known.schedule.reservoir_mwh
    more, less = np.zeros(energy.shape), np.zeros(energy.shape)
    if LEAST not in values:
        return more, less
    hours, part = known.rules.reserves.storage_minutes / 60.0, share(known.case, known.rules)
    for pool, least in enumerate(table.reservoir_min_mwh.tolist()):
        mine, enough, near = np.flatnonzero(table.reservoir == pool), least, tolerance(table.reservoir_max_mwh[pool])
        order = mine[np.argsort(-table.generate_efficiency[mine], kind="stable")]
        steps = []
        for h in order:
            steps.append((enough, values[LEAST][0] * known.hours * table.generate_efficiency[h] / hours))
            enough = enough + part[h] * table.generate_max_mw[h] * hours / table.generate_efficiency[h]
        steps.append((enough, np.zeros(energy.shape[1])))
        for begins, worth in steps:
            more[pool] = np.where(energy[pool] >= begins - near, worth, more[pool])
            less[pool] = np.where(energy[pool] > begins + near, worth, less[pool])
    return more, less
