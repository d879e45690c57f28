"""Which 500 kV circuits are out on a day, so that the loss is felt and the network still carries the day."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from .topology import Topology

CANDIDATES = 40
LEAST_HIGH_KV = 500.0
FULL = 1.05
"""Design flow over the limit, without the circuits, that a loss may lead to; the dispatch relieves the rest."""
FULL_TIGHT = 1.12
"""The same for the elements that are meant to bind: they begin at up to 1 / 0.92."""


def circuits_out(count: int, grid: Topology, design: np.ndarray, limit: np.ndarray, spared: np.ndarray) -> np.ndarray:
    """The `count` most loaded circuits, one an area, without which the design flows (K, n) still nearly fit."""
    high = (grid.kv[grid.start] >= LEAST_HIGH_KV) & (grid.kv[grid.end] >= LEAST_HIGH_KV) & grid.meshed()
    high[spared] = False
    load = np.where(high, np.abs(grid.flow(design)).max(axis=1) if count else 0.0, -1.0)
    chosen: list[int] = []
    areas: set[int] = set()
    for branch in np.argsort(-load, kind="stable")[:CANDIDATES].tolist():
        if len(chosen) == count:
            break
        area = int(grid.area[grid.start[branch]])
        if area not in areas and _carries(grid, [*chosen, branch], design, limit, spared):
            chosen.append(branch)
            areas.add(area)
    return np.array(sorted(chosen), dtype=np.int64)


def _carries(grid: Topology, out: list[int], design: np.ndarray, limit: np.ndarray, spared: np.ndarray) -> bool:
    """The network without `out` is in one piece and overloads little."""
    live = np.setdiff1d(np.arange(len(grid.start)), out)
    left = replace(
        grid,
        start=grid.start[live],
        end=grid.end[live],
        reactance=grid.reactance[live],
        tap=grid.tap[live],
        shift_degrees=grid.shift_degrees[live],
        rate_mw=grid.rate_mw[live],
    )
    graph = coo_array((np.ones(len(live)), (left.start, left.end)), shape=(len(grid.bus_id),) * 2)
    if connected_components(graph, directed=False)[0] > 1:
        return False
    load = np.abs(left.flow(design)).max(axis=1) / limit[live]
    return bool((load <= np.where(np.isin(live, spared), FULL_TIGHT, FULL)).all())
