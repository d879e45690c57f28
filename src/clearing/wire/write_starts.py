"""Limits on starts and stops, lead times → proto."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Ints
from clearing.case.case import Case
from clearing.v1 import case_pb2, units_pb2
from clearing.wire.columns import column, names


def add_starts(pb: case_pb2.Case, table: Case) -> None:
    """Add them to a message that has its units; what the case does not state stays absent."""
    limits, leads, plants = table.start_limits, table.start_leads, table.plant_limits
    if np.any((limits.max_starts >= 0) | (limits.max_stops >= 0)):  # a row without a limit says nothing
        count = len(table.units.id)
        pb.units.max_starts.extend(column(_spread(limits.unit, limits.max_starts, count)))
        pb.units.max_stops.extend(column(_spread(limits.unit, limits.max_stops, count)))
    pb.units.start_costs.lead_minutes.extend(column(leads.minutes))
    if leads.reference_minute is not None:
        pb.units.lead_reference_minute = leads.reference_minute
    if len(plants.plant):
        pb.plant_limits.CopyFrom(
            units_pb2.PlantLimits(
                plant=names(plants.plant, table.participants.plant_id),
                max_starts=column(plants.max_starts),
                max_stops=column(plants.max_stops),
                start_spacing_minutes=column(plants.start_spacing_minutes),
                stop_spacing_minutes=column(plants.stop_spacing_minutes),
                switching_minutes=column(plants.switching_minutes),
            )
        )


def _spread(unit: Ints, values: Ints, count: int) -> Ints:
    full = np.full(count, -1, dtype=np.int64)
    full[unit] = values
    return full
