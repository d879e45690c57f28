"""Buses, areas and AC branches of RTS-GMLC."""

from __future__ import annotations

import numpy as np

from clearing.case.network import Network
from clearing.formats.rts_gmlc.source import Folder


def area_name(area: int) -> str:
    """R1, R2, R3: the names the reserve products use."""
    return f"R{area}"


def read(folder: Folder) -> Network:
    """The AC network; every branch is in service."""
    buses, branches = folder.buses, folder.table("branch.csv")
    bus_id = buses.ids("Bus ID")
    area = buses.whole("Area", least=1, most=1000)
    areas = np.unique(area)
    tap = branches.numbers("Tr Ratio", least=0.0, most=10.0)
    none = np.zeros(0, dtype=np.int64)
    return Network(
        bus_id=bus_id,
        bus_zone=np.searchsorted(areas, area).astype(np.int64),
        bus_voltage_kv=buses.numbers("BaseKV", least=0.0),
        zone_id=tuple(area_name(a) for a in areas),
        branch_id=branches.ids("UID"),
        branch_from=branches.index("From Bus", bus_id),
        branch_to=branches.index("To Bus", bus_id),
        branch_reactance_pu=branches.numbers("X", least=1e-9),
        branch_resistance_pu=branches.numbers("R", least=0.0),
        branch_tap_ratio=np.where(tap == 0.0, 1.0, tap),
        branch_shift_degrees=np.zeros(branches.rows),
        branch_limit_mw=branches.numbers("Cont Rating", least=0.0),
        branch_emergency_limit_mw=branches.numbers("LTE Rating", least=0.0),
        branch_in_service=np.ones(branches.rows, dtype=np.bool_),
        interface_id=(),
        interface_min_mw=np.zeros((0, folder.periods)),
        interface_max_mw=np.zeros((0, folder.periods)),
        term_interface=none,
        term_branch=none.copy(),
        term_coefficient=np.zeros(0),
    )
