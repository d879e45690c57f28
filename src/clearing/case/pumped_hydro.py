"""Pumped hydro: units with the modes pump, idle and generate, several of which may share a reservoir (family 16)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, Ids, Ints, freeze


@dataclass(frozen=True, slots=True)
class PumpedHydro:
    """U units, O reservoirs, T periods; MW at the bus, MWh in the reservoir.

    id, plant, owner, bus (U)                    as in Units
    reservoir (U)                                row of the reservoir that the unit draws from
    generate_min_mw, generate_max_mw (U, T)      while generating, 0 ≤ min ≤ max
    pump_mw (U)                                  while pumping, ≥ 0
    generate_efficiency, pump_efficiency (U)     in [0.01, 1]
    market_share (U)                             share of capacity in the market, in [0, 1]; −1 = the rule set's
    initial_mode (U)                             StorageMode before the first period: idle, charge or discharge
    initial_minutes (U)                          time already spent in it
    changeover_minutes (U)                       least time between pumping and generating, ≥ 0
    max_mode_changes (U)                         most changes of mode over the horizon, ≥ 0, −1 = no limit. Soft
    pump_price_per_mwh, generate_price_per_mwh (U, T)
        cost = generate_price · generation − pump_price · pumping
    reservoir_id (O)                             names
    reservoir_min_mwh, reservoir_max_mwh (O)     bounds at the end of every period
    reservoir_initial_mwh (O)                    before the first period
    reservoir_final_min_mwh, reservoir_final_max_mwh (O)   after the last period
    reservoir_inflow_mw (O, T)                   natural inflow, ≥ 0; what does not fit spills

    energy_t = energy_{t−1} + dt · (Σ pump_efficiency · pumping − Σ generation / generate_efficiency + inflow − spill)
    """

    id: Ids
    plant: Ints
    owner: Ints
    bus: Ints
    reservoir: Ints
    generate_min_mw: Floats
    generate_max_mw: Floats
    pump_mw: Floats
    generate_efficiency: Floats
    pump_efficiency: Floats
    market_share: Floats
    initial_mode: Ints
    initial_minutes: Ints
    changeover_minutes: Ints
    max_mode_changes: Ints
    pump_price_per_mwh: Floats
    generate_price_per_mwh: Floats
    reservoir_id: Ids
    reservoir_min_mwh: Floats
    reservoir_max_mwh: Floats
    reservoir_initial_mwh: Floats
    reservoir_final_min_mwh: Floats
    reservoir_final_max_mwh: Floats
    reservoir_inflow_mw: Floats

    def __post_init__(self) -> None:
        freeze(self)


_INDEX, _COLUMN, _SERIES = np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros((0, 0))
NO_PUMPED_HYDRO = PumpedHydro(
    id=(),
    plant=_INDEX,
    owner=_INDEX,
    bus=_INDEX,
    reservoir=_INDEX,
    generate_min_mw=_SERIES,
    generate_max_mw=_SERIES,
    pump_mw=_COLUMN,
    generate_efficiency=_COLUMN,
    pump_efficiency=_COLUMN,
    market_share=_COLUMN,
    initial_mode=_INDEX,
    initial_minutes=_INDEX,
    changeover_minutes=_INDEX,
    max_mode_changes=_INDEX,
    pump_price_per_mwh=_SERIES,
    generate_price_per_mwh=_SERIES,
    reservoir_id=(),
    reservoir_min_mwh=_COLUMN,
    reservoir_max_mwh=_COLUMN,
    reservoir_initial_mwh=_COLUMN,
    reservoir_final_min_mwh=_COLUMN,
    reservoir_final_max_mwh=_COLUMN,
    reservoir_inflow_mw=_SERIES,
)
"""No pumped hydro, whatever the number of periods."""
