"""Pumped hydro as the auditor computes it, from raw fields: modes, limits, reservoirs, money, and marginal values."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.finding import Finding
from clearing.case.resources import StorageMode
from clearing.case.schedule import Schedule
from clearing.checks.facts import Facts
from clearing.checks.finding import over, tolerance
from clearing.rules.rules import Rules

FAMILY = "pumped_hydro"


def share(case: Case, rules: Rules) -> Floats:
    """Share in the market (U, 1), the rule set's where the unit states none."""
    own = case.pumped_hydro.market_share
    return np.where(own < 0, rules.pumped.market_share, own)[:, None]


def pumped_hydro(known: Facts) -> list[Finding]:
    """Findings of all of them."""
    if not known.case.pumped_hydro.id:
        return []
    return [*_power(known), *_directions(known), *_changeovers(known), *_reservoirs(known)]


def _power(known: Facts) -> list[Finding]:
    """A unit that pumps takes its pump power, one that generates stands between its limits, others do nothing."""
    table, plan, part = known.case.pumped_hydro, known.schedule, share(known.case, known.rules)
    mode, ids = plan.pumped_mode, table.id
    pump = np.where(mode == StorageMode.CHARGE, part * table.pump_mw[:, None], 0.0)
    generates = mode == StorageMode.DISCHARGE
    low = np.where(generates, part * table.generate_min_mw, 0.0)
    high = np.where(generates, part * table.generate_max_mw, 0.0)
    odd = ~np.isin(mode, (StorageMode.IDLE, StorageMode.CHARGE, StorageMode.DISCHARGE))
    off = np.abs(plan.pump_mw - pump)
    beyond = np.maximum(low - plan.generate_mw, plan.generate_mw - high)
    near = tolerance(pump, table.generate_max_mw)
    out = plan.generate_mw
    return [
        *over("PUMPED_MODE", FAMILY, ids, odd.astype(np.float64), 0.5, "is in no mode", mode.astype(np.float64)),
        *over("PUMP_POWER", FAMILY, ids, off, near, "does not take the power of its mode", plan.pump_mw, pump),
        *over("GENERATION_LIMIT", FAMILY, ids, beyond, near, "is outside the limits of its mode", out, high),
    ]


def _directions(known: Facts) -> list[Finding]:
    """Units of one reservoir do not pump while others generate."""
    table, mode = known.case.pumped_hydro, known.schedule.pumped_mode
    both = np.zeros((len(table.reservoir_id), mode.shape[1]))
    for pool in range(len(both)):
        mine = mode[table.reservoir == pool]
        both[pool] = (mine == StorageMode.CHARGE).any(axis=0) & (mine == StorageMode.DISCHARGE).any(axis=0)
    text = "is pumped into and drawn from at once"
    return over("PUMPED_DIRECTIONS", FAMILY, table.reservoir_id, both, 0.5, text)


def _changeovers(known: Facts) -> list[Finding]:
    """Minutes between the end of one direction and the beginning of the other, time before the horizon included."""
    table, mode, minutes = known.case.pumped_hydro, known.schedule.pumped_mode, known.case.horizon.period_minutes
    short = np.zeros(mode.shape)
    for h, need in enumerate(table.changeover_minutes.tolist()):
        before = int(table.initial_mode[h])
        # what an idle unit did earlier is not stated: it may have been either direction
        last = {StorageMode.CHARGE: 0, StorageMode.DISCHARGE: 0} if before == StorageMode.IDLE else {before: 0}
        idle = int(table.initial_minutes[h]) if before == StorageMode.IDLE else 0
        ended = dict.fromkeys(last, -idle)
        for t, now in enumerate(mode[h].tolist()):
            for direction, end in ended.items():
                unknown = before == StorageMode.IDLE and end <= 0
                if now != StorageMode.IDLE and (now != direction or unknown):
                    short[h, t] = max(short[h, t], need - (t * minutes - end))
            if now != StorageMode.IDLE:
                ended[now] = (t + 1) * minutes
    text = "turns from pumping to generating, or back, too soon"
    return over("CHANGEOVER", FAMILY, table.id, short, tolerance(), text, unit="minutes")


def _reservoirs(known: Facts) -> list[Finding]:
    """Energy follows from pumping, generation and inflow, of which some may spill, and stays within its bounds."""
    table, energy = known.case.pumped_hydro, known.schedule.reservoir_mwh
    ids, room = table.reservoir_id, tolerance(table.reservoir_max_mwh[:, None])
    before = np.concatenate([table.reservoir_initial_mwh[:, None], energy[:, :-1]], axis=1)
    extra, inflow = energy - before - drawn_and_pumped(known), known.hours * table.reservoir_inflow_mw
    gap, last = np.maximum(-extra, extra - inflow), energy[:, -1]
    low, high = table.reservoir_min_mwh[:, None], table.reservoir_max_mwh[:, None]
    beyond = np.maximum(low - energy, energy - high)
    final = np.maximum(table.reservoir_final_min_mwh - last, last - table.reservoir_final_max_mwh)
    text = "energy does not follow from pumping, generation and inflow"
    return [
        *over("RESERVOIR_ENERGY", FAMILY, ids, gap, room, text, energy, unit="MWh"),
        *over("RESERVOIR_LEVEL", FAMILY, ids, beyond, room, "energy is out of bounds", energy, unit="MWh"),
        *over("RESERVOIR_FINAL", FAMILY, ids, final, room[:, 0], "final energy is out of bounds", last, unit="MWh"),
    ]


def drawn_and_pumped(known: Facts) -> Floats:
    """What units put into each reservoir less what they draw from it, MWh (O, T)."""
    table, plan = known.case.pumped_hydro, known.schedule
    total = np.zeros(plan.reservoir_mwh.shape)
    for h, pool in enumerate(table.reservoir):
        total[pool] += table.pump_efficiency[h] * plan.pump_mw[h] - plan.generate_mw[h] / table.generate_efficiency[h]
    return total * known.hours


def mode_changes(known: Facts) -> tuple[str, tuple[str, ...], Floats]:
    """Changes of mode above the limit of a unit (U, T), all at the period of the first too many: a soft family."""
    table, mode = known.case.pumped_hydro, known.schedule.pumped_mode
    amount = np.zeros(mode.shape)
    for h, most in enumerate(table.max_mode_changes.tolist()):
        was, seen, first = int(table.initial_mode[h]), 0, -1
        for t, now in enumerate(mode[h].tolist()):
            seen += now != was
            first = t if most >= 0 and seen > most and first < 0 else first
            was = now
        if first >= 0:
            amount[h, first] = seen - most
    return "mode_changes", table.id, amount


def trade(case: Case, schedule: Schedule) -> tuple[Floats, Floats]:
    """What generation asks and what pumping bids, money an hour (U, T) each."""
    table = case.pumped_hydro
    if not table.id:
        return schedule.generate_mw, schedule.pump_mw
    return table.generate_price_per_mwh * schedule.generate_mw, table.pump_price_per_mwh * schedule.pump_mw


def pumped_reserve(known: Facts) -> Floats:
    """What counts in the positive reserve, MW (T): generation that the water sustains, and what the market leaves out.

    Water goes to the units that turn most of it into power first.
    """
    case, rules = known.case, known.rules
    table, periods = case.pumped_hydro, known.on.shape[1]
    total = np.zeros(periods)
    if not table.id:
        return total
    hours, part = rules.reserves.storage_minutes / 60.0, share(case, rules)
    for pool in range(len(table.reservoir_id)):
        water = np.maximum(known.schedule.reservoir_mwh[pool] - table.reservoir_min_mwh[pool], 0.0)
        mine = np.flatnonzero(table.reservoir == pool)
        for h in mine[np.argsort(-table.generate_efficiency[mine], kind="stable")]:
            mw = np.minimum(part[h] * table.generate_max_mw[h], water * table.generate_efficiency[h] / hours)
            water = water - mw * hours / table.generate_efficiency[h]
            total += mw
    left_out = ((1.0 - part) * table.generate_max_mw).sum(axis=0)
    most = rules.pumped.system_reserve_mw
    return np.asarray(total + (left_out if most is None else np.minimum(left_out, most)))
