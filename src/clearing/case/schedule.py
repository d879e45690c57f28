"""A schedule: what every resource does in every period. Anybody's, so it may be wrong."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from clearing.case.arrays import Flags, Floats, freeze

NONE = np.zeros((0, 0))
"""Stands for an array without rows until the number of periods is known."""
UNSTATED = np.zeros((0, 0), dtype=np.int8)
"""The same of flags."""


LEFT_OUT = ("demand_mw", "virtual_mw", "hvdc_mw", "pumped_mode", "pump_mw", "generate_mw", "reservoir_mwh")


@dataclass(frozen=True, slots=True)
class Schedule:
    """Rows in the order of the case's tables; T periods, I islands in the order of `grid.islands`.

    on, start, stop (N, T)               0/1; start_t = came on in t, stop_t = went off in t
    dispatch_mw (N, T)                   output of units at the bus
    renewable_mw (R, T)
    charge_mw, discharge_mw (G, T)       ≥ 0
    energy_mwh (G, T)                    at the end of the period
    reserve_mw (Q, N, T)                 awards of units, on line or (non-spinning) off
    storage_reserve_mw (Q, G, T)         awards of storage; may be left out where it holds nothing
    shed_mw (K, T)                       load or export not served at a bus
    demand_mw (B, T)                     cleared quantity of demand bids, before load of its bus is shed
    virtual_mw (V, T)                    MW of virtual plants, output or load; likewise
    hvdc_mw (H, T)                       flow of direct-current lines at from_bus, positive from → to
    pumped_mode (U, T)                   StorageMode: idle, charge (pumps) or discharge (generates)
    pump_mw, generate_mw (U, T)          ≥ 0
    reservoir_mwh (O, T)                 at the end of the period
                                         (from demand_mw on they may be left out where the case has none)
    curve_mw (N, T)                      output of units off line on their start-up or shut-down curves, at the bus
                                         (0 where left out)
    regulating (N, T)                    0/1: the unit regulates within its band (0 where left out)
    surplus_mw (I, T)                    generation with nowhere to go, taken off at the reference of the island
    """

    on: Flags
    start: Flags
    stop: Flags
    dispatch_mw: Floats
    renewable_mw: Floats
    charge_mw: Floats
    discharge_mw: Floats
    energy_mwh: Floats
    reserve_mw: Floats
    shed_mw: Floats
    surplus_mw: Floats
    demand_mw: Floats = field(default_factory=lambda: NONE)
    virtual_mw: Floats = field(default_factory=lambda: NONE)
    hvdc_mw: Floats = field(default_factory=lambda: NONE)
    storage_reserve_mw: Floats = field(default_factory=lambda: NONE)
    pumped_mode: Flags = field(default_factory=lambda: NONE)  # type: ignore[arg-type,return-value]
    pump_mw: Floats = field(default_factory=lambda: NONE)
    generate_mw: Floats = field(default_factory=lambda: NONE)
    reservoir_mwh: Floats = field(default_factory=lambda: NONE)
    curve_mw: Floats = field(default_factory=lambda: NONE)
    regulating: Flags = field(default_factory=lambda: UNSTATED)

    def __post_init__(self) -> None:
        for name in LEFT_OUT:
            if getattr(self, name) is NONE and np.ndim(self.on) == 2:
                kind = np.int8 if name == "pumped_mode" else np.float64
                object.__setattr__(self, name, np.zeros((0, np.shape(self.on)[1]), dtype=kind))
        if self.curve_mw is NONE and np.ndim(self.on) == 2:
            object.__setattr__(self, "curve_mw", np.zeros(np.shape(self.on)))
        if self.regulating is UNSTATED and np.ndim(self.on) == 2:
            object.__setattr__(self, "regulating", np.zeros(np.shape(self.on), dtype=np.int8))
        if self.storage_reserve_mw is NONE and np.ndim(self.reserve_mw) == 3 and np.ndim(self.charge_mw) == 2:
            shape = (np.shape(self.reserve_mw)[0], *np.shape(self.charge_mw))
            object.__setattr__(self, "storage_reserve_mw", np.zeros(shape))
        freeze(self)


@dataclass(frozen=True, slots=True)
class Flows:
    """branch_mw (L, T) from → to, interface_mw (S, T); derived from a schedule by shift factors."""

    branch_mw: Floats
    interface_mw: Floats

    def __post_init__(self) -> None:
        freeze(self)
