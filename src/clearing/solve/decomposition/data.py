"""Units as the kernels read them: plain arrays, from a model's tables and the bounds of its columns."""

from __future__ import annotations

from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np

from clearing.case.arrays import Bools, Flags, Floats, Ints
from clearing.formulation.awards import Awards
from clearing.formulation.limits import one_headroom
from clearing.formulation.model import Model
from clearing.formulation.ramps import ramp_units
from clearing.formulation.start_states import StartArcs, start_arcs
from clearing.formulation.variables import directions


class Mode(IntEnum):
    """Where in its time on line a period is: in the midst, the first one, the last one, the only one."""

    MID = 0
    START = 1
    END = 2
    ONLY = 3


class Sharing(IntEnum):
    """What an award takes: room up or down, the same and the ramp, nothing but that the unit is on."""

    UP = 0
    DOWN = 1
    UP_RAMP = 2
    DOWN_RAMP = 3
    NOTHING = 4


class Units(NamedTuple):
    """N units, T periods, M segments, P awards, A start arcs. Rows of a unit are `…_of[…_first[i] : …_first[i + 1]]`.

    on_min, on_max, start_max, stop_max (N, T)   bounds of the columns of that name
    was_on (N), first_start (N, T)               as in UnitData
    min_up, min_down (N)                         periods
    top, room (4, N, T)       by Mode: greatest output above p_min; that and the up awards together
    least (N, T)              least output above p_min
    before (N)                output above p_min just before the first period
    rise, fall (N, T)         greatest change of output above p_min between two periods on, p_min's own taken off
    ramped (N)                whether its ramps can bind at all
    width (M, T); sharing (P); cap (P, T), at most a MW more than p_max − p_min
    short, long, wait (A)     whole periods off for which a state applies, least and greatest; least that it takes
    arc_first_start (A, T)    whether it applies to a unit that is off since before the horizon
    cold_wait (N), cold_first_start (N, T)       the same of the coldest state
    """

    on_min: Flags
    on_max: Flags
    start_max: Flags
    stop_max: Flags
    was_on: Bools
    first_start: Bools
    min_up: Ints
    min_down: Ints
    top: Floats
    room: Floats
    least: Floats
    before: Floats
    rise: Floats
    fall: Floats
    ramped: Bools
    segment_first: Ints
    segment_of: Ints
    width: Floats
    award_first: Ints
    award_of: Ints
    cap: Floats
    sharing: Ints
    arc_first: Ints
    arc_of: Ints
    short: Ints
    long: Ints
    wait: Ints
    arc_first_start: Bools
    cold_wait: Ints
    cold_first_start: Bools


class Prices(NamedTuple):
    """Reduced cost of every column of the units: on, start, stop, above (N, T), save (A, T), segment (M, T), award
    (P, T)."""

    on: Floats
    start: Floats
    stop: Floats
    above: Floats
    save: Floats
    segment: Floats
    award: Floats


COLUMNS = ("on", "start", "stop", "above", "start_saving", "segment", "award")
"""Column blocks in the order of `Prices`."""


def units_of(model: Model) -> Units:
    """Read a model, in arrays of its own: one layout, so that kernels are compiled once. Relaxed: decision 0016."""
    case, data, problem, awards = model.case, model.data, model.problem, model.awards
    arcs, units = start_arcs(case), case.units
    count, periods = data.range_mw.shape
    upper = {name: problem.upper[problem.columns[name]] for name in COLUMNS}
    above = problem.columns["above"]
    top, room = _limits(model, upper["above"])
    rise, fall, ramped = _ramps(model)
    segment_first, segment_of = _by_unit(model.unit_curve.resource, count)
    award_first, award_of = _by_unit(awards.unit, count)
    arc_first, arc_of = _by_unit(arcs.unit, count)
    short, long, wait, arc_first_start, cold_wait, cold_first = _states(model, arcs)
    found = Units(
        on_min=_flags(problem.lower[problem.columns["on"]]),
        on_max=_flags(upper["on"]),
        start_max=_flags(upper["start"]),
        stop_max=_flags(upper["stop"]),
        was_on=np.ascontiguousarray(units.initial_on),
        first_start=np.ascontiguousarray(data.first_start),
        min_up=data.min_up.astype(np.int64),
        min_down=data.min_down.astype(np.int64),
        top=top,
        room=room,
        least=np.ascontiguousarray(problem.lower[above]),
        before=units.initial_mw - (units.p_min_mw[:, 0] if periods else np.zeros(count)),
        rise=rise,
        fall=fall,
        ramped=ramped,
        segment_first=segment_first,
        segment_of=segment_of,
        width=np.ascontiguousarray(upper["segment"]),
        award_first=award_first,
        award_of=award_of,
        cap=np.minimum(upper["award"], 1.0 + data.range_mw.max(axis=1, initial=0.0)[awards.unit][:, None]),
        sharing=_sharing(model, awards, room),
        arc_first=arc_first,
        arc_of=arc_of,
        short=short,
        long=long,
        wait=wait,
        arc_first_start=arc_first_start,
        cold_wait=cold_wait,
        cold_first_start=cold_first,
    )
    own: list[Any] = [np.array(part, order="C") for part in found]
    return Units(*own)


def _flags(bound: Floats) -> Flags:
    return np.ascontiguousarray(bound > 0.5).astype(np.int8)


def _by_unit(unit: Ints, count: int) -> tuple[Ints, Ints]:
    """First place (N + 1) of every unit, and the rows in order of units."""
    order = np.argsort(unit, kind="stable").astype(np.int64)
    return np.searchsorted(unit[order], np.arange(count + 1)).astype(np.int64), order


def _limits(model: Model, most: Floats) -> tuple[Floats, Floats]:
    """top and room. Awards beside the start-up and shut-down limits count against p_max alone."""
    data, floor = model.data, model.case.units.p_min_mw
    start, stop = (np.maximum(limit - floor, 0.0) for limit in (data.startup_mw, data.shutdown_mw))
    modes = (data.range_mw, np.minimum(data.range_mw, start), np.minimum(data.range_mw, stop))
    alone = np.array([*modes, np.minimum(modes[1], modes[2])])
    room = alone if one_headroom(model.case, model.awards.form) else np.broadcast_to(alone[:1], alone.shape)
    return np.minimum(alone, most), np.ascontiguousarray(room)


def _ramps(model: Model) -> tuple[Floats, Floats, Bools]:
    """rise, fall and ramped: only units that have ramp rows; of the others a change that none reaches."""
    case, data = model.case, model.data
    floor = case.units.p_min_mw
    drift = np.diff(floor, axis=1, prepend=floor[:, :1])
    beyond = 4.0 * (1.0 + case.units.p_max_mw.max(axis=1, initial=0.0) + np.abs(case.units.initial_mw))
    sides, ramped = [], np.zeros(len(floor), dtype=np.bool_)
    for rate, sign in ((data.ramp_up_mw, -1.0), (data.ramp_down_mw, 1.0)):
        rows = ramp_units(case, rate, model.awards)
        limit = beyond.copy()
        limit[rows] = np.minimum(rate[rows], beyond[rows])
        ramped[rows] = True
        sides.append(np.ascontiguousarray(limit[:, None] + sign * drift))
    return sides[0], sides[1], ramped


def _sharing(model: Model, awards: Awards, room: Floats) -> Ints:
    """Sharing (P). A share of the ramp is kept where the kernel can: one or more uncapped products, MW for MW."""
    up, down = directions(model.case, awards)
    form, product, unit = awards.form, awards.product, awards.unit
    found = np.where(up > 0.0, Sharing.UP, np.where(down > 0.0, Sharing.DOWN, Sharing.NOTHING)).astype(np.int64)
    reach = room.max(axis=(0, 2), initial=0.0)[unit]
    cap = model.problem.upper[model.problem.columns["award"]]
    free = (cap.min(axis=1, initial=np.inf) >= reach) & (form.ramp_now[product] == 1.0)
    free &= (form.ramp_before[product] == 0.0) & one_headroom(model.case, form)
    for side, ramp in ((Sharing.UP, Sharing.UP_RAMP), (Sharing.DOWN, Sharing.DOWN_RAMP)):
        mine = found == side
        bad = np.unique(unit[mine & ~free])
        found[mine & ~np.isin(unit, bad)] = ramp
    return found


def _states(model: Model, arcs: StartArcs) -> tuple[Ints, Ints, Ints, Bools, Ints, Bools]:
    """short, long, wait, arc_first_start, cold_wait, cold_first_start; waits of `falling` units only."""
    case, data = model.case, model.data
    minutes, periods = case.horizon.period_minutes, case.horizon.periods
    needed = -(-arcs.first_minutes // minutes)
    short = np.maximum(needed, data.min_down[arcs.unit])
    long = np.minimum(arcs.last_minutes // minutes, periods)
    falling = np.isin(np.arange(len(case.units.id)), arcs.falling)
    offline = case.units.initial_minutes[:, None] + np.arange(periods) * minutes
    mine = offline[arcs.unit]
    inside = (arcs.first_minutes[:, None] <= mine) & (mine <= arcs.last_minutes[:, None])
    cold = -(-arcs.coldest_minutes // minutes)
    ready = (np.arange(periods) >= cold[:, None]) | (offline >= arcs.coldest_minutes[:, None])
    return (
        short.astype(np.int64),
        long.astype(np.int64),
        np.where(falling[arcs.unit], needed, 0).astype(np.int64),
        np.ascontiguousarray(inside & ~case.units.initial_on[arcs.unit][:, None]),
        np.where(falling, cold, 0).astype(np.int64),
        np.ascontiguousarray(ready | ~falling[:, None]),
    )
