"""Linear limits, terms of awards and bands of regulation in drawn cases, as rows for tests.factory."""

from __future__ import annotations

from typing import Any

import numpy as np

from clearing.case.reserve_kinds import ProductKind
from clearing.case.reserves import Direction
from tests.factory import Row

INF = np.inf
Rng = np.random.Generator


def with_terms(
    rng: Rng, units: list[Row], sites: list[Row], stores: list[Row], products: list[Row], buses: list[str],
    branches: list[Row], periods: int, minutes: int,
) -> dict[str, Any]:  # fmt: skip
    """Adds keys to the rows of units and products, and products; returns further arguments of `market`."""
    if rng.random() < 0.6:
        products.append(_slow(rng, units, minutes))
    for row in products:
        if rng.random() < 0.6:
            now, before = float(rng.choice([0.0, 0.5, 1.0, 2.0])), float(rng.choice([0.0, 0.0, 0.5, 1.0]))
            row["terms"] = (bool(rng.random() < 0.5), now, before, bool(rng.random() < 0.5))
        if "serves" in row and rng.random() < 0.6:
            _carry(rng, row, next(other for other in products if other["id"] in row["serves"]))
    _regulation(rng, units, products, periods)
    return {"linear": _limits(rng, units, sites, stores, buses, branches, periods)}


def _slow(rng: Rng, units: list[Row], minutes: int) -> Row:
    """A product that units may hold off line, some of them by statement."""
    return {
        "id": "slow", "direction": Direction.UP, "kind": ProductKind.NON_SPINNING, "minutes": float(minutes),
        "requirement": float(rng.choice([4.0, 12.0])), "max": float(rng.choice([6.0, INF])),
        "off": {row["id"]: float(rng.choice([0.0, 5.0, 9.0])) for row in units if rng.random() < 0.6},
    }  # fmt: skip


def _carry(rng: Rng, better: Row, lesser: Row) -> None:
    """A shortfall of the better product counts in the lesser one: both have curves, the better one the dearer."""
    lesser["curve"] = [(2.0, float(rng.choice([20.0, 40.0]))), (INF, 80.0)]
    better["curve"] = [(3.0, 90.0), (INF, float(rng.choice([120.0, 300.0])))]
    better["carries"] = [lesser["id"]]


def _regulation(rng: Rng, units: list[Row], products: list[Row], periods: int) -> None:
    """A product becomes regulation; units are fast, and some regulate within bands."""
    chosen = [row for row in products if row["id"] in ("fast", "down") and "serves" not in row]
    if not chosen or rng.random() < 0.3:
        return
    row = chosen[int(rng.integers(len(chosen)))]
    row["kind"] = ProductKind.REGULATION
    for unit in units:
        low, high = float(np.max(unit["p_min"])), float(np.min(unit["p_max"]))
        unit["regulation"] = float(rng.choice([0.5, 2.0]))
        if rng.random() < 0.7 and high - low > 8.0:
            given = np.where(rng.random(periods) < 0.3, rng.integers(1, 3, periods), 0)
            unit["band"] = (low + float(rng.choice([0.0, 3.0])), high - float(rng.choice([0.0, 4.0])),
                            float(rng.choice([0.0, 8.0])), given)  # fmt: skip


def _limits(
    rng: Rng, units: list[Row], sites: list[Row], stores: list[Row], buses: list[str], branches: list[Row], periods: int
) -> list[Row]:
    """One to three weighted sums of anything, with penalties of their own or the rule set's."""
    kinds = {
        "units": [row["id"] for row in units], "renewables": [row["id"] for row in sites],
        "storage": [row["id"] for row in stores], "buses": buses, "branches": [row["id"] for row in branches],
    }  # fmt: skip
    found: list[Row] = []
    for c in range(int(rng.choice([1, 1, 2, 3]))):
        row: Row = {"id": f"limit{c}"}
        for kind, ids in kinds.items():
            chosen = [name for name in ids if rng.random() < 0.4]
            if chosen:
                row[kind] = {name: float(rng.choice([1.0, -1.0, 0.5])) for name in chosen}
        row.setdefault("units", {units[0]["id"]: 1.0})
        if rng.random() < 0.8:
            row["max"] = np.where(rng.random(periods) < 0.8, np.round(rng.uniform(5, 40, periods)), INF)
        if rng.random() < 0.4 or "max" not in row:
            row["min"] = np.round(rng.uniform(-40, 4, periods))
        if rng.random() < 0.5:
            row["penalty"] = float(rng.choice([15.0, 90.0]))
        found.append(row)
    return found
