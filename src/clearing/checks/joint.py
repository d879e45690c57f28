"""Limits that join units or periods, as the auditor computes them: unit groups, energy windows, storage cycles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, Ids
from clearing.case.energy_limits import window_ids
from clearing.checks.facts import Facts
from clearing.checks.finding import tolerance
from clearing.checks.hvdc import asked_for
from clearing.checks.reserve_amounts import room_mw, system_reserves
from clearing.rules.rules import HeldIn

LEAST, GREATEST = POSITIVE = ("system_positive_min", "system_positive_max")
"""Positive reserve: limits of the commitment alone, or of the dispatch as well."""
PRICED = ("group_output", "energy_window", "storage_cycle", "hvdc_schedule", "linear_limit", *POSITIVE)
"""Families that have multipliers."""
ENERGY = ("energy_window", "storage_cycle")
"""Families in MWh: a limit stands once, at the last period of its window; a penalty is paid a MWh."""


@dataclass(frozen=True, slots=True)
class Joint:
    """A family: lower ≤ activity ≤ upper, all (n, T), near (n, T) = distance at which a limit counts as reached."""

    family: str
    ids: Ids
    activity: Floats
    lower: Floats
    upper: Floats
    near: Floats


def joint(known: Facts) -> tuple[Joint, ...]:
    """group_output, hvdc_schedule, linear_limit (MW), energy_window, storage_cycle (MWh), group_on (units),
    system_positive_min, system_positive_max (MW). Those the case and the rules have.
    """
    case = known.case
    found = [*_groups(known)] if case.unit_groups.id else []
    if case.energy_windows.unit.size:
        found.append(_windows(known))
    if case.storage_cycles.storage.size:
        found.append(_cycles(known))
    if case.hvdc_lines.id:
        found.append(_lines(known))
    if case.linear_limits.id:
        found.append(_linear(known))
    return (*found, *_least(known), *_greatest(known))


def _least(known: Facts) -> tuple[Joint, ...]:
    """What is held beyond load less ties, where the rules hold the dispatch to the least positive reserve."""
    own, rules = known.case.reserves.positive_min_mw, known.rules.reserves
    least = rules.positive_min_mw if own is None else own
    if least is None or rules.positive_min_in is not HeldIn.DISPATCH:
        return ()
    lower = np.broadcast_to(np.asarray(least, dtype=np.float64), (1, known.on.shape[1]))
    held = lower - system_reserves(known)[LEAST]
    return (
        Joint(LEAST, ("system",), held, lower, np.full(lower.shape, np.inf), np.broadcast_to(tolerance(), lower.shape)),
    )


def _greatest(known: Facts) -> tuple[Joint, ...]:
    """Room of all units on line, where the rules hold the dispatch to the greatest positive reserve."""
    own, rules = known.case.reserves.positive_max_mw, known.rules.reserves
    most = rules.positive_max_mw if own is None else own
    if most is None or rules.positive_max_in is not HeldIn.DISPATCH:
        return ()
    room = room_mw(known)
    upper = np.broadcast_to(np.asarray(most, dtype=np.float64), room.shape)[None]
    near = np.broadcast_to(tolerance(), upper.shape)
    return (Joint(GREATEST, ("system",), room[None], np.full(upper.shape, -np.inf), upper, near),)


def _groups(known: Facts) -> tuple[Joint, Joint]:
    """Members of a group summed: output within min and max, number on line within min and max."""
    groups, periods = known.case.unit_groups, known.on.shape[1]
    mw, number = np.zeros((len(groups.id), periods)), np.zeros((len(groups.id), periods))
    for group, unit in zip(groups.member_group, groups.member_unit, strict=True):
        mw[group] += known.schedule.dispatch_mw[unit]
        number[group] += known.on[unit]
    low, high = groups.min_mw, groups.max_mw
    most = np.where(groups.max_on < 0, np.inf, groups.max_on)
    whole = np.full(number.shape, tolerance())
    return (
        Joint("group_output", groups.id, mw, low, high, tolerance(low, high)),
        Joint("group_on", groups.id, number, groups.min_on.astype(np.float64), most, whole),
    )


def _windows(known: Facts) -> Joint:
    windows, output = known.case.energy_windows, known.schedule.dispatch_mw
    shape = (len(windows.unit), output.shape[1])
    energy, low, high = np.zeros(shape), np.full(shape, -np.inf), np.full(shape, np.inf)
    for w, (unit, first, last) in enumerate(zip(windows.unit, windows.first_period, windows.last_period, strict=True)):
        energy[w, last] = output[unit, first : last + 1].sum() * known.hours
        low[w, last] = windows.min_mwh[w] if windows.min_mwh[w] > 0 else -np.inf
        high[w, last] = windows.max_mwh[w]
    ids = window_ids(windows, known.case.units.id)
    return Joint("energy_window", ids, energy, low, high, tolerance(low, high))


def _cycles(known: Facts) -> Joint:
    cycles, plants = known.case.storage_cycles, known.case.storage
    shape = (len(cycles.storage), known.on.shape[1])
    given, high = np.zeros(shape), np.full(shape, np.inf)
    for row, plant in enumerate(cycles.storage):
        given[row, -1] = known.schedule.discharge_mw[plant].sum() * known.hours
        high[row, -1] = cycles.max_cycles[row] * (
            plants.energy_max_mwh[plant].max() - plants.energy_min_mwh[plant].min()
        )
    ids = tuple(plants.id[plant] for plant in cycles.storage)
    return Joint("storage_cycle", ids, given, np.full(shape, -np.inf), high, tolerance(high))


def _lines(known: Facts) -> Joint:
    """The flow that is asked for: at least a least above 0, at most a greatest below it."""
    least, most = asked_for(known.case)
    low, high = np.where(least > 0.0, least, -np.inf), np.where(most < 0.0, most, np.inf)
    return Joint("hvdc_schedule", known.case.hvdc_lines.id, known.schedule.hvdc_mw, low, high, tolerance(low, high))


def _linear(known: Facts) -> Joint:
    """Σ coefficient · MW of units, sites, storage (out less in), bus injections (without surplus) and branch flows."""
    table, plan = known.case.linear_limits, known.schedule
    total = np.zeros((len(table.id), known.on.shape[1]))
    for term, mw in (
        ("unit", plan.dispatch_mw),
        ("renewable", plan.renewable_mw),
        ("storage", plan.discharge_mw - plan.charge_mw),
        ("bus", known.injection_mw),
        ("branch", known.branch_mw),
    ):
        for limit, row, factor in linear_terms(known, term):
            total[limit] += factor * mw[row]
    return Joint("linear_limit", table.id, total, table.min_mw, table.max_mw, tolerance(table.min_mw, table.max_mw))


def linear_terms(known: Facts, term: str) -> list[tuple[int, int, float]]:
    """(limit, row of the term's table, coefficient) of one kind of term."""
    table = known.case.linear_limits
    columns = (getattr(table, name).tolist() for name in (f"{term}_limit", term, f"{term}_coefficient"))
    return list(zip(*columns, strict=True))


def linear_worth(known: Facts, values: dict[str, Floats], term: str, rows: int) -> Floats:
    """What multipliers of linear limits add to the marginal value of a MW of a term, money per MWh (rows, T)."""
    worth = np.zeros((rows, known.on.shape[1]))
    if "linear_limit" in values:
        for limit, row, factor in linear_terms(known, term):
            worth[row] += factor * values["linear_limit"][limit]
    return worth


def unit_worth(known: Facts, values: dict[str, Floats]) -> Floats:
    """What multipliers of groups, windows, linear limits and the greatest reserve add to the value of a unit's output,
    per MWh (N, T)."""
    case, worth = known.case, linear_worth(known, values, "unit", len(known.case.units.id))
    if "group_output" in values:
        for group, unit in zip(case.unit_groups.member_group, case.unit_groups.member_unit, strict=True):
            worth[unit] += values["group_output"][group]
    if GREATEST in values:
        worth -= values[GREATEST]  # a MW more is a MW less room
    if "energy_window" in values:
        windows = case.energy_windows
        for w, (unit, first, last) in enumerate(
            zip(windows.unit, windows.first_period, windows.last_period, strict=True)
        ):
            worth[unit, first : last + 1] += values["energy_window"][w, last] * known.hours
    return worth


def discharge_worth(known: Facts, values: dict[str, Floats]) -> Floats:
    """What multipliers of cycle limits add to the marginal value of discharging, money per MWh (G, 1)."""
    worth = np.zeros((len(known.case.storage.id), 1))
    if "storage_cycle" in values:
        worth[known.case.storage_cycles.storage, 0] = values["storage_cycle"][:, -1] * known.hours
    return worth
