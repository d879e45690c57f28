"""The rows of the pricing problem that have multipliers: activity and limits, as the auditor computes them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, Ids
from clearing.case.prices import Multipliers
from clearing.checks.award_terms import joint_awards
from clearing.checks.electrical import branch_limits
from clearing.checks.facts import Facts, award_cap
from clearing.checks.finding import tolerance
from clearing.checks.hvdc import change, greatest_change
from clearing.checks.joint import PRICED, joint
from clearing.checks.kind_limits import kind_limits
from clearing.checks.payments import virtual_change
from clearing.checks.pumped_hydro import drawn_and_pumped
from clearing.checks.reserve_amounts import covered_awards


@dataclass(frozen=True, slots=True)
class Rows:
    """A family: lower ≤ activity ≤ upper, all (n, T); near (n, T) = distance at which a limit counts as reached."""

    family: str
    ids: Ids
    activity: Floats
    lower: Floats
    upper: Floats
    near: Floats


def rows(known: Facts) -> dict[str, Rows]:
    """All families with multipliers, by name."""
    found = (
        *_network(known),
        *_unit_rows(known),
        *_awards(known),
        *_equalities(known),
        *_joint(known),
        *_virtual(known),
        *_lines(known),
        *_kinds(known),
        *_reservoirs(known),
    )
    return {family.family: family for family in found}


def _rows(family: str, ids: Ids, activity: Floats, lower: Floats | float, upper: Floats | float, near: Floats) -> Rows:
    shape = activity.shape
    return Rows(
        family,
        ids,
        activity,
        np.broadcast_to(lower, shape),
        np.broadcast_to(upper, shape),
        np.broadcast_to(near, shape),
    )


def _network(known: Facts) -> tuple[Rows, ...]:
    network = known.case.network
    limit = branch_limits(network, known.case.horizon.periods)
    low, high = network.interface_min_mw, network.interface_max_mw
    return (
        _rows("branch", network.branch_id, known.branch_mw, -limit, limit, tolerance(limit)),
        _rows("interface", network.interface_id, known.interface_mw, low, high, tolerance(low, high)),
        *(
            _rows(family, after.id, after.flow, after.low, after.high, after.near())
            for family, after in (known.contingent.after.items() if known.contingent else ())
        ),
    )


def _unit_rows(known: Facts) -> tuple[Rows, ...]:
    """headroom, output_limit (SU and SD alone, form HEADROOM), footroom, ramp_up, ramp_down.

    A ramp row that touches a period off or a start reads as a bound of the output there, "above p_min ≥ 0" or
    "≤ p_max": its multiplier may then be that bound's. A unit that stops in the first period may fall from wherever
    it was.
    """
    units, ids, take = known.case.units, known.case.units.id, known.taken
    output, near = known.schedule.dispatch_mw, tolerance(known.case.units.p_max_mw)
    up, down, least = take.up_ramp_mw, take.down_ramp_mw, units.p_min_mw * known.on
    alone = np.where(known.started, np.minimum(units.p_max_mw * known.on, known.start_mw), units.p_max_mw * known.on)
    alone = np.where(known.last, np.minimum(alone, known.stop_mw), alone)
    top, inner = (alone, 0.0 * output) if take.one_row else (take.top_mw, take.limit_mw)
    both = known.on & known.was_on
    start_mw, stop_mw = (np.minimum(limit, units.p_max_mw) for limit in (known.start_mw, known.stop_mw))
    rise = np.where(known.started, start_mw, -_before(least))
    rise = np.where(both, known.ramp_up_mw[:, None], rise)
    stopping = np.concatenate([np.maximum(known.was_mw, known.ramp_down_mw[:, None])[:, :1], stop_mw[:, :-1]], axis=1)
    fall = np.where(known.stopped, stopping, -least)
    fall = np.where(both, known.ramp_down_mw[:, None], fall)
    return (
        _rows("headroom", ids, output + known.up_mw, -np.inf, top, near),
        _rows("output_limit", ids, output + inner, -np.inf, alone, near),
        _rows("footroom", ids, output - known.down_mw, take.bottom_mw, np.inf, near),
        _rows("ramp_up", ids, output + up - known.was_mw, -np.inf, rise, near),
        _rows("ramp_down", ids, known.was_mw - output + down, -np.inf, fall, near),
    )


def _before(series: Floats) -> Floats:
    """One period earlier; the first period stands for itself (nothing before it is decided)."""
    return np.concatenate([series[:, :1], series[:, :-1]], axis=1)


def _awards(known: Facts) -> tuple[Rows, ...]:
    reserves, units = known.case.reserves, known.case.units
    periods = known.on.shape[1]
    names = tuple(f"{unit}|{product}" for product in reserves.product_id for unit in units.id)
    held = joint_awards(known.case, known.taken.joint, known.schedule.reserve_mw * known.on)
    award = held.reshape(len(names), periods)
    cap = award_cap(known).reshape(len(names), periods)
    required = reserves.requirement_mw
    return (
        _rows("award_cap", names, award, -np.inf, cap, tolerance(award)),
        _rows("product", reserves.product_id, covered_awards(known), required, np.inf, tolerance(required)),
    )


def _equalities(known: Facts) -> tuple[Rows, ...]:
    """balance and storage_energy always hold as equations, so every multiplier is complementary."""
    islands, plants = known.grid.island_id, known.case.storage.id
    nothing = np.zeros((len(islands), known.on.shape[1])), np.zeros((len(plants), known.on.shape[1]))
    return (
        _rows("balance", islands, nothing[0], 0.0, 0.0, np.ones(1)),
        _rows("storage_energy", plants, nothing[1], 0.0, 0.0, np.ones(1)),
    )


def _joint(known: Facts) -> tuple[Rows, ...]:
    """group_output, energy_window, storage_cycle, where the case has them."""
    return tuple(
        Rows(j.family, j.ids, j.activity, j.lower, j.upper, j.near) for j in joint(known) if j.family in PRICED
    )


def _kinds(known: Facts) -> tuple[Rows, ...]:
    """Families of the kinds of products, where the case has them."""
    return tuple(_rows(k.family, k.ids, k.activity, k.lower, k.upper, k.near) for k in kind_limits(known))


def _reservoirs(known: Facts) -> tuple[Rows, ...]:
    """reservoir_energy, where the case has any: what energy gains beyond pumping less drawing, 0 … the inflow, MWh."""
    table = known.case.pumped_hydro
    if not table.id:
        return ()
    energy = known.schedule.reservoir_mwh
    before = np.concatenate([table.reservoir_initial_mwh[:, None], energy[:, :-1]], axis=1)
    gained, inflow = energy - before - drawn_and_pumped(known), known.hours * table.reservoir_inflow_mw
    near = tolerance(table.reservoir_max_mwh[:, None])
    return (_rows("reservoir_energy", table.reservoir_id, gained, 0.0, inflow, near),)


def _virtual(known: Facts) -> tuple[Rows, ...]:
    """virtual_ramp, where the case has virtual plants: the first period is free."""
    plants = known.case.virtual_plants
    if not plants.id:
        return ()
    change = virtual_change(known)
    most = np.broadcast_to(plants.ramp_mw_per_minute[:, None] * known.case.horizon.period_minutes, change.shape).copy()
    most[:, :1] = np.inf
    return (_rows("virtual_ramp", plants.id, change, -most, most, tolerance(plants.max_mw)),)


def _lines(known: Facts) -> tuple[Rows, ...]:
    """hvdc_ramp, where the case has direct-current lines."""
    if not known.case.hvdc_lines.id:
        return ()
    most, moved = greatest_change(known.case), change(known.schedule)
    near = tolerance(known.schedule.hvdc_mw)
    return (_rows("hvdc_ramp", known.case.hvdc_lines.id, moved, -most, most, near),)


def dense(multipliers: Multipliers, known_rows: dict[str, Rows]) -> tuple[dict[str, Floats], list[int]]:
    """Multiplier values as arrays shaped like the rows, and the entries that fit no row or stand twice."""
    values = {name: np.zeros(family.activity.shape) for name, family in known_rows.items()}
    place = {name: {subject: i for i, subject in enumerate(family.ids)} for name, family in known_rows.items()}
    nothing: dict[str, int] = {}
    row = np.array(
        [place.get(f, nothing).get(s, -1) for f, s in zip(multipliers.family, multipliers.subject, strict=True)],
        dtype=np.int64,
    )
    family = np.array(multipliers.family, dtype=np.str_)
    stated = np.clip(np.asarray(multipliers.period, dtype=np.float64), -1.0, 2.0**31)
    period = np.where(stated == np.floor(stated), stated, -1.0).astype(np.int64)
    stray = np.ones(len(row), dtype=np.bool_)
    periods = len(known_rows["balance"].activity.T)
    for name, value in values.items():
        mine = np.flatnonzero((family == name) & (row >= 0) & (period >= 0) & (period < periods))
        cell = row[mine] * periods + period[mine]
        first = np.unique(cell, return_index=True)[1]
        chosen = mine[first]
        value[row[chosen], period[chosen]] = np.asarray(multipliers.value)[chosen]
        stray[chosen] = False
    return values, [int(j) for j in np.flatnonzero(stray)]
