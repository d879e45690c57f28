"""Which bus everything stands at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .draws import stream
from .fleet import COAL_300, COAL_600, GAS, HEAT, NUCLEAR, Fleet
from .size import Size
from .topology import Topology


@dataclass(frozen=True, slots=True)
class Places:
    """Bus of every unit (N), solar site, wind site, storage unit, pumped hydro station and tie."""

    units: np.ndarray
    solar: np.ndarray
    wind: np.ndarray
    storage: np.ndarray
    pumped: np.ndarray
    ties: np.ndarray


def places(seed: int, size: Size, grid: Topology, fleet: Fleet) -> Places:
    """Large plants at the strongest generation sites; PV in distribution, wind where few live; links at 500 kV."""
    rng = stream(seed, "places")
    high, middle = grid.kv >= 500.0, _between(grid, 115.0, 230.0)
    strength = np.zeros(len(grid.kv))
    for side in (grid.start, grid.end):
        np.add.at(strength, side, grid.rate_mw)

    def some(count: int, weight: np.ndarray) -> np.ndarray:
        return np.sort(rng.choice(len(weight), size=count, replace=False, p=weight / weight.sum()))

    local = np.bincount(grid.zone, weights=grid.load_mw)[grid.zone] / np.bincount(grid.zone)[grid.zone]
    sparse = 1.0 / (20.0 + local)
    taken = _plants_at(rng, grid, fleet)
    free = np.ones(len(grid.kv))
    free[taken] = 0.0
    return Places(
        units=taken,
        solar=some(size.solar_sites, middle * (1.0 + grid.load_mw / 50.0)),
        wind=some(size.wind_sites, middle * sparse),
        storage=some(size.batteries, middle * free * (strength > 400.0)),
        pumped=some(len(size.pumped_mw), high * free * strength),
        ties=_links(grid, strength * free * high, len(size.ties)),
    )


def _plants_at(rng: np.random.Generator, grid: Topology, fleet: Fleet) -> np.ndarray:
    """Bus of every unit (N): the largest plant at the site with most generation in the source, and so on down.

    Nuclear, 1000 and 600 MW plants take 230 kV and above first, the others what is below 500 kV, highest voltage
    first. Heat plants stand in towns: 115 to 230 kV, by the load of the zone.
    """
    count = int(fleet.plant.max()) + 1
    size = np.bincount(fleet.plant, weights=fleet.capacity_mw, minlength=count)
    kind = np.zeros(count, dtype=np.int64)
    kind[fleet.plant] = fleet.kind
    sites = np.flatnonzero(grid.thermal_mw > 0.0)
    kv, capacity = grid.kv[sites], grid.thermal_mw[sites]
    strong = sites[np.lexsort((-capacity, kv < 230.0))]
    large = _by_size(size, (kind <= COAL_600) | (kind == NUCLEAR))
    at = np.zeros(count, dtype=np.int64)
    at[large] = strong[: len(large)]
    weak = sites[np.lexsort((-capacity, -kv, kv >= 500.0))]
    weak = weak[~np.isin(weak, at[large])]
    middle = _by_size(size, (kind == COAL_300) | (kind == GAS))
    at[middle] = weak[np.arange(len(middle)) % len(weak)]
    town = np.bincount(grid.zone, weights=grid.load_mw)[grid.zone] * grid.load_mw * _between(grid, 115.0, 230.0)
    town[at[large]] = town[at[middle]] = 0.0
    heat = np.flatnonzero(kind == HEAT)
    at[heat] = rng.choice(len(town), size=len(heat), replace=False, p=town / town.sum())
    return np.asarray(at[fleet.plant])


def _by_size(size: np.ndarray, which: np.ndarray) -> np.ndarray:
    """Plants of a kind, largest first."""
    return np.flatnonzero(which)[np.argsort(-size[which], kind="stable")]


def _between(grid: Topology, low_kv: float, high_kv: float) -> np.ndarray:
    return (grid.kv >= low_kv) & (grid.kv <= high_kv)


def _links(grid: Topology, weight: np.ndarray, count: int) -> np.ndarray:
    """The strongest free bus of 500 kV or more of each of the areas with most load."""
    heaviest = np.argsort(-np.bincount(grid.area, weights=grid.load_mw), kind="stable")[:count]
    return np.array([int(np.argmax(np.where(grid.area == a, weight, -1.0))) for a in heaviest])
