"""Short rows → pumped hydro, for tests.factory.

pumps: id, bus, owner, plant, reservoir (default the first), min, max, pump (MW), eta (both ways), share (-1 = the rule
set's), mode (StorageMode, default idle), minutes, changeover (minutes), changes (most), pump_price, price.
reservoirs: id, energy (greatest), min, initial, final, final_max (MWh), inflow (MW).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from clearing.case.pumped_hydro import NO_PUMPED_HYDRO, PumpedHydro
from clearing.case.resources import StorageMode

Row = dict[str, Any]


def pumped_hydro(
    pumps: Sequence[Row], reservoirs: Sequence[Row], at: dict[str, tuple[str, ...]], periods: int
) -> PumpedHydro:
    """The table of Case; buses, owners and plants by name in `at`."""
    if not (pumps or reservoirs):
        return NO_PUMPED_HYDRO
    pool = [r["id"] for r in reservoirs]

    def where(key: str) -> np.ndarray:
        names = [r.get(key, at["bus"][0] if key == "bus" else None) for r in pumps]
        return np.array([at[key].index(n) if n else -1 for n in names], dtype=np.int64)

    def column(rows: Sequence[Row], key: str, default: Any) -> np.ndarray:
        return np.array([float(r.get(key, default)) for r in rows])

    def whole(key: str, default: int) -> np.ndarray:
        return np.array([int(r.get(key, default)) for r in pumps], dtype=np.int64)

    def series(rows: Sequence[Row], key: str) -> np.ndarray:
        found = [np.broadcast_to(np.asarray(r.get(key, 0.0), float), (periods,)) for r in rows]
        return np.array(found).reshape(len(rows), periods)

    most = column(reservoirs, "energy", 0.0)
    return PumpedHydro(
        id=tuple(r["id"] for r in pumps),
        plant=where("plant"),
        owner=where("owner"),
        bus=where("bus"),
        reservoir=np.array([pool.index(r.get("reservoir", pool[0])) for r in pumps], dtype=np.int64),
        generate_min_mw=series(pumps, "min"),
        generate_max_mw=series(pumps, "max"),
        pump_mw=column(pumps, "pump", 0.0),
        generate_efficiency=column(pumps, "eta", 1.0),
        pump_efficiency=column(pumps, "eta", 1.0),
        market_share=column(pumps, "share", -1.0),
        initial_mode=whole("mode", StorageMode.IDLE),
        initial_minutes=whole("minutes", 100_000),
        changeover_minutes=whole("changeover", 0),
        max_mode_changes=whole("changes", -1),
        pump_price_per_mwh=series(pumps, "pump_price"),
        generate_price_per_mwh=series(pumps, "price"),
        reservoir_id=tuple(pool),
        reservoir_min_mwh=column(reservoirs, "min", 0.0),
        reservoir_max_mwh=most,
        reservoir_initial_mwh=column(reservoirs, "initial", 0.0),
        reservoir_final_min_mwh=np.array([float(r.get("final", r.get("initial", 0.0))) for r in reservoirs]),
        reservoir_final_max_mwh=np.array([float(r.get("final_max", r.get("energy", 0.0))) for r in reservoirs]),
        reservoir_inflow_mw=series(reservoirs, "inflow"),
    )
