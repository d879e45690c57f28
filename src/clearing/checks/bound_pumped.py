"""The least reduced cost of pumped hydro at multipliers of its own rows: every mode, MW and MWh by itself."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Floats
from clearing.case.bound_proof import PUMPED
from clearing.case.case import Case
from clearing.case.resources import StorageMode
from clearing.checks.bound_sides import boxes, sides
from clearing.checks.pumped_hydro import share
from clearing.rules.rules import Rules


def pumped_least(case: Case, rules: Rules, energy: Floats, rows: dict[str, Floats], reserve: Floats) -> float:
    """What machines cost at least at the worth of a MW that they give (U, T) and at multipliers of their rows, money.

    reservoir_energy (O, T)       of 0 ≤ E_t − E_(t−1) − dt · (Σ η_p · pump · pumping − Σ y / η_g) ≤ dt · inflow
    generation_most, _least (U, T)    of least · generating ≤ y ≤ most · generating
    pumping_side, generating_side (U, T)    of pumping ≤ filling, generating ≤ 1 − filling
    pumped_deliverable (O, T)     of Σ ready · hours / η_g ≤ E − least; ready counts in the reserve at a multiplier (T)
    """
    table, hours = case.pumped_hydro, case.horizon.hours
    if not table.id:
        return 0.0
    water, most, least, pump_side, out_side, ready = (rows[name] for name in PUMPED)
    pool, part = table.reservoir, share(case, rules)
    pump, low, high = part * table.pump_mw[:, None], part * table.generate_min_mw, part * table.generate_max_mw
    into, out = table.pump_efficiency[:, None], 1.0 / table.generate_efficiency[:, None]
    before, last = np.zeros(water.shape), np.zeros(water.shape)
    before[:, 0] = table.reservoir_initial_mwh
    total = sides(water, before, before + hours * table.reservoir_inflow_mw) + sides(most, -np.inf, 0.0)
    total += sides(least, 0.0, np.inf) + sides(pump_side, -np.inf, 0.0) + sides(out_side, -np.inf, 1.0)
    bars_pump, bars_out = _barred(case)
    pumping = pump * (energy - table.pump_price_per_mwh * hours + hours * into * water[pool]) - pump_side
    total += boxes(pumping, 0.0, np.where(bars_pump, 0.0, 1.0))
    total += boxes(most * high + least * low - out_side, 0.0, np.where(bars_out, 0.0, 1.0))
    total += boxes(table.generate_price_per_mwh * hours - energy - hours * out * water[pool] - most - least, 0.0, high)
    filling, level = np.zeros(water.shape), np.concatenate([water[:, 1:], last[:, :1]], axis=1) - water
    np.add.at(filling, pool, pump_side - out_side)
    total += boxes(filling, 0.0, 1.0)
    if ready.size:
        total += sides(ready, -np.inf, -table.reservoir_min_mwh[:, None])
        level = level + ready
        drawn = rules.reserves.storage_minutes / 60.0 * out
        total += boxes(-reserve - drawn * ready[pool], 0.0, high)
    floor, ceiling = (
        np.repeat(end[:, None], water.shape[1], axis=1) for end in (table.reservoir_min_mwh, table.reservoir_max_mwh)
    )
    floor[:, -1] = np.maximum(floor[:, -1], table.reservoir_final_min_mwh)
    ceiling[:, -1] = np.minimum(ceiling[:, -1], table.reservoir_final_max_mwh)
    return total + boxes(level, floor, ceiling)


def kept_back(case: Case, rules: Rules) -> Floats:
    """What machines keep out of the market, as far as it counts as positive reserve, MW (T)."""
    if not case.pumped_hydro.id:
        return np.zeros(case.horizon.periods)
    left = ((1.0 - share(case, rules)) * case.pumped_hydro.generate_max_mw).sum(axis=0)
    most = rules.pumped.system_reserve_mw
    return np.asarray(left if most is None else np.minimum(left, most))


def _barred(case: Case) -> tuple[Bools, Bools]:
    """Where (U, T) what a machine did before the horizon keeps it from pumping, and from generating."""
    table, here = case.pumped_hydro, np.arange(case.horizon.periods) * case.horizon.period_minutes
    idle = (table.initial_mode == StorageMode.IDLE)[:, None]
    waits = here + np.where(idle, table.initial_minutes[:, None], 0) < table.changeover_minutes[:, None]
    pumped, gave = (table.initial_mode == mode for mode in (StorageMode.CHARGE, StorageMode.DISCHARGE))
    return waits & (idle | gave[:, None]), waits & (idle | pumped[:, None])
