"""Names of the electrical islands, which are no table of the case but have rows in a result."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from clearing.case.arrays import Ids
from clearing.case.network import Network


def island_ids(network: Network) -> Ids:
    """Id of the first bus of every connected component of branches in service, in the order of these buses."""
    live = network.branch_in_service
    size = len(network.bus_id)
    ends = (network.branch_from[live], network.branch_to[live])
    graph = sp.coo_array((np.ones(int(live.sum())), ends), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    _, first = np.unique(label, return_index=True)
    return tuple(network.bus_id[k] for k in np.sort(first))
