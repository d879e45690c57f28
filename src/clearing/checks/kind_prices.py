"""Multipliers of the rows that awards stand in, by kind of product: what a MW more costs there."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.reserve_kinds import ProductKind
from clearing.case.reserves import Direction
from clearing.checks.award_terms import offline_stated
from clearing.checks.facts import Facts, award_cap
from clearing.checks.kind_limits import fades, kind_limits, later, off_cap
from clearing.checks.kinds import of_kind, storage_speed, unit_speed


def held_most(known: Facts) -> Floats:
    """Most a unit may hold of a product as it stands (Q, N, T), MW: on line, or off and free to start."""
    flexible = of_kind(known.case, ProductKind.FLEXIBLE_RAMPING)[:, None, None]
    on = np.where(flexible, (later(known.on) > 0) & ~fades(known), True)
    most = np.where(on, award_cap(known), 0.0)
    bands = known.case.regulation_bands
    regulation = of_kind(known.case, ProductKind.REGULATION)
    for q in np.flatnonzero(regulation) if len(bands.unit) else ():
        width = np.where(known.schedule.regulating[bands.unit] > 0, bands.max_mw - bands.min_mw, 0.0)
        most[q, bands.unit] = np.minimum(most[q, bands.unit], width)
    return most + off_cap(known)


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
    every, take = values["award_cap"].reshape(known.schedule.reserve_mw.shape), known.taken
    caps = every[product] + sum(every[q] for q in _joint_with(known, product))
    flexible = of_kind(case, ProductKind.FLEXIBLE_RAMPING)
    speed = values.get("regulation_speed", np.zeros(case.reserves.requirement_mw.shape))[product]
    online = [caps, sign * values.get(next_, nothing)]
    if flexible[product] or known.shares_ramp:
        online.append(values.get(shared, nothing))
    if flexible[product]:
        pairs = values["flexible_next"].reshape(int(flexible.sum()), *shape)
        online.append(pairs[int(flexible[:product].sum())])
    else:
        pulled = take.now[product] * values[ramp] + take.before[product] * _next(values[ramp])
        pulled[:, :1] += take.before[product] * values[ramp][:, :1]
        within = float(take.in_limits[product]) if up and not take.one_row else 0.0
        online += [
            sign * values[own],
            within * values["output_limit"],
            pulled,
            _of_pairs(known, values, "band_cap", product),
        ]
    said = np.isnan(offline_stated(case)[product])[:, None]
    off = np.where(known.on, 0.0, np.where(said, values.get("offline", nothing), _held_off(known, values, product)))
    return (*(np.where(known.on, term, 0.0) for term in online), off, unit_speed(case)[product][:, None] * speed)


def _joint_with(known: Facts, product: int) -> list[int]:
    """Lesser products with a joint cap against which awards of a product count."""
    joint, table = known.taken.joint, known.case.reserve_sharing
    pairs = zip(table.shared_from.tolist(), table.shared_to.tolist(), strict=True)
    return sorted({q for p, q in pairs if p == product and joint[q]})


def _of_pairs(known: Facts, values: dict[str, Floats], family: str, product: int) -> Floats:
    """Multipliers (N, T) of a family whose rows are pairs `unit|product`, for one product."""
    found = np.zeros(known.on.shape)
    if family not in values:
        return found
    of = {limit.family: limit for limit in kind_limits(known)}[family]
    place = {name: i for i, name in enumerate(known.case.units.id)}
    tail = f"|{known.case.reserves.product_id[product]}"
    for name, value in zip(of.ids, values[family], strict=True):
        if name.endswith(tail) and name[: -len(tail)] in place:
            found[place[name[: -len(tail)]]] = value
    return found


def _held_off(known: Facts, values: dict[str, Floats], product: int) -> Floats:
    """Multipliers (N, T) of what is stated off line, with those of lesser products that share their cap."""
    rows = [product, *_joint_with(known, product)]
    return np.asarray(sum(_of_pairs(known, values, "offline_stated", q) for q in rows))


def _next(series: Floats) -> Floats:
    """One period later; 0 after the last."""
    return np.concatenate([series[:, 1:], np.zeros((len(series), 1))], axis=1)


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
    stock = take / (plants.charge_efficiency * hours) - give * plants.discharge_efficiency / hours
    return room, stock * known.hours
