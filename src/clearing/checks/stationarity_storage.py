"""Stationarity of storage and pumped hydro."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.finding import Finding
from clearing.case.prices import Prices
from clearing.case.resources import StorageMode
from clearing.checks.certificate import price_tolerance
from clearing.checks.facts import Facts
from clearing.checks.finding import over, tolerance
from clearing.checks.held_worth import reservoir_worth, stored_worth
from clearing.checks.joint import discharge_worth, linear_worth
from clearing.checks.kind_prices import storage_terms
from clearing.checks.prices import unclipped
from clearing.checks.pumped_hydro import share
from clearing.checks.resources import energy_kept
from clearing.checks.stationary import CODE, at_kink, in_box, next_period


def storage(known: Facts, prices: Prices, values: dict[str, Floats]) -> list[Finding]:
    """Charge, discharge and energy level of storage; the value of stored energy moves at the level's bounds only.

    With w = storage_energy value · dt (money a MWh): discharge gains LMP + w/η_d + cycle limit − discharge
    price, charge gains charge price − LMP − w·η_c, energy gains w_t − kept_{t+1}·w_{t+1}; all with what rows
    of awards that the unit holds add (`kind_prices.storage_terms`), energy with what it adds to the least reserve.
    Where the unit stands still its mode is not known, and one of the two has to hold; with a least MW it may be idle,
    and neither.
    """
    table, schedule = known.case.storage, known.schedule
    price = unclipped(prices)[table.bus] + linear_worth(known, values, "storage", len(table.id))
    worth = values["storage_energy"] * known.hours
    cycle = discharge_worth(known, values)
    room, stock = storage_terms(known, values)
    out = price + worth / table.discharge_efficiency + cycle - table.discharge_price_per_mwh + room
    back = table.charge_price_per_mwh - price - worth * table.charge_efficiency - room
    size = price_tolerance(
        known,
        np.abs(price) + np.abs(worth) + np.abs(cycle) + np.abs(room) + np.abs(stock),
        table.discharge_price_per_mwh,
        table.charge_price_per_mwh,
    )
    near = tolerance(table.discharge_max_mw, table.charge_max_mw)
    out_runs, back_runs = schedule.discharge_mw > near, schedule.charge_mw > near
    still = ~out_runs & ~back_runs
    idle = np.where(still, np.minimum(np.maximum(out, 0.0), np.maximum(back, 0.0)), 0.0)
    # a side without power can never be the mode that gains nothing unless it is fixed by its own limit
    blocked = (table.discharge_max_mw <= near) | (table.charge_max_mw <= near) | (table.given_mode > 0)
    blocked |= np.any((table.charge_min_mw > 0) | (table.discharge_min_mw > 0), axis=1, keepdims=True)
    idle = np.where(blocked, 0.0, idle)
    given_out = (table.discharge_min_mw, table.discharge_max_mw)
    taken_in = (table.charge_min_mw, table.charge_max_mw)
    low, high = _energy_bounds(known)
    level = tolerance(table.energy_max_mwh)
    turn = worth - next_period(energy_kept(known) * worth) + stock
    more, less = (turn + of_reserve for of_reserve in stored_worth(known, values))
    text = "gains by charging and by discharging but stands still"
    return [
        *in_box("storage", table.id, schedule.discharge_mw, given_out, near, out, size, out_runs),
        *in_box("storage", table.id, schedule.charge_mw, taken_in, near, back, size, back_runs),
        *over(CODE, "storage", table.id, idle, size, text, unit="per MWh"),
        *at_kink("storage_energy", table.id, schedule.energy_mwh, (low, high), level, more, less, size),
    ]


def pumped(known: Facts, prices: Prices, values: dict[str, Floats]) -> list[Finding]:
    """Units that generate, and the energy of reservoirs; pumping is a constant of the pricing run.

    With w = reservoir_energy value · dt: generation gains LMP + w/η_g − generate price, energy gains w_t − w_{t+1} and
    what it adds to the least reserve.
    """
    table, plan = known.case.pumped_hydro, known.schedule
    if not table.id:
        return []
    price = unclipped(prices)[table.bus]
    worth = values["reservoir_energy"] * known.hours
    drawn = worth[table.reservoir] / table.generate_efficiency[:, None]
    gain = price + drawn - table.generate_price_per_mwh
    size = price_tolerance(known, np.abs(price) + np.abs(drawn), table.generate_price_per_mwh)
    part, near = share(known.case, known.rules), tolerance(table.generate_max_mw)
    limits = (part * table.generate_min_mw, part * table.generate_max_mw)
    generates = plan.pumped_mode == StorageMode.DISCHARGE
    low = np.repeat(table.reservoir_min_mwh[:, None], worth.shape[1], axis=1)
    high = np.repeat(table.reservoir_max_mwh[:, None], worth.shape[1], axis=1)
    low[:, -1] = np.maximum(low[:, -1], table.reservoir_final_min_mwh)
    high[:, -1] = np.minimum(high[:, -1], table.reservoir_final_max_mwh)
    turn, level = worth - next_period(worth), np.broadcast_to(tolerance(table.reservoir_max_mwh[:, None]), worth.shape)
    room = price_tolerance(known, np.abs(worth) + np.abs(next_period(worth)))
    more, less = (turn + of_reserve for of_reserve in reservoir_worth(known, values))
    pools, energy = table.reservoir_id, plan.reservoir_mwh
    return [
        *in_box("pumped_hydro", table.id, plan.generate_mw, limits, near, gain, size, generates),
        *at_kink("reservoir_energy", pools, energy, (low, high), level, more, less, room),
    ]


def _energy_bounds(known: Facts) -> tuple[Floats, Floats]:
    table = known.case.storage
    low = table.energy_min_mwh.copy()
    high = table.energy_max_mwh.copy()
    low[:, -1] = np.maximum(low[:, -1], table.final_energy_min_mwh)
    high[:, -1] = np.minimum(high[:, -1], table.final_energy_max_mwh)
    return low, high
