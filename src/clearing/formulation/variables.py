"""Columns of the problems: names, shapes, bounds and costs."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Flags, Floats
from clearing.case.case import Case
from clearing.case.reserves import Direction
from clearing.case.resources import Storage, StorageMode
from clearing.formulation.awards import Awards
from clearing.formulation.curves import Curve
from clearing.formulation.modes import allowed, charge_most, discharge_most, forced, held, three_modes
from clearing.formulation.start_states import StartArcs
from clearing.formulation.unit_data import UnitData
from clearing.grid.islands import bus_load_mw
from clearing.milp.columns import Columns, column_block
from clearing.rules.rules import Steps


def add_commitment(columns: Columns, case: Case, data: UnitData, curve: Curve, arcs: StartArcs) -> None:
    """on, start, stop (N, T) binary; start_saving (A, T): how much warmer than cold a start is.

    Costs: on = (no-load + offer curve up to p_min)·dt; start = the coldest state's cost; stop = stop cost;
    start_saving = what a warmer state costs less (negative).
    """
    units, hours = case.units, case.horizon.hours
    shape = units.p_min_mw.shape
    on_cost = (units.no_load_cost_per_hour[:, None] + curve.floor_cost_per_hour) * hours
    stop_max = np.ones(shape)
    if shape[1]:
        stop_max[:, 0] = units.initial_on & (units.initial_mw <= units.shutdown_limit_mw + 1e-9)
    columns.add(column_block("on", shape, data.on_min, data.on_max, on_cost, integer=True))
    columns.add(column_block("start", shape, 0.0, data.on_max, arcs.coldest_cost[:, None], integer=True))
    columns.add(column_block("stop", shape, 0.0, stop_max, units.stop_cost[:, None], integer=True))
    columns.add(column_block("start_saving", (len(arcs.unit), shape[1]), 0.0, 1.0, -arcs.saving[:, None]))


def add_given_commitment(columns: Columns, case: Case, on: Flags) -> None:
    """on, start, stop (N, T) held at a commitment, at no cost."""
    before = np.concatenate([case.units.initial_on[:, None].astype(np.int8), on[:, :-1]], axis=1)
    for name, value in (("on", on), ("start", on > before), ("stop", on < before)):
        columns.add(column_block(name, on.shape, value, value))


def add_output(columns: Columns, case: Case, data: UnitData, curve: Curve) -> None:
    """above (N, T): output over p_min; segment (M, T): output by block of the offer curve."""
    hours = case.horizon.hours
    lower, upper = np.zeros(data.range_mw.shape), data.range_mw.copy()
    units = case.units
    at = (units.fixed_unit, units.fixed_period)
    # Fixed at 0 below p_min means off (UnitData.on_max); above p_min there is nothing then either way.
    lower[at] = upper[at] = np.maximum(units.fixed_mw - units.p_min_mw[at], 0.0)
    columns.add(column_block("above", upper.shape, lower, upper))
    columns.add(column_block("segment", curve.width_mw.shape, 0.0, curve.width_mw, curve.price_per_mwh * hours))


def add_renewables(columns: Columns, case: Case, curve: Curve) -> None:
    """renewable_segment (M, T): output above the least output, by block; renewable_floor (R, T): 1, at the cost of
    the least output, so that the objective is the whole cost."""
    hours = case.horizon.hours
    cost = curve.price_per_mwh * hours
    columns.add(
        column_block("renewable_floor", curve.floor_cost_per_hour.shape, 1.0, 1.0, curve.floor_cost_per_hour * hours)
    )
    columns.add(column_block("renewable_segment", curve.width_mw.shape, 0.0, curve.width_mw, cost))


def add_awards(columns: Columns, case: Case, awards: Awards) -> None:
    """award (P, T): MW of a product from a unit on line; award_offline (m, T): off line; award_storage (s, T)."""
    periods = case.horizon.periods
    most = np.broadcast_to(awards.cap_mw[:, None], (len(awards.unit), periods))
    columns.add(column_block("award", most.shape, 0.0, np.where(fading(case, awards), 0.0, most)))
    columns.add(column_block("award_offline", awards.offline_mw.shape, 0.0, awards.offline_mw))
    columns.add(column_block("award_storage", (len(awards.storage), periods), 0.0, awards.storage_mw[:, None]))


def add_storage(columns: Columns, case: Case, modes: Flags | None) -> None:
    """charge, discharge (MW), energy (MWh), discharging (0/1), all (G, T); charging (0/1) of units with a least MW.

    modes: the table of `modes` to hold the 0/1 columns at, None = free.
    """
    storage, hours = case.storage, case.horizon.hours
    shape = storage.charge_max_mw.shape
    lower = storage.energy_min_mwh.copy()
    upper = storage.energy_max_mwh.copy()
    if shape[1]:
        lower[:, -1] = np.maximum(lower[:, -1], storage.final_energy_min_mwh)
        upper[:, -1] = np.minimum(upper[:, -1], storage.final_energy_max_mwh)
    columns.add(column_block("charge", shape, 0.0, charge_most(storage), -storage.charge_price_per_mwh * hours))
    columns.add(column_block("discharge", shape, 0.0, discharge_most(storage), storage.discharge_price_per_mwh * hours))
    columns.add(column_block("energy", shape, lower, upper))
    out, back, free = held(case, modes), three_modes(storage), modes is None
    low, high = _mode_bounds(storage, StorageMode.DISCHARGE, out["discharging"])
    columns.add(column_block("discharging", shape, low, high, integer=free))
    low, high = _mode_bounds(storage, StorageMode.CHARGE, None)
    low, high = (low[back], high[back]) if out["charging"] is None else (out["charging"], out["charging"])
    columns.add(column_block("charging", (len(back), shape[1]), low, high, integer=free))


def _mode_bounds(storage: Storage, mode: StorageMode, at: Flags | None) -> tuple[np.ndarray, np.ndarray]:
    return (forced(storage, mode), allowed(storage, mode)) if at is None else (at, at)


def add_imbalance(columns: Columns, case: Case, shortage: Steps, surplus: Steps, islands: int) -> None:
    """shed (B, T) at the buses of `load_buses`; shed_step, surplus_step (steps, I, T) carry the penalties."""
    hours, periods = case.horizon.hours, case.horizon.periods
    most = sheddable_mw(case)[load_buses(case)]
    columns.add(column_block("shed", most.shape, 0.0, most))
    for name, steps in (("shed_step", shortage), ("surplus_step", surplus)):
        width = np.array([w for w, _ in steps])[:, None, None]
        price = np.array([p for _, p in steps])[:, None, None] * hours
        columns.add(column_block(name, (len(steps), islands, periods), 0.0, width, price))


def load_buses(case: Case) -> np.ndarray:
    """Buses (B) with a positive load or an export in some period: where shortage can fall."""
    return np.flatnonzero((sheddable_mw(case) > 0.0).any(axis=1))


def sheddable_mw(case: Case) -> Floats:
    """What may go unserved (K, T): load, and export over ties; without the latter an export could leave no dispatch."""
    most = np.maximum(bus_load_mw(case), 0.0)
    np.add.at(most, case.ties.bus, np.maximum(-case.ties.import_mw, 0.0))
    return most


def fading(case: Case, awards: Awards) -> Bools:
    """Where the limit that an award of flexible ramping leans on moves away in the next period (P, T): it holds none.

    Up: p_max falls; down: p_min rises. The row of the award would else hold the output of this period at that limit.
    """
    units, up = case.units, directions(case, awards, flexible=True)[0]
    falls = following(units.p_max_mw) < units.p_max_mw
    rises = following(units.p_min_mw) > units.p_min_mw
    moves: Bools = np.where((up > 0.0)[:, None], falls[awards.unit], rises[awards.unit])
    return awards.flexible[:, None] & moves


def following(series: Floats) -> Floats:
    """Values of the next period (n, T); the last period stands for itself."""
    return np.concatenate([series[:, 1:], series[:, -1:]], axis=1)


def directions(case: Case, awards: Awards, *, flexible: bool = False) -> tuple[Floats, Floats]:
    """1 where an award (P) holds room upward, and 1 where downward, in its own period (flexible: in the next too).

    Flexible ramping holds room of the next period and has rows of its own (flexible_ramping.py).
    """
    direction = np.where(
        awards.flexible & (not flexible), Direction.UNSPECIFIED, case.reserves.direction[awards.product]
    )
    return (direction == Direction.UP).astype(float), (direction == Direction.DOWN).astype(float)
