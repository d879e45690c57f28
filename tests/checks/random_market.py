"""Random small markets with every family: ramps, reserves, storage, congestion, islands, outages, fixed output."""

from __future__ import annotations

from typing import Any

import numpy as np

from clearing.case.case import Case
from clearing.case.reserve_kinds import ProductKind
from clearing.case.reserves import Direction
from clearing.rules.load import load
from clearing.rules.rules import Rules
from tests.factory import market

Rng = np.random.Generator


def random_market(seed: int) -> tuple[Case, Rules]:
    """The market of a seed and the rules it is cleared under."""
    rng = np.random.default_rng(seed)
    periods, minutes = int(rng.integers(3, 9)), int(rng.choice([15, 30, 60]))
    buses = [f"b{k}" for k in range(int(rng.integers(1, 6)))]
    branches = _branches(rng, buses)
    _own_penalties(np.random.default_rng([seed, 14]), branches)
    weight = _windows(np.random.default_rng([seed, 15]), branches, buses, periods)
    waves = 1 + 0.4 * np.sin(np.arange(periods) + rng.uniform(0, 6, (len(buses), 1)))
    demand = rng.uniform(20, 80, (len(buses), 1)) * waves * rng.choice([0.4, 0.6, 1.0])
    units = [_unit(rng, i, periods, buses) for i in range(int(rng.integers(2, 6)))]
    if rng.random() < 0.7:
        units += [{"id": f"p{b}", "bus": b, "p_max": 120, "price": float(rng.uniform(90, 200))} for b in buses]
    _clash(np.random.default_rng([seed, 23]), units, periods)
    _curves(np.random.default_rng([seed, 12]), units, minutes)
    system: dict[str, Any] = {}
    if rng.random() < 0.3:
        system = {"positive_min_mw": 20, "positive_max_mw": 200, "negative_min_mw": 10}
    renewables = _renewables(rng, periods, buses)
    stores = _with_modes(seed, _storage(rng, buses), periods)
    ties = [{"id": "t", "bus": buses[0], "mw": 10}] if rng.random() < 0.3 else []
    products = [*_products(rng), *_kinds(np.random.default_rng([seed, 5]), units, stores, periods)]
    case = market(
        dict(zip(buses, demand, strict=True)),
        units=units,
        renewables=renewables,
        storage=stores,
        ties=ties,
        products=products,
        branches=branches,
        interfaces=_interfaces(rng, branches),
        zones={b: ("Z1" if k % 2 else "Z2") for k, b in enumerate(buses)},
        period_minutes=minutes,
        plant_limits=_limited_starts(seed, units),
        lead_reference=0,
        linear=_linear(np.random.default_rng([seed, 15]), units, stores, branches, buses),
        **system,
        **_bids(np.random.default_rng([seed, 18]), buses, periods, minutes),
        **_pumps(np.random.default_rng([seed, 16]), buses, periods),
        hvdc=_lines(np.random.default_rng([seed, 19]), buses, periods, minutes),
        weight=weight,
        **_contingencies(np.random.default_rng([seed, 21]), branches, units),
        **_joint_limits(np.random.default_rng([seed, 8]), units, demand.sum(axis=0)),
    )
    return case, load("generic", "", _overrides(rng))


def _own_penalties(rng: Rng, branches: list[dict[str, Any]]) -> None:
    """A low or a high penalty of its own for some lines, in place."""
    for branch in branches:
        if rng.random() < 0.3:
            branch["penalty"] = float(rng.choice([4.0, 5000.0]))


def _contingencies(rng: Rng, branches: list[dict[str, Any]], units: list[dict[str, Any]]) -> dict[str, Any]:
    """Losses of some lines and of a unit in half of the markets, with emergency limits in place."""
    if rng.random() < 0.5 or not branches:
        return {}
    for row in branches:
        row["emergency"] = float(rng.uniform(10, 90))
    lost = [{"id": f"N-{row['id']}", "branches": [row["id"]]} for row in branches if rng.random() < 0.7]
    return {"contingencies": [*lost, {"id": "N-unit", "units": [units[0]["id"]]}]}


def _linear(
    rng: Rng,
    units: list[dict[str, Any]],
    stores: list[dict[str, Any]],
    branches: list[dict[str, Any]],
    buses: list[str],
) -> list[dict[str, Any]]:
    """Two weighted sums in half of the markets, one of them with a low price of its own."""
    if rng.random() < 0.5:
        return []
    weights = {u["id"]: float(rng.choice([-1.0, 0.5, 1.0])) for u in units if rng.random() < 0.6}
    most = float(rng.uniform(20, 90))
    return [
        {"id": "sum", "units": weights, "storage": {s["id"]: 1.0 for s in stores}, "min": -60.0, "max": most},
        {"id": "mix", "buses": {buses[-1]: 1.0}, "branches": {b["id"]: 0.5 for b in branches[:1]}, "max": 25.0,
         "penalty": float(rng.choice([3.0, 3000.0]))},
    ]  # fmt: skip


def _windows(rng: Rng, branches: list[dict[str, Any]], buses: list[str], periods: int) -> dict[str, float] | None:
    """Outages and other limits of some branches for a while, in place; in a third of the markets a given reference."""
    for row in branches if rng.random() < 0.5 else ():
        first, last = np.sort(rng.integers(0, periods, 2)).tolist()
        if rng.random() < 0.4:
            row["out"] = [(first, last)]
        if rng.random() < 0.5:
            row["limits"] = [(first, last, float(rng.uniform(5, 80)), 200.0)]
    return {b: float(rng.integers(0, 3)) for b in buses} if rng.random() < 0.34 else None


def _pumps(rng: Rng, buses: list[str], periods: int) -> dict[str, Any]:
    """Two machines of pumped hydro at one reservoir in a third of the markets."""
    if rng.random() < 0.66:
        return {}
    machine = {"bus": str(rng.choice(buses)), "pump": 12.0, "min": 3.0, "max": 15.0, "eta": 0.85}
    pumps = [
        {"id": "m1", **machine, "changeover": 30, "changes": 3, "price": 1.0},
        {"id": "m2", **machine, "share": 0.5, "changeover": int(rng.choice([0, 60]))},
    ]
    lake = {"id": "lake", "energy": 50.0, "min": 2.0, "initial": 15.0, "final": 2.0}
    return {"pumps": pumps, "reservoirs": [{**lake, "inflow": rng.uniform(0, 5, periods)}]}


def _bids(rng: Rng, buses: list[str], periods: int, minutes: int) -> dict[str, Any]:
    """A bid and two virtual plants in half of the markets, drawn from a stream of their own."""
    if rng.random() < 0.5:
        return {}
    factors = {b: float(x) for b, x in zip(buses, rng.dirichlet(np.ones(len(buses))), strict=True)}
    prices = np.sort(rng.uniform(10, 120, 2))
    falling, rising = [(10.0, float(p)) for p in prices[::-1]], [(10.0, float(p)) for p in prices]
    bid = {"id": "bid", "bus": buses[0], "min": 2.0, "max": 22.0, "blocks": falling}
    plants = [
        {"id": "vg", "max": 20.0, "blocks": rising, "factors": factors, "ramp": 4.0 / minutes},
        {"id": "vl", "load": True, "min": 1.0, "max": 20.0, "blocks": falling, "factors": factors},
    ]
    return {"bids": [bid], "virtual": plants}


def _curves(rng: Rng, units: list[dict[str, Any]], minutes: int) -> None:
    """Start-up and shut-down curves of some units, in place, in half of the markets."""
    for unit in units if rng.random() < 0.5 else ():
        least = float(np.min(unit.get("p_min", 0.0)))
        if least <= 0 or "startup_limit" in unit or "shutdown_limit" in unit or rng.random() < 0.4:
            continue
        up, down = np.sort(rng.uniform(0, least, 2)), rng.uniform(0, least, 1)
        down_time = max(int(unit.get("min_down", 0)), 3 * minutes)
        unit |= {"up": up.tolist(), "down": down.tolist(), "min_down": down_time}


def _kinds(rng: Rng, units: list[dict[str, Any]], stores: list[dict[str, Any]], periods: int) -> list[dict[str, Any]]:
    """A product of every kind in half of the markets, from a stream of their own; some units become quick."""
    if rng.random() < 0.5:
        return []
    for unit in units:
        if "start" in unit and not unit.keys() & {"lead", "must_run", "fixed"} and rng.random() < 0.6:
            unit["lead"] = [int(rng.choice([0, 10])) for _ in unit["start"]]
        if rng.random() < 0.4:
            unit["regulation"] = float(rng.uniform(0.2, 4))
    held = {store["id"]: float(rng.choice([5.0, 40.0])) for store in stores}

    def product(name: str, kind: ProductKind, direction: Direction, **more: Any) -> dict[str, Any]:
        need = np.round(rng.uniform(2, 30, periods), 1)
        return {"id": name, "kind": kind, "direction": direction, "requirement": need, "minutes": 10.0, "max": 25.0,
                "storage": held if rng.random() < 0.6 else {}, **more}  # fmt: skip

    speed = np.round(rng.uniform(0.5, 3, periods), 1)
    return [
        product("agc", ProductKind.REGULATION, Direction.UP, speed=speed),
        product("agc-down", ProductKind.REGULATION, Direction.DOWN, speed=0.5 * speed),
        product("flex", ProductKind.FLEXIBLE_RAMPING, Direction.UP),
        product("flex-down", ProductKind.FLEXIBLE_RAMPING, Direction.DOWN),
        product("cold", ProductKind.NON_SPINNING, Direction.UP, offers={"g0": [(5.0, 1.0), (30.0, 4.0)]}),
    ]


def _lines(rng: Rng, buses: list[str], periods: int, minutes: int) -> list[dict[str, Any]]:
    """A dispatched and a scheduled direct-current line in half of the markets with more than one bus."""
    if rng.random() < 0.5 or len(buses) < 2:
        return []
    a, b = (str(x) for x in rng.choice(buses, 2, replace=False))
    return [
        {"id": "link", "ends": (a, b), "min": -6.0, "max": 9.0, "ramp": 3.0 / minutes},
        {"id": "given", "ends": (b, a), "mw": np.round(rng.uniform(1, 8, periods), 1), "loss": 0.04},
    ]


def _joint_limits(rng: Rng, units: list[dict[str, Any]], load: Any) -> dict[str, Any]:
    """A group and an energy window in half of the markets, drawn from a stream of their own."""
    if rng.random() < 0.5:
        return {}
    names = [u["id"] for u in units if u["id"].startswith("g")]
    group = {"id": "group", "units": names, "max": np.round(load * rng.uniform(0.3, 1.0)), "min_on": 1}
    return {"groups": [group], "windows": [{"unit": names[0], "max": float(np.round(load.sum() * 0.1))}]}


def _clash(rng: Rng, units: list[dict[str, Any]], periods: int) -> None:
    """Hard data that clash in a third of the markets, in place: an outage in a must-run window, or against min up."""
    if rng.random() < 2 / 3:
        return
    row, out = units[int(rng.integers(len(units)))], np.zeros(periods, dtype=int)
    out[int(rng.integers(1, periods)) :] = 1
    row |= {"must_off": out, "must_run": np.ones(periods, dtype=int)}
    row.pop("fixed", None)
    if row.get("on"):
        row |= {"minutes": 15, "min_up": 24 * 60}


def _limited_starts(seed: int, units: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Limits on starts for some units, and a plant of about half of them, in place; returns the limits of the plant."""
    rng = np.random.default_rng([seed, 11])
    for unit in units:
        if rng.random() < 0.3:
            unit |= {"max_starts": int(rng.integers(0, 2)), "max_stops": int(rng.integers(-1, 2))}
        if rng.random() < 0.5:
            unit["plant"] = "q"
        if not (unit.get("on") or "must_run" in unit or "start" not in unit) and rng.random() < 0.5:
            unit["lead"] = [int(rng.choice([0, 60, 90])) for _ in unit["start"]]
    if rng.random() < 0.4 or not any("plant" in u for u in units):
        return []
    spacing = {name: int(rng.choice([0, 60, 120])) for name in ("start_spacing", "stop_spacing", "switching")}
    return [{"plant": "q", "max_starts": int(rng.integers(-1, 3)), "max_stops": int(rng.integers(-1, 3)), **spacing}]


def _overrides(rng: Rng) -> dict[str, str]:
    chosen: dict[str, str] = {}
    if rng.random() < 0.5:
        chosen["reserves.ramp_sharing"] = "headroom"
    if rng.random() < 0.3:
        chosen["prices.violation_pricing"] = "relax_and_rerun"
    if rng.random() < 0.5:  # pricing penalties as high as in clearing: the schedule is an optimum of the pricing run
        chosen |= {f"penalties.pricing.{f}": "[[inf, 1e5]]" for f in ("branch", "interface")}
        chosen |= {f"penalties.pricing.{f}": "[[inf, 5e4]]" for f in ("shortage", "surplus")}
        chosen["penalties.pricing.product"] = "[[inf, 1e4]]"
        chosen["penalties.pricing.joint_limit"] = "[[inf, 2e5]]"
    return chosen


def _branches(rng: Rng, buses: list[str]) -> list[dict[str, Any]]:
    tree = [
        {
            "id": f"l{k}",
            "ends": (buses[int(rng.integers(0, k))], buses[k]),
            "x": float(rng.uniform(0.05, 0.3)),
            "limit": float(rng.uniform(20, 120)),
            "shift": float(rng.choice([0, 0, 2])),
            "tap": float(rng.choice([1, 1, 0.95])),
        }
        for k in range(1, len(buses))
        if rng.random() < 0.85
    ]
    if len(buses) > 2 and rng.random() < 0.7:
        tree.append({"id": "mesh", "ends": (buses[0], buses[-1]), "x": 0.2, "limit": float(rng.uniform(20, 120))})
    return tree


def _interfaces(rng: Rng, branches: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if not branches or rng.random() < 0.5:
        return []
    return [{"id": "if", "terms": {branches[0]["id"]: 1.0}, "min": -40, "max": float(rng.uniform(20, 60))}]


def _unit(rng: Rng, i: int, periods: int, buses: list[str]) -> dict[str, Any]:
    p_min = float(rng.uniform(5, 30))
    p_max = p_min + float(rng.uniform(20, 120))
    on, blocks = bool(rng.random() < 0.5), int(rng.integers(1, 4))
    prices = np.sort(rng.uniform(-10, 80, blocks))
    unit: dict[str, Any] = {
        "id": f"g{i}",
        "bus": str(rng.choice(buses)),
        "p_min": p_min,
        "p_max": p_max,
        "blocks": [(p_max / blocks, float(price)) for price in prices],
        "no_load": float(rng.uniform(0, 200)),
        "start": [(0, 100.0), (120, 200.0)] if rng.random() < 0.5 else [(0, float(rng.uniform(0, 300)))],
        "stop_cost": float(rng.choice([0, 30])),
        "on": on,
        "mw": float(rng.uniform(p_min, p_max)) if on else 0.0,
        "minutes": int(rng.choice([30, 60, 300])),
        "min_up": int(rng.choice([0, 60, 120])),
        "min_down": int(rng.choice([0, 60, 120])),
        "ramp": float(rng.uniform(0.3, 3)),
        "price_eligible": bool(rng.random() < 0.9),
    }
    if i == 1:
        unit["ineligible"] = [0]
    if rng.random() < 0.4:
        unit |= {"startup_limit": p_min + 5, "shutdown_limit": 1e3 if on else p_min + 8}
    window = rng.random()
    if window < 0.2:
        unit["must_run"] = 1
    elif window < 0.35:
        unit |= {"must_off": [0] * (periods - 1) + [1], "shutdown_limit": 1e3}
    elif window < 0.45 and on:
        unit |= {"must_run": 1, "ramp": 10.0, "fixed": {1: p_min + 5}}
    return unit


def _renewables(rng: Rng, periods: int, buses: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "id": f"r{j}",
            "bus": str(rng.choice(buses)),
            "forecast": rng.uniform(0, 40, periods),
            "price": float(rng.choice([0, -20, 5])),
        }
        for j in range(int(rng.integers(0, 3)))
    ]


def _storage(rng: Rng, buses: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "id": f"s{j}",
            "bus": str(rng.choice(buses)),
            "power": 20,
            "eta": float(rng.uniform(0.8, 1)),
            "energy": 50,
            "initial": 20,
            "discharge_price": float(rng.choice([0, 5])),
            **({"cycles": 0.2} if j else {}),
        }
        for j in range(int(rng.integers(0, 3)))
    ]


def _with_modes(seed: int, stores: list[dict[str, Any]], periods: int) -> list[dict[str, Any]]:
    """Least MW, losses and given modes for some stores, drawn from a stream of their own."""
    rng = np.random.default_rng([seed, 16])
    for store in stores:
        if rng.random() < 0.5:
            given = np.where(rng.random(periods) < 0.15, rng.integers(1, 3, periods), 0)
            store |= {"charge_min": 6.0, "discharge_min": float(rng.choice([0, 8])), "final": 10, "mode": given}
        if rng.random() < 0.5:
            store |= {"loss": 0.02, "final": 10}
    return stores


def _products(rng: Rng) -> list[dict[str, Any]]:
    if rng.random() < 0.3:
        return []
    need = float(rng.uniform(5, 20))
    serves = need < 12
    return [
        {"id": "up", "requirement": need, "minutes": 10, "serves": ["up2"] if serves else []},
        {"id": "up2", "requirement": 5 + need * serves, "minutes": 30, "max": 15},
        {"id": "down", "requirement": float(rng.uniform(2, 10)), "direction": 2, "minutes": 10},
        {
            "id": "bid",
            "requirement": 12 * need,
            "minutes": 20,
            "curve": [(6 * need, need), (np.inf, 8 * need)],
            "offers": {"g0": [(need, 0.4 * need), (8, need)], "g1": [(4, 1.0), (40, 0.7 * need)]},
        },
    ]
