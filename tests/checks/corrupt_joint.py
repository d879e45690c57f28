"""Corruptions that break a limit over several units or periods, or over starts and stops, without saying so."""

from __future__ import annotations

from typing import Any

import numpy as np

from clearing.checks.joint import joint
from tests.checks.corrupt import Draw, changed, corruption, set_cell, with_schedule
from tests.checks.corrupt_commitment import Made, recommit
from tests.checks.corrupt_starts import _alternating

BROKEN = "VIOLATION_NOT_LISTED|VIOLATION_AMOUNT"


def _members(draw: Draw, group: int) -> Any:
    groups = draw.case.unit_groups
    return groups.member_unit[groups.member_group == group]


@corruption("value", BROKEN)
def group_output(draw: Draw) -> Made:
    """A member takes over from a unit outside the group until the group's sum is beyond its greatest (or least)."""
    groups = draw.case.unit_groups
    at = draw.cell(np.isfinite(groups.max_mw) | np.isfinite(groups.min_mw))
    if at is None or not len(_members(draw, at[0])):
        return None
    j, t = at
    members, output = _members(draw, j), draw.schedule.dispatch_mw.copy()
    total, size = float(output[members, t].sum()), draw.size(50.0)
    top = np.isfinite(groups.max_mw[at])
    move = max(0.0, groups.max_mw[at] - total) + size if top else min(0.0, groups.min_mw[at] - total) - size
    output[draw.rng.choice(members), t] += move
    others = np.setdiff1d(np.arange(len(output)), members)
    if len(others):
        output[draw.rng.choice(others), t] -= move
    return f"{groups.id[j]}@{t}{move:+.4g}", with_schedule(draw, dispatch_mw=output)


@corruption("commitment", BROKEN)
def group_number(draw: Draw) -> Made:
    """All members on where fewer may be, or off where some must be on, for one period."""
    groups = draw.case.unit_groups
    count = np.array([len(_members(draw, j)) for j in range(len(groups.id))])
    if not len(count):
        return None
    many = (groups.max_on >= 0) & (count[:, None] > groups.max_on)
    at = draw.cell(many | (groups.min_on > 0))
    if at is None:
        return None
    on = changed(draw.schedule.on, (_members(draw, at[0]), at[1]), int(many[at]))
    if (on == draw.schedule.on).all():
        return None
    return f"{groups.id[at[0]]}@{at[1]}", with_schedule(draw, on=on)


@corruption("value", BROKEN)
def energy_window(draw: Draw) -> Made:
    """One period's output carries the whole window beyond its greatest or below its least energy."""
    windows, hours = draw.case.energy_windows, draw.case.horizon.hours
    at = draw.cell(np.isfinite(windows.max_mwh) | (windows.min_mwh > 0))
    if at is None:
        return None
    w = at[0]
    unit, first, last = int(windows.unit[w]), int(windows.first_period[w]), int(windows.last_period[w])
    output = draw.schedule.dispatch_mw
    energy, t = float(output[unit, first : last + 1].sum()) * hours, int(draw.rng.integers(first, last + 1))
    top = np.isfinite(windows.max_mwh[w])
    limit = windows.max_mwh[w] if top else windows.min_mwh[w]
    room = max(0.0, limit - energy) if top else min(0.0, limit - energy)
    move = (room + (1.0 if top else -1.0) * draw.size(limit)) / hours
    moved = changed(output, (unit, t), output[unit, t] + move)
    return f"{w}{move:+.4g}", with_schedule(draw, dispatch_mw=moved)


@corruption("value", BROKEN)
def linear_limit(draw: Draw) -> Made:
    """A unit that a linear limit weighs moves until the sum is beyond its limit; one of its bus makes up for it."""
    limits, units = draw.case.linear_limits, draw.case.units
    at = draw.cell(np.isfinite(limits.max_mw) | np.isfinite(limits.min_mw))
    if at is None:
        return None
    c, t = at
    mine = np.flatnonzero((limits.unit_limit == c) & (limits.unit_coefficient != 0))
    if not len(mine):
        return None
    family = next(j for j in joint(draw.known) if j.family == "linear_limit")
    size, top = draw.size(50.0), np.isfinite(limits.max_mw[at])
    room = limits.max_mw[at] - family.activity[at] if top else limits.min_mw[at] - family.activity[at]
    k = int(draw.rng.choice(mine))
    move = (max(0.0, room) + size if top else min(0.0, room) - size) / float(limits.unit_coefficient[k])
    i, output = int(limits.unit[k]), draw.schedule.dispatch_mw.copy()
    output[i, t] += move
    others = np.setdiff1d(np.flatnonzero(units.bus == units.bus[i]), limits.unit[mine])
    if len(others):
        output[draw.rng.choice(others), t] -= move
    return f"{limits.id[c]}@{t}{move:+.4g}", with_schedule(draw, dispatch_mw=output)


@corruption("value", BROKEN)
def storage_cycle(draw: Draw) -> Made:
    """Discharging more than the cycles of the day allow."""
    cycles, stores, hours = draw.case.storage_cycles, draw.case.storage, draw.case.horizon.hours
    at = draw.cell(np.ones(len(cycles.storage)))
    if at is None:
        return None
    g = int(cycles.storage[at[0]])
    most = float(cycles.max_cycles[at[0]] * (stores.energy_max_mwh[g].max() - stores.energy_min_mwh[g].min()))
    given, t = draw.schedule.discharge_mw, int(draw.rng.integers(draw.case.horizon.periods))
    more = (max(0.0, most - float(given[g].sum()) * hours) + draw.size(most)) / hours
    return stores.id[g], with_schedule(draw, discharge_mw=changed(given, (g, t), given[g, t] + more))


@corruption("commitment", BROKEN)
def too_many_stops(draw: Draw) -> Made:
    limits, periods = draw.case.start_limits, draw.case.horizon.periods
    at = draw.cell((limits.max_stops >= 0) & (limits.max_stops < (periods - 1) // 2))
    return None if at is None else _by_turns(draw, int(limits.unit[at[0]]))


@corruption("commitment", BROKEN)
def too_many_at_plant(draw: Draw) -> Made:
    limits, plant = draw.case.plant_limits, draw.case.units.plant
    few = (draw.case.horizon.periods - 1) // 2
    low = ((limits.max_starts >= 0) & (limits.max_starts < few)) | ((limits.max_stops >= 0) & (limits.max_stops < few))
    at = draw.cell(np.isin(plant, limits.plant[low]) & (plant >= 0))
    return None if at is None else _by_turns(draw, at[0])


@corruption("commitment", BROKEN)
def crowded_stops(draw: Draw) -> Made:
    """Two members of a plant go off in one period, after one in which both were on."""
    limits, units = draw.case.plant_limits, draw.case.units
    spaced = limits.plant[limits.stop_spacing_minutes > 0]
    for plant in draw.rng.permutation(spaced).tolist():
        members = np.flatnonzero(units.plant == plant)
        if len(members) >= 2 and draw.case.horizon.periods >= 2:
            t = int(draw.rng.integers(1, draw.case.horizon.periods))
            on = draw.schedule.on.copy()
            on[np.ix_(members[:2], [t - 1])], on[np.ix_(members[:2], [t])] = 1, 0
            if (on == draw.schedule.on).all():
                return None
            return f"{plant}@{t}", with_schedule(draw, on=on)
    return None


def _by_turns(draw: Draw, unit: int) -> Made:
    row = _alternating(draw, unit)
    return None if (row == draw.schedule.on[unit]).all() else (str(unit), recommit(draw, unit, row))


@corruption("value", BROKEN)
def award_of_the_better_product(draw: Draw) -> Made:
    """The better product's awards go, where the lesser one lives on them."""
    reserves, pairs = draw.case.reserves, draw.case.reserve_sharing
    found = []
    for better, lesser in zip(pairs.shared_from.tolist(), pairs.shared_to.tolist(), strict=True):
        both = reserves.covers_bus[better] & reserves.covers_bus[lesser]
        gone = draw.schedule.reserve_mw[better, both[draw.case.units.bus]].sum(axis=0)
        all_of = sum(
            draw.schedule.reserve_mw[
                q, (reserves.covers_bus[q] & reserves.covers_bus[lesser])[draw.case.units.bus]
            ].sum(axis=0)
            for q in {lesser, *pairs.shared_from[pairs.shared_to == lesser].tolist()}
        )
        short = reserves.requirement_mw[lesser] - (all_of - gone)
        found += [(better, int(t)) for t in np.flatnonzero((short > 1e-2) & (gone > 1e-2))]
    if not found:
        return None
    better, t = found[int(draw.rng.integers(len(found)))]
    award = changed(draw.schedule.reserve_mw, (better, slice(None), t), 0.0)
    return f"{reserves.product_id[better]}@{t}", with_schedule(draw, reserve_mw=award)


@corruption("value", "RENEWABLE_MAX|RENEWABLE_MIN")
def renewable_beyond(draw: Draw) -> Made:
    """A site beyond its forecast, and a unit of the same bus that gives way: balanced and transmitted."""
    sites, units = draw.case.renewables, draw.case.units
    at = draw.cell((sites.forecast_mw > -1) & np.isin(sites.bus, units.bus)[:, None])
    if at is None:
        return None
    r, t = at
    size = draw.size(sites.forecast_mw[at])
    i = int(draw.rng.choice(np.flatnonzero(units.bus == sites.bus[r])))
    more = sites.forecast_mw[at] + size
    output = changed(
        draw.schedule.dispatch_mw, (i, t), draw.schedule.dispatch_mw[i, t] - more + draw.schedule.renewable_mw[at]
    )
    return f"{sites.id[r]}@{t}", with_schedule(
        draw, dispatch_mw=output, renewable_mw=changed(draw.schedule.renewable_mw, at, more)
    )


@corruption("value", "BALANCE")
def tie_forgotten(draw: Draw) -> Made:
    """The schedule of a tie line is met twice."""
    ties, units = draw.case.ties, draw.case.units
    at = draw.cell(np.abs(ties.import_mw) > 1e-2)
    if at is None or not len(units.id):
        return None
    output = draw.schedule.dispatch_mw
    i = int(draw.rng.integers(len(units.id)))
    return set_cell(
        draw, "dispatch_mw", np.arange(output.size).reshape(output.shape) == i * output.shape[1] + at[1],
        lambda cell: output[cell] + float(ties.import_mw[at]),
    )  # fmt: skip
