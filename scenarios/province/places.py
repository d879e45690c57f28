"""Which bus everything stands at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .draws import stream
from .fleet import COAL_600, Fleet
from .topology import Topology

SOLAR_SITES, WIND_SITES = 405, 255
STORAGE_UNITS, PUMPED = 65, 3
TIES = 5


@dataclass(frozen=True, slots=True)
class Places:
    """Bus of every unit (N), solar site, wind site, storage unit, pumped hydro station and tie."""

    units: np.ndarray
    solar: np.ndarray
    wind: np.ndarray
    storage: np.ndarray
    pumped: np.ndarray
    ties: np.ndarray


def places(seed: int, grid: Topology, fleet: Fleet) -> Places:
    """Large plants at the strongest generation sites; PV in distribution, wind where few live; links at 500 kV."""
    rng = stream(seed, "places")
    high, middle = grid.kv >= 500.0, (grid.kv >= 115.0) & (grid.kv < 300.0)
    strength = np.zeros(len(grid.kv))
    for side in (grid.start, grid.end):
        np.add.at(strength, side, grid.rate_mw)

    def some(count: int, weight: np.ndarray, again: bool = False) -> np.ndarray:
        return np.sort(rng.choice(len(weight), size=count, replace=again, p=weight / weight.sum()))

    local = np.bincount(grid.zone, weights=grid.load_mw)[grid.zone] / np.bincount(grid.zone)[grid.zone]
    sparse = 1.0 / (20.0 + local)
    taken = _plants_at(grid, fleet)
    used = np.unique(taken)
    free = np.where(np.isin(np.arange(len(grid.kv)), used), 0.0, 1.0)
    return Places(
        units=taken,
        solar=some(SOLAR_SITES, middle * (1.0 + grid.load_mw / 50.0)),
        wind=some(WIND_SITES, middle * (grid.kv >= 115.0) * sparse),
        storage=some(STORAGE_UNITS, middle * free * (strength > 400.0)),
        pumped=some(PUMPED, high * free * strength),
        ties=_links(grid, strength * free * high),
    )


def _plants_at(grid: Topology, fleet: Fleet) -> np.ndarray:
    """Bus of every unit (N): the largest plant at the site with most generation in the source, and so on down.

    Nuclear, 1000 and 600 MW plants take 230 kV and above first.
    """
    count = int(fleet.plant.max()) + 1
    size = np.bincount(fleet.plant, weights=fleet.capacity_mw, minlength=count)
    large = np.zeros(count, dtype=np.bool_)
    large[fleet.plant[(fleet.kind <= COAL_600) | fleet.nuclear]] = True
    sites = np.flatnonzero(grid.thermal_mw > 0.0)
    best = sites[np.lexsort((-grid.thermal_mw[sites], grid.kv[sites] < 230.0))]
    at = np.zeros(count, dtype=np.int64)
    big = np.flatnonzero(large)[np.argsort(-size[large], kind="stable")]
    at[big] = best[: len(big)]
    rest = np.setdiff1d(sites, best[: len(big)])
    rest = rest[np.argsort(-grid.thermal_mw[rest], kind="stable")]
    small = np.flatnonzero(~large)[np.argsort(-size[~large], kind="stable")]
    at[small] = rest[np.arange(len(small)) % len(rest)]
    return np.asarray(at[fleet.plant])


def _links(grid: Topology, weight: np.ndarray) -> np.ndarray:
    """The strongest free 500 kV bus of each of the five areas with most load."""
    heaviest = np.argsort(-np.bincount(grid.area, weights=grid.load_mw), kind="stable")[:TIES]
    return np.array([int(np.argmax(np.where(grid.area == a, weight, -1.0))) for a in heaviest])
