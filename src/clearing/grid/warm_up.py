"""A triangle of branches through every compiled kernel of the grid, so that the first network need not wait."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.case.empty import copper_plate
from clearing.case.network import Network
from clearing.grid.factored import SMALL
from clearing.grid.outages import new_outage_factors
from clearing.grid.screening import screen
from clearing.grid.topology import Topology


def warm_up() -> None:
    """Compile, or load what was compiled. Nothing is kept but the factors of the triangle."""
    network = _triangle()
    live = np.ones(3, dtype=np.bool_)
    topology = Topology(network, live, np.zeros(3, dtype=np.int64), np.array([1.0, 0.0, 0.0]))
    for rows in (1, SMALL):  # on one core, on all
        topology.factored.solve(np.zeros((rows, 2)))
    factors = new_outage_factors(network, topology, [np.array([0]), np.array([1])])
    flow = np.array([[5.0, 5.0], [1.0, 1.0], [1.0, 1.0]])
    found = screen(factors, flow, np.ones((3, 2)), np.zeros((3, 2)))
    assert len(found.flow_mw)  # else the kernel that lists what is broken was not run


def _triangle() -> Network:
    one = np.ones(3)
    return replace(
        copper_plate(2),
        bus_id=("a", "b", "c"),
        bus_zone=np.full(3, -1, dtype=np.int64),
        bus_voltage_kv=one,
        branch_id=("ab", "bc", "ca"),
        branch_from=np.array([0, 1, 2]),
        branch_to=np.array([1, 2, 0]),
        branch_reactance_pu=one,
        branch_resistance_pu=one,
        branch_tap_ratio=one,
        branch_shift_degrees=np.zeros(3),
        branch_limit_mw=one,
        branch_emergency_limit_mw=one,
        branch_in_service=np.ones(3, dtype=np.bool_),
    )
