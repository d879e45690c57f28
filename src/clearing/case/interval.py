"""A part of a day as a case of its own, and the state that a schedule leaves behind for the next part."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from clearing.case.arrays import Ints
from clearing.case.branch_windows import BranchLimits, BranchOutages
from clearing.case.case import Case
from clearing.case.energy_limits import NO_CYCLES, EnergyWindows
from clearing.case.price_ineligible import PriceIneligible
from clearing.case.schedule import Schedule
from clearing.case.starts import NO_START_LIMITS

T = TypeVar("T", bound=Any)

SERIES: dict[str, tuple[str, ...]] = {
    "units": ("p_min_mw", "p_max_mw", "on_min", "on_max"),
    "renewables": ("min_mw", "forecast_mw"),
    "storage": (
        *("charge_max_mw", "discharge_max_mw", "charge_efficiency", "discharge_efficiency"),
        *("energy_min_mwh", "energy_max_mwh", "charge_price_per_mwh", "discharge_price_per_mwh"),
        *("charge_min_mw", "discharge_min_mw", "self_discharge_per_hour", "given_mode"),
    ),
    "ties": ("import_mw",),
    "loads": ("mw",),
    "reserves": ("requirement_mw", "positive_min_mw", "positive_max_mw", "negative_min_mw"),
    "network": ("interface_min_mw", "interface_max_mw"),
    "unit_groups": ("min_mw", "max_mw", "min_on", "max_on"),
    "demand_bids": ("min_mw", "max_mw"),
    "virtual_plants": ("min_mw", "max_mw", "baseline_mw"),
    "reserve_offers": ("width_mw", "price_per_mw_hour"),
    "hvdc_lines": ("scheduled_mw", "min_mw", "max_mw"),
    "reserve_kinds": ("speed_requirement_mw_per_minute",),
    "pumped_hydro": (
        *("generate_min_mw", "generate_max_mw", "pump_price_per_mwh", "generate_price_per_mwh"),
        "reservoir_inflow_mw",
    ),
    "linear_limits": ("min_mw", "max_mw"),
    "regulation_bands": ("min_mw", "max_mw", "cost_per_hour", "given"),
}
"""Columns (…, T) of the tables of a case; offers and windows are cut below. Guarded by tests/case/test_interval.py."""

OFFERS = {"units": "offers", "renewables": "offers", "demand_bids": "bids", "virtual_plants": "offers"}
OF_THE_DAY = "{what} hold over the whole day and are left out of its parts."


def cut(case: Case, first: int, last: int) -> Case:
    """The periods first … last of a case (0-based, both in it), with the state before its first period left as it is.

    Limits over the whole day (starts a day, cycles of storage, energy windows that reach beyond the part) are left out,
    and a note says so. Ends of energy of storage are left as they are: what they are at the end of a part is for the
    caller to say.
    """
    span, length = slice(first, last + 1), last - first + 1
    tables: dict[str, Any] = {name: _sliced(getattr(case, name), names, span) for name, names in SERIES.items()}
    for name, offers in OFFERS.items():
        own = getattr(tables[name], offers)
        tables[name] = replace(tables[name], **{offers: _sliced(own, ("width_mw", "price_per_mwh"), span)})
    units, network = tables["units"], tables["network"]
    held = (units.fixed_period >= first) & (units.fixed_period <= last)
    tables["units"] = replace(
        units,
        fixed_unit=units.fixed_unit[held],
        fixed_period=units.fixed_period[held] - first,
        fixed_mw=units.fixed_mw[held],
    )
    tables["network"] = replace(
        network,
        branch_outages=_windows(network.branch_outages, first, length),
        branch_limit_windows=_windows(network.branch_limit_windows, first, length),
    )
    cells = case.price_ineligible
    inside = (cells.period >= first) & (cells.period <= last)
    kept, notes = _of_the_day(case, first, last)
    given = case.commitment
    horizon = case.horizon
    start = horizon.start_minute + first * horizon.period_minutes
    return replace(
        case,
        **tables,
        **kept,
        horizon=replace(horizon, periods=length, start_minute=start),
        price_ineligible=PriceIneligible(cells.unit[inside], cells.period[inside] - first),
        commitment=None if given is None else replace(given, on=given.on[:, span]),
        notes=(*case.notes, *notes),
    )


def _sliced(table: T, names: tuple[str, ...], span: slice) -> T:
    columns = {name: getattr(table, name) for name in names}
    if all(value is None or value.shape[-1] == 0 for value in columns.values()):
        return table  # a table that a case does not have stays the one that says so
    return replace(table, **{name: None if value is None else value[..., span] for name, value in columns.items()})


def _windows(table: BranchOutages | BranchLimits, first: int, length: int) -> Any:
    """Windows of branches that reach into the part, cut to it."""
    begins, ends = table.first_period - first, table.last_period - first
    inside = (ends >= 0) & (begins < length)
    others = {
        name: getattr(table, name)[inside]
        for name in ("branch", "limit_mw", "emergency_limit_mw")
        if hasattr(table, name)
    }
    return replace(
        table,
        **others,
        first_period=np.maximum(begins[inside], 0),
        last_period=np.minimum(ends[inside], length - 1),
    )


def _of_the_day(case: Case, first: int, last: int) -> tuple[dict[str, Any], list[str]]:
    """Tables of limits over the day as they are in a part, and a sentence for what is left out."""
    windows, left = case.energy_windows, []
    inside = (windows.first_period >= first) & (windows.last_period <= last)
    if not inside.all():
        left.append("energy windows of units")
    if len(case.start_limits.unit):
        left.append("limits on starts")
    if len(case.storage_cycles.storage):
        left.append("cycles of storage")
    kept = {
        "energy_windows": EnergyWindows(
            unit=windows.unit[inside],
            first_period=windows.first_period[inside] - first,
            last_period=windows.last_period[inside] - first,
            min_mwh=windows.min_mwh[inside],
            max_mwh=windows.max_mwh[inside],
        ),
        "start_limits": NO_START_LIMITS,
        "storage_cycles": NO_CYCLES,
    }
    sentence = OF_THE_DAY.format(what=", ".join(left).capitalize())
    return kept, [sentence] if left and sentence not in case.notes else []


def after(case: Case, schedule: Schedule, period: int, following: Case) -> Case:
    """The following case with the state that a schedule of `case` leaves at the end of a period: met as scheduled."""
    units, length = case.units, case.horizon.period_minutes
    on = schedule.on[:, : period + 1] > 0
    now = on[:, -1]
    state: dict[str, Any] = {
        "units": replace(
            following.units,
            initial_on=now,
            initial_minutes=_spent(units.initial_on, units.initial_minutes, on, length),
            initial_mw=np.where(now, schedule.dispatch_mw[:, period], 0.0),
        ),
        "storage": replace(following.storage, initial_energy_mwh=schedule.energy_mwh[:, period]),
    }
    pumped, mode = case.pumped_hydro, schedule.pumped_mode[:, : period + 1].astype(np.int64)
    if len(pumped.id):
        state["pumped_hydro"] = replace(
            following.pumped_hydro,
            initial_mode=mode[:, -1],
            initial_minutes=_spent(pumped.initial_mode, pumped.initial_minutes, mode, length),
            reservoir_initial_mwh=schedule.reservoir_mwh[:, period],
        )
    return replace(following, **state)


def _spent(before: Any, minutes: Ints, states: Any, length: int) -> Ints:
    """Minutes (n) spent in the last of the states (n, t) from the state before them and the minutes in it."""
    changed = states != np.column_stack([before, states[:, :-1]])
    ever = changed.any(axis=1)
    periods = np.where(ever, np.argmax(changed[:, ::-1], axis=1) + 1, states.shape[1])
    return np.asarray(periods * length + np.where(ever, 0, minutes), dtype=np.int64)
