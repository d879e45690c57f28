"""What settling a rolled day needs beyond its tables: what running cost, and the energy part of a scheme's prices."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.schedule import Schedule
from clearing.grid.islands import islands
from clearing.solve.evaluate import commitment_costs, energy_costs


def running_cost(case: Case, schedule: Schedule) -> Floats:
    """(N) Offers, no-load, start and stop cost of units over a schedule of the case, money; awards of reserve are not
    in it (6.8.2)."""
    parts = (energy_costs(case, schedule)[0], *commitment_costs(case, schedule))
    return np.asarray(sum(part.sum(axis=1) for part in parts))


def energy_part(case: Case, bus_price: Floats) -> Floats:
    """(K, T) Energy part of prices without losses (K, T), per MWh: their mean over the reference of each island, where
    congestion is nought by its definition (decision 0003)."""
    of = islands(case)
    return of.at_buses(of.total(of.reference_weight * bus_price))
