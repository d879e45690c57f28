"""Proto → limits that join units or periods: unit groups, energy windows, storage cycles."""

from __future__ import annotations

import numpy as np

from clearing.case.energy_limits import NO_CYCLES, NO_WINDOWS, EnergyWindows, StorageCycles
from clearing.case.unit_groups import NO_GROUPS, UnitGroups
from clearing.v1 import storage_pb2, units_pb2
from clearing.wire.fields import Index, Table, index_of
from clearing.wire.problems import Problems


def unit_groups(pb: units_pb2.UnitGroups, unit: Index, periods: int, problems: Problems) -> UnitGroups:
    """Groups with their members."""
    path = "case.unit_groups"
    problems.only(pb, path)
    table = Table(pb, path, "id", periods, problems)
    members = Table(pb, path, "member_group", periods, problems)
    ids = table.ids("id")
    found = UnitGroups(
        id=ids,
        member_group=members.references("member_group", index_of(ids)),
        member_unit=members.references("member_unit", unit),
        min_mw=table.series("min_mw", -np.inf),
        max_mw=table.series("max_mw", np.inf),
        min_on=table.whole_series("min_on", 0),
        max_on=table.whole_series("max_on", -1),
    )
    return found if table.rows or members.rows else NO_GROUPS


def energy_windows(pb: units_pb2.EnergyWindows, unit: Index, periods: int, problems: Problems) -> EnergyWindows:
    """Energy limits of units."""
    path = "case.energy_windows"
    problems.only(pb, path)
    table = Table(pb, path, "unit", periods, problems)
    found = EnergyWindows(
        unit=table.references("unit", unit),
        first_period=table.periods_of("first_period"),
        last_period=table.periods_of("last_period"),
        min_mwh=table.floats("min_mwh", 0.0),
        max_mwh=table.floats("max_mwh", np.inf),
    )
    return found if table.rows else NO_WINDOWS


def storage_cycles(pb: storage_pb2.Storage, periods: int, problems: Problems) -> StorageCycles:
    """Rows of the storage units that have a limit on cycles."""
    most = Table(pb, "case.storage", "id", periods, problems).floats("max_cycles", np.inf)
    limited = np.flatnonzero(~np.isposinf(most))
    return StorageCycles(limited, most[limited]) if len(limited) else NO_CYCLES
