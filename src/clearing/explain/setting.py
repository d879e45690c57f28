"""Everything the tests of a unit look at, derived once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, Ints
from clearing.case.case import Case
from clearing.case.energy_limits import window_ids
from clearing.case.linear_limits import weights
from clearing.case.prices import Multipliers, Prices
from clearing.case.result import ClearingResult, Reason
from clearing.case.schedule import Schedule
from clearing.explain.money import Money, money
from clearing.explain.spells import min_down_periods, min_up_periods
from clearing.explain.stack import Stack, stack
from clearing.formulation.linear_limits import bus_sensitivity
from clearing.formulation.plant_data import PlantData, plant_data
from clearing.grid.monitored import FAMILY, Grid
from clearing.rules.rules import Rules


@dataclass(frozen=True, slots=True)
class Setting:
    """One priced answer. N units, T periods, E monitored elements.

    flow (E, T)                       MW of the monitored elements
    network_pull (E, T)               multipliers of branches and interfaces
    linear_pull (C, T)                multipliers of linear limits
    linear_factor (C, K, T)           MW of a linear limit per MW injected at a bus
    group_value, window_value, linear_value (N, T)  what a MW of the unit is worth to its unit groups, energy windows
                                      and the linear limits that weigh its output, per MWh
    ramp_pull (N, T)                  |multipliers| of its ramp limits
    mendable (T)                      penalties paid for load and reserves that are short, money
    min_up, min_down (N)              periods
    given                             the commitment came with the request
    """

    case: Case
    rules: Rules
    grid: Grid
    schedule: Schedule
    prices: Prices
    money: Money
    flow: Floats
    network_pull: Floats
    group_value: Floats
    window_value: Floats
    linear_value: Floats
    linear_pull: Floats
    linear_factor: Floats
    ramp_pull: Floats
    mendable: Floats
    min_up: Ints
    min_down: Ints
    plants: PlantData
    stack: Stack
    given: bool


def setting(case: Case, rules: Rules, grid: Grid, result: ClearingResult) -> Setting:
    """Derive it from a result with schedule, prices, flows and multipliers."""
    schedule, prices, multipliers = result.schedule, result.prices, result.multipliers
    assert schedule is not None
    assert prices is not None
    assert multipliers is not None
    linear = _linear_pull(case, multipliers)
    return Setting(
        case=case,
        rules=rules,
        grid=grid,
        schedule=schedule,
        prices=prices,
        money=money(case, schedule, prices),
        flow=_flow(grid, result),
        network_pull=_network_pull(case, grid, multipliers),
        group_value=_group_value(case, multipliers),
        window_value=_window_value(case, multipliers),
        linear_value=weights(case.linear_limits, "unit", len(case.units.id)).T @ linear,
        linear_pull=linear,
        linear_factor=bus_sensitivity(case, grid.islands)[0],
        ramp_pull=_ramp_pull(case, multipliers),
        mendable=_mendable(case, result),
        min_up=min_up_periods(case),
        min_down=min_down_periods(case),
        plants=plant_data(case, rules.starts),
        stack=stack(case, grid, schedule),
        given=result.termination.reason is Reason.COMMITMENT_GIVEN,
    )


def start_cost_after(case: Case, unit: int, minutes: Ints) -> Floats:
    """Money (n) of starts after being off for so many minutes (n)."""
    costs = case.units.start_costs
    found = np.zeros(len(minutes))
    for row, k in enumerate(np.flatnonzero(costs.unit == unit)):
        reached = minutes >= costs.after_minutes[k] if costs.inclusive[k] else minutes > costs.after_minutes[k]
        found = np.where(reached | (row == 0), costs.cost[k], found)
    return found


def _flow(grid: Grid, result: ClearingResult) -> Floats:
    """Flow (E, T) of the monitored elements, from the flows of all branches."""
    flows, schedule = result.flows, result.schedule
    assert flows is not None
    assert schedule is not None
    lost = grid.security.lost_mw(schedule.dispatch_mw + schedule.curve_mw, schedule.hvdc_mw)
    return grid.of_elements(flows.branch_mw, lost)


def _network_pull(case: Case, grid: Grid, multipliers: Multipliers) -> Floats:
    pull = np.zeros((len(grid.monitored.id), case.horizon.periods))
    row = {
        (FAMILY[kind], name): e
        for e, (kind, name) in enumerate(zip(grid.monitored.kind, grid.monitored.id, strict=True))
    }
    for family, subject, t, value in _entries(multipliers):
        if (family, subject) in row:
            pull[row[family, subject], t] += value
    return pull


def _mendable(case: Case, result: ClearingResult) -> Floats:
    money = np.zeros(case.horizon.periods)
    for v in result.violations:
        if v.family in ("shortage", "product", "system_positive_min"):
            money[v.period] += v.penalty
    return money


def _ramp_pull(case: Case, multipliers: Multipliers) -> Floats:
    pull = np.zeros((len(case.units.id), case.horizon.periods))
    row = {name: i for i, name in enumerate(case.units.id)}
    for family, subject, t, value in _entries(multipliers):
        if family in ("ramp_up", "ramp_down"):
            pull[row[subject], t] += abs(value)
    return pull


def _group_value(case: Case, multipliers: Multipliers) -> Floats:
    groups, value = case.unit_groups, np.zeros((len(case.units.id), case.horizon.periods))
    row = {name: j for j, name in enumerate(groups.id)}
    for family, subject, t, price in _entries(multipliers):
        if family == "group_output" and subject in row:
            value[groups.member_unit[groups.member_group == row[subject]], t] += price
    return value


def _window_value(case: Case, multipliers: Multipliers) -> Floats:
    """A multiplier of a window stands at its last period and counts dt hours: value·dt a MWh in every period of it."""
    windows, value = case.energy_windows, np.zeros((len(case.units.id), case.horizon.periods))
    row = {name: w for w, name in enumerate(window_ids(windows, case.units.id))}
    for family, subject, _, price in _entries(multipliers):
        if family == "energy_window" and subject in row:
            w = row[subject]
            inside = slice(windows.first_period[w], windows.last_period[w] + 1)
            value[windows.unit[w], inside] += price * case.horizon.hours
    return value


def _linear_pull(case: Case, multipliers: Multipliers) -> Floats:
    limits = case.linear_limits
    pull, row = np.zeros((len(limits.id), case.horizon.periods)), {name: c for c, name in enumerate(limits.id)}
    for family, subject, t, value in _entries(multipliers):
        if family == "linear_limit" and subject in row:
            pull[row[subject], t] += value
    return pull


def _entries(table: Multipliers) -> list[tuple[str, str, int, float]]:
    return list(zip(table.family, table.subject, table.period.tolist(), table.value.tolist(), strict=True))
