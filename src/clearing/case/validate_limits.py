"""Limits that join units or periods: unit groups, energy windows, storage cycles, linear limits."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Ints
from clearing.case.case import Case
from clearing.case.energy_limits import window_ids
from clearing.case.finding import Finding, Severity
from clearing.case.linear_limits import TERMS
from clearing.case.predicates import TOLERANCE, Field, flag
from clearing.rules.rules import Rules


def unit_groups(case: Case, rules: Rules) -> list[Finding]:
    """GROUP_WITHOUT_MEMBER, DUPLICATE_MEMBER, GROUP_MIN_ABOVE_MAX, GROUP_ON_MIN_ABOVE_MAX, GROUP_MIN_ABOVE_CAPACITY,
    GROUP_ON_ABOVE_MEMBERS."""
    groups, units = case.unit_groups, case.units
    if not groups.id:
        return []

    def at(name: str) -> Field:
        return Field(f"case.unit_groups.{name}", groups.id)

    capacity, members = np.zeros(groups.min_mw.shape), np.zeros(groups.min_mw.shape)
    np.add.at(capacity, groups.member_group, (units.p_max_mw * units.on_max)[groups.member_unit])
    np.add.at(members, groups.member_group, units.on_max[groups.member_unit])
    again = _repeated(groups.member_group, groups.member_unit)
    member = Field("case.unit_groups.member_unit", [units.id[i] for i in groups.member_unit])
    crossed = groups.min_mw > groups.max_mw
    crowded = (groups.max_on >= 0) & (groups.min_on > groups.max_on)
    least, most, low, high = groups.min_mw, groups.max_mw, groups.min_on, groups.max_on
    empty = ~np.isin(np.arange(len(groups.id)), groups.member_group)
    beyond = (least > capacity + TOLERANCE) & ~crossed & ~empty[:, None]
    many = (low > members) & ~crowded & ~empty[:, None]
    text = "more than its members could give; the shortfall is priced"
    return [
        *flag("GROUP_WITHOUT_MEMBER", at("id"), empty, "no unit belongs to the group"),
        *flag("DUPLICATE_MEMBER", member, again, "the unit stands twice in the group"),
        *flag("GROUP_MIN_ABOVE_MAX", at("min_mw"), crossed, "least output is above the greatest", least, most),
        *flag("GROUP_ON_MIN_ABOVE_MAX", at("min_on"), crowded, "least number on line is above the greatest", low, high),
        *flag("GROUP_MIN_ABOVE_CAPACITY", at("min_mw"), beyond, text, least, capacity, Severity.WARNING),
        *flag("GROUP_ON_ABOVE_MEMBERS", at("min_on"), many, text, low, members, Severity.WARNING),
    ]


def energy_windows(case: Case, rules: Rules) -> list[Finding]:
    """WINDOW_ENDS_BEFORE_START, WINDOW_MIN_ABOVE_MAX, DUPLICATE_WINDOW, WINDOW_MIN_ABOVE_CAPACITY."""
    windows, units = case.energy_windows, case.units
    subjects = window_ids(windows, units.id)

    def at(name: str) -> Field:
        return Field(f"case.energy_windows.{name}", subjects)

    first, last = windows.first_period, windows.last_period
    backward, crossed = last < first, windows.min_mwh > windows.max_mwh
    here = np.arange(case.horizon.periods)
    inside = (here >= first[:, None]) & (here <= last[:, None])
    most = ((units.p_max_mw * units.on_max)[windows.unit] * inside).sum(axis=1) * case.horizon.hours
    beyond = (windows.min_mwh > most + TOLERANCE) & ~backward & ~crossed
    again = _repeated(windows.unit, first * case.horizon.periods + last)
    text = "more than the unit could give within the window; the shortfall is priced"
    return [
        *flag("WINDOW_ENDS_BEFORE_START", at("last_period"), backward, "ends before it starts", last, first),
        *flag("WINDOW_MIN_ABOVE_MAX", at("min_mwh"), crossed, "least energy is above the greatest",
              windows.min_mwh, windows.max_mwh),
        *flag("DUPLICATE_WINDOW", at("unit"), again, "an earlier row has this unit and window"),
        *flag("WINDOW_MIN_ABOVE_CAPACITY", at("min_mwh"), beyond, text, windows.min_mwh, most, Severity.WARNING),
    ]  # fmt: skip


def storage_cycles(case: Case, rules: Rules) -> list[Finding]:
    """DUPLICATE_CYCLE_LIMIT."""
    cycles = case.storage_cycles
    field = Field("case.storage_cycles.storage", [case.storage.id[g] for g in cycles.storage])
    again = _repeated(cycles.storage, np.zeros_like(cycles.storage))
    return flag("DUPLICATE_CYCLE_LIMIT", field, again, "an earlier row limits this storage unit")


def linear_limits(case: Case, rules: Rules) -> list[Finding]:
    """LINEAR_WITHOUT_TERM, LINEAR_MIN_ABOVE_MAX, LINEAR_NEGATIVE_PRICE."""
    limits = case.linear_limits
    if not limits.id:
        return []

    def at(name: str) -> Field:
        return Field(f"case.linear_limits.{name}", limits.id)

    named = np.concatenate([getattr(limits, f"{term}_limit") for term in TERMS])
    empty = ~np.isin(np.arange(len(limits.id)), named)
    crossed = limits.min_mw > limits.max_mw
    price = limits.price_per_mwh
    odd = (price < 0.0) & (price != -1.0)
    return [
        *flag("LINEAR_WITHOUT_TERM", at("id"), empty, "nothing counts towards the limit"),
        *flag("LINEAR_MIN_ABOVE_MAX", at("min_mw"), crossed, "least is above the greatest", limits.min_mw,
              limits.max_mw),
        *flag("LINEAR_NEGATIVE_PRICE", at("price_per_mwh"), odd, "breaking it would earn money", price, "≥ 0, or -1"),
    ]  # fmt: skip


def _repeated(first: Ints, second: Ints) -> Bools:
    """Rows whose pair an earlier row has."""
    pairs = np.stack([first, second])
    again = np.ones(len(first), dtype=np.bool_)
    again[np.unique(pairs, axis=1, return_index=True)[1]] = False
    return again
