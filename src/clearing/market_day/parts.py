"""The real-time intervals of a day as cases: look-ahead, commitment, state, and what energy stores should end with."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from clearing.case.arrays import Flags, Floats, Ints
from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.finding import Finding, Severity
from clearing.case.horizon import Horizon
from clearing.case.interval import after, cut
from clearing.case.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Plan:
    """What a real-time day is cleared from.

    day                    all real-time periods, with the commitment to be followed (FOLLOW)
    look_ahead             periods cleared together with the binding one, it counted
    energy_mwh (G, T)      of storage at the end of every real-time period, as the day-ahead has it
    reservoir_mwh (O, T)   of reservoirs, likewise
    """

    day: Case
    look_ahead: int
    energy_mwh: Floats
    reservoir_mwh: Floats


def comparable(ahead: Case, day: Case) -> list[Finding]:
    """What keeps two cases from being one day: other resources, periods that the day-ahead does not have."""
    found = []
    for what, names in (
        ("units.id", [c.units.id for c in (ahead, day)]),
        ("network.bus_id", [c.network.bus_id for c in (ahead, day)]),
        ("renewables.id", [c.renewables.id for c in (ahead, day)]),
        ("storage.id", [c.storage.id for c in (ahead, day)]),
        ("ties.id", [c.ties.id for c in (ahead, day)]),
        ("loads.id", [c.loads.id for c in (ahead, day)]),
        ("demand_bids.id", [c.demand_bids.id for c in (ahead, day)]),
        ("virtual_plants.id", [c.virtual_plants.id for c in (ahead, day)]),
        ("pumped_hydro.id", [c.pumped_hydro.id for c in (ahead, day)]),
    ):
        if names[0] != names[1]:
            text = "Day-ahead and real time have other ids here, or another order of them."
            found.append(Finding(Severity.ERROR, "CASES_DIFFER", f"case.{what}", text))
    if (period_of(ahead.horizon, day.horizon) < 0).any():
        text = "The day-ahead does not cover every real-time period."
        found.append(Finding(Severity.ERROR, "CASES_DIFFER", "case.horizon", text))
    return found


def period_of(ahead: Horizon, day: Horizon) -> Ints:
    """(T) Day-ahead period that every real-time period starts in; −1 = none."""
    return _at(ahead, day, np.arange(day.periods) * day.period_minutes)


def plan(ahead: Case, planned: Schedule, day: Case, on: Flags, look_ahead: int) -> Plan:
    """The real-time day that begins where the day-ahead began and follows a commitment on (N, T).

    planned: schedule of the day-ahead case, whose energy of stores real time steers towards.
    """
    state = replace(begun_as(ahead, day), commitment=CommitmentInput(CommitmentUse.FOLLOW, on.astype(np.int8)))
    energy = _ends(ahead, day, planned.energy_mwh, ahead.storage.initial_energy_mwh)
    reservoir = _ends(ahead, day, planned.reservoir_mwh, ahead.pumped_hydro.reservoir_initial_mwh)
    return Plan(state, look_ahead, energy, reservoir)


def begun_as(ahead: Case, case: Case) -> Case:
    """A case of the same day with the state before the first period that the day-ahead has."""
    return replace(
        case,
        units=replace(
            case.units,
            initial_on=ahead.units.initial_on,
            initial_minutes=ahead.units.initial_minutes,
            initial_mw=ahead.units.initial_mw,
        ),
        storage=replace(case.storage, initial_energy_mwh=ahead.storage.initial_energy_mwh),
        pumped_hydro=replace(
            case.pumped_hydro,
            initial_mode=ahead.pumped_hydro.initial_mode,
            initial_minutes=ahead.pumped_hydro.initial_minutes,
            reservoir_initial_mwh=ahead.pumped_hydro.reservoir_initial_mwh,
        ),
    )


def interval(of: Plan, first: int, before: tuple[Case, Schedule] | None) -> Case:
    """The interval that begins with period `first`. before: the interval before it and its schedule; None = none.

    Stores should end it with what the day-ahead has them hold then, or with the most they can reach.
    """
    day = of.day
    last = min(first + of.look_ahead, day.horizon.periods) - 1
    part = cut(day, first, last)
    if before is not None:
        part = after(before[0], before[1], 0, part)
    storage, hours = part.storage, part.horizon.hours
    reach = storage.initial_energy_mwh + (storage.charge_max_mw * storage.charge_efficiency).sum(axis=1) * hours
    target = np.minimum(of.energy_mwh[:, last], np.minimum(reach, storage.energy_max_mwh[:, -1]))
    low = np.maximum(np.minimum(target, storage.initial_energy_mwh), storage.energy_min_mwh[:, -1])
    rising = target > storage.initial_energy_mwh
    pumped, wanted = part.pumped_hydro, of.reservoir_mwh[:, last]
    return replace(
        part,
        storage=replace(
            storage,
            final_energy_min_mwh=np.where(rising, _with_losses(target, storage.initial_energy_mwh), low),
            final_energy_max_mwh=storage.energy_max_mwh[:, -1].copy(),
        ),
        pumped_hydro=replace(
            pumped,
            reservoir_final_min_mwh=np.minimum(wanted, pumped.reservoir_initial_mwh),
            reservoir_final_max_mwh=pumped.reservoir_max_mwh,
        ),
    )


def _with_losses(target: Floats, initial: Floats) -> Floats:
    """A target above the initial energy, less a hair so that it is within reach to the last digit."""
    return initial + (target - initial) * (1.0 - 1e-9)


def _ends(ahead: Case, day: Case, level: Floats, initial: Floats) -> Floats:
    """(n, T) Level at the end of every real-time period, between the ends of the day-ahead's periods in a line."""
    horizon = ahead.horizon
    known = horizon.period_minutes * np.arange(horizon.periods + 1)
    asked = day.horizon.period_minutes * (np.arange(day.horizon.periods) + 1) + _offset(horizon, day.horizon)
    levels = np.column_stack([initial, level])
    return np.array([np.interp(asked, known, row) for row in levels]).reshape(len(levels), day.horizon.periods)


def _offset(ahead: Horizon, day: Horizon) -> int:
    """Minutes from the start of the day-ahead's first period to that of real time."""
    days = (day.operating_day - ahead.operating_day).days
    return days * 1440 + day.start_minute - ahead.start_minute


def _at(ahead: Horizon, day: Horizon, minute: Ints) -> Ints:
    at = (minute + _offset(ahead, day)) // ahead.period_minutes
    return np.where((at >= 0) & (at < ahead.periods), at, -1)
