"""What multipliers of the kinds of reserve products are worth in a bound: speed, awards off line, awards of storage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.reserve_kinds import ProductKind
from clearing.case.reserves import Direction
from clearing.checks.bound_sides import boxes, sides, soft
from clearing.checks.kind_limits import fading
from clearing.checks.kinds import of_kind, online_cap, quick, speed_required, storage_cap, storage_speed, unit_speed
from clearing.checks.reserve_amounts import worth_at
from clearing.checks.unit_costs import may_be_on
from clearing.rules.rules import Rules

Values = dict[str, Floats]


@dataclass(frozen=True, slots=True)
class ByStore:
    """What a MW that a store gives, net, is worth (G, T), and what a MWh in it costs (G, T), money; total: sides and
    awards, money."""

    net: Floats
    level: Floats
    total: float


def speed(case: Case, rules: Rules, value: Floats) -> float:
    """Speed that is asked for at multipliers (Q, T)."""
    return soft(value, speed_required(case), np.inf, rules.clearing_penalties.product, case.horizon.hours)


def on_line(case: Case, values: Values) -> tuple[Floats, Floats]:
    """What a MW awarded to a unit is worth (Q, N, T), and what being on is worth by flexible ramping (N, T): that holds
    no room of its period, so that a unit on line may hold all of its cap."""
    worth = worth_at(case, values["product"], case.units.bus)
    worth = worth + unit_speed(case)[:, :, None] * values["regulation_speed"][:, None]
    flexible = of_kind(case, ProductKind.FLEXIBLE_RAMPING)[:, None, None]
    if not flexible.any():
        return worth, np.zeros(case.units.p_max_mw.shape)
    reach = 1.0 + (case.units.p_max_mw - case.units.p_min_mw).max(axis=1, initial=0.0)
    cap = np.where(fading(case), 0.0, np.minimum(online_cap(case), reach)[:, :, None])
    on = np.where(flexible, np.maximum(worth, 0.0) * cap, 0.0).sum(axis=0)
    return np.where(flexible, 0.0, worth), np.asarray(on)


def off_line(case: Case, rules: Rules, values: Values) -> float:
    """Awards of quick units off line, up to what a start reaches; nothing joins them to the unit being off."""
    may = quick(case, rules) & case.reserves.covers_bus[:, case.units.bus] & (online_cap(case) > 0.0)
    if not may.any():
        return 0.0
    units = case.units
    reached = np.clip(units.startup_limit_mw[:, None], units.p_min_mw, units.p_max_mw)
    most = np.minimum(case.reserves.unit_max_mw[:, :, None], reached) * may_be_on(case)
    return boxes(-worth_at(case, values["product"], units.bus), 0.0, np.where(may[:, :, None], most, 0.0))


def of_stores(case: Case, rules: Rules, values: Values) -> ByStore:
    """Awards of stores at multipliers (G, T) of the rows of power and of energy, by direction:

    storage_up, storage_down      Σ awards + discharge − charge ≤ most, and the other way round
    storage_up_energy             Σ awards ≤ (energy − least) · η_d / hours
    storage_down_energy           Σ awards ≤ (most − energy) / (η_c · hours)
    """
    table, hours = case.storage, rules.reserves.storage_minutes / 60.0
    nothing = np.zeros(table.charge_max_mw.shape)
    if not len(case.reserve_kinds.storage):
        return ByStore(nothing, nothing, 0.0)
    up, down = values["storage_up"], values["storage_down"]
    give, take = values["storage_up_energy"], values["storage_down_energy"]
    out, into = table.discharge_efficiency / hours, 1.0 / (table.charge_efficiency * hours)
    total = sides(up, -np.inf, table.discharge_max_mw) + sides(down, -np.inf, table.charge_max_mw)
    total += sides(give, -np.inf, -out * table.energy_min_mwh) + sides(take, -np.inf, into * table.energy_max_mwh)
    worth = worth_at(case, values["product"], table.bus)
    worth = worth + storage_speed(case)[:, :, None] * values["regulation_speed"][:, None]
    upward = (case.reserves.direction == Direction.UP)[:, None, None]
    held = np.where(upward, up + give, down + take)
    cap = np.broadcast_to(storage_cap(case)[:, :, None], held.shape)
    return ByStore(up - down, out * give - into * take, total + boxes(-worth - held, 0.0, cap))
