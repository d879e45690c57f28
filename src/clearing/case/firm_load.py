"""Load that must be served or shed: loads, and the least quantities of what bids."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats, Ints
from clearing.case.case import Case
from clearing.case.virtual_plants import VirtualPlantKind


def firm_load(case: Case) -> tuple[Ints, Floats]:
    """Rows of it: bus (n) and MW (n, T); a bus may stand several times."""
    bids, plants = case.demand_bids, case.virtual_plants
    bus, mw = [case.loads.bus], [np.asarray(case.loads.mw)]
    if bids.id:
        bus.append(bids.bus)
        mw.append(bids.min_mw)
    own = plants.kind[plants.factor_plant] == VirtualPlantKind.LOAD
    if own.any():
        bus.append(plants.factor_bus[own])
        mw.append(plants.factor[own, None] * plants.min_mw[plants.factor_plant[own]])
    return np.concatenate(bus), np.concatenate(mw)
