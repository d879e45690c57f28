"""Design flows: what the network carries on the scenario's own days, by merit order on a copper plate.

Ratings are set from them, so that the base case is neither hopeless nor without congestion (ratings.py).
"""

from __future__ import annotations

import numpy as np

from .conditions import Conditions
from .draws import stream
from .fleet import Fleet
from .merit import Blocks, average_cost, fill
from .places import Places
from .series import Series
from .stores import Stores
from .topology import Topology

EVERY = 4
"""One quarter of every hour is enough."""
VARIANTS = 4
"""Merit orders by day: the true one and others with costs drawn anew within 15 percent."""


def design_injections(
    seed: int,
    day: str,
    grid: Topology,
    places: Places,
    fleet: Fleet,
    blocks: Blocks,
    state: Conditions,
    series: Series,
    stores: Stores,
    spare_mw: float,
) -> np.ndarray:
    """Injections (K, n) for every hour of a day and every variant; they add up to zero."""
    hours = slice(0, None, EVERY)
    rng = stream(seed, "design", day)
    demand = series.load.sum(axis=0)[hours]
    fixed = np.zeros((len(grid.bus_id), len(demand)))
    np.add.at(fixed, series.load_bus, -series.load[:, hours])
    np.add.at(fixed, places.ties, series.ties[:, hours])
    charge = _storage(stores, demand - series.ties.sum(axis=0)[hours] - series.solar.sum(axis=0)[hours])
    np.add.at(fixed, stores.bus, -charge)
    green_bus = np.concatenate([places.solar, places.wind])
    green = np.concatenate([series.solar, series.wind])[:, hours]
    found = []
    for variant in range(VARIANTS):
        factor = np.ones(len(fleet.id)) if variant == 0 else rng.uniform(0.85, 1.15, len(fleet.id))
        width, price = blocks[0], blocks[1] * factor[:, None]
        need = -fixed.sum(axis=0)
        low, high = _committed(fleet, (width, price), state, hours, need - green.sum(axis=0) + spare_mw)
        used = np.clip((need - low.sum(axis=0)) / np.maximum(green.sum(axis=0), 1.0), 0.0, 1.0)
        output = low + fill((width, price), low, high, need - low.sum(axis=0) - (used * green).sum(axis=0))
        injection = fixed.copy()
        np.add.at(injection, green_bus, used * green)
        np.add.at(injection, places.units, output)
        found.append(_balanced(injection, grid.load_mw))
    return np.concatenate(found, axis=1)


def _committed(
    fleet: Fleet, blocks: Blocks, state: Conditions, hours: slice, needed: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Least and greatest output (N, t) of the units that merit order has on line in each hour by itself."""
    may, must = state.on_max[:, hours] == 1, state.on_min[:, hours] == 1
    order = np.lexsort((average_cost(fleet, blocks), ~must[:, 0]))
    capacity = np.where(may, state.p_max[:, hours], 0.0)[order]
    before = np.cumsum(capacity, axis=0) - capacity
    on = np.zeros(may.shape, dtype=np.bool_)
    on[order] = before < needed
    on = (on | must) & may
    return np.where(on, state.p_min[:, hours], 0.0), np.where(on, state.p_max[:, hours], 0.0)


def _storage(stores: Stores, residual: np.ndarray) -> np.ndarray:
    """Charging less discharging (G, t): three hours at the lowest, two at the highest residual load."""
    order = np.argsort(residual, kind="stable")
    pattern = np.zeros((len(stores.id), len(residual)))
    pattern[:, order[:3]] = stores.charge_mw[:, None]
    pattern[:, order[-2:]] = -stores.discharge_mw[:, None]
    return pattern


def _balanced(injection: np.ndarray, load: np.ndarray) -> np.ndarray:
    """What is still missing or left over is spread over the load."""
    return np.asarray(injection - (load / load.sum())[:, None] * injection.sum(axis=0))
