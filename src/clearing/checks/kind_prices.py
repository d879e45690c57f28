"""Multipliers of the rows that awards stand in, by kind of product: what a MW more costs there."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.reserve_kinds import ProductKind
from clearing.case.reserves import Direction
from clearing.checks.facts import Facts, award_cap
from clearing.checks.kind_limits import fades, later, off_cap
from clearing.checks.kinds import of_kind, storage_speed, unit_speed


def held_most(known: Facts) -> Floats:
    """Most a unit may hold of a product as it stands (Q, N, T), MW: on line, or off and free to start."""
    flexible = of_kind(known.case, ProductKind.FLEXIBLE_RAMPING)[:, None, None]
    on = np.where(flexible, (later(known.on) > 0) & ~fades(known), True)
    return np.where(on, award_cap(known), 0.0) + off_cap(known)


def award_terms(known: Facts, values: dict[str, Floats], product: int) -> tuple[Floats, ...]:
    """Money per MW and hour (N, T) that the rows of a unit's award add to what requirements pay.

    Spinning and regulation hold room of their own period, flexible ramping of the next, and share what flexible
    ramping leans on; a unit off line holds what a start reaches; regulation earns the price of its speed.
    """
    case, shape = known.case, known.on.shape
    up, sign = case.reserves.direction[product] == Direction.UP, 1.0
    nothing = np.zeros(shape)
    if up:
        own, ramp, next_, shared = "headroom", "ramp_up", "flexible_up", "flexible_ramp_up"
    else:
        own, ramp, next_, shared, sign = "footroom", "ramp_down", "flexible_down", "flexible_ramp_down", -1.0
    caps = values["award_cap"].reshape(known.schedule.reserve_mw.shape)[product]
    flexible = of_kind(case, ProductKind.FLEXIBLE_RAMPING)
    speed = values.get("regulation_speed", np.zeros(case.reserves.requirement_mw.shape))[product]
    online = [caps, sign * values.get(next_, nothing)]
    if flexible[product] or known.shares_ramp:
        online.append(values.get(shared, nothing))
    if flexible[product]:
        pairs = values["flexible_next"].reshape(int(flexible.sum()), *shape)
        online.append(pairs[int(flexible[:product].sum())])
    else:
        online += [sign * values[own], values[ramp] * float(known.shares_ramp)]
    off = np.where(known.on, 0.0, values.get("offline", nothing))
    return (*(np.where(known.on, term, 0.0) for term in online), off, unit_speed(case)[product][:, None] * speed)


def storage_award_terms(known: Facts, values: dict[str, Floats], product: int) -> tuple[Floats, ...]:
    """The same of storage (G, T)."""
    way = "up" if known.case.reserves.direction[product] == Direction.UP else "down"
    speed = values.get("regulation_speed", np.zeros(known.case.reserves.requirement_mw.shape))[product]
    return (
        values[f"storage_{way}"],
        values[f"storage_{way}_energy"],
        storage_speed(known.case)[product] * speed + 0.0 * values[f"storage_{way}"],
    )


def storage_terms(known: Facts, values: dict[str, Floats]) -> tuple[Floats, Floats]:
    """What rows of awards add to the value of discharging (less, to charging), per MWh (G, T), and of stored energy."""
    plants, hours = known.case.storage, known.rules.reserves.storage_minutes / 60.0
    nothing = np.zeros(known.schedule.energy_mwh.shape)
    room = values.get("storage_up", nothing) - values.get("storage_down", nothing)
    give, take = values.get("storage_up_energy", nothing), values.get("storage_down_energy", nothing)
    stock = take / (plants.charge_efficiency[:, None] * hours) - give * plants.discharge_efficiency[:, None] / hours
    return room, stock * known.hours
