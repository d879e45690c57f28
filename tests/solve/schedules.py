"""Schedules that hold a commitment and nothing else."""

import numpy as np

from clearing.case.case import Case
from clearing.case.schedule import Schedule


def schedule_for(case: Case, on: np.ndarray) -> Schedule:
    """A schedule with this commitment (N, T) and no output at all."""
    periods, network = case.horizon.periods, case.network
    before = np.concatenate([case.units.initial_on[:, None].astype(np.int8), on[:, :-1]], axis=1)
    none = np.zeros((len(case.storage.id), periods))
    return Schedule(
        on=on,
        start=(on > before).astype(np.int8),
        stop=(on < before).astype(np.int8),
        dispatch_mw=np.zeros(on.shape),
        renewable_mw=np.zeros((len(case.renewables.id), periods)),
        charge_mw=none,
        discharge_mw=none.copy(),
        energy_mwh=none.copy(),
        reserve_mw=np.zeros((len(case.reserves.product_id), *on.shape)),
        shed_mw=np.zeros((len(network.bus_id), periods)),
        surplus_mw=np.zeros((1, periods)),
    )
