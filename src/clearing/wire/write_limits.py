"""Limits that join units or periods → proto."""

from __future__ import annotations

import numpy as np

from clearing.case.case import Case
from clearing.v1 import case_pb2, units_pb2
from clearing.wire.columns import column, names, series


def limits(table: Case, pb: case_pb2.Case) -> None:
    """Unit groups, energy windows and storage cycles of the case, where it has any."""
    groups, windows, cycles = table.unit_groups, table.energy_windows, table.storage_cycles
    periods, unit = table.horizon.periods, table.units.id
    if groups.id or groups.member_unit.size:
        pb.unit_groups.CopyFrom(
            units_pb2.UnitGroups(
                id=groups.id,
                member_group=names(groups.member_group, groups.id),
                member_unit=names(groups.member_unit, unit),
                min_mw=series(groups.min_mw, periods),
                max_mw=series(groups.max_mw, periods),
                min_on=series(groups.min_on, periods),
                max_on=series(groups.max_on, periods),
            )
        )
    if windows.unit.size:
        pb.energy_windows.CopyFrom(
            units_pb2.EnergyWindows(
                unit=names(windows.unit, unit),
                first_period=column(windows.first_period),
                last_period=column(windows.last_period),
                min_mwh=column(windows.min_mwh),
                max_mwh=column(windows.max_mwh),
            )
        )
    if not np.isposinf(cycles.max_cycles).all():  # rows without a limit are left out, as they are when read
        most = np.full(len(table.storage.id), np.inf)
        most[cycles.storage] = cycles.max_cycles
        pb.storage.max_cycles.extend(column(most))
