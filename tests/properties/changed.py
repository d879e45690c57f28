"""The same case in another order, in other money, at another size, in shorter periods."""

from __future__ import annotations

from dataclasses import MISSING, fields, replace
from typing import Any

import numpy as np

from clearing.case.case import Case
from clearing.case.contingencies import Contingencies, OutageKind
from clearing.case.offers import Offers
from clearing.case.output_curves import OutputCurves, at_p_min
from clearing.case.price_ineligible import PriceIneligible
from clearing.rules.rules import Penalties, Rules
from tests.properties import joint


def kept(before: Case, after: Case) -> Case:
    """`after` with the tables that `before` does not have left out as they were: those stand for any horizon."""
    absent = {f.name: f.default for f in fields(Case) if f.default is not MISSING}
    return replace(after, **{n: none for n, none in absent.items() if getattr(before, n) is none})


def _rows(table: Any, order: np.ndarray, count: int) -> dict[str, Any]:
    """Every column of a table whose first axis has `count` rows, in another order."""
    found: dict[str, Any] = {}
    for field in fields(table):
        value = getattr(table, field.name)
        if isinstance(value, tuple) and len(value) == count:
            found[field.name] = tuple(value[k] for k in order)
        elif isinstance(value, np.ndarray) and not field.name.startswith("fixed_"):
            found[field.name] = value[order]
    return found


def _regrouped(table: Any, key: str, where: np.ndarray) -> Any:
    """Blocks or start states with their resource renamed and grouped again."""
    moved = where[getattr(table, key)]
    order = np.argsort(moved, kind="stable")
    columns = {f.name: getattr(table, f.name)[order] for f in fields(table) if f.name != key}
    return replace(table, **columns, **{key: moved[order]})


def by_product(table: Any) -> Any:
    """Reserve offers grouped by product, the rest as it stands."""
    order = np.argsort(table.product, kind="stable")
    return replace(table, **{f.name: getattr(table, f.name)[order] for f in fields(table)})


CURVES = {"demand_bids": "bids", "virtual_plants": "offers"}
"""Tables with blocks of their own, and the column that holds them."""
GROWN = ("linear_limits", "award_terms", "regulation_bands")
BY_UNIT = ("startup_curves", "shutdown_curves", "price_ineligible")
OUTPUT_CURVES = ("startup_curves", "shutdown_curves")


def _with_curves(case: Case, of_table: Any, of_blocks: Any) -> dict[str, Any]:
    """Those tables with their columns and the columns of their blocks as two functions make them."""
    found: dict[str, Any] = {}
    for name, blocks in CURVES.items():
        table = getattr(case, name)
        curve = getattr(table, blocks)
        found[name] = replace(table, **of_table(table), **{blocks: replace(curve, **of_blocks(curve))})
    return found


def units_in_order(case: Case, order: np.ndarray) -> Case:
    """Units in another order."""
    units, where = case.units, np.argsort(order)
    columns = _rows(units, order, len(units.id)) | {
        "fixed_unit": where[units.fixed_unit],
        "offers": _regrouped(units.offers, "resource", where),
        "start_costs": _regrouped(units.start_costs, "unit", where),
    }
    reserves = replace(case.reserves, unit_max_mw=case.reserves.unit_max_mw[:, order])
    groups, windows = case.unit_groups, case.energy_windows
    moved = replace(
        case,
        units=replace(units, **columns),
        reserves=reserves,
        unit_groups=replace(groups, member_unit=where[groups.member_unit]),
        energy_windows=replace(windows, unit=where[windows.unit]),
        contingencies=_lost_elsewhere(case, OutageKind.UNIT, where),
        start_limits=_regrouped(case.start_limits, "unit", where),
        reserve_offers=by_product(_regrouped(case.reserve_offers, "unit", where)),
        reserve_kinds=replace(case.reserve_kinds, speed_unit=where[case.reserve_kinds.speed_unit]),
        **{name: replace(getattr(case, name), unit=where[getattr(case, name).unit]) for name in BY_UNIT},
        **joint.of_units(case, where),
    )
    leads = case.start_leads
    if len(leads.minutes):
        rows = np.argsort(where[units.start_costs.unit], kind="stable")
        moved = replace(moved, start_leads=replace(leads, minutes=leads.minutes[rows]))
    return kept(case, moved)


def buses_in_order(case: Case, order: np.ndarray) -> Case:
    """Buses in another order."""
    network, where = case.network, np.argsort(order)
    moved = replace(
        network,
        bus_id=tuple(network.bus_id[k] for k in order),
        bus_zone=network.bus_zone[order],
        bus_voltage_kv=network.bus_voltage_kv[order],
        bus_reference_weight=None if network.bus_reference_weight is None else network.bus_reference_weight[order],
        bus_loss_factor=None if network.bus_loss_factor is None else network.bus_loss_factor[order],
        branch_from=where[network.branch_from],
        branch_to=where[network.branch_to],
    )
    tables = {
        name: replace(getattr(case, name), bus=where[getattr(case, name).bus])
        for name in ("units", "renewables", "storage", "ties", "loads", "demand_bids", "pumped_hydro")
    }
    plants, lines = case.virtual_plants, case.hvdc_lines
    tables |= joint.of_buses(case, where)
    tables["virtual_plants"] = replace(plants, factor_bus=where[plants.factor_bus])
    tables["hvdc_lines"] = replace(lines, from_bus=where[lines.from_bus], to_bus=where[lines.to_bus])
    reserves = replace(case.reserves, covers_bus=case.reserves.covers_bus[:, order])
    return kept(case, replace(case, network=moved, reserves=reserves, **tables))


def branches_in_order(case: Case, order: np.ndarray) -> Case:
    """Branches in another order, every second one with its ends exchanged."""
    network, where = case.network, np.argsort(order)
    names = [f.name for f in fields(network) if f.name.startswith("branch_")]
    columns = {name: getattr(network, name)[order] for name in names if isinstance(getattr(network, name), np.ndarray)}
    turned = np.arange(len(order)) % 2 == 1
    a, b = columns["branch_from"], columns["branch_to"]
    columns["branch_from"], columns["branch_to"] = np.where(turned, b, a), np.where(turned, a, b)
    columns["branch_shift_degrees"] = np.where(turned, -1.0, 1.0) * columns["branch_shift_degrees"]
    term = where[network.term_branch]
    moved = replace(
        network,
        **columns,
        branch_id=tuple(network.branch_id[k] for k in order),
        term_branch=term,
        term_coefficient=network.term_coefficient * np.where(turned[term], -1.0, 1.0),
    )
    windows = {
        name: replace(getattr(network, name), branch=where[getattr(network, name).branch])
        for name in ("branch_outages", "branch_limit_windows")
    }
    lost = replace(
        _lost_elsewhere(case, OutageKind.BRANCH, where),
        monitored_branch=where[case.contingencies.monitored_branch],
        exempt_branch=where[case.contingencies.exempt_branch],
    )
    tables = joint.of_branches(case, where, turned)
    return kept(case, replace(case, network=replace(moved, **windows), contingencies=lost, **tables))


def _lost_elsewhere(case: Case, kind: OutageKind, where: np.ndarray) -> Contingencies:
    """Contingencies after the elements of one kind have moved."""
    table = case.contingencies
    element, mine = np.array(table.outage_element), table.outage_kind == kind
    element[mine] = where[element[mine]]
    return replace(table, outage_element=element)


def _priced(offers: Offers, k: float) -> Offers:
    return replace(offers, price_per_mwh=offers.price_per_mwh * k)


COUNTED = ("group_on",)
"""Penalties of numbers: they do not grow with MW, the money each costs does."""


def _steps(penalties: Penalties, width: float, price: float, counted: float) -> Penalties:
    """Widths and prices of all steps times the first two; of numbers, prices times the last."""

    def of(name: str) -> tuple[tuple[float, float], ...]:
        w, p = (1.0, counted) if name in COUNTED else (width, price)
        return tuple((mw * w, money * p) for mw, money in getattr(penalties, name))

    return Penalties(*(of(f.name) for f in fields(penalties)))


def _dearer(rules: Rules, k: float) -> Any:
    """What a start or a stop too many costs, times k."""
    return replace(rules.starts, penalty=tuple((number, money * k) for number, money in rules.starts.penalty))


def _commitment_costs(case: Case, k: float) -> dict[str, Any]:
    units = case.units
    return {
        "no_load_cost_per_hour": units.no_load_cost_per_hour * k,
        "stop_cost": units.stop_cost * k,
        "start_costs": replace(units.start_costs, cost=units.start_costs.cost * k),
    }


def money_times(case: Case, rules: Rules, k: float) -> tuple[Case, Rules]:
    """All prices, costs and penalties times k."""
    units = replace(case.units, offers=_priced(case.units.offers, k), **_commitment_costs(case, k))
    renewables = replace(case.renewables, offers=_priced(case.renewables.offers, k))
    storage = replace(
        case.storage,
        charge_price_per_mwh=case.storage.charge_price_per_mwh * k,
        discharge_price_per_mwh=case.storage.discharge_price_per_mwh * k,
    )
    rules = replace(
        rules,
        clearing_penalties=_steps(rules.clearing_penalties, 1.0, k, k),
        pricing_penalties=_steps(rules.pricing_penalties, 1.0, k, k),
        starts=_dearer(rules, k),
    )
    pumps = replace(
        case.pumped_hydro,
        pump_price_per_mwh=case.pumped_hydro.pump_price_per_mwh * k,
        generate_price_per_mwh=case.pumped_hydro.generate_price_per_mwh * k,
    )
    demand, offered = case.reserve_demand, case.reserve_offers
    tables: dict[str, Any] = {"units": units, "renewables": renewables, "storage": storage, "pumped_hydro": pumps}
    tables |= _with_curves(case, lambda _: {}, lambda curve: {"price_per_mwh": curve.price_per_mwh * k})
    tables |= joint.dearer(case, k)
    tables["reserve_demand"] = replace(demand, step_price=demand.step_price * k)
    tables["reserve_offers"] = replace(offered, price_per_mw_hour=offered.price_per_mw_hour * k)
    return kept(case, replace(case, **tables)), rules


def _grown(table: Any, k: float) -> dict[str, Any]:
    """Columns in MW, MW a minute and MWh times k."""
    marks = ("_mw", "_mwh", "_mw_per_minute", "width_mw")
    names = [f.name for f in fields(table) if f.name == "mw" or (f.name.endswith(marks) and "per_mwh" not in f.name)]
    return {n: getattr(table, n) * k for n in names if getattr(table, n) is not None}


def megawatts_times(case: Case, rules: Rules, k: float) -> tuple[Case, Rules]:
    """Everything in MW times k, costs by start and by hour too: prices stay, money grows by k."""
    units = replace(
        case.units,
        **_grown(case.units, k),
        **_commitment_costs(case, k),
        offers=replace(case.units.offers, **_grown(case.units.offers, k)),
    )
    sites = case.renewables
    renewables = replace(sites, **_grown(sites, k), offers=replace(sites.offers, **_grown(sites.offers, k)))
    network = replace(
        case.network, **_grown(case.network, k), branch_reactance_pu=case.network.branch_reactance_pu / k
    )  # phase shifters drive k times the flow
    grown = replace(
        case,
        units=units,
        renewables=renewables,
        network=network,
        **{
            n: replace(getattr(case, n), **_grown(getattr(case, n), k))
            for n in (
                *("storage", "ties", "loads", "reserves", "unit_groups", "energy_windows", "hvdc_lines"),
                *("reserve_demand", "reserve_offers", "reserve_kinds", "pumped_hydro", *OUTPUT_CURVES),
                *GROWN,
            )
        },
        **_with_curves(case, lambda table: _grown(table, k), lambda curve: _grown(curve, k)),
    )
    grown = replace(
        grown,
        network=replace(network, branch_limit_windows=joint.windows_grown(case, k)),
        regulation_bands=joint.costlier_bands(grown, k),
    )
    rules = replace(
        rules,
        clearing_penalties=_steps(rules.clearing_penalties, k, 1.0, k),
        pricing_penalties=_steps(rules.pricing_penalties, k, 1.0, k),
        starts=_dearer(rules, k),
    )
    return kept(case, grown), rules


def without_ramps(case: Case) -> Case:
    """No ramp, start-up and shut-down limits; units with curves start and stop at p_min all the same."""
    none = np.full(len(case.units.id), np.inf)
    names = ("ramp_up_mw_per_minute", "ramp_down_mw_per_minute", "startup_limit_mw", "shutdown_limit_mw")
    plants, lines = case.virtual_plants, case.hvdc_lines
    units = replace(case.units, **dict.fromkeys(names, none))
    moved = replace(
        case,
        units=at_p_min(units, case.startup_curves, case.shutdown_curves),
        virtual_plants=replace(plants, ramp_mw_per_minute=np.full(len(plants.id), np.inf)),
        hvdc_lines=replace(lines, ramp_mw_per_minute=np.full(len(lines.id), np.inf)),
    )
    return kept(case, moved)


def _cut(table: Any, periods: int, parts: int) -> dict[str, Any]:
    """Every series of a table with each period repeated."""
    found = {}
    for field in fields(table):
        value = getattr(table, field.name)
        if isinstance(value, np.ndarray) and value.ndim and value.shape[-1] == periods and field.name.endswith(SERIES):
            found[field.name] = np.repeat(value, parts, axis=-1)
    return found


SERIES = (
    "p_min_mw", "p_max_mw", "on_min", "on_max", "width_mw", "price_per_mwh", "min_mw", "forecast_mw", "charge_max_mw",
    "discharge_max_mw", "import_mw", "mw", "requirement_mw", "max_mw", "min_on", "max_on", "baseline_mw",
    "scheduled_mw", "price_per_mw_hour", "given_mode", "cost_per_hour", "efficiency",
    "energy_min_mwh", "energy_max_mwh", "self_discharge_per_hour",
    "given",
)  # fmt: skip


def _steps_cut(curves: OutputCurves, parts: int) -> OutputCurves:
    """Curves of one step a period with each step repeated."""
    part = np.tile(np.arange(parts), len(curves.unit))
    unit, state, step, mw = (np.repeat(c, parts) for c in (curves.unit, curves.state, curves.step, curves.mw))
    return OutputCurves(unit, state, (step - 1) * parts + part + 1, mw)


def in_shorter_periods(case: Case, parts: int) -> Case:
    """Each period cut into equal parts, everything constant within it; fixed outputs, ramps and storage aside."""
    assert not case.storage.id
    assert not len(case.units.fixed_unit)
    periods = case.horizon.periods
    horizon = replace(case.horizon, periods=periods * parts, period_minutes=case.horizon.period_minutes // parts)
    units = _cut(case.units, periods, parts)
    units = {n: v for n, v in units.items() if v.ndim == 2}
    tables: dict[str, Any] = {
        "units": replace(
            case.units, **units, offers=replace(case.units.offers, **_cut(case.units.offers, periods, parts))
        ),
        "renewables": replace(
            case.renewables,
            **_cut(case.renewables, periods, parts),
            offers=replace(case.renewables.offers, **_cut(case.renewables.offers, periods, parts)),
        ),
    }
    for name in (
        "ties",
        "loads",
        "storage",
        "unit_groups",
        "hvdc_lines",
        "reserve_offers",
        "linear_limits",
        "regulation_bands",
    ):
        tables[name] = replace(getattr(case, name), **_cut(getattr(case, name), periods, parts))
    tables |= _with_curves(case, lambda table: _cut(table, periods, parts), lambda curve: _cut(curve, periods, parts))
    tables |= {name: _steps_cut(getattr(case, name), parts) for name in OUTPUT_CURVES}
    held = case.price_ineligible
    cells = held.period[:, None] * parts + np.arange(parts)
    tables["price_ineligible"] = PriceIneligible(np.repeat(held.unit, parts), cells.ravel())
    windows = case.energy_windows
    first, last = windows.first_period * parts, (windows.last_period + 1) * parts - 1
    tables["energy_windows"] = replace(windows, first_period=first, last_period=last)
    network = case.network
    tables["network"] = replace(
        network,
        interface_min_mw=np.repeat(network.interface_min_mw, parts, axis=1),
        interface_max_mw=np.repeat(network.interface_max_mw, parts, axis=1),
        **joint.windows_cut(case, parts),
    )
    reserves = case.reserves
    longer: dict[str, Any] = {"requirement_mw": np.repeat(reserves.requirement_mw, parts, axis=1)}
    for side in ("positive_min_mw", "positive_max_mw", "negative_min_mw"):
        value = getattr(reserves, side)
        longer[side] = None if value is None else np.repeat(value, parts)
    tables["reserves"] = replace(reserves, **longer)
    return kept(case, replace(case, horizon=horizon, **tables))
