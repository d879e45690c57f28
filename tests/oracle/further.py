"""What joins units, periods or products in drawn cases, as rows for tests.factory; from a stream of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from clearing.case.units import Fuel
from clearing.rules.rules import Rules, StateJudged
from tests.factory import Row

INF = np.inf
Rng = np.random.Generator


def finer_rules(rng: Rng, rules: Rules) -> Rules:
    """Penalties of joint limits and starts as small as the others; times of the rule set for plants and starts."""
    joint, number = ((5.0, 250.0), (INF, 400.0)), ((1.0, 300.0), (INF, 700.0))
    least = rng.random() < 0.3
    return replace(
        rules,
        clearing_penalties=replace(rules.clearing_penalties, joint_limit=joint, group_on=number),
        pricing_penalties=replace(rules.pricing_penalties, joint_limit=((INF, 150.0),), group_on=number),
        starts=replace(
            rules.starts,
            penalty=((1.0, 200.0), (INF, 350.0)),
            start_spacing_minutes=int(rng.choice([0, 0, 60])),
            stop_spacing_minutes=int(rng.choice([0, 0, 60])),
            switching_minutes=int(rng.choice([0, 0, 90])),
            lead_clock_minute=int(rng.choice([-60, 0])),
            lead_hot_minutes=30.0 if least else None,
            lead_warm_minutes=90.0 if least else None,
            lead_cold_minutes=150.0 if least else None,
            judged=StateJudged.SYNC if rng.random() < 0.5 else StateJudged.CLOCK,
        ),
    )


def further(rng: Rng, units: list[Row], storage: list[Row], products: list[Row], buses: list[str], periods: int,
            minutes: int) -> dict[str, Any]:  # fmt: skip
    """Adds keys to the rows of units, storage and products; returns further arguments of `market`."""
    for row in units:
        _unit_terms(rng, row)
    for row in storage:
        if rng.random() < 0.5:
            row["cycles"] = float(rng.choice([0.1, 0.4]))
    _product_terms(rng, products, units, periods)
    plants = sorted({row["plant"] for row in units if "plant" in row})
    return {
        "groups": [_group(rng, units, periods)] * (rng.random() < 0.4),
        "windows": [_window(rng, units, periods, minutes)] * (rng.random() < 0.4),
        "bids": [_bid(rng, b, buses, periods) for b in range(int(rng.choice([0, 0, 1, 2])))],
        "virtual": [_virtual(rng, v, buses, periods, minutes) for v in range(int(rng.choice([0, 0, 1, 2])))],
        "plant_limits": [_plant(rng, name, minutes) for name in plants if rng.random() < 0.6],
        "lead_reference": int(rng.choice([-60, 0])) if rng.random() < 0.3 else None,
        "start_minute": int(rng.choice([0, 0, 1440 - 2 * minutes])),
    }


def _unit_terms(rng: Rng, row: Row) -> None:
    if rng.random() < 0.7:
        row["plant"] = str(rng.choice(["east", "east", "west"]))
    for name in ("max_starts", "max_stops"):
        if rng.random() < 0.25:
            row[name] = int(rng.choice([0, 1]))
    row["fuel"] = int(rng.choice([Fuel.COAL, Fuel.COAL, Fuel.HYDRO]))
    if rng.random() < 0.4:
        row["lead"] = np.sort(rng.choice([0, 30, 60, 120, 240], len(row["start"]))).tolist()


def _plant(rng: Rng, name: str, minutes: int) -> Row:
    row: Row = {"plant": name}
    for key, values in (
        ("max_starts", [0, 1]), ("max_stops", [0, 1]), ("start_spacing", [0, 2 * minutes, 2 * minutes + 5]),
        ("stop_spacing", [0, 2 * minutes]), ("switching", [0, 2 * minutes, 4 * minutes]),
    ):  # fmt: skip
        if rng.random() < 0.5:
            row[key] = int(rng.choice(values))
    return row


def _group(rng: Rng, units: list[Row], periods: int) -> Row:
    members = [row for row in units if rng.random() < 0.7] or units[:1]
    most = sum(float(np.max(row["p_max"])) for row in members)
    row: Row = {"id": "group", "units": [member["id"] for member in members]}
    if rng.random() < 0.7:
        row["max"] = np.where(rng.random(periods) < 0.7, np.round(0.6 * most, 1), INF)
    if rng.random() < 0.7:
        row["min"] = np.where(rng.random(periods) < 0.7, np.round(0.4 * most, 1), -INF)
    row["min_on"] = rng.integers(0, 2, periods)
    row["max_on"] = np.where(rng.random(periods) < 0.5, len(members) - 1 + row["min_on"] * (len(members) == 1), -1)
    return row


def _window(rng: Rng, units: list[Row], periods: int, minutes: int) -> Row:
    unit, first = units[int(rng.integers(len(units)))], int(rng.integers(periods))
    last = int(rng.integers(first, periods))
    most = float(np.max(unit["p_max"])) * (last - first + 1) * minutes / 60
    low, high = (0.0, 0.5 * most) if rng.random() < 0.5 else (0.4 * most, INF if rng.random() < 0.5 else 0.8 * most)
    return {"unit": unit["id"], "first": first, "last": last, "min": low, "max": high}


def _bid(rng: Rng, b: int, buses: list[str], periods: int) -> Row:
    least = np.round(rng.uniform(0, 6, periods) * (rng.random() < 0.6), 1)
    prices = -np.sort(-np.round(rng.uniform(-10, 70, 2), 1))
    widths = [4.0, np.round(rng.uniform(1, 8, periods), 1)]
    return {
        "id": f"bid{b}", "bus": str(rng.choice(buses)), "min": least, "max": least + sum(widths),
        "blocks": list(zip(widths, prices.tolist(), strict=True)),
    }  # fmt: skip


def _virtual(rng: Rng, v: int, buses: list[str], periods: int, minutes: int) -> Row:
    load = bool(rng.random() < 0.5)
    most = 10.0 + np.round(rng.uniform(0, 4, periods), 1)
    prices = np.sort(np.round(rng.uniform(-10, 60, 2), 1))
    share = np.round(rng.dirichlet(np.ones(len(buses))), 3)
    share[-1] = 1.0 - share[:-1].sum()
    row: Row = {
        "id": f"plant{v}", "load": load, "min": float(rng.choice([0.0, 3.0])), "max": most,
        "blocks": [(6.0, float(prices[-1 if load else 0])), (9.0, float(prices[0 if load else -1]))],
        "factors": dict(zip(buses, share.tolist(), strict=True)),
    }  # fmt: skip
    if rng.random() < 0.6:
        row["ramp"] = 5.0 / minutes
    return row


def _product_terms(rng: Rng, products: list[Row], units: list[Row], periods: int) -> None:
    """The first product upward also serves the second; curves and offers for some."""
    up = [row for row in products if row["id"] in ("up", "fast")]
    if len(up) == 2 and rng.random() < 0.6:
        up[1]["serves"] = [up[0]["id"]]
    for row in products:
        if rng.random() < 0.4:
            row["curve"] = [(2.0, 40.0), (3.0, 120.0), (INF, 320.0)][int(rng.integers(0, 2)) :]
        row["offers"] = {
            unit["id"]: [(3.0, float(rng.choice([0.0, 5.0]))), (np.round(rng.uniform(1, 8, periods), 1), 12.0)]
            for unit in units
            if rng.random() < 0.3
        }
