"""A solved model read out: the schedule, and the prices where it is the pricing run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyomo.environ as pyo

from clearing.case.arrays import Flags, Floats, Ints
from clearing.case.resources import StorageMode
from clearing.case.schedule import Schedule
from models.data import Data

STILL_MW = 1e-6
"""A storage unit that moves less stands still."""


def table(variable: Any, rows: range, d: Data) -> Floats:
    """Values (rows, T) of a variable or parameter."""
    values = [float(pyo.value(variable[r, t])) for r in rows for t in d.periods]
    return np.array(values).reshape(len(rows), len(d.periods))


def schedule(m: pyo.ConcreteModel, d: Data) -> Schedule:
    """The schedule of a solved SCUC or SCED."""
    on = np.rint(table(m.on, d.units, d)).astype(np.int8)
    before = np.column_stack([d.case.units.initial_on, on[:, :-1]]).astype(np.int8)
    awards = np.zeros((len(d.products), len(d.units), len(d.periods)))
    for q, i, t in m.award:
        awards[q, i, t] = pyo.value(m.award[q, i, t])
    for q, i, t in m.award_offline:
        awards[q, i, t] += pyo.value(m.award_offline[q, i, t])
    stored = np.zeros((len(d.products), len(d.storages), len(d.periods)))
    for q, g, t in m.award_storage:
        stored[q, g, t] = pyo.value(m.award_storage[q, g, t])
    surplus = np.zeros((len(d.islands), len(d.periods)))
    for a, t, n in m.surplus_step:
        surplus[a, t] += pyo.value(m.surplus_step[a, t, n])
    return Schedule(
        on=on,
        start=(on > before).astype(np.int8),
        stop=(on < before).astype(np.int8),
        dispatch_mw=table(m.output, d.units, d),
        curve_mw=table(m.curve_mw, d.units, d),
        renewable_mw=table(m.renewable, d.renewables, d),
        charge_mw=table(m.charge, d.storages, d),
        discharge_mw=table(m.discharge, d.storages, d),
        energy_mwh=table(m.energy, d.storages, d),
        reserve_mw=awards,
        storage_reserve_mw=stored,
        shed_mw=table(m.shed, d.buses, d),
        surplus_mw=surplus,
        demand_mw=table(m.demand, d.bids, d),
        virtual_mw=table(m.virtual, d.virtual, d),
        pumped_mode=pumped_mode(m, d),
        pump_mw=table(m.pump_power, d.pumps, d),
        generate_mw=table(m.generation, d.pumps, d),
        reservoir_mwh=table(m.reservoir, d.reservoirs, d),
        hvdc_mw=table(m.hvdc, range(len(d.case.hvdc_lines.id)), d),
        regulating=_regulating(m, d),
    )


def _regulating(m: pyo.ConcreteModel, d: Data) -> Flags:
    """Units (N, T) that regulate within their band."""
    found, unit = np.zeros((len(d.units), len(d.periods)), dtype=np.int8), d.case.regulation_bands.unit
    found[unit] = np.rint(table(m.regulating, range(len(unit)), d))
    return found


def pumped_mode(m: pyo.ConcreteModel, d: Data) -> Flags:
    """StorageMode (U, T) of the machines of pumped hydro."""
    pumps, gives = (np.rint(table(v, d.pumps, d)) == 1 for v in (m.pumping, m.generating))
    mode = np.where(pumps, StorageMode.CHARGE, np.where(gives, StorageMode.DISCHARGE, StorageMode.IDLE))
    return mode.astype(np.int8)


def storage_mode(schedule: Schedule) -> Ints:
    """Storage modes (G, T) of a schedule: 1 discharges, −1 charges, 0 stands still."""
    net = schedule.discharge_mw - schedule.charge_mw
    return np.where(np.abs(net) < STILL_MW, 0, np.sign(net)).astype(np.int64)


def bus_prices(m: pyo.ConcreteModel, d: Data) -> Floats:
    """LMP (K, T), money per MWh, unclipped: what one MWh more of load at the bus costs.

    One MW of load stands on the right side of its island's balance and, but at the first bus, of its own; so the
    price is the sum of both duals over dt, and of those of linear limits that weigh the injection at the bus. No shift
    factor is needed.
    """
    return _network_prices(m, d) + _linear_prices(m, d)


def _network_prices(m: pyo.ConcreteModel, d: Data) -> Floats:
    """The sum of both duals over dt (K, T), and those of the balances after contingencies."""
    price = np.array([[m.dual[m.balance[int(d.island[k, t]), t]] for t in d.periods] for k in d.buses])
    for k, t in m.bus_balance:
        price[k, t] += m.dual[m.bus_balance[k, t]]
    for c, k, t in m.bus_balance_after:
        price[k, t] += m.dual[m.bus_balance_after[c, k, t]]
    return np.asarray(price / d.hours)


def _linear_prices(m: pyo.ConcreteModel, d: Data) -> Floats:
    """What linear limits that weigh bus injections add (K, T)."""
    limits, price = d.case.linear_limits, np.zeros((len(d.buses), len(d.periods)))
    for c, k, factor in zip(limits.bus_limit, limits.bus, limits.bus_coefficient, strict=True):
        for t in d.periods:
            if (c, t) in m.linear_limit:
                price[k, t] += float(factor) * m.dual[m.linear_limit[int(c), t]]
    return np.asarray(price / d.hours)


def system_prices(m: pyo.ConcreteModel, d: Data) -> Floats:
    """λ (A, T): the price at the reference of each island, without linear limits.

    Of one that is part of another, the price of that one.
    """
    weighted = d.reference_share * _network_prices(m, d)
    at = d.island[d.first_bus]
    return np.array([[weighted[d.island[:, t] == at[a, t], t].sum() for t in d.periods] for a in d.islands])


def row_prices(rows: Any, m: pyo.ConcreteModel, d: Data) -> dict[Any, float]:
    """Dual / dt of the rows of a family, money per MW and hour, by index: reserve prices are those of m.product."""
    return {at: m.dual[rows[at]] / d.hours for at in rows}


def lossy_prices(m: pyo.ConcreteModel, d: Data, factor: Floats) -> Floats:
    """LMP (K, T) of a dispatch with losses: a MW of load at a bus is on the right side of the losses' row too."""
    lost = [[m.dual[m.losses[int(d.island[k, t]), t]] for t in d.periods] for k in d.buses]
    return np.asarray(bus_prices(m, d) - factor * np.array(lost) / d.hours)
