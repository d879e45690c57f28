"""Limits on energy over several periods: of units (family 17) and of what storage gives out (family 16)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, Ids, Ints, freeze
from clearing.case.resources import Storage


@dataclass(frozen=True, slots=True)
class EnergyWindows:
    """W limits on the energy of a unit (gas, water, nuclear fuel): min ≤ Σ output · dt ≤ max over its periods.

    unit (W)                        row of Units
    first_period, last_period (W)   0-based; both belong to the window; unit and both ends stand together once
    min_mwh, max_mwh (W)            ≥ 0; max +inf = no limit. Soft (penalty `joint_limit`)
    """

    unit: Ints
    first_period: Ints
    last_period: Ints
    min_mwh: Floats
    max_mwh: Floats

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class StorageCycles:
    """C limits on full cycles over the horizon: Σ discharge · dt ≤ max_cycles · usable energy (`usable_energy`).

    storage (C)      row of Storage, once each
    max_cycles (C)   ≥ 0, finite. Soft (penalty `joint_limit`)
    """

    storage: Ints
    max_cycles: Floats

    def __post_init__(self) -> None:
        freeze(self)


_NONE = np.zeros(0, dtype=np.int64)
NO_WINDOWS = EnergyWindows(_NONE, _NONE, _NONE, np.zeros(0), np.zeros(0))
NO_CYCLES = StorageCycles(_NONE, np.zeros(0))


def usable_energy(storage: Storage) -> Floats:
    """MWh of a full cycle (G): the greatest energy_max of the horizon less the least energy_min."""
    return np.asarray(
        storage.energy_max_mwh.max(axis=1, initial=0.0) - storage.energy_min_mwh.min(axis=1, initial=np.inf)
    )


def window_ids(windows: EnergyWindows, unit_ids: Ids) -> Ids:
    """Name (W) of every window in reports and certificates: `unit|first-last`, periods from 0."""
    ends = zip(windows.unit, windows.first_period, windows.last_period, strict=True)
    return tuple(f"{unit_ids[i]}|{first}-{last}" for i, first, last in ends)
