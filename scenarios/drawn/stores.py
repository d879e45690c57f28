"""Storage: battery stations and pumped hydro plants."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import over_periods
from clearing.case.resources import Storage

from .draws import stream
from .fleet import GROUP_SHARE, GROUPS
from .places import Places
from .series import PERIODS
from .size import Size

PUMPED_HOURS = 6.0
MARKET_SHARE = 0.5
"""Share of pumped hydro in the market, Shandong parameters no. 1; the other half is kept as system reserve."""


@dataclass(frozen=True, slots=True)
class Stores:
    """G stations, batteries first. energy_mwh: at 100 %; wear: 元 per MWh discharged; level: share at midnight."""

    id: tuple[str, ...]
    batteries: int
    bus: np.ndarray
    owner: np.ndarray
    charge_mw: np.ndarray
    discharge_mw: np.ndarray
    energy_mwh: np.ndarray
    charge_efficiency: np.ndarray
    discharge_efficiency: np.ndarray
    least: np.ndarray
    most: np.ndarray
    level: np.ndarray
    wear: np.ndarray


def stores(seed: int, size: Size, places: Places) -> Stores:
    """Draw the stations: batteries of 50–150 MW and mostly two hours; pumped hydro at its share in the market."""
    rng = stream(seed, "storage")
    cells, dams = len(places.storage), len(places.pumped)
    power = 10.0 * rng.integers(5, 16, cells)
    hours = rng.choice([2.0, 4.0], size=cells, p=[0.8, 0.2])
    pumped = MARKET_SHARE * np.array(size.pumped_mw)

    def both(batteries: np.ndarray | float, pumps: np.ndarray | float) -> np.ndarray:
        return np.concatenate([np.broadcast_to(batteries, cells), np.broadcast_to(pumps, dams)]).astype(np.float64)

    return Stores(
        batteries=cells,
        id=(*(f"battery-{i + 1:02d}" for i in range(cells)), *(f"pumped-{i + 1}" for i in range(dams))),
        bus=np.concatenate([places.storage, places.pumped]),
        owner=rng.choice(GROUPS, size=cells + dams, p=np.array(GROUP_SHARE) / sum(GROUP_SHARE)),
        charge_mw=both(power, pumped),
        discharge_mw=both(power, pumped),
        energy_mwh=both(power * hours, pumped * PUMPED_HOURS),
        charge_efficiency=both(0.94, 0.87),
        discharge_efficiency=both(0.93, 0.88),
        least=both(0.05, 0.05),
        most=both(0.95, 0.95),
        level=both(np.round(rng.uniform(0.15, 0.45, cells), 2), 0.5),
        wear=both(np.round(rng.uniform(30.0, 80.0, cells), 1), 8.0),
    )


def storage_table(stores: Stores) -> Storage:
    """As a table of the case; the energy at midnight is the least to be there a day later."""
    start = np.round(stores.level * stores.energy_mwh, 3)
    return Storage(
        id=stores.id,
        plant=np.full(len(stores.id), -1, dtype=np.int64),
        owner=stores.owner.astype(np.int64),
        bus=stores.bus.astype(np.int64),
        charge_max_mw=over_periods(stores.charge_mw, PERIODS),
        discharge_max_mw=over_periods(stores.discharge_mw, PERIODS),
        charge_efficiency=stores.charge_efficiency,
        discharge_efficiency=stores.discharge_efficiency,
        energy_min_mwh=stores.least * stores.energy_mwh,
        energy_max_mwh=stores.most * stores.energy_mwh,
        initial_energy_mwh=start,
        final_energy_min_mwh=start,
        final_energy_max_mwh=stores.most * stores.energy_mwh,
        charge_price_per_mwh=over_periods(np.zeros(len(stores.id)), PERIODS),
        discharge_price_per_mwh=over_periods(stores.wear, PERIODS),
    )
