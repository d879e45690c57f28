"""Proto → limits on starts and stops, lead times."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Ids
from clearing.case.starts import NO_PLANT_LIMITS, PlantLimits, StartLeads, StartLimits
from clearing.v1 import units_pb2
from clearing.wire.fields import Table, index_of
from clearing.wire.problems import Problems


def start_limits(pb: units_pb2.Units, periods: int, problems: Problems) -> StartLimits:
    """Rows of the units that state a limit."""
    table = Table(pb, "case.units", "id", periods, problems)
    starts, stops = table.whole("max_starts", -1), table.whole("max_stops", -1)
    unit = np.flatnonzero((starts != -1) | (stops != -1))
    return StartLimits(unit, starts[unit], stops[unit])


def start_leads(pb: units_pb2.Units, periods: int, problems: Problems) -> StartLeads:
    """Lead times of the start states, where the message states the column, and their clock."""
    clock = pb.lead_reference_minute if pb.HasField("lead_reference_minute") else None
    table = Table(pb.start_costs, "case.units.start_costs", "unit", periods, problems)
    minutes = table.whole("lead_minutes", -1) if pb.start_costs.lead_minutes else np.zeros(0, dtype=np.int64)
    return StartLeads(minutes, clock)


def plant_limits(pb: units_pb2.PlantLimits, plants: Ids, periods: int, problems: Problems) -> PlantLimits:
    """Limits by plant."""
    path = "case.plant_limits"
    problems.only(pb, path)
    table = Table(pb, path, "plant", periods, problems)
    if not table.rows:
        return NO_PLANT_LIMITS
    return PlantLimits(
        plant=table.references("plant", index_of(plants)),
        max_starts=table.whole("max_starts", -1),
        max_stops=table.whole("max_stops", -1),
        start_spacing_minutes=table.whole("start_spacing_minutes", -1),
        stop_spacing_minutes=table.whole("stop_spacing_minutes", -1),
        switching_minutes=table.whole("switching_minutes", -1),
    )
