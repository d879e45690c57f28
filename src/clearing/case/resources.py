"""Everything at a bus that is not committed: renewables, storage, ties, loads."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np

from clearing.case.arrays import Floats, Ids, Ints, freeze, over_periods
from clearing.case.offers import Offers


@dataclass(frozen=True, slots=True)
class Renewables:
    """R sites, T periods.

    id, plant, owner, bus, fuel (R)    as in Units
    min_mw, forecast_mw (R, T)         0 ≤ min_mw ≤ forecast_mw; output lies between (the rest is curtailed)
    offers                             blocks from 0 MW; their widths cover forecast_mw
    """

    id: Ids
    plant: Ints
    owner: Ints
    bus: Ints
    fuel: Ints
    min_mw: Floats
    forecast_mw: Floats
    offers: Offers

    def __post_init__(self) -> None:
        freeze(self)


class StorageMode(IntEnum):
    """What a storage unit or a pumped hydro unit does; numbers equal those of the proto enum."""

    UNSPECIFIED = 0  # free to choose
    IDLE = 1
    CHARGE = 2
    DISCHARGE = 3


STEADY = ("charge_efficiency", "discharge_efficiency", "energy_min_mwh", "energy_max_mwh", "self_discharge_per_hour")
"""Columns of storage that most units have one value in for all periods."""
_NONE = np.zeros((0, 0))
"""Stands for a column of storage that is left out, until its shape is known."""


@dataclass(frozen=True, slots=True)
class Storage:
    """G storage units, T periods; MW at the bus, MWh inside. Charging and discharging exclude each other.

    id, plant, owner, bus (G)                          as in Units
    charge_max_mw, discharge_max_mw (G, T)             ≥ 0
    charge_efficiency, discharge_efficiency (G, T)     in [0.01, 1]
    energy_min_mwh, energy_max_mwh (G, T)              bounds at the end of every period
    initial_energy_mwh (G)                             before the first period
    final_energy_min_mwh, final_energy_max_mwh (G)     after the last period
    charge_price_per_mwh, discharge_price_per_mwh (G, T)
        cost = discharge_price · discharge − charge_price · charge: a charge price is what the owner pays at most
    charge_min_mw, discharge_min_mw (G, T)             least while charging (discharging), ≥ 0
    self_discharge_per_hour (G, T)                     share of the energy lost in an hour, in [0, 1)
    given_mode (G, T)                                  StorageMode; unspecified = free to choose
        (these four may be left out: 0)
    Efficiencies, energy bounds and self-discharge may be given as (G), one value for all periods.

    energy_t = (1 − self_discharge_t)^dt · energy_{t−1} + dt · (charge_efficiency_t · charge_t
               − discharge_t / discharge_efficiency_t)
    """

    id: Ids
    plant: Ints
    owner: Ints
    bus: Ints
    charge_max_mw: Floats
    discharge_max_mw: Floats
    charge_efficiency: Floats
    discharge_efficiency: Floats
    energy_min_mwh: Floats
    energy_max_mwh: Floats
    initial_energy_mwh: Floats
    final_energy_min_mwh: Floats
    final_energy_max_mwh: Floats
    charge_price_per_mwh: Floats
    discharge_price_per_mwh: Floats
    charge_min_mw: Floats = field(default_factory=lambda: _NONE)
    discharge_min_mw: Floats = field(default_factory=lambda: _NONE)
    self_discharge_per_hour: Floats = field(default_factory=lambda: _NONE)
    given_mode: Ints = field(default_factory=lambda: _NONE)  # type: ignore[arg-type,return-value]

    def __post_init__(self) -> None:
        series = np.shape(self.charge_max_mw)
        for name, shape, kind in (
            ("charge_min_mw", series, np.float64),
            ("discharge_min_mw", series, np.float64),
            ("self_discharge_per_hour", series, np.float64),
            ("given_mode", series, np.int64),
        ):
            if getattr(self, name) is _NONE:
                object.__setattr__(self, name, np.zeros(shape, dtype=kind))
        for name in STEADY:
            if np.ndim(value := getattr(self, name)) == 1 and len(series) == 2:
                object.__setattr__(self, name, over_periods(value, series[1]))
        freeze(self)


@dataclass(frozen=True, slots=True)
class Ties:
    """X tie lines with fixed schedules: id, bus (X); import_mw (X, T), negative = export."""

    id: Ids
    bus: Ints
    import_mw: Floats

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Loads:
    """D loads: id, bus (D); mw (D, T). A negative load is an injection and cannot be shed."""

    id: Ids
    bus: Ints
    mw: Floats

    def __post_init__(self) -> None:
        freeze(self)
