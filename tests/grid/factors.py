"""Whole matrices of shift factors, which production never forms."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.grid.monitored import grid


def factors(case: Case, period: int = 0) -> tuple[Floats, Floats]:
    """Shift factors (L, K) and the flow of phase shifters (L) in a period."""
    network = grid(case)
    topology = network.topologies[network.of_period[period]]
    return topology.sensitivity(sp.eye_array(len(topology.live), format="csr")), np.asarray(topology.offset)
