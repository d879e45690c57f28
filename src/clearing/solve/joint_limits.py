"""What limits that join units or periods come to at a schedule: unit groups, energy windows, storage cycles, linear
limits."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from clearing.case.arrays import Floats, Ids, freeze
from clearing.case.case import Case
from clearing.case.energy_limits import usable_energy, window_ids
from clearing.case.hvdc_lines import wanted, with_limits
from clearing.case.linear_limits import limit_price, weights
from clearing.case.pumped_market import pumped_market
from clearing.case.schedule import Schedule
from clearing.formulation.linear_limits import bus_sensitivity
from clearing.formulation.reserves import in_dispatch, net_load_mw
from clearing.grid.islands import islands
from clearing.rules.rules import Rules
from clearing.solve.extract import injected_mw
from clearing.solve.pumped import pumped_ready

SMALLEST = 1e-6
"""Broken by less (MW, MWh) is the solver's tolerance."""


@dataclass(frozen=True, slots=True)
class JointLimit:
    """A family: lower ≤ attained ≤ upper, all (n, T), MW, units on line, or MWh.

    energy   True: MWh, one limit a row, at the last period of its window; its other periods are open
    price    (n) penalty of its own of every row, NaN = the rule set's; None = the rule set's for all
    """

    family: str
    subjects: Ids
    attained: Floats
    lower: Floats
    upper: Floats
    energy: bool = False
    price: Floats | None = None

    def __post_init__(self) -> None:
        freeze(self)

    @property
    def excess(self) -> Floats:
        """By how much the limits are broken (n, T), 0 where kept."""
        beyond = np.maximum(self.attained - self.upper, self.lower - self.attained)
        return np.asarray(np.maximum(beyond, 0.0))


def priced_limits(case: Case, schedule: Schedule) -> tuple[JointLimit, ...]:
    """Families that the pricing run has: group_output, energy_window, storage_cycle, and hvdc_schedule with lines."""
    found = [group_output(case, schedule), energy_window(case, schedule), storage_cycle(case, schedule)]
    found += [hvdc_schedule(case, schedule)] if case.hvdc_lines.id else []
    found += [linear_limit(case, schedule)] if case.linear_limits.id else []
    return tuple(found)


def positive_reserve(case: Case, rules: Rules, schedule: Schedule) -> tuple[JointLimit, ...]:
    """Positive reserve and room of all units on line (1, T), where a dispatch is held to the least and the greatest."""
    least, most = in_dispatch(case, rules.reserves)
    system, open_ = ("system",), np.full((1, case.horizon.periods), np.inf)
    found = []
    if least is not None:
        held = held_reserve(case, rules, schedule)
        found.append(JointLimit("system_positive_min", system, held[None], least[None], open_))
    if most is not None:
        found.append(JointLimit("system_positive_max", system, room_on_line(case, schedule)[None], -open_, most[None]))
    return tuple(found)


def held_reserve(case: Case, rules: Rules, schedule: Schedule) -> Floats:
    """Capacity on line, renewable forecasts, and what stores and pumped hydro can hold, beyond load less ties (T)."""
    units, storage, counted = case.units, case.storage, rules.reserves
    stored = (schedule.energy_mwh - storage.energy_min_mwh) * storage.discharge_efficiency
    sustained = np.minimum(storage.discharge_max_mw, stored / (counted.storage_minutes / 60.0))
    held = (schedule.on * units.p_max_mw).sum(axis=0) + sustained.sum(axis=0) - net_load_mw(case)
    held = held + counted.renewable_share * case.renewables.forecast_mw.sum(axis=0)
    return np.asarray(
        held + pumped_ready(case, rules, schedule).sum(axis=0) + pumped_market(case, rules.pumped).kept_mw
    )


def room_on_line(case: Case, schedule: Schedule) -> Floats:
    """Σ (p_max − P) over units on line (T)."""
    return np.asarray((schedule.on * case.units.p_max_mw - schedule.dispatch_mw).sum(axis=0))


def group_output(case: Case, schedule: Schedule) -> JointLimit:
    """Σ output of the members (J, T)."""
    groups, shape = case.unit_groups, (len(case.unit_groups.id), case.horizon.periods)
    total = _over_members(case, schedule.dispatch_mw)
    return JointLimit("group_output", groups.id, total, groups.min_mw.reshape(shape), groups.max_mw.reshape(shape))


def group_on(case: Case, schedule: Schedule) -> JointLimit:
    """Number of members on line (J, T)."""
    groups, shape = case.unit_groups, (len(case.unit_groups.id), case.horizon.periods)
    most = groups.max_on.reshape(shape)
    upper, on = np.where(most >= 0, most, np.inf), _over_members(case, schedule.on.astype(float))
    return JointLimit("group_on", groups.id, on, groups.min_on.reshape(shape).astype(float), upper)


def energy_window(case: Case, schedule: Schedule) -> JointLimit:
    """Energy of the unit over its window (W, T), MWh, at the last period."""
    windows, here = case.energy_windows, np.arange(case.horizon.periods)
    inside = (here >= windows.first_period[:, None]) & (here <= windows.last_period[:, None])
    mwh = (schedule.dispatch_mw[windows.unit] * inside).sum(axis=1) * case.horizon.hours
    at = windows.last_period
    sides = _at(at, mwh, 0.0, here), _at(at, windows.min_mwh, -np.inf, here), _at(at, windows.max_mwh, np.inf, here)
    return JointLimit("energy_window", window_ids(windows, case.units.id), *sides, energy=True)


def storage_cycle(case: Case, schedule: Schedule) -> JointLimit:
    """Energy that storage gives out over the horizon (C, T), MWh, at the last period."""
    cycles, here = case.storage_cycles, np.arange(case.horizon.periods)
    mwh = schedule.discharge_mw[cycles.storage].sum(axis=1) * case.horizon.hours
    at = np.full(len(mwh), case.horizon.periods - 1)
    upper = _at(at, cycles.max_cycles * _usable(case), np.inf, here)
    subjects = tuple(case.storage.id[g] for g in cycles.storage)
    nothing = np.full(upper.shape, -np.inf)
    return JointLimit("storage_cycle", subjects, _at(at, mwh, 0.0, here), nothing, upper, energy=True)


def hvdc_schedule(case: Case, schedule: Schedule) -> JointLimit:
    """Flow that is asked for (H, T): least where it is above 0, greatest where it is below."""
    least, most = wanted(case.hvdc_lines)
    lower, upper = np.where(least > 0.0, least, -np.inf), np.where(most < 0.0, most, np.inf)
    return JointLimit("hvdc_schedule", case.hvdc_lines.id, schedule.hvdc_mw, lower, upper)


def linear_limit(case: Case, schedule: Schedule) -> JointLimit:
    """Weighted sums of outputs, injections and flows (C, T)."""
    limits, units, sites, stores = case.linear_limits, case.units, case.renewables, case.storage
    at_bus, offset = bus_sensitivity(case, islands(case))
    total = np.einsum("ckt,kt->ct", at_bus, injected_mw(case, schedule)) + offset
    total += weights(limits, "unit", len(units.id)) @ schedule.dispatch_mw
    total += weights(limits, "renewable", len(sites.id)) @ schedule.renewable_mw
    total += weights(limits, "storage", len(stores.id)) @ (schedule.discharge_mw - schedule.charge_mw)
    return JointLimit("linear_limit", limits.id, total, limits.min_mw, limits.max_mw, price=limit_price(limits))


def moved(case: Case, schedule: Schedule, margin: float) -> Case:
    """The case with broken limits moved to what the schedule attains, and by `margin` (MW, MWh) beyond."""
    groups, windows, cycles = case.unit_groups, case.energy_windows, case.storage_cycles
    output, energy, out = (family(case, schedule) for family in (group_output, energy_window, storage_cycle))
    if groups.id:
        low, high = _reached(output.attained, output.lower, output.upper, margin)
        groups = replace(groups, min_mw=low, max_mw=high)
    mwh = energy.attained.sum(axis=1)
    low, high = _reached(mwh, windows.min_mwh, windows.max_mwh, margin)
    windows = replace(windows, min_mwh=low, max_mwh=high)
    usable, most = _usable(case), np.asarray(cycles.max_cycles)
    _, high = _reached(out.attained.sum(axis=1), np.full(len(usable), -np.inf), most * usable, margin)
    done = np.divide(high, usable, where=usable > 0.0, out=most.copy())
    cycles = replace(cycles, max_cycles=np.maximum(most, done))
    lines = case.hvdc_lines
    if lines.id:
        least, most = wanted(lines)
        asked = hvdc_schedule(case, schedule)
        low, high = _reached(asked.attained, asked.lower, asked.upper, margin)
        least = np.where(least > 0.0, np.maximum(low, 0.0), least)
        lines = with_limits(lines, least, np.where(most < 0.0, np.minimum(high, 0.0), most))
    linear = case.linear_limits
    if linear.id:
        sums, kept = linear_limit(case, schedule), np.isfinite(limit_price(linear))[:, None]
        low, high = _reached(sums.attained, sums.lower, sums.upper, margin)
        # A limit with a price of its own stays: the price is what its owner pays.
        linear = replace(linear, min_mw=np.where(kept, linear.min_mw, low), max_mw=np.where(kept, linear.max_mw, high))
    return replace(
        case,
        unit_groups=groups,
        energy_windows=windows,
        storage_cycles=cycles,
        hvdc_lines=lines,
        linear_limits=linear,
    )


def without_surplus(case: Case, taken_off: Floats) -> Case:
    """The case with linear limits for a surplus that has become load (K, T): it still counts as nobody's injection."""
    linear = case.linear_limits
    if not len(linear.bus):
        return case
    shift = weights(linear, "bus", len(case.network.bus_id)) @ taken_off
    return replace(case, linear_limits=replace(linear, min_mw=linear.min_mw - shift, max_mw=linear.max_mw - shift))


def _reached(attained: Floats, lower: Floats, upper: Floats, margin: float) -> tuple[Floats, Floats]:
    """Limits, moved to `margin` beyond what was attained where that breaks them."""
    low = np.where(attained < lower - SMALLEST, attained - margin, lower)
    return low, np.where(attained > upper + SMALLEST, attained + margin, upper)


def _usable(case: Case) -> Floats:
    return np.asarray(usable_energy(case.storage)[case.storage_cycles.storage])


def _over_members(case: Case, of_unit: Floats) -> Floats:
    groups = case.unit_groups
    total = np.zeros((len(groups.id), case.horizon.periods))
    np.add.at(total, groups.member_group, of_unit[groups.member_unit])
    return total


def _at(period: np.ndarray, value: Floats, elsewhere: float, here: np.ndarray) -> Floats:
    """One value a row at its period (n, T)."""
    return np.asarray(np.where(here == period[:, None], value[:, None], elsewhere))
