"""One small market a family in which that family is at work, and the corruptions that touch it.

Two buses of load and one of generation, six half hours, four units; what a family needs is added. Everything a seed can
move without taking the family out of play is drawn: loads, prices, limits, initial states.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from clearing.case.case import Case
from clearing.case.reserve_kinds import ProductKind
from clearing.case.reserves import Direction
from clearing.rules.load import load
from clearing.rules.rules import Rules
from tests.factory import Row, market

Rng = np.random.Generator
PERIODS, MINUTES = 6, 30
GENERIC = load("generic")
SAME_PENALTIES = replace(GENERIC, pricing_penalties=GENERIC.clearing_penalties)


@dataclass(frozen=True)
class Family:
    """change: rows of the plain market to what the family needs; own: corruptions made for it, by function name."""

    change: Callable[[dict[str, Any], Rng], None]
    own: tuple[str, ...]


def drawn(name: str, seed: int) -> tuple[Case, Rules]:
    """The market of a family and a seed, and rules whose pricing penalties are as in clearing for every other seed."""
    rng = np.random.default_rng([seed, *name.encode()])
    rows = _plain(rng)
    FAMILIES[name].change(rows, rng)
    return market(**rows), SAME_PENALTIES if seed % 2 else GENERIC


def _plain(rng: Rng) -> dict[str, Any]:
    wave = 1.0 + 0.3 * np.sin(np.arange(PERIODS) + rng.uniform(0, 6))
    price = np.round(np.sort(rng.uniform(10, 80, 4)), 2)

    def unit(k: int, bus: str, low: float, high: float, **more: Any) -> Row:
        half = high / 2
        blocks = [(half, float(price[k])), (half, float(price[k]) + 7.0)]
        return {"id": f"u{k}", "bus": bus, "p_min": low, "p_max": high, "blocks": blocks, **more}

    return {
        "load": {"a": 45.0 * wave, "b": np.round(70.0 * wave, 1), "c": np.zeros(PERIODS)},
        "units": [
            unit(0, "a", 20.0, 90.0, on=True, mw=60.0, plant="q", owner="one", no_load=40.0),
            unit(1, "b", 10.0, 80.0, on=True, mw=40.0, plant="q", owner="two", stop_cost=15.0),
            unit(2, "b", 10.0, 60.0, start_cost=float(rng.integers(20, 200)), owner="two"),
            unit(3, "c", 0.0, 120.0, on=True, mw=10.0, no_load=60.0, owner="one"),
        ],
        "renewables": [{"id": "wind", "bus": "b", "forecast": np.round(rng.uniform(5, 30, PERIODS), 1), "price": 0.0}],
        "branches": [
            {"id": "ab", "ends": ("a", "b"), "limit": 60.0},
            {"id": "bc", "ends": ("b", "c"), "limit": 60.0},
        ],
        "zones": {"b": "load", "c": "load"},
        "period_minutes": MINUTES,
    }  # fmt: skip


def _all(rows: dict[str, Any], **more: Any) -> None:
    for unit in rows["units"]:
        unit.update(more)


def _meshed(rows: dict[str, Any], limit: float) -> None:
    rows["branches"] = [
        {"id": "ab", "ends": ("a", "b"), "limit": limit, "x": 0.2},
        {"id": "bc", "ends": ("b", "c"), "limit": 2.0 * limit, "tap": 0.95},
        {"id": "ac", "ends": ("a", "c"), "limit": 40.0, "shift": 1.0},
    ]


def _network(rows: dict[str, Any], rng: Rng) -> None:
    _meshed(rows, float(rng.integers(2, 6)))


def _own_penalty(rows: dict[str, Any], rng: Rng) -> None:
    """A line that is cheaper to break than to keep, and an interface that is not."""
    _meshed(rows, float(rng.integers(2, 6)))
    rows["branches"][0]["penalty"] = 1.5
    rows["interfaces"] = [{"id": "cut", "terms": {"ac": 1.0}, "min": -3.0, "max": 3.0, "penalty": 300.0}]


def _linear(rows: dict[str, Any], rng: Rng) -> None:
    """Weighted sums of outputs, of an injection with a flow, and one that is cheaper to break than to keep."""
    _meshed(rows, 50.0)
    rows["linear"] = [
        {"id": "sum", "units": {"u0": 1.0, "u1": -0.5}, "renewables": {"wind": 0.5}, "max": float(rng.integers(2, 9))},
        {"id": "mix", "buses": {"c": 0.5}, "branches": {"ab": 1.0}, "min": -5.0, "max": float(rng.integers(2, 9))},
        {"id": "soft", "units": {"u3": 1.0}, "max": 4.0, "penalty": 1.25},
    ]


def _windows_of_branches(rows: dict[str, Any], rng: Rng) -> None:
    """The mesh opens for two periods, bus c stands alone for one, limits fall in others; the reference is given."""
    _meshed(rows, 60.0)
    ab, bc, ac = rows["branches"]
    bc["out"] = [(1, 2)]
    ac["out"] = [(2, 2)]
    ab["limits"] = [(3, 4, float(rng.integers(1, 4)), 20.0)]
    ac["limits"] = [(1, 1, float(rng.integers(5, 10)), 20.0)]
    rows["weight"] = {"a": 1.0, "c": float(rng.integers(1, 4))}


def _contingencies(rows: dict[str, Any], rng: Rng) -> None:
    """The mesh with a second line a-b: losses of lines and of a unit bind before any normal limit does."""
    _meshed(rows, 60.0)
    rows["branches"].append({"id": "ab2", "ends": ("a", "b"), "limit": 60.0, "x": 0.3})
    for branch in rows["branches"]:
        branch["emergency"] = float(rng.integers(3, 9))
    rows["contingencies"] = [
        {"id": "N-ab", "branches": ["ab"]},
        {"id": "N-bc", "branches": ["bc"], "exempt": ["ab2"]},
        {"id": "N-ac", "branches": ["ac"]},
        {"id": "N-u0", "units": ["u0"]},
    ]
    rows["interfaces"] = [{"id": "cut", "terms": {"ab": 1.0, "ab2": 1.0}, "min": -9.0, "max": 9.0}]
    rows["watch"] = {"interfaces": ["cut"]}


def _interface(rows: dict[str, Any], rng: Rng) -> None:
    _meshed(rows, 50.0)
    terms = {"ab": 1.0, "ac": 1.0}
    rows["interfaces"] = [{"id": "cut", "terms": terms, "min": -float(rng.integers(1, 6)), "max": 3.0}]


def _shortage(rows: dict[str, Any], rng: Rng) -> None:
    rows["load"]["b"] = rows["load"]["b"] + float(rng.integers(200, 260))


def _system(rows: dict[str, Any], rng: Rng) -> None:
    least = float(rng.integers(120, 220))
    rows |= {"positive_min_mw": least, "positive_max_mw": least + 20.0, "negative_min_mw": float(rng.integers(20, 90))}


def _products(rows: dict[str, Any], rng: Rng) -> list[Row]:
    _all(rows, ramp=1.5)
    need = np.round(rng.uniform(25, 45, PERIODS))
    rows["products"] = [
        {"id": "up", "requirement": need, "minutes": 15.0},
        {"id": "down", "direction": Direction.DOWN, "requirement": 0.5 * need, "minutes": 15.0},
    ]
    return rows["products"]  # type: ignore[no-any-return]


def _sharing(rows: dict[str, Any], rng: Rng) -> None:
    products = _products(rows, rng)
    products.append({"id": "fast", "requirement": 20.0, "minutes": 10.0, "serves": ["up"]})
    products[0]["requirement"] = 30.0 + rng.uniform(0, 5, PERIODS)


def _curve(rows: dict[str, Any], rng: Rng) -> None:
    products = _products(rows, rng)
    products[0] |= {"requirement": 260.0, "curve": [(10.0, 90.0), (20.0, 200.0), (np.inf, 500.0)]}


def _offered(rows: dict[str, Any], rng: Rng) -> None:
    for row in _products(rows, rng):
        row["offers"] = {f"u{k}": [(10.0, 2.0 + k), (40.0, float(rng.integers(4, 9)) + k)] for k in range(4)}


def _kinds(rows: dict[str, Any], rng: Rng) -> None:
    """Regulation with a speed, reserve at standstill and of a store, ramping kept for the next period."""
    _store(rows, rng)
    _all(rows, ramp=2.0)
    rows["products"] = [
        {
            "id": "agc",
            "kind": ProductKind.REGULATION,
            "requirement": 8.0,
            "speed": float(rng.integers(4, 6)),
            "minutes": 5.0,
        },
        {"id": "cold", "kind": ProductKind.NON_SPINNING, "requirement": float(rng.integers(10, 30)), "minutes": 10.0},
        {"id": "flex", "kind": ProductKind.FLEXIBLE_RAMPING, "requirement": 6.0, "minutes": 30.0},
        {"id": "up", "requirement": 10.0, "minutes": 10.0, "storage": {"s": 8.0}},
    ]


def _terms(rows: dict[str, Any], rng: Rng) -> None:
    """Regulation within bands, spinning and non-spinning reserve that nest, MW off line by statement, tight ramps."""
    _all(rows, ramp=1.5)
    for unit in rows["units"][:2]:
        unit["band"] = (unit["p_min"] + 3.0, unit["p_max"] - 4.0, float(rng.integers(0, 9)), 0)
    need = np.round(rng.uniform(4, 9, PERIODS), 1)
    curve = [(np.inf, 200.0)]
    agc: Row = {"requirement": need, "kind": ProductKind.REGULATION, "minutes": 5.0, "max": [20.0, 20.0, 0.0, 0.0]}
    agc["terms"] = (False, 3.0, 3.0, False)
    rows["products"] = [
        {"id": "agc", **agc, "serves": ["spin", "cold"], "carries": ["spin", "cold"], "curve": [(np.inf, 250.0)]},
        {"id": "agc-down", **agc, "direction": Direction.DOWN},
        {"id": "spin", "requirement": 2.2 * need, "minutes": 10.0, "terms": (False, 1.5, 1.5, True), "serves": ["cold"],
         "carries": ["cold"], "curve": curve},
        {"id": "cold", "requirement": 3.0 * need, "kind": ProductKind.NON_SPINNING, "minutes": 30.0, "max": 0.0,
         "off": {"u2": 9.0, "u3": 6.0}, "curve": [(np.inf, 9.0)]},
        {"id": "flex", "requirement": need, "minutes": 20.0, "terms": (False, 1.5, 0.0, False)},
    ]  # fmt: skip


def _windows(rows: dict[str, Any], rng: Rng) -> None:
    on, off = np.zeros(PERIODS, dtype=int), np.zeros(PERIODS, dtype=int)
    on[int(rng.integers(1, 3)) :], off[: int(rng.integers(2, 5))] = 1, 1
    rows["units"][2]["must_run"], rows["units"][3]["must_off"] = on, off
    rows["units"][3] |= {"on": False, "mw": 0.0}
    rows["units"][1]["fixed"] = {2: 30.0, 3: float(rng.integers(20, 60))}


def _ramps(rows: dict[str, Any], rng: Rng) -> None:
    _all(rows, ramp_up=float(rng.integers(4, 8)) / MINUTES, ramp_down=float(rng.integers(4, 8)) / MINUTES)
    rows["units"][2] |= {"startup_limit": 15.0, "shutdown_limit": 12.0, "must_run": [0, 0, 1, 1, 0, 0]}
    rows["units"][2]["must_off"] = [1, 1, 0, 0, 1, 1]
    rows["units"][3] |= {"ramp_up": np.inf, "ramp_down": np.inf}


def _times(rows: dict[str, Any], rng: Rng) -> None:
    _all(rows, min_up=3 * MINUTES, min_down=2 * MINUTES, minutes=int(rng.integers(1, 5)) * MINUTES)


def _cycled(rows: dict[str, Any]) -> None:
    """A short peak for which the idle unit starts and after which it stops."""
    rows["units"][2] |= {"must_run": [0, 0, 1, 0, 0, 0], "must_off": [1, 1, 0, 0, 1, 1]}


def _states(rows: dict[str, Any], rng: Rng) -> None:
    _cycled(rows)
    for k in (1, 2):
        rows["units"][k]["start"] = [(0, 50.0), (60, 120.0), (150, float(rng.integers(200, 400)))]
    rows["units"][2]["minutes"] = int(rng.integers(1, 8)) * MINUTES


def _leads(rows: dict[str, Any], rng: Rng) -> None:
    rows["units"][2] |= {"start": [(0, 40.0), (120, 90.0)], "lead": [60, 90], "minutes": int(rng.integers(1, 300))}
    rows["units"][2]["must_run"] = [0, 0, 0, 0, 1, 1]
    rows["lead_reference"] = 0


def _curves(rows: dict[str, Any], rng: Rng) -> None:
    rows["units"][2] |= {
        "p_min": 12.0, "up": {1: [4.0], 2: [3.0, float(rng.integers(6, 12))]}, "down": [5.0], "mw": 0.0, "on": False,
        "start": [(0, 40.0), (300, 60.0)], "min_down": 3 * MINUTES, "minutes": int(rng.integers(3, 9)) * MINUTES,
        "must_run": [0, 0, 0, 1, 0, 0], "must_off": [1, 1, 1, 0, 1, 1],
    }  # fmt: skip


def _counted(rows: dict[str, Any], rng: Rng) -> None:
    _cycled(rows)
    _all(rows, max_starts=int(rng.integers(0, 2)), max_stops=int(rng.integers(0, 2)))
    rows["plant_limits"] = [{"plant": "q", "max_starts": 1, "max_stops": 1}]


def _spaced(rows: dict[str, Any], rng: Rng) -> None:
    """Both units of the plant start in one period, which is too close."""
    for unit in rows["units"][:2]:
        unit |= {
            "on": False,
            "mw": 0.0,
            "must_off": [1, 1, 0, 0, 0, 0],
            "must_run": [0, 0, 1, 1, 0, 0],
            "start_cost": 30.0,
        }
    rows["units"][2] |= {"plant": "q", "must_off": 1}
    minutes = int(rng.integers(2, 4)) * MINUTES
    rows["plant_limits"] = [{"plant": "q", "start_spacing": minutes, "stop_spacing": minutes}]


def _switched(rows: dict[str, Any], rng: Rng) -> None:
    rows["units"][0] |= {"must_run": [1, 1, 0, 0, 0, 0], "must_off": [0, 0, 1, 1, 1, 1]}
    rows["units"][2] |= {"plant": "q"}
    rows["units"][1] |= {"plant": None}
    rows["units"][2]["must_off"] = [1, 1, 1, 1, 1, int(rng.integers(2))]
    rows["plant_limits"] = [{"plant": "q", "switching": 3 * MINUTES}]


def _energy(rows: dict[str, Any], rng: Rng) -> None:
    rows["windows"] = [
        {"unit": "u0", "max": float(rng.integers(50, 110))}, {"unit": "u3", "first": 1, "last": 3, "min": 60.0},
    ]  # fmt: skip


def _groups(rows: dict[str, Any], rng: Rng) -> None:
    rows["groups"] = [
        {"id": "one", "units": ["u0", "u1"], "max": float(rng.integers(50, 80)), "max_on": 1},
        {"id": "other", "units": ["u2", "u3"], "min": float(rng.integers(20, 60)), "min_on": 1},
    ]


def _store(rows: dict[str, Any], rng: Rng) -> list[Row]:
    rows["storage"] = [
        {
            "id": "s", "bus": "b", "power": 25.0, "eta": 0.9, "energy": 60.0, "initial": 15.0,
            "final": float(rng.integers(0, 12)), "discharge_price": 2.0, "owner": "one",
        }
    ]  # fmt: skip
    rows["load"]["b"] = rows["load"]["b"] * np.array([0.4, 0.4, 1.6, 1.6, 0.5, 1.5])
    return rows["storage"]  # type: ignore[no-any-return]


def _cycles(rows: dict[str, Any], rng: Rng) -> None:
    _store(rows, rng)[0]["cycles"] = float(rng.choice([0.15, 0.25]))


def _pumped(rows: dict[str, Any], rng: Rng) -> None:
    machine = {"bus": "b", "pump": 15.0, "min": 4.0, "max": 18.0, "eta": 0.85, "changeover": 30, "owner": "one"}
    rows["pumps"] = [{"id": "m1", **machine, "price": 2.0}, {"id": "m2", **machine, "changes": 4, "share": 0.5}]
    energy = float(rng.integers(10, 20))
    rows["reservoirs"] = [{"id": "lake", "energy": 40.0, "min": 1.0, "initial": energy, "final": 2.0, "inflow": 1.0}]
    rows["load"]["b"] = rows["load"]["b"] * np.array([0.4, 0.4, 1.6, 1.6, 0.5, 1.5])


def _sites(rows: dict[str, Any], rng: Rng) -> None:
    forecast = np.round(rng.uniform(120, 200, PERIODS))
    rows["renewables"] = [
        {"id": "wind", "bus": "b", "forecast": forecast, "min": 0.2 * forecast, "price": -3.0},
        {"id": "sun", "bus": "a", "forecast": np.round(rng.uniform(10, 40, PERIODS)), "price": 0.0},
    ]


def _ties(rows: dict[str, Any], rng: Rng) -> None:
    rows["ties"] = [{"id": "t", "bus": "a", "mw": np.round(rng.uniform(-20, 30, PERIODS))}]


def _bids(rows: dict[str, Any], rng: Rng) -> None:
    blocks = [(20.0, float(rng.integers(60, 95))), (20.0, float(rng.integers(15, 55)))]
    rows["bids"] = [{"id": "buyer", "bus": "a", "min": 5.0, "max": 45.0, "blocks": blocks, "owner": "two"}]


def _plants(rows: dict[str, Any], rng: Rng) -> None:
    factors = {"a": 0.6, "b": 0.4}
    rows["virtual"] = [
        {"id": "vg", "max": 30.0, "blocks": [(15.0, 20.0), (15.0, 50.0)], "factors": factors, "ramp": 0.3},
        {"id": "vl", "load": True, "min": 2.0, "max": 25.0, "blocks": [(12.0, 70.0), (13.0, 25.0)], "factors": factors},
    ]
    rows["load"]["b"] = rows["load"]["b"] * rng.uniform(0.7, 1.2, PERIODS)


def _lines(rows: dict[str, Any], rng: Rng) -> None:
    rows["hvdc"] = [
        {"id": "link", "ends": ("c", "a"), "min": 0.0, "max": 25.0, "ramp": 0.4, "loss": 0.03},
        {"id": "free", "ends": ("b", "a"), "min": -6.0, "max": 9.0, "ramp": 0.1},
        {"id": "given", "ends": ("a", "c"), "mw": np.round(rng.uniform(1, 8, PERIODS), 1), "loss": 0.04},
    ]


def _nothing(rows: dict[str, Any], rng: Rng) -> None:
    """The plain market."""


def _dear_start(rows: dict[str, Any], rng: Rng) -> None:
    """A unit that has to run at a loss, and others that earn."""
    rows["units"][2] |= {"must_run": [0, 1, 1, 1, 1, 1], "start_cost": float(rng.integers(500, 900))}


FAMILIES: dict[str, Family] = {
    "balance": Family(
        _shortage,
        (
            "balance_unit",
            "balance_shed",
            "balance_surplus",
            "shed_more_than_load",
            "multiplier_balance",
            "energy_in_step",
        ),
    ),
    "branches": Family(
        _network, ("branch_overload", "flow", "congestion_in_step", "bus_congestion", "multiplier_branch")
    ),
    "time-varying topology": Family(
        _windows_of_branches,
        ("branch_overload", "flow", "congestion_in_step", "bus_congestion", "multiplier_branch", "energy_in_step"),
    ),
    "interfaces": Family(_interface, ("flow", "congestion_in_step", "multiplier_interface")),
    "penalties of single lines": Family(
        _own_penalty,
        ("branch_overload", "flow", "multiplier_branch", "violation_amount", "violation_penalty", "violation_missing"),
    ),
    "contingencies": Family(
        _contingencies,
        ("contingency_overload", "multiplier_contingency", "multiplier_contingency_left_out", "violation_missing"),
    ),
    "linear limits": Family(
        _linear,
        ("linear_limit", "joint_multiplier", "joint_multiplier_left_out", "congestion_in_step"),
    ),
    "system reserves": Family(_system, ("violation_amount", "violation_missing", "violation_penalty")),
    "reserve products": Family(
        lambda rows, rng: _products(rows, rng) and None,
        ("award_max", "award_negative", "headroom", "footroom", "product_short", "reserve_price", "multiplier_product"),
    ),
    "reserve sharing": Family(_sharing, ("award_of_the_better_product", "product_short", "reserve_price")),
    "demand curves": Family(
        _curve, ("shortfall_at_the_rule_sets_price", "cost_of_what_is_broken", "violation_penalty")
    ),
    "reserve offers": Family(_offered, ("cost_of_reserve", "reserve_price")),
    "kinds of reserve products": Family(
        _kinds,
        ("speed_short", "flexible_beyond_its_ramp", "offline_without_rest", "storage_beyond_its_power"),
    ),
    "terms of reserve products": Family(
        _terms, ("regulates_unseen", "joint_cap", "offline_beyond_what_is_stated", "ramp_of_awards", "product_short")
    ),
    "windows and fixed outputs": Family(_windows, ("must_run", "must_off", "fixed_output")),
    "ramps": Family(_ramps, ("ramp_up", "ramp_down", "startup_limit", "shutdown_limit", "ramp_or_room_of_marginal")),
    "min up and down times": Family(_times, ("min_up", "min_down")),
    "start states": Family(_states, ("cost_of_starts",)),
    "start lead times": Family(_leads, ("early_start",)),
    "output curves": Family(_curves, ("curve_output", "curve_forgotten", "balance_curve", "start_before_its_curve")),
    "starts and stops a day": Family(_counted, ("too_many_starts", "too_many_stops", "too_many_at_plant")),
    "spacing at a plant": Family(_spaced, ("crowded_starts", "crowded_stops")),
    "single-unit switching": Family(_switched, ("left_early",)),
    "energy windows": Family(_energy, ("energy_window", "joint_multiplier", "joint_multiplier_left_out")),
    "unit groups": Family(_groups, ("group_output", "group_number", "joint_multiplier", "joint_violation_invented")),
    "storage": Family(
        lambda rows, rng: _store(rows, rng) and None,
        ("balance_storage", "storage_discharge", "storage_energy", "storage_level", "storage_final", "cost_of_storage"),
    ),
    "storage cycles": Family(_cycles, ("storage_cycle", "joint_multiplier_left_out")),
    "pumped hydro": Family(
        _pumped,
        ("balance_generation", "pump_power", "generation_limit", "reservoir_energy", "another_mode", "no_mode"),
    ),
    "renewables": Family(_sites, ("renewable_max", "renewable_min", "renewable_beyond", "balance_renewable")),
    "tie lines": Family(_ties, ("tie_forgotten",)),
    "direct-current lines": Family(_lines, ("balance_hvdc", "hvdc_limit", "hvdc_ramp", "hvdc_rent")),
    "demand bids": Family(_bids, ("balance_demand", "demand_limit", "value_of_demand", "payments")),
    "virtual plants": Family(_plants, ("balance_virtual", "virtual_limit", "virtual_ramp", "payments")),
    "settlement prices": Family(
        _network, ("settlement_price", "settlement_congestion", "user_price", "settlement_hours", "zone_price")
    ),
    "price setters": Family(_nothing, ("price_setter_idle", "price_setter_elsewhere")),
    "make-whole payments": Family(_dear_start, ("uplift", "uplift_of_losers", "uplift_withheld")),
}
