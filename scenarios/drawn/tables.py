"""The drawn parts as tables of a case."""

from __future__ import annotations

import numpy as np

from clearing.case.case import Participants
from clearing.case.network import Network
from clearing.case.resources import Loads, Renewables, Ties
from clearing.case.units import Fuel, StartCosts, StartState, Units

from .conditions import Conditions
from .draws import stream
from .fleet import GROUP_SHARE, GROUPS, Fleet
from .merit import Blocks
from .offers import site_offers, site_prices, unit_offers
from .places import Places
from .ratings import EMERGENCY, Ratings
from .series import Series
from .size import Size
from .stores import Stores
from .topology import Topology


def participants(fleet: Fleet) -> Participants:
    """Twelve groups; plants of thermal and nuclear units."""
    return Participants(
        owner_id=tuple(f"group-{g + 1:02d}" for g in range(GROUPS)),
        plant_id=tuple(f"plant-{p + 1:02d}" for p in range(int(fleet.plant.max()) + 1)),
    )


def most_at_bus(grid: Topology, at: Places, fleet: Fleet, stores: Stores, days: list[Series]) -> np.ndarray:
    """Most MW (K) that may be fed in at a bus, or drawn from it."""
    size = len(grid.bus_id)
    feed, draw = np.zeros(size), np.zeros(size)

    def most(values: list[np.ndarray]) -> np.ndarray:
        return np.asarray(np.max([v.max(axis=1) for v in values], axis=0))

    np.add.at(feed, at.units, fleet.capacity_mw)
    np.add.at(feed, at.solar, most([d.solar for d in days]))
    np.add.at(feed, at.wind, most([d.wind for d in days]))
    np.add.at(feed, at.ties, most([d.ties for d in days]))
    np.add.at(feed, stores.bus, stores.discharge_mw)
    np.add.at(draw, days[0].load_bus, most([d.load for d in days]))
    np.add.at(draw, stores.bus, stores.charge_mw)
    return np.maximum(feed, draw)


def network(grid: Topology, limits: Ratings) -> Network:
    """Areas of the source are the price zones; circuits that are out leave their cut-sets."""
    terms = grid.terms.tocoo()
    live = limits.in_service[terms.col]
    return Network(
        bus_id=grid.bus_id,
        bus_zone=grid.area.astype(np.int64),
        bus_voltage_kv=grid.kv.copy(),
        zone_id=tuple(f"area-{a + 1}" for a in range(int(grid.area.max()) + 1)),
        branch_id=_branch_ids(grid),
        branch_from=grid.start.astype(np.int64),
        branch_to=grid.end.astype(np.int64),
        branch_reactance_pu=grid.reactance.copy(),
        branch_resistance_pu=grid.resistance.copy(),
        branch_tap_ratio=grid.tap.copy(),
        branch_shift_degrees=grid.shift_degrees.copy(),
        branch_limit_mw=limits.branch,
        branch_emergency_limit_mw=np.round(EMERGENCY * limits.branch, 1),
        branch_in_service=limits.in_service,
        interface_id=grid.interface_id,
        interface_min_mw=limits.interface_min,
        interface_max_mw=limits.interface_max,
        term_interface=terms.row[live].astype(np.int64),
        term_branch=terms.col[live].astype(np.int64),
        term_coefficient=terms.data[live].astype(np.float64),
    )


def _branch_ids(grid: Topology) -> tuple[str, ...]:
    """from-to-circuit, circuits of a pair of buses numbered from 1."""
    seen: dict[tuple[int, int], int] = {}
    names = []
    for a, b in zip(grid.start.tolist(), grid.end.tolist(), strict=True):
        pair = (min(a, b), max(a, b))
        seen[pair] = seen.get(pair, 0) + 1
        names.append(f"{grid.bus_id[a]}-{grid.bus_id[b]}-{seen[pair]}")
    return tuple(names)


def units(fleet: Fleet, at: Places, state: Conditions, blocks: Blocks) -> Units:
    """Units start and stop at p_min; all may set the price."""
    n = len(fleet.id)
    sync = state.p_min.max(axis=1)
    return Units(
        id=fleet.id,
        plant=fleet.plant.astype(np.int64),
        owner=fleet.owner.astype(np.int64),
        bus=at.units.astype(np.int64),
        fuel=fleet.fuel.astype(np.int64),
        p_min_mw=state.p_min,
        p_max_mw=state.p_max,
        ramp_up_mw_per_minute=fleet.ramp_mw,
        ramp_down_mw_per_minute=fleet.ramp_mw.copy(),
        startup_limit_mw=sync,
        shutdown_limit_mw=sync.copy(),
        min_up_minutes=fleet.min_up.astype(np.int64),
        min_down_minutes=fleet.min_down.astype(np.int64),
        no_load_cost_per_hour=fleet.no_load,
        stop_cost=np.zeros(n),
        initial_on=state.initial_on,
        initial_minutes=state.initial_minutes,
        initial_mw=state.initial_mw,
        on_min=state.on_min,
        on_max=state.on_max,
        fixed_unit=np.zeros(0, dtype=np.int64),
        fixed_period=np.zeros(0, dtype=np.int64),
        fixed_mw=np.zeros(0),
        price_eligible=np.ones(n, dtype=np.bool_),
        offers=unit_offers(*blocks),
        start_costs=_start_costs(fleet),
    )


def _start_costs(fleet: Fleet) -> StartCosts:
    """Hot below the first threshold, warm from it on (inclusive), cold beyond the second (exclusive)."""
    n = len(fleet.id)
    after = np.column_stack([np.zeros(n), fleet.after_minutes])
    return StartCosts(
        unit=np.repeat(np.arange(n), 3),
        state=np.tile(np.array([StartState.HOT, StartState.WARM, StartState.COLD], dtype=np.int64), n),
        after_minutes=after.reshape(-1).astype(np.int64),
        inclusive=np.tile([True, True, False], n),
        cost=fleet.start_cost.reshape(-1).astype(np.float64),
    )


def renewables(seed: int, at: Places, weather: Series) -> Renewables:
    """Solar sites, then wind; all may be curtailed to nothing. Their owners are the twelve groups."""
    forecast = np.concatenate([weather.solar, weather.wind])
    solar, wind = len(at.solar), len(at.wind)
    share = np.array(GROUP_SHARE)
    owner = stream(seed, "site owners").choice(GROUPS, size=solar + wind, p=share / share.sum())
    return Renewables(
        id=(*(f"solar-{i + 1:03d}" for i in range(solar)), *(f"wind-{i + 1:03d}" for i in range(wind))),
        plant=np.full(solar + wind, -1, dtype=np.int64),
        owner=owner.astype(np.int64),
        bus=np.concatenate([at.solar, at.wind]).astype(np.int64),
        fuel=np.repeat([int(Fuel.SOLAR), int(Fuel.WIND)], [solar, wind]).astype(np.int64),
        min_mw=np.zeros_like(forecast),
        forecast_mw=forecast,
        offers=site_offers(forecast, site_prices(seed, solar + wind)),
    )


def ties(size: Size, at: Places, weather: Series) -> Ties:
    """Links with fixed schedules."""
    return Ties(id=size.ties, bus=at.ties.astype(np.int64), import_mw=weather.ties)


def loads(grid: Topology, weather: Series) -> Loads:
    """One load a bus of the source that has one."""
    bus = weather.load_bus
    return Loads(
        id=tuple(f"load-{grid.bus_id[k][1:]}" for k in bus.tolist()), bus=bus.astype(np.int64), mw=weather.load
    )
