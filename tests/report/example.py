"""Cleared cases made by hand for the report: no solver, so that the pictures can be tested on their own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.case.prices import Prices
from clearing.case.result import (
    Binding,
    BoundKind,
    ClearingResult,
    Costs,
    Reason,
    Termination,
    Uplift,
    Violation,
)
from clearing.case.schedule import Flows, Schedule
from clearing.case.units import Fuel
from clearing.report.about import About, SystemReserveRule
from clearing.report.topology import bus_load_mw
from tests import factory

FUELS = (Fuel.NUCLEAR, Fuel.COAL, Fuel.COAL, Fuel.GAS, Fuel.GAS, Fuel.OIL, Fuel.BIOMASS, Fuel.HYDRO)
ABOUT = About(
    rules_name="generic",
    rules_version="1",
    rules_digest="ab" * 32,
    rules_overrides=(("solve.gap", "0.001"),),
    request_id="0f3c",
    server_version="0.1.0",
    solver_version="HiGHS 1.15.1",
    wall_seconds=12.5,
    threads=2,
    system_reserves=SystemReserveRule(positive_min_mw=300.0),
)


def two_units() -> tuple[Case, ClearingResult]:
    """One bus, four hours: a base unit that stays on and a peaker that starts in the third hour."""
    case = factory.market(
        load=[80.0, 90.0, 150.0, 120.0],
        units=[
            {"id": "base", "p_min": 50, "p_max": 100, "price": 20, "on": True, "mw": 80},
            {
                "id": "peak",
                "p_min": 10,
                "p_max": 80,
                "price": 60,
                "start": [(0, 100), (180, 250)],
                "minutes": 90,
                "fuel": Fuel.GAS,
            },
        ],
    )
    schedule = schedule_of(
        case, on=np.array([[1, 1, 1, 1], [0, 0, 1, 1]]), dispatch=np.array([[80, 90, 100, 100], [0, 0, 50, 20.0]])
    )
    prices = prices_of(case, np.array([[20.0, 20, 60, 60]]), np.zeros((1, 4)))
    return case, result_of(case, schedule, prices)


def province(units: int = 48, per_zone: int = 8, periods: int = 96, seed: int = 7) -> tuple[Case, ClearingResult]:
    """A day that looks like one: zones, renewables, storage, ties, products, congestion, violations."""
    random = np.random.default_rng(seed)
    case = _province_case(units, per_zone, periods, random)
    hour = np.arange(1, periods + 1) * 24 / periods
    on = (random.random((units, 1)) < 0.7) | (np.abs(hour - random.uniform(8, 20, (units, 1))) < 4)
    load = bus_load_mw(case).sum(axis=0)
    renewable = np.where(hour > 11, 0.9, 1.0) * case.renewables.forecast_mw
    wanted = load - renewable.sum(axis=0) - case.ties.import_mw.sum(axis=0)
    room = (on * case.units.p_max_mw).sum(axis=0)
    schedule = schedule_of(case, on=on.astype(int), dispatch=on * case.units.p_max_mw * np.clip(wanted / room, 0.3, 1))
    swing = np.maximum(np.sin((hour - 9) / 24 * 2 * np.pi), 0) * 60, np.maximum(-np.sin((hour - 9) / 12 * np.pi), 0)
    schedule = replace(
        schedule,
        renewable_mw=renewable,
        charge_mw=np.tile(swing[0], (2, 1)),
        discharge_mw=np.tile(swing[1] * 50, (2, 1)),
        energy_mwh=np.cumsum(np.tile(swing[0] - swing[1] * 50, (2, 1)), axis=1) * 24 / periods + 200,
        reserve_mw=on[None] * random.uniform(2, 6, (2, units, periods)),
    )
    energy = 300 + 120 * np.sin((hour - 7) / 12 * np.pi)
    zone_push = np.array([-40.0, 0.0, 90.0])[case.network.bus_zone][:, None] * np.clip(np.cos((hour - 19) / 3), 0, 1)
    prices = prices_of(case, np.tile(energy, (len(case.network.bus_id), 1)), zone_push)
    return case, result_of(case, schedule, prices)


def _province_case(units: int, per_zone: int, periods: int, random: np.random.Generator) -> Case:
    hour = np.arange(1, periods + 1) * 24 / periods
    zones = {f"{z}-{k:02d}": z for z in ("Jinan", "Qingdao", "烟台") for k in range(per_zone)}
    buses = tuple(zones)
    shape = 0.75 + 0.2 * np.sin((hour - 8) / 12 * np.pi) + 0.08 * np.sin((hour - 16) / 3 * np.pi)
    sun = np.clip(np.cos((hour - 12.5) / 6.5 * np.pi / 2), 0, 1)
    wind = 0.4 + 0.2 * np.sin(hour / 5)
    rows = [
        {
            "id": f"{FUELS[i % 8].name}-{i:03d}",
            "bus": buses[i % len(buses)],
            "p_min": 40,
            "p_max": float(random.uniform(120, 400)),
            "price": 250,
            "fuel": FUELS[i % 8],
            "start": [(0, 1000), (480, 3000), (1440, 8000)],
            "minutes": int(random.integers(60, 3000)),
        }
        for i in range(units)
    ]
    return replace(
        factory.market(
            load={b: 40 * units * shape * float(random.uniform(0.6, 1.4)) / len(buses) * 4 for b in buses},
            buses=buses,
            zones=zones,
            branches=[{"id": f"L{k}", "ends": (buses[k], buses[k + 1]), "limit": 300} for k in range(len(buses) - 1)],
            units=rows,
            renewables=[
                {"id": "W1", "bus": buses[0], "forecast": 900 * wind, "fuel": Fuel.WIND},
                {"id": "S1", "bus": buses[1], "forecast": 1100 * sun, "fuel": Fuel.SOLAR},
                {"id": "R1", "bus": buses[2], "forecast": 500 * sun, "fuel": Fuel.ROOFTOP_SOLAR},
                {"id": "T1", "bus": buses[2], "forecast": 200 * sun, "fuel": Fuel.SOLAR_THERMAL},
            ],
            storage=[
                {"id": f"ES{g}", "bus": buses[g], "power": 60, "energy": 400, "initial": 200, "eta": 0.9}
                for g in (0, 1)
            ],
            ties=[{"id": "DC1", "bus": buses[3], "mw": 600.0}, {"id": "DC2", "bus": buses[4], "mw": -150.0}],
            products=[
                {"id": "spin-up", "requirement": 120, "minutes": 10},
                {"id": "spin-down", "requirement": 60, "direction": 2, "minutes": 10},
            ],
            period_minutes=1440 // periods,
        ),
        name="Example province",
        notes=("Unit COAL-001: a non-convex curve was convexified.",),
    )


def schedule_of(case: Case, on: np.ndarray, dispatch: np.ndarray) -> Schedule:
    before = np.concatenate([case.units.initial_on[:, None].astype(int), on[:, :-1]], axis=1)
    storage, periods = len(case.storage.id), case.horizon.periods
    return Schedule(
        on=on.astype(np.int8),
        start=(on > before).astype(np.int8),
        stop=(on < before).astype(np.int8),
        dispatch_mw=dispatch.astype(np.float64),
        renewable_mw=np.array(case.renewables.forecast_mw),
        charge_mw=np.zeros((storage, periods)),
        discharge_mw=np.zeros((storage, periods)),
        energy_mwh=np.zeros((storage, periods)),
        reserve_mw=np.zeros((len(case.reserves.product_id), len(case.units.id), periods)),
        shed_mw=np.zeros((len(case.network.bus_id), periods)),
        surplus_mw=np.zeros((1, periods)),
    )


def prices_of(case: Case, energy: Floats, congestion: Floats) -> Prices:
    price = energy + congestion
    zone = case.network.bus_zone
    load = bus_load_mw(case)
    zone_price = [
        np.average(price[zone == z], axis=0, weights=load[zone == z]) for z in range(len(case.network.zone_id))
    ]
    none = np.zeros_like(price)
    return Prices(
        bus_price=price,
        bus_energy=energy,
        bus_congestion=congestion,
        bus_loss=none,
        bus_cap_adjustment=none.copy(),
        system_price=energy[:1].copy(),
        zone_price=np.array(zone_price).reshape(-1, case.horizon.periods),
        zone_plain_mean=np.zeros((len(zone_price), case.horizon.periods)),
        reserve_price=np.zeros((len(case.reserves.product_id), case.horizon.periods)),
    )


def result_of(case: Case, schedule: Schedule, prices: Prices) -> ClearingResult:
    units = len(case.units.id)
    cost = schedule.dispatch_mw.sum(axis=1) * case.horizon.hours * 30
    pay = np.where(np.arange(units) % 5 == 1, 120.0, 0.0)
    objective = float(cost.sum()) + 5000.0
    return ClearingResult(
        termination=Termination(
            reason=Reason.OPTIMAL_WITHIN_GAP,
            objective=objective,
            bound=objective * 0.9995,
            bound_kind=BoundKind.SOLVER_CLAIMED,
            gap=0.0005,
            absolute_gap=objective * 0.0005,
            gap_asked=0.001,
            priced=True,
            seconds=(
                ("decode", 0.1),
                ("form", 0.4),
                ("commit", 9.1),
                ("dispatch", 0.8),
                ("price", 0.7),
                ("audit", 0.3),
            ),
        ),
        schedule=schedule,
        flows=Flows(
            branch_mw=np.zeros((len(case.network.branch_id), case.horizon.periods)),
            interface_mw=np.zeros((0, case.horizon.periods)),
        ),
        costs=Costs(energy=float(cost.sum()), no_load=0, start=3000, stop=0, storage=0, penalty=2000),
        prices=prices,
        uplift=Uplift(make_whole=pay, revenue=cost - pay, cost=cost),
        bindings=tuple(
            Binding("branch", b, t, "max", 300.0, 12.5 + t)
            for b in case.network.branch_id[7:9]
            for t in range(2, case.horizon.periods, 3)
        ),
        violations=(Violation("product", "spin-up", 1, 4.25, 2000.0),) if case.reserves.product_id else (),
        audit=(Finding(Severity.WARNING, "BOUND_KIND", "termination.bound", "The bound is claimed by the solver."),),
        audit_passed=True,
    )
