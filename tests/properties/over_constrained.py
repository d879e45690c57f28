"""Days with too much asked of them: outages, islands alone, short networks, and hard data that clash."""

from __future__ import annotations

from typing import Any

import numpy as np

from clearing.case.case import Case
from clearing.rules.load import load
from clearing.rules.rules import Rules
from tests.factory import Row, market

Rng = np.random.Generator
FLOOR, CAP = -100.0, 1500.0


def over_constrained(seed: int) -> tuple[Case, Rules]:
    """A case whose numbers are sound one by one, whatever they ask together, and rules with a price floor and cap."""
    rng = np.random.default_rng(seed)
    periods, minutes = int(rng.integers(3, 7)), int(rng.choice([15, 60]))
    units = [_unit(rng, i, periods, minutes) for i in range(int(rng.integers(1, 5)))]
    capacity = sum(float(np.max(row["p_max"])) for row in units)
    buses, branches = ["a", "b", "c"], _network(rng)
    share = rng.dirichlet(np.ones(3)) * (rng.random(3) < 0.7)
    load_mw = {b: np.round(capacity * rng.uniform(0.0, 1.6, periods) * s, 1) for b, s in zip(buses, share, strict=True)}
    stores = _stores(rng, minutes) if rng.random() < 0.5 else []
    plants = _plants(rng, periods, minutes) if rng.random() < 0.4 else []
    # What must be taken beyond the load (charging to a final energy, a ramp of virtual load) cannot be shed: so wind.
    wind = [{"id": "w", "bus": "b", "forecast": 30.0}] if stores or plants else []
    case = market(
        load_mw,
        units,
        renewables=wind,
        storage=stores,
        virtual=plants,
        products=[{"id": "up", "requirement": 10.0, "minutes": 10.0}] if rng.random() < 0.4 else [],
        ties=[{"id": "t", "bus": "c", "mw": float(rng.choice([-20.0, 20.0]))}] if rng.random() < 0.3 else [],
        buses=buses,
        branches=branches,
        period_minutes=minutes,
        lead_reference=-120,
    )
    pricing = str(rng.choice(["penalty", "relax_and_rerun"]))
    prices = {"prices.floor_per_mwh": str(FLOOR), "prices.cap_per_mwh": str(CAP), "prices.violation_pricing": pricing}
    return case, load("generic", "", prices)


def _unit(rng: Rng, i: int, periods: int, minutes: int) -> Row:
    low = np.full(periods, float(rng.choice([0.0, 20.0])))
    low[rng.random(periods) < 0.2] += 20.0
    high = low + float(rng.choice([0.0, 30.0, 60.0]))
    on = bool(rng.random() < 0.6)
    least = float(low.max())
    row: Row = {
        "id": f"u{i}", "bus": str(rng.choice(["a", "b", "c"])), "p_min": low, "p_max": high,
        "blocks": [(100.0, float(np.round(rng.uniform(5, 60))))], "start": [(0, 50.0), (minutes, 90.0)],
        "ramp": float(rng.choice([4.0, 15.0, 50.0])) / minutes,
        "startup_limit": least + float(rng.choice([0.0, 30.0])),
        "shutdown_limit": least + float(rng.choice([0.0, 30.0])),
        "min_up": int(rng.integers(0, 5)) * minutes, "min_down": int(rng.integers(0, 5)) * minutes,
        "on": on, "minutes": int(rng.integers(1, 4)) * minutes,
        "mw": float(rng.choice([5.0, 40.0, 90.0])) if on else 0.0,
    }  # fmt: skip
    if rng.random() < 0.5:
        row["must_run"] = (rng.random(periods) < 0.5).astype(int)
    if rng.random() < 0.5:
        begin = int(rng.integers(0, periods))
        row["must_off"] = (np.arange(periods) // max(1, int(rng.integers(1, 3))) >= begin).astype(int)
    if rng.random() < 0.4:
        row["fixed"] = {int(rng.integers(periods)): float(rng.choice([0.0, 25.0, 50.0, 120.0])) for _ in range(2)}
    if not on and rng.random() < 0.6:
        row["lead"] = [120 + minutes, 120 + 2 * minutes]
    return row


def _network(rng: Rng) -> list[Row]:
    """A triangle with small limits, or with lines out so that buses stand alone."""
    ends = {"ab": ("a", "b"), "bc": ("b", "c"), "ac": ("a", "c")}
    return [
        {"id": name, "ends": pair, "limit": float(rng.choice([1.0, 15.0, np.inf])), "on": bool(rng.random() < 0.6)}
        for name, pair in ends.items()
    ]


def _stores(rng: Rng, minutes: int) -> list[Row]:
    hours = minutes / 60
    return [
        {
            "id": "s", "bus": "b", "power": 10.0, "eta": 0.9, "energy": 30.0 * hours,
            "initial": float(rng.choice([0.0, 12.0, 45.0])) * hours, "final": float(rng.choice([0.0, 29.0])) * hours,
            "loss": float(rng.choice([0.0, 0.1])),
        }
    ]  # fmt: skip


def _plants(rng: Rng, periods: int, minutes: int) -> list[Row]:
    low = rng.choice([0.0, 6.0], periods)
    row: dict[str, Any] = {"id": "v", "min": low, "max": low + 2.0, "blocks": [(10.0, 30.0)], "ramp": 2.0 / minutes}
    return [{**row, "load": bool(rng.random() < 0.5), "factors": {"b": 1.0}}]
