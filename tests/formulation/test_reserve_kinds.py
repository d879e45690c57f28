"""Kinds of reserve products: the optimum against enumeration, and the audit of drawn answers."""

from __future__ import annotations

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.reserve_kinds import ProductKind
from clearing.case.reserves import Direction
from clearing.rules.rules import Rules
from tests.case.cases import clear_of_clashes
from tests.factory import Row, market
from tests.formulation.drawn import rules_for
from tests.formulation.enumeration import brute_force
from tests.formulation.test_reserve_terms import cleared

INF = np.inf


def random_kinds(seed: int) -> tuple[Case, Rules]:
    """Two units, one of them quick, a battery in half of the cases, four or five products of every kind."""
    rng = np.random.default_rng(seed)
    periods, store = 3, bool(seed % 2)
    minutes = int(rng.choice([15, 30, 60]))
    units = [
        {
            "id": f"u{i}", "bus": "ab"[i], "p_min": float(rng.choice([0.0, 10.0])),
            "p_max": rng.choice([40.0, 50.0, 60.0], periods) if rng.random() < 0.3 else float(rng.choice([40.0, 60.0])),
            "price": float(rng.integers(5, 40)), "no_load": float(rng.choice([0.0, 300.0])), "mw": 20.0,
            "on": bool(rng.random() < 0.6), "minutes": int(rng.choice([15, 60])), "start_cost": 60.0,
            "ramp": float(rng.choice([0.5, 1.0])),
            "lead": [int(rng.choice([0, 10, 30]))] if rng.random() < 0.8 else [-1],
            "min_down": int(rng.choice([0, 30, 60])), "startup_limit": float(rng.choice([25.0, INF])),
            **({"regulation": float(rng.choice([0.4, 2.0]))} if rng.random() < 0.5 else {}),
        }
        for i in range(2)
    ]  # fmt: skip
    for unit in units:
        unit["mw"] = 20.0 if unit["on"] else 0.0
    storage = [{"id": "s", "power": 15.0, "energy": 20.0, "initial": float(rng.choice([2.0, 12.0])), "eta": 0.9}]

    def product(name: str, kind: ProductKind, direction: Direction, serves: list[str]) -> Row:
        more: Row = {"speed": rng.choice([0.0, 0.6, 3.0], periods)} if kind is ProductKind.REGULATION else {}
        return {
            "id": name, "kind": kind, "direction": direction,
            "requirement": rng.choice([0.0, 8.0, 20.0, 45.0], periods),
            "minutes": float(rng.choice([10.0, 20.0])), "max": rng.choice([12.0, 35.0], 2), "serves": serves,
            "buses": ["a", "b"] if rng.random() < 0.7 else [str(rng.choice(["a", "b"]))],
            "curve": [(3.0, 20.0), (INF, 250.0)] if rng.random() < 0.4 else [],
            "offers": {"u0": [(4.0, 2.0), (9.0, 7.0)], "u1": [(30.0, 11.0)]} if rng.random() < 0.4 else {},
            "storage": {"s": float(rng.choice([6.0, 30.0]))} if store and rng.random() < 0.7 else {},
            **more,
        }  # fmt: skip

    up, down = Direction.UP, Direction.DOWN
    products = [
        product("agc", ProductKind.REGULATION, up, ["spin", "cold"]),
        product("agc-down", ProductKind.REGULATION, down, []),
        product("spin", ProductKind.SPINNING, up, ["cold"]),
        product("cold", ProductKind.NON_SPINNING, up, []),
        product("flex", ProductKind.FLEXIBLE_RAMPING, up, []),
        product("flex-down", ProductKind.FLEXIBLE_RAMPING, down, []),
    ]
    chosen = {str(name) for name in rng.choice([p["id"] for p in products], 4, replace=False)}
    kept = [{**p, "serves": [s for s in p["serves"] if s in chosen]} for p in products if p["id"] in chosen]
    load = {"a": rng.uniform(5, 35, periods), "b": rng.uniform(5, 30, periods)}
    line = [{"id": "l", "ends": ("a", "b"), "limit": 30.0}]
    return market(
        load, units, storage=storage if store else [], products=kept, branches=line, period_minutes=minutes
    ), rules_for(rng)


@pytest.mark.parametrize("seed", range(16))
def test_the_optimum_is_that_of_every_commitment(seed: int) -> None:
    case, rules = random_kinds(seed)
    if not clear_of_clashes(case, rules):
        pytest.skip("the draw is not a valid case")
    right = brute_force(case, rules)
    assert right is not None
    found = cleared(case, rules)
    assert found.termination.objective == pytest.approx(right.objective, rel=1e-6, abs=1e-6)
