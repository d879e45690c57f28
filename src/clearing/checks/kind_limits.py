"""Limits of the kinds of reserve products: flexible ramping, units off line, storage, regulation speed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Bools, Floats, Ids
from clearing.case.case import Case
from clearing.case.finding import Finding
from clearing.case.reserve_kinds import ProductKind
from clearing.case.reserves import Direction
from clearing.checks.award_terms import banded, joint_awards, offline_stated
from clearing.checks.facts import Facts, minutes_off
from clearing.checks.finding import over, tolerance
from clearing.checks.kinds import (
    has_kinds,
    of_kind,
    online_cap,
    quick,
    speed_required,
    storage_cap,
    storage_speed,
    unit_speed,
)


@dataclass(frozen=True, slots=True)
class Limit:
    """A family: lower ≤ activity ≤ upper, all (n, T), MW (regulation speed: MW/min); near as in rows.Rows."""

    family: str
    ids: Ids
    activity: Floats
    lower: Floats
    upper: Floats
    near: Floats


def off_cap(known: Facts) -> Floats:
    """Most a unit off line may hold of each product (Q, N, T): as stated, else what a start reaches."""
    case, units = known.case, known.case.units
    covers, said = case.reserves.covers_bus[:, units.bus], offline_stated(case)
    may = quick(case, known.rules) & covers & (online_cap(case) > 0) & np.isnan(said)
    own = np.minimum(case.reserves.unit_max_mw[:, :, None], start_reach(known))
    most = np.where(may[:, :, None] & free_to_start(known), own, 0.0)
    asked = of_kind(case, ProductKind.NON_SPINNING) & (case.reserves.direction == Direction.UP)
    stated = np.nan_to_num(said) * covers * asked[:, None]
    return np.asarray(most + np.where(known.on, 0.0, stated[:, :, None]))


def start_reach(known: Facts) -> Floats:
    """SU held within p_min and p_max, MW (N, T)."""
    return np.minimum(known.start_mw, known.case.units.p_max_mw)


def free_to_start(known: Facts) -> Bools:
    """Off line, not stopped just now, off for its min down time, and allowed to be on (N, T)."""
    units = known.case.units
    held_off = np.zeros(known.on.shape, dtype=np.bool_)
    zero = units.fixed_mw == 0
    at = units.fixed_unit[zero], units.fixed_period[zero]
    held_off[at] = (units.p_min_mw[at] > 0) & (units.on_min[at] == 0)
    rested = minutes_off(known) >= units.min_down_minutes[:, None]
    return np.asarray(~known.on & ~known.stopped & rested & (units.on_max == 1) & ~held_off)


def kind_limits(known: Facts) -> tuple[Limit, ...]:
    """All families that the case has beside plain spinning reserve."""
    if not has_kinds(known.case):
        return ()
    return (*_flexible(known), *_offline(known), *_stated(known), *_bands(known), *_storage(known), *_speed(known))


def _flexible(known: Facts) -> tuple[Limit, ...]:
    """All awards of a direction within the next limits; flexible ramping (form PGLIB: all) within the ramp of a period;
    flexible ramping of units on in t + 1 only."""
    case, units, award = known.case, known.case.units, known.schedule.reserve_mw
    flexible = of_kind(case, ProductKind.FLEXIBLE_RAMPING)
    if not flexible.any():
        return ()
    output, near, on = known.schedule.dispatch_mw, tolerance(units.p_max_mw), known.on
    direction, free = case.reserves.direction, np.full(output.shape, np.inf)
    up = (award[direction == Direction.UP] * on).sum(axis=0)
    down = (award[direction == Direction.DOWN] * on).sum(axis=0)
    high, low = later(units.p_max_mw), later(units.p_min_mw)
    names = tuple(f"{u}|{q}" for q, f in zip(case.reserves.product_id, flexible, strict=True) if f for u in units.id)
    cap = (online_cap(case)[flexible][:, :, None] * later(on)).reshape(len(names), -1)
    cap[:, -1] = np.inf
    mine = award[flexible].reshape(cap.shape)
    ramps = flexible | known.shares_ramp
    rise, fall = ((award[ramps & (direction == way)] * on).sum(axis=0) for way in (Direction.UP, Direction.DOWN))
    may_rise, may_fall = (_may(known, flexible & (direction == way)) for way in (Direction.UP, Direction.DOWN))
    ramp_up, ramp_down = (np.where(on, r[:, None], 0.0) for r in (known.ramp_up_mw, known.ramp_down_mw))
    top = np.where(may_rise & (high >= units.p_max_mw), high * on, np.inf)
    bottom = np.where(may_fall & (low <= units.p_min_mw), low * on, -np.inf)
    return (
        Limit("flexible_next", names, mine, np.full(cap.shape, -np.inf), cap, tolerance(mine)),
        Limit("flexible_up", units.id, output + up, -free, top, near),
        Limit("flexible_down", units.id, output - down, bottom, free, near),
        Limit("flexible_ramp_up", units.id, rise, -free, np.where(may_rise, ramp_up, np.inf), near),
        Limit("flexible_ramp_down", units.id, fall, -free, np.where(may_fall, ramp_down, np.inf), near),
    )


def _may(known: Facts, products: Bools) -> Bools:
    """Units (N, 1) that may hold any of the products."""
    eligible = known.case.reserves.covers_bus[:, known.case.units.bus] & (online_cap(known.case) > 0)
    may: Bools = np.any(eligible[products], axis=0, keepdims=True).T
    return may


def later(series: Floats | Bools) -> Floats:
    """One period later; the last period stands for itself."""
    return np.asarray(np.concatenate([series[:, 1:], series[:, -1:]], axis=1), dtype=np.float64)


def fades(known: Facts) -> Bools:
    """(Q, N, T): flexible ramping that may not be held because the limit it leans on moves away in t + 1."""
    return fading(known.case)


def fading(case: Case) -> Bools:
    """The same of a case."""
    units, up = case.units, case.reserves.direction == Direction.UP
    falls, rises = later(units.p_max_mw) < units.p_max_mw, later(units.p_min_mw) > units.p_min_mw
    flexible = of_kind(case, ProductKind.FLEXIBLE_RAMPING)
    return np.asarray(flexible[:, None, None] & np.where(up[:, None, None], falls, rises))


def _offline(known: Facts) -> tuple[Limit, ...]:
    if not of_kind(known.case, ProductKind.NON_SPINNING).any():
        return ()
    quickly = np.isnan(offline_stated(known.case))[:, :, None]
    held = (known.schedule.reserve_mw * ~known.on * quickly).sum(axis=0)
    most = np.where(free_to_start(known), start_reach(known), 0.0)
    near = tolerance(known.case.units.p_max_mw)
    return (Limit("offline", known.case.units.id, held, np.full(held.shape, -np.inf), most, near),)


def _stated(known: Facts) -> tuple[Limit, ...]:
    """What units hold off line by statement, with that of better products where the cap is in common."""
    case, said = known.case, offline_stated(known.case)
    pairs = np.argwhere(np.nan_to_num(said) > 0)
    if not len(pairs):
        return ()
    off = np.where(known.on, 0.0, known.schedule.reserve_mw)
    held = joint_awards(case, known.taken.joint, off)
    names = tuple(f"{case.units.id[i]}|{case.reserves.product_id[q]}" for q, i in pairs)
    mw = np.array([held[q, i] for q, i in pairs])
    most = np.array([np.where(known.on[i], 0.0, said[q, i]) for q, i in pairs])
    return (Limit("offline_stated", names, mw, np.full(mw.shape, -np.inf), most, tolerance(most)),)


def _bands(known: Facts) -> tuple[Limit, ...]:
    """Regulation that units with a band hold: within it, and only while they regulate."""
    case, table = known.case, known.case.regulation_bands
    if not len(table.unit):
        return ()
    cap, covers = online_cap(case), case.reserves.covers_bus[:, case.units.bus]
    names, mw, most = [], [], []
    for q in np.flatnonzero(of_kind(case, ProductKind.REGULATION)).tolist():
        for i, b in banded(case).items():
            if cap[q, i] > 0 and covers[q, i]:
                names.append(f"{case.units.id[i]}|{case.reserves.product_id[q]}")
                mw.append(known.schedule.reserve_mw[q, i])
                width = np.minimum(cap[q, i], table.max_mw[b] - table.min_mw[b])
                most.append(np.where(known.schedule.regulating[i] > 0, width, 0.0))
    shape = (len(names), known.on.shape[1])
    held, top = np.array(mw).reshape(shape), np.array(most).reshape(shape)
    return (Limit("band_cap", tuple(names), held, np.full(shape, -np.inf), top, tolerance(top)),)


def _storage(known: Facts) -> tuple[Limit, ...]:
    """Room in power, turning round included, and energy for the reserve duration."""
    case, plants, held = known.case, known.case.storage, known.schedule.storage_reserve_mw
    if not len(case.reserve_kinds.storage):
        return ()
    up = held[case.reserves.direction == Direction.UP].sum(axis=0)
    down = held[case.reserves.direction == Direction.DOWN].sum(axis=0)
    net, energy = known.schedule.discharge_mw - known.schedule.charge_mw, known.schedule.energy_mwh
    hours = known.rules.reserves.storage_minutes / 60.0
    give = (energy - plants.energy_min_mwh) * plants.discharge_efficiency / hours
    take = (plants.energy_max_mwh - energy) / plants.charge_efficiency / hours
    free, near = np.full(up.shape, -np.inf), tolerance(plants.charge_max_mw, plants.discharge_max_mw)
    slack = tolerance(plants.energy_max_mwh) / hours + 0.0 * up
    return (
        Limit("storage_up", plants.id, up + net, free, plants.discharge_max_mw, near),
        Limit("storage_down", plants.id, down - net, free, plants.charge_max_mw, near),
        Limit("storage_up_energy", plants.id, up, free, give, np.maximum(near, slack)),
        Limit("storage_down_energy", plants.id, down, free, take, np.maximum(near, slack)),
    )


def _speed(known: Facts) -> tuple[Limit, ...]:
    required = speed_required(known.case)
    if not of_kind(known.case, ProductKind.REGULATION).any():
        return ()
    free = np.full(required.shape, np.inf)
    ids = known.case.reserves.product_id
    return (Limit("regulation_speed", ids, held_speed(known), required, free, tolerance(required)),)


def held_speed(known: Facts) -> Floats:
    """MW/min that the awards of each product bring (Q, T)."""
    of_units = (unit_speed(known.case)[:, :, None] * known.schedule.reserve_mw).sum(axis=1)
    return np.asarray(of_units + storage_speed(known.case) * known.schedule.storage_reserve_mw.sum(axis=1))


CODES = {
    "flexible_next": ("FLEXIBLE_RAMP", "holds flexible ramping but is off in the next period, or too much of it"),
    "flexible_up": ("FLEXIBLE_RAMP", "output and up awards exceed p_max of the next period"),
    "flexible_down": ("FLEXIBLE_RAMP", "output less down awards is below p_min of the next period"),
    "flexible_ramp_up": ("FLEXIBLE_RAMP", "up awards exceed the ramp of a period"),
    "flexible_ramp_down": ("FLEXIBLE_RAMP", "down awards exceed the ramp of a period"),
    "offline_stated": ("OFFLINE_AWARD", "off line it holds more than is stated"),
    "band_cap": ("REGULATION_BAND", "holds regulation beyond its band, or does not regulate"),
    "offline": ("OFFLINE_AWARD", "off line it holds more than a start reaches, or is not free to start"),
    "storage_up": ("STORAGE_AWARD", "discharge and up awards exceed the discharge limit"),
    "storage_down": ("STORAGE_AWARD", "charge and down awards exceed the charge limit"),
    "storage_up_energy": ("STORAGE_AWARD", "up awards would empty it before the reserve duration ends"),
    "storage_down_energy": ("STORAGE_AWARD", "down awards would fill it before the reserve duration ends"),
}


def kinds(known: Facts) -> list[Finding]:
    """Hard limits of awards."""
    found: list[Finding] = []
    for limit in kind_limits(known):
        if limit.family not in CODES:
            continue
        code, text = CODES[limit.family]
        beyond = np.maximum(limit.activity - limit.upper, limit.lower - limit.activity)
        found += over(code, limit.family, limit.ids, beyond, limit.near, text, limit.activity)
    return [*found, *_regulating(known), *_storage_awards(known)]


def _regulating(known: Facts) -> list[Finding]:
    """Who regulates has a band, is on, and does as is given."""
    table, units = known.case.regulation_bands, known.case.units
    stated = known.schedule.regulating
    now = stated > 0
    may, must = np.zeros(now.shape, dtype=np.bool_), np.zeros(now.shape, dtype=np.bool_)
    if len(table.unit):
        may[table.unit], must[table.unit] = table.given != 1, table.given == 2
    wrong = (now & ~(may & known.on)) | (must & known.on & ~now) | ((stated != 0) & (stated != 1))
    text = "regulates where it may not, does not where it must, or is neither 0 nor 1"
    return over("REGULATION_BAND", "regulating", units.id, wrong.astype(np.float64), 0.0, text)


def _storage_awards(known: Facts) -> list[Finding]:
    cap, held, ids = storage_cap(known.case), known.schedule.storage_reserve_mw, known.case.storage.id
    found: list[Finding] = []
    for q, product in enumerate(known.case.reserves.product_id):
        family, near, most = f"award/{product}", tolerance(cap[q][:, None]), cap[q][:, None] + 0.0 * held[q]
        found += over("AWARD_NEGATIVE", family, ids, -held[q], near, f"award of {product} is negative", held[q])
        found += over("AWARD_MAX", family, ids, held[q] - most, near, f"award of {product} is too big", held[q], most)
    return found
