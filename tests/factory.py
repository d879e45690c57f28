"""Small cases for tests, from short dictionaries; every default is the least binding value."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from clearing.case import empty
from clearing.case.case import Case, CommitmentInput, Participants
from clearing.case.flow_penalties import NO_FLOW_PENALTIES, FlowPenalties
from clearing.case.horizon import Horizon
from clearing.case.network import Network
from clearing.case.offers import Offers
from clearing.case.price_ineligible import PriceIneligible
from clearing.case.reserves import Direction, Reserves
from clearing.case.resources import Loads, Renewables, Storage, Ties
from clearing.case.starts import NO_PLANT_LIMITS, NO_START_LIMITS, PlantLimits, StartLeads, StartLimits
from clearing.case.units import Fuel, StartCosts, StartState, Units
from tests import factory_limits as limits
from tests.factory_bids import bid_tables
from tests.factory_contingencies import contingencies as lost
from tests.factory_curves import at_p_min, curve_tables
from tests.factory_entry import market_entry
from tests.factory_hvdc import hvdc_lines
from tests.factory_pumped import pumped_hydro
from tests.factory_windows import windows_of
from tests.reserve_kind_rows import award_terms, regulation_bands, reserve_kinds
from tests.reserve_rows import reserve_terms

Row = dict[str, Any]


def market(
    load: Any,
    units: Sequence[Row] = (),
    renewables: Sequence[Row] = (),
    storage: Sequence[Row] = (),
    ties: Sequence[Row] = (),
    products: Sequence[Row] = (),
    buses: Sequence[str] | None = None,
    zones: dict[str, str] | None = None,
    branches: Sequence[Row] = (),
    interfaces: Sequence[Row] = (),
    period_minutes: int = 60,
    positive_min_mw: Any = None,
    positive_max_mw: Any = None,
    negative_min_mw: Any = None,
    commitment: CommitmentInput | None = None,
    groups: Sequence[Row] = (),
    windows: Sequence[Row] = (),
    pumps: Sequence[Row] = (),
    reservoirs: Sequence[Row] = (),
    bids: Sequence[Row] = (),
    virtual: Sequence[Row] = (),
    plant_limits: Sequence[Row] = (),
    lead_reference: int | None = None,
    start_minute: int = 0,
    hvdc: Sequence[Row] = (),
    linear: Sequence[Row] = (),
    weight: dict[str, float] | None = None,
    loss_factor: dict[str, float] | None = None,
    contingencies: Sequence[Row] = (),
    watch: Row | None = None,
    entry: Sequence[Row] = (),
) -> Case:
    """A case from short rows.

    load: list of MW (one bus), or {bus: list of MW}.
    units: id, bus, p_min, p_max, blocks=[(MW, price) …] (widths from 0) or price, no_load, start=[(after_minutes,
        cost) …] or start_cost, stop_cost, min_up, min_down (minutes), ramp, ramp_up, ramp_down (MW/min),
        startup_limit, shutdown_limit, on, minutes, mw (initial), must_run, must_off (lists of 0/1 or bool),
        fixed={period: MW}, price_eligible, ineligible=[periods], owner, plant, max_starts, max_stops,
        lead=[minutes by start state],
        and the curves of tests/factory_curves.py (their limits then are p_min where none is stated).
    renewables: id, bus, forecast, price, min. storage: id, bus, power or charge/discharge, eta, energy, floor,
        initial, final, final_max, price. ties: id, bus, mw. products: id, requirement, direction, minutes, buses, max,
        and the terms of tests/reserve_rows.py and tests/reserve_kind_rows.py.
    plant_limits: plant, max_starts, max_stops, start_spacing, stop_spacing, switching (minutes).
    branches: id, ends=(a, b), x, limit, emergency, r, tap, shift, on, out=[(first, last) …] (periods),
        limits=[(first, last, limit, emergency) …]. weight: {bus: share in the reference},
        loss_factor: {bus: share of a MW that reaches it}.
    interfaces: id, terms={branch: coefficient}, min, max; both may have a penalty (money per MWh).
    groups: id, units=[unit ids], min, max (MW), min_on, max_on. windows: unit, first, last, min, max (MWh).
    storage also: cycles (most full cycles), charge_min, discharge_min, loss (share an hour), mode (StorageMode).
    pumps, reservoirs: rows of tests/factory_pumped.py.
    bids: id, bus, owner, min, max, blocks (widths from min) or price. virtual: id, owner, load (bool), min, max,
        baseline, ramp (MW/min), blocks (widths from 0) or price, factors={bus: share} (default all at the first bus).
    hvdc: see tests/factory_hvdc.py. linear: rows of tests/factory_limits.py.
    contingencies, watch: tests/factory_contingencies.py. entry: tests/factory_entry.py.
    """
    loads = load if isinstance(load, dict) else {empty.SYSTEM_BUS: load}
    periods = len(next(iter(loads.values())))
    bus_id = tuple(buses) if buses else tuple(loads)
    network = replace(_network(bus_id, zones or {}, branches, interfaces, periods), **windows_of(branches))
    if weight is not None:
        network = replace(network, bus_reference_weight=np.array([float(weight.get(b, 0.0)) for b in bus_id]))
    if loss_factor is not None:
        network = replace(network, bus_loss_factor=np.array([float(loss_factor.get(b, 1.0)) for b in bus_id]))
    owners = sorted({r["owner"] for r in (*units, *renewables, *storage, *pumps, *bids, *virtual) if r.get("owner")})
    plants = sorted({r["plant"] for r in (*units, *renewables, *storage, *pumps) if r.get("plant")})
    at = {"bus": bus_id, "owner": tuple(owners), "plant": tuple(plants)}
    return Case(
        name="test",
        horizon=Horizon(dt.date(2026, 1, 15), period_minutes, periods, start_minute),
        participants=Participants(tuple(owners), tuple(plants)),
        network=network,
        units=_units(units, at, periods),
        renewables=_renewables(renewables, at, periods),
        storage=_storage(storage, at, periods),
        ties=Ties(
            id=tuple(r["id"] for r in ties), bus=_where(ties, "bus", at), import_mw=_series(ties, "mw", 0.0, periods)
        ),
        loads=Loads(
            id=tuple(f"load-{b}" for b in loads),
            bus=np.array([bus_id.index(b) for b in loads], dtype=np.int64),
            mw=np.array([np.broadcast_to(np.asarray(v, float), (periods,)) for v in loads.values()]),
        ),
        reserves=_reserves(products, bus_id, len(units), periods, positive_min_mw, positive_max_mw, negative_min_mw),
        commitment=commitment,
        **reserve_terms(products, units, periods),
        reserve_kinds=reserve_kinds(products, units, storage, periods),
        award_terms=award_terms(products, units),
        regulation_bands=regulation_bands(units, periods),
        **limits.tables(units, storage, groups, windows, periods),
        pumped_hydro=pumped_hydro(pumps, reservoirs, at, periods),
        **bid_tables(bids, virtual, bus_id, tuple(owners), periods),
        start_limits=_start_limits(units),
        plant_limits=_plant_limits(plant_limits, tuple(plants)),
        start_leads=_start_leads(units, lead_reference),
        hvdc_lines=hvdc_lines(hvdc, bus_id, periods),
        **curve_tables(units),
        price_ineligible=_price_ineligible(units),
        flow_penalties=_flow_penalties(branches, interfaces),
        entry=market_entry(entry, [r["id"] for r in virtual], bus_id),
        contingencies=lost(
            contingencies,
            watch or {},
            {
                "branch": network.branch_id,
                "unit": [r["id"] for r in units],
                "hvdc": [r["id"] for r in hvdc],
                "interface": network.interface_id,
            },
        ),
        linear_limits=limits.linear_limits(
            linear,
            {
                "unit": [r["id"] for r in units],
                "renewable": [r["id"] for r in renewables],
                "storage": [r["id"] for r in storage],
                "bus": bus_id,
                "branch": network.branch_id,
            },
            periods,
        ),
    )


def _price_ineligible(rows: Sequence[Row]) -> PriceIneligible:
    cells = np.array([(i, t) for i, r in enumerate(rows) for t in r.get("ineligible", ())], dtype=np.int64)
    unit, period = cells.reshape(-1, 2).T
    return PriceIneligible(unit.copy(), period.copy())


def _flow_penalties(branches: Sequence[Row], interfaces: Sequence[Row]) -> FlowPenalties:
    own = [[k for k, r in enumerate(rows) if "penalty" in r] for rows in (branches, interfaces)]
    prices = [
        _column([rows[k] for k in at], "penalty", 0.0) for rows, at in zip((branches, interfaces), own, strict=True)
    ]
    lines, gates = (np.array(at, dtype=np.int64) for at in own)
    return FlowPenalties(lines, prices[0], gates, prices[1]) if any(own) else NO_FLOW_PENALTIES


def _where(rows: Sequence[Row], key: str, at: dict[str, tuple[str, ...]]) -> np.ndarray:
    default = at["bus"][0] if key == "bus" else None
    names = [r.get(key, default) for r in rows]
    return np.array([at[key].index(n) if n else -1 for n in names], dtype=np.int64)


def _column(rows: Sequence[Row], key: str, default: float) -> np.ndarray:
    return np.array([float(r.get(key, default)) for r in rows])


def _whole(rows: Sequence[Row], key: str, default: int) -> np.ndarray:
    return np.array([int(r.get(key, default)) for r in rows], dtype=np.int64)


def _series(rows: Sequence[Row], key: str, default: Any, periods: int) -> np.ndarray:
    if not rows:
        return np.zeros((0, periods))
    return np.array([np.broadcast_to(np.asarray(r.get(key, default), float), (periods,)) for r in rows])


def _offers(rows: Sequence[Row], most: str, periods: int) -> Offers:
    resource, width, price = [], [], []
    for i, row in enumerate(rows):
        reach = float(np.max(np.asarray(row.get(most, 0.0), float)))
        for block_mw, block_price in row.get("blocks", [(reach, row.get("price", 0.0))]):
            resource.append(i)
            width.append(np.broadcast_to(np.asarray(block_mw, float), (periods,)))
            price.append(np.broadcast_to(np.asarray(block_price, float), (periods,)))
    return Offers(
        resource=np.array(resource, dtype=np.int64),
        width_mw=np.array(width).reshape(-1, periods),
        price_per_mwh=np.array(price).reshape(-1, periods),
    )


def _start_costs(rows: Sequence[Row]) -> StartCosts:
    states = [
        (i, min(k + 1, 3), after, cost)
        for i, row in enumerate(rows)
        for k, (after, cost) in enumerate(row.get("start", [(0, row.get("start_cost", 0.0))]))
    ]
    return StartCosts(
        unit=np.array([s[0] for s in states], dtype=np.int64),
        state=np.array([StartState(s[1]) for s in states], dtype=np.int64),
        after_minutes=np.array([s[2] for s in states], dtype=np.int64),
        inclusive=np.ones(len(states), dtype=np.bool_),
        cost=np.array([float(s[3]) for s in states]),
    )


def _start_limits(rows: Sequence[Row]) -> StartLimits:
    chosen = [i for i, r in enumerate(rows) if "max_starts" in r or "max_stops" in r]
    if not chosen:
        return NO_START_LIMITS
    limited = [rows[i] for i in chosen]
    return StartLimits(np.array(chosen), _whole(limited, "max_starts", -1), _whole(limited, "max_stops", -1))


def _plant_limits(rows: Sequence[Row], plants: tuple[str, ...]) -> PlantLimits:
    names = ("max_starts", "max_stops", "start_spacing", "stop_spacing", "switching")
    if not rows:
        return NO_PLANT_LIMITS
    return PlantLimits(np.array([plants.index(r["plant"]) for r in rows]), *(_whole(rows, name, -1) for name in names))


def _start_leads(rows: Sequence[Row], reference: int | None) -> StartLeads:
    """One lead a start state, −1 where a unit states none; no column where no unit does."""
    leads = [list(r.get("lead", [-1] * len(r.get("start", [0])))) for r in rows]
    stated = any("lead" in r for r in rows)
    return StartLeads(np.array([m for own in leads for m in own] if stated else [], dtype=np.int64), reference)


def _units(rows: Sequence[Row], at: dict[str, tuple[str, ...]], periods: int) -> Units:
    fixed = [(i, t, mw) for i, row in enumerate(rows) for t, mw in row.get("fixed", {}).items()]
    both = [{**r, "ramp_up": r.get("ramp_up", r.get("ramp", np.inf))} for r in rows]
    both = [{**r, "ramp_down": r.get("ramp_down", r.get("ramp", np.inf))} for r in both]
    return Units(
        id=tuple(r["id"] for r in rows),
        plant=_where(rows, "plant", at),
        owner=_where(rows, "owner", at),
        bus=_where(rows, "bus", at),
        fuel=_whole(rows, "fuel", Fuel.COAL),
        p_min_mw=_series(rows, "p_min", 0.0, periods),
        p_max_mw=_series(rows, "p_max", 0.0, periods),
        ramp_up_mw_per_minute=_column(both, "ramp_up", np.inf),
        ramp_down_mw_per_minute=_column(both, "ramp_down", np.inf),
        startup_limit_mw=_column(at_p_min(rows, "up", "startup_limit"), "startup_limit", np.inf),
        shutdown_limit_mw=_column(at_p_min(rows, "down", "shutdown_limit"), "shutdown_limit", np.inf),
        min_up_minutes=_whole(rows, "min_up", 0),
        min_down_minutes=_whole(rows, "min_down", 0),
        no_load_cost_per_hour=_column(rows, "no_load", 0.0),
        stop_cost=_column(rows, "stop_cost", 0.0),
        initial_on=np.array([bool(r.get("on", False)) for r in rows], dtype=np.bool_),
        initial_minutes=_whole(rows, "minutes", 100_000),
        initial_mw=_column(rows, "mw", 0.0),
        on_min=_series(rows, "must_run", 0.0, periods).astype(np.int8),
        on_max=(1 - _series(rows, "must_off", 0.0, periods)).astype(np.int8),
        fixed_unit=np.array([f[0] for f in fixed], dtype=np.int64),
        fixed_period=np.array([f[1] for f in fixed], dtype=np.int64),
        fixed_mw=np.array([float(f[2]) for f in fixed]),
        price_eligible=np.array([bool(r.get("price_eligible", True)) for r in rows], dtype=np.bool_),
        offers=_offers(rows, "p_max", periods),
        start_costs=_start_costs(rows),
    )


def _renewables(rows: Sequence[Row], at: dict[str, tuple[str, ...]], periods: int) -> Renewables:
    return Renewables(
        id=tuple(r["id"] for r in rows),
        plant=_where(rows, "plant", at),
        owner=_where(rows, "owner", at),
        bus=_where(rows, "bus", at),
        fuel=_whole(rows, "fuel", Fuel.WIND),
        min_mw=_series(rows, "min", 0.0, periods),
        forecast_mw=_series(rows, "forecast", 0.0, periods),
        offers=_offers(rows, "forecast", periods),
    )


def _storage(rows: Sequence[Row], at: dict[str, tuple[str, ...]], periods: int) -> Storage:
    initial = _column(rows, "initial", 0.0)
    energy = _series(rows, "energy", 0.0, periods)
    full = energy[:, -1] if periods else np.zeros(len(rows))
    return Storage(
        id=tuple(r["id"] for r in rows),
        plant=_where(rows, "plant", at),
        owner=_where(rows, "owner", at),
        bus=_where(rows, "bus", at),
        charge_max_mw=_series([{"v": r.get("charge", r.get("power", 0.0))} for r in rows], "v", 0.0, periods),
        discharge_max_mw=_series([{"v": r.get("discharge", r.get("power", 0.0))} for r in rows], "v", 0.0, periods),
        charge_efficiency=_series(rows, "eta", 1.0, periods),
        discharge_efficiency=_series(rows, "eta", 1.0, periods),
        energy_min_mwh=_series(rows, "floor", 0.0, periods),
        energy_max_mwh=energy,
        initial_energy_mwh=initial,
        final_energy_min_mwh=np.array([float(r.get("final", i)) for r, i in zip(rows, initial, strict=True)]),
        final_energy_max_mwh=np.array([float(r.get("final_max", e)) for r, e in zip(rows, full, strict=True)]),
        charge_price_per_mwh=_series(rows, "charge_price", 0.0, periods),
        discharge_price_per_mwh=_series(rows, "discharge_price", 0.0, periods),
        charge_min_mw=_series(rows, "charge_min", 0.0, periods),
        discharge_min_mw=_series(rows, "discharge_min", 0.0, periods),
        self_discharge_per_hour=_series(rows, "loss", 0.0, periods),
        given_mode=_series(rows, "mode", 0.0, periods).astype(np.int64),
    )


def _network(
    bus_id: tuple[str, ...], zones: dict[str, str], branches: Sequence[Row], interfaces: Sequence[Row], periods: int
) -> Network:
    zone_id = tuple(sorted(set(zones.values())))
    branch_id = tuple(r["id"] for r in branches)
    terms = [
        (s, branch_id.index(b), float(c)) for s, row in enumerate(interfaces) for b, c in row.get("terms", {}).items()
    ]
    limit = _column(branches, "limit", np.inf)
    return Network(
        bus_id=bus_id,
        bus_zone=np.array([zone_id.index(zones[b]) if b in zones else -1 for b in bus_id], dtype=np.int64),
        bus_voltage_kv=np.zeros(len(bus_id)),
        zone_id=zone_id,
        branch_id=branch_id,
        branch_from=np.array([bus_id.index(r["ends"][0]) for r in branches], dtype=np.int64),
        branch_to=np.array([bus_id.index(r["ends"][1]) for r in branches], dtype=np.int64),
        branch_reactance_pu=_column(branches, "x", 0.1),
        branch_resistance_pu=_column(branches, "r", 0.0),
        branch_tap_ratio=_column(branches, "tap", 1.0),
        branch_shift_degrees=_column(branches, "shift", 0.0),
        branch_limit_mw=limit,
        branch_emergency_limit_mw=np.array(
            [float(r.get("emergency", own)) for r, own in zip(branches, limit, strict=True)]
        ),
        branch_in_service=np.array([bool(r.get("on", True)) for r in branches], dtype=np.bool_),
        interface_id=tuple(r["id"] for r in interfaces),
        interface_min_mw=_series(interfaces, "min", -np.inf, periods),
        interface_max_mw=_series(interfaces, "max", np.inf, periods),
        term_interface=np.array([t[0] for t in terms], dtype=np.int64),
        term_branch=np.array([t[1] for t in terms], dtype=np.int64),
        term_coefficient=np.array([t[2] for t in terms]),
    )


def _optional(value: Any, periods: int) -> np.ndarray | None:
    return None if value is None else np.broadcast_to(np.asarray(value, float), (periods,)).copy()


def _reserves(
    rows: Sequence[Row], bus_id: tuple[str, ...], units: int, periods: int, most_least: Any, most: Any, negative: Any
) -> Reserves:
    covers = np.zeros((len(rows), len(bus_id)), dtype=np.bool_)
    for q, row in enumerate(rows):
        covers[q] = [b in row.get("buses", bus_id) for b in bus_id]
    return Reserves(
        product_id=tuple(r["id"] for r in rows),
        direction=_whole(rows, "direction", Direction.UP),
        response_minutes=_column(rows, "minutes", np.inf),
        covers_bus=covers,
        unit_max_mw=np.array(
            [np.broadcast_to(np.asarray(r.get("max", np.inf), float), (units,)) for r in rows]
        ).reshape(len(rows), units),
        requirement_mw=_series(rows, "requirement", 0.0, periods),
        positive_min_mw=_optional(most_least, periods),
        positive_max_mw=_optional(most, periods),
        negative_min_mw=_optional(negative, periods),
    )
