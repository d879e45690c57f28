"""Sums over the horizon, derived from the case and a schedule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.schedule import Schedule
from clearing.case.virtual_plants import VirtualPlantKind


@dataclass(frozen=True, slots=True)
class Totals:
    """MWh over the horizon, and the number of starts; names as in the proto."""

    load_mwh: float
    unit_mwh: float
    renewable_mwh: float
    curtailed_mwh: float
    import_mwh: float
    shed_mwh: float
    surplus_mwh: float
    starts: int
    demand_mwh: float
    virtual_mwh: float


def totals(case: Case, schedule: Schedule) -> Totals:
    """Sums of a schedule of the case."""

    def energy(mw: Floats) -> float:
        return float(mw.sum()) * case.horizon.hours

    return Totals(
        load_mwh=energy(case.loads.mw),
        unit_mwh=energy(schedule.dispatch_mw + schedule.curve_mw),
        renewable_mwh=energy(schedule.renewable_mw),
        curtailed_mwh=energy(case.renewables.forecast_mw - schedule.renewable_mw),
        import_mwh=energy(case.ties.import_mw),
        shed_mwh=energy(schedule.shed_mw),
        surplus_mwh=energy(schedule.surplus_mw),
        starts=int(schedule.start.sum()),
        demand_mwh=energy(schedule.demand_mw),
        virtual_mwh=energy(
            np.where(case.virtual_plants.kind == VirtualPlantKind.LOAD, -1.0, 1.0) @ schedule.virtual_mw
        ),
    )
