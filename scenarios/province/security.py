"""Contingency list of a province: circuits of the high-voltage grid and the large units."""

from __future__ import annotations

import numpy as np

from clearing.case.bridges import parting
from clearing.case.contingencies import Contingencies, OutageKind
from clearing.case.network import Network
from clearing.case.units import Units

LEAST_KV = 230.0
"""Circuits and transformers with both ends at this voltage or above are lost one by one, and watched afterwards."""
LARGE_MW = 900.0
"""Units at least this large are lost one by one."""


def contingencies(network: Network, units: Units) -> Contingencies:
    """Every circuit in service of the high-voltage grid whose loss parts nothing, and every large unit."""
    kilovolt = network.bus_voltage_kv
    high = np.minimum(kilovolt[network.branch_from], kilovolt[network.branch_to]) >= LEAST_KV
    circuits = np.flatnonzero(high & network.branch_in_service)
    circuits = circuits[~parting(network, network.branch_in_service, [np.array([b]) for b in circuits.tolist()])]
    large = np.flatnonzero(units.p_max_mw.max(axis=1) >= LARGE_MW)
    kind = np.repeat([OutageKind.BRANCH, OutageKind.UNIT], [len(circuits), len(large)]).astype(np.int64)
    none = np.zeros(0, dtype=np.int64)
    return Contingencies(
        id=(*(f"N-{network.branch_id[b]}" for b in circuits), *(f"N-{units.id[i]}" for i in large)),
        outage_contingency=np.arange(len(kind)),
        outage_kind=kind,
        outage_element=np.concatenate([circuits, large]),
        monitored_branch=none,
        monitored_min_voltage_kv=LEAST_KV,
        monitored_interface=none,
        exempt_contingency=none,
        exempt_branch=none,
    )
