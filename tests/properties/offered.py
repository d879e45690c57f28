"""The same offers in other words, limits wider than they were, and units in halves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import numpy as np

from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.offers import Offers
from clearing.case.output_curves import OutputCurves, at_p_min
from clearing.case.price_ineligible import PriceIneligible
from clearing.case.reserve_offers import NO_RESERVE_OFFERS
from clearing.case.starts import NO_PLANT_LIMITS, NO_START_LIMITS, StartLeads
from tests.properties.changed import OUTPUT_CURVES, by_product, kept

CURVES = {"units": "offers", "renewables": "offers", "demand_bids": "bids", "virtual_plants": "offers"}
INF = np.inf


def with_blocks(offers: Offers, k: int, share: float) -> Offers:
    """Block k in two of one price, the first with this share of its MW (0: a block without width)."""
    count = len(offers.resource)
    twice = np.insert(np.arange(count), k, k)
    width = offers.width_mw[twice].copy()
    width[k] *= share
    width[k + 1] *= 1.0 - share
    return Offers(offers.resource[twice], width, offers.price_per_mwh[twice].copy())


def blocks_cut(case: Case, rng: np.random.Generator, share: float) -> Case:
    """One block of every curve and of the reserve offers in two."""
    tables: dict[str, Any] = {}
    for name, blocks in CURVES.items():
        table, curve = getattr(case, name), getattr(getattr(case, name), blocks)
        if len(curve.resource):
            k = int(rng.integers(len(curve.resource)))
            tables[name] = replace(table, **{blocks: with_blocks(curve, k, share)})
    offered = case.reserve_offers
    if len(offered.product):
        k = int(rng.integers(len(offered.product)))
        twice = np.insert(np.arange(len(offered.product)), k, k)
        width = offered.width_mw[twice].copy()
        width[k], width[k + 1] = width[k] * share, width[k + 1] * (1.0 - share)
        columns = (offered.product[twice], offered.unit[twice], width, offered.price_per_mw_hour[twice].copy())
        tables["reserve_offers"] = replace(NO_RESERVE_OFFERS, **_named(offered, columns))
    return replace(case, **tables)


def _named(table: Any, columns: tuple[Any, ...]) -> dict[str, Any]:
    return dict(zip((f.name for f in fields(table)), columns, strict=True))


def with_rows(table: Any, rows: np.ndarray, count: int, **changed: Any) -> Any:
    """A table whose rows (first axis `count`) are these, in this order; ids that stand twice get a mark."""
    columns: dict[str, Any] = {}
    for f in fields(table):
        value = getattr(table, f.name)
        if isinstance(value, tuple) and len(value) == count:
            columns[f.name] = tuple(value[r] + "'" * int((rows[:j] == r).sum()) for j, r in enumerate(rows.tolist()))
        elif isinstance(value, np.ndarray) and value.shape[:1] == (count,) and not f.name.startswith("fixed_"):
            columns[f.name] = value[rows].copy()
    return replace(table, **{**columns, **changed})


def dominated_unit(case: Case) -> Case:
    """A unit nobody would start for anything, and that may hold no reserve, behind the others."""
    units, count, periods = case.units, len(case.units.id), case.horizon.periods
    offers, starts = units.offers, units.start_costs
    dear = np.full((1, periods), 1e6)
    table = with_rows(units, np.append(np.arange(count), count - 1), count)
    last = {
        "p_min_mw": 0.0, "p_max_mw": 50.0, "no_load_cost_per_hour": 1e6, "stop_cost": 0.0, "initial_on": False,
        "initial_mw": 0.0, "initial_minutes": 10_000, "on_min": 0, "on_max": 1, "plant": -1, "min_up_minutes": 0,
        "min_down_minutes": 0, "startup_limit_mw": INF, "shutdown_limit_mw": INF, "ramp_up_mw_per_minute": INF,
        "ramp_down_mw_per_minute": INF, "price_eligible": True,
    }  # fmt: skip
    for name, value in last.items():
        column = getattr(table, name).copy()
        column[-1] = value
        table = replace(table, **{name: column})
    table = replace(
        table,
        offers=Offers(
            np.append(offers.resource, count),
            np.concatenate([offers.width_mw, np.full((1, periods), 50.0)]),
            np.concatenate([offers.price_per_mwh, dear]),
        ),
        start_costs=replace(
            starts, unit=np.append(starts.unit, count), state=np.append(starts.state, 3),
            after_minutes=np.append(starts.after_minutes, 0), inclusive=np.append(starts.inclusive, True),
            cost=np.append(starts.cost, 0.0),
        ),
    )  # fmt: skip
    none = np.zeros((len(case.reserves.product_id), 1))
    reserves = replace(case.reserves, unit_max_mw=np.concatenate([case.reserves.unit_max_mw, none], axis=1))
    leads = case.start_leads
    if len(leads.minutes):
        leads = StartLeads(np.append(leads.minutes, 0), leads.reference_minute)
    return replace(case, units=table, reserves=reserves, start_leads=leads)


def dearer_blocks_behind(case: Case) -> Case:
    """Behind the last block of every unit another one, dearer and beyond its greatest output."""
    offers = case.units.offers
    ends = np.flatnonzero(np.diff(offers.resource, append=-1))
    place = np.sort(np.append(np.arange(len(offers.resource)), ends))
    again = np.flatnonzero(np.diff(place, prepend=-1) == 0)
    width, price = offers.width_mw[place].copy(), offers.price_per_mwh[place].copy()
    width[again], price[again] = 40.0, price[again] + 5.0
    return replace(case, units=replace(case.units, offers=Offers(offers.resource[place], width, price)))


def halves(case: Case, unit: int, on: np.ndarray) -> Case:
    """A unit as two of half its size, everything else as it is, at the commitment `on` of the whole."""
    units, count = case.units, len(case.units.id)
    rows = np.sort(np.append(np.arange(count), unit))
    half = np.where(rows == unit, 0.5, 1.0)
    table = with_rows(units, rows, count)
    sized = ("p_min_mw", "p_max_mw", "ramp_up_mw_per_minute", "ramp_down_mw_per_minute", "startup_limit_mw",
             "shutdown_limit_mw", "no_load_cost_per_hour", "stop_cost", "initial_mw")  # fmt: skip
    for name in sized:
        column = getattr(table, name)
        table = replace(table, **{name: column * half.reshape((-1,) + (1,) * (column.ndim - 1))})
    offers, starts = units.offers, units.start_costs
    from_block, to_unit = _copies(offers.resource, rows)
    from_state, start_unit = _copies(starts.unit, rows)
    scale = half[to_unit]
    fixed, fixed_unit = _copies(units.fixed_unit, rows)
    table = replace(
        table,
        offers=Offers(to_unit, offers.width_mw[from_block] * scale[:, None], offers.price_per_mwh[from_block].copy()),
        start_costs=replace(
            starts, unit=start_unit, state=starts.state[from_state], after_minutes=starts.after_minutes[from_state],
            inclusive=starts.inclusive[from_state], cost=starts.cost[from_state] * half[start_unit],
        ),
        fixed_unit=fixed_unit,
        fixed_period=units.fixed_period[fixed],
        fixed_mw=units.fixed_mw[fixed] * half[fixed_unit],
    )  # fmt: skip
    changed: dict[str, Any] = {"units": table}
    changed["reserves"] = replace(case.reserves, unit_max_mw=case.reserves.unit_max_mw[:, rows] * half)
    groups, windows, offered = case.unit_groups, case.energy_windows, case.reserve_offers
    member, member_unit = _copies(groups.member_unit, rows)
    changed["unit_groups"] = replace(groups, member_group=groups.member_group[member], member_unit=member_unit)
    window, window_unit = _copies(windows.unit, rows)
    changed["energy_windows"] = replace(
        windows, unit=window_unit, first_period=windows.first_period[window], last_period=windows.last_period[window],
        min_mwh=windows.min_mwh[window] * half[window_unit], max_mwh=windows.max_mwh[window] * half[window_unit],
    )  # fmt: skip
    for name in OUTPUT_CURVES:
        curves = getattr(case, name)
        point, of = _copies(curves.unit, rows)
        changed[name] = OutputCurves(of, curves.state[point], curves.step[point], curves.mw[point] * half[of])
    limits, terms = case.linear_limits, case.award_terms
    term, weighed = _copies(limits.unit, rows)
    changed["linear_limits"] = replace(
        limits, unit=weighed, unit_limit=limits.unit_limit[term], unit_coefficient=limits.unit_coefficient[term]
    )
    pair, off = _copies(terms.offline_unit, rows)
    changed["award_terms"] = replace(
        terms, offline_unit=off, offline_product=terms.offline_product[pair],
        offline_max_mw=terms.offline_max_mw[pair] * half[off],
    )  # fmt: skip
    cell, held = _copies(case.price_ineligible.unit, rows)
    changed["price_ineligible"] = PriceIneligible(held, case.price_ineligible.period[cell])
    block, block_unit = _copies(offered.unit, rows)
    width = offered.width_mw[block] * half[block_unit][:, None] if len(block) else offered.width_mw
    price = offered.price_per_mw_hour[block] if len(block) else offered.price_per_mw_hour
    changed["reserve_offers"] = by_product(
        replace(offered, product=offered.product[block], unit=block_unit, width_mw=width, price_per_mw_hour=price)
    )
    leads = case.start_leads
    if len(leads.minutes):
        changed["start_leads"] = StartLeads(leads.minutes[from_state], leads.reference_minute)
    split = kept(case, replace(case, **changed))
    return replace(split, commitment=CommitmentInput(CommitmentUse.FIXED, on[rows].copy()))


def _copies(index: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows of a table that refers to units by `index`, repeated for each copy, and the new index of each."""
    pairs = [(j, new) for new, old in enumerate(rows.tolist()) for j in np.flatnonzero(index == old).tolist()]
    found = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _units(case: Case, **columns: Any) -> Case:
    return replace(case, units=replace(case.units, **columns))


def _all(case: Case, value: float) -> np.ndarray:
    return np.full(len(case.units.id), value)


def _stores(case: Case) -> Case:
    table = case.storage
    more = {n: getattr(table, n) * 1.5 for n in ("charge_max_mw", "discharge_max_mw", "energy_max_mwh")}
    cycles = replace(case.storage_cycles, max_cycles=case.storage_cycles.max_cycles * 2.0)
    high = np.maximum(table.final_energy_max_mwh, more["energy_max_mwh"][:, -1])
    wider = replace(table, **more, final_energy_max_mwh=high, final_energy_min_mwh=table.final_energy_min_mwh * 0.5)
    # Cycles count in full swings, so a larger store with as many of them may give more, never less.
    return replace(case, storage=wider, storage_cycles=cycles)


def _machines(case: Case) -> Case:
    table = case.pumped_hydro
    high = table.reservoir_max_mwh * 1.5
    wider = replace(
        table,
        generate_min_mw=0.0 * table.generate_min_mw,
        changeover_minutes=0 * table.changeover_minutes,
        max_mode_changes=0 * table.max_mode_changes - 1,
        reservoir_max_mwh=high,
        reservoir_final_min_mwh=np.maximum(table.reservoir_min_mwh, table.reservoir_final_min_mwh * 0.5),
        reservoir_final_max_mwh=np.maximum(table.reservoir_final_max_mwh, high),
    )
    return replace(case, pumped_hydro=wider)


WIDER: dict[str, Callable[[Case], Case]] = {
    "branches": lambda c: replace(c, network=replace(c.network, branch_limit_mw=c.network.branch_limit_mw * 1.5)),
    "interfaces": lambda c: replace(
        c,
        network=replace(
            c.network,
            interface_min_mw=c.network.interface_min_mw - 5.0,
            interface_max_mw=c.network.interface_max_mw + 5.0,
        ),
    ),
    "ramps": lambda c: _units(
        c,
        ramp_up_mw_per_minute=c.units.ramp_up_mw_per_minute * 1.5,
        ramp_down_mw_per_minute=c.units.ramp_down_mw_per_minute * 1.5,
    ),
    "limits at start and stop": lambda c: replace(
        c,
        units=at_p_min(
            replace(c.units, startup_limit_mw=_all(c, INF), shutdown_limit_mw=_all(c, INF)),
            c.startup_curves, c.shutdown_curves,
        ),
    ),
    "pumped hydro": _machines,
    "min up and down times": lambda c: _units(
        c, min_up_minutes=0 * c.units.min_up_minutes, min_down_minutes=0 * c.units.min_down_minutes
    ),
    "windows of commitment": lambda c: _units(c, on_min=0 * c.units.on_min, on_max=0 * c.units.on_max + 1),
    "starts and stops": lambda c: replace(c, start_limits=NO_START_LIMITS, plant_limits=NO_PLANT_LIMITS),
    "lead times": lambda c: replace(
        c, start_leads=replace(c.start_leads, minutes=np.minimum(c.start_leads.minutes, 0))
    ),
    "groups": lambda c: replace(
        c,
        unit_groups=replace(
            c.unit_groups, min_mw=c.unit_groups.min_mw - 10.0, max_mw=c.unit_groups.max_mw + 10.0,
            min_on=0 * c.unit_groups.min_on, max_on=0 * c.unit_groups.max_on - 1,
        ),
    ),
    "energy windows": lambda c: replace(
        c,
        energy_windows=replace(
            c.energy_windows, min_mwh=c.energy_windows.min_mwh * 0.5, max_mwh=c.energy_windows.max_mwh * 1.5
        ),
    ),
    "storage": _stores,
    "sites": lambda c: replace(c, renewables=replace(c.renewables, min_mw=0.0 * c.renewables.min_mw)),
    "virtual plants": lambda c: replace(
        c,
        virtual_plants=replace(c.virtual_plants, ramp_mw_per_minute=c.virtual_plants.ramp_mw_per_minute * 2.0),
    ),
    "direct-current lines": lambda c: replace(
        c,
        hvdc_lines=replace(
            c.hvdc_lines, max_mw=c.hvdc_lines.max_mw + 5.0 * c.hvdc_lines.dispatchable[:, None],
            ramp_mw_per_minute=c.hvdc_lines.ramp_mw_per_minute * 2.0,
        ),
    ),
    "awards": lambda c: replace(
        c,
        reserves=replace(
            c.reserves, response_minutes=c.reserves.response_minutes * 2.0
        ),
    ),
    "requirements": lambda c: replace(c, reserves=replace(c.reserves, requirement_mw=c.reserves.requirement_mw * 0.8)),
}  # fmt: skip
"""Every kind of limit, wider. What could be done can still be done, so nothing costs more."""
