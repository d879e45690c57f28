"""A valid case with every table, and a way to spoil one value of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.case.reserve_kinds import ProductKind
from clearing.case.validate import validate
from clearing.rules.load import load
from clearing.rules.rules import Rules
from tests.factory import market


def valid() -> Case:
    """Three buses, four periods, every table filled; no finding of any severity."""
    return market(
        {"a": [100, 110, 120, 130], "b": [50, 50, 60, 60]},
        buses=["a", "b", "c"],
        zones={"a": "north", "b": "south"},
        units=[
            {
                "id": "g1",
                "bus": "a",
                "p_min": 40,
                "p_max": 200,
                "blocks": [(40, 10), (100, 20), (60, 30)],
                "ramp": 2,
                "startup_limit": 40,
                "shutdown_limit": 40,
                "min_up": 120,
                "min_down": 120,
                "up": [20],
                "down": [15],
                "no_load": 5,
                "start": [(0, 100), (600, 200), (4320, 300)],
                "stop_cost": 1,
                "on": True,
                "minutes": 600,
                "mw": 100,
                "fixed": {0: 120, 1: 130},
                "owner": "o1",
                "plant": "p1",
                "max_starts": 1,
                "max_stops": 2,
                "lead": [60, 120, 240],
                "regulation": 1.5,
            },
            {
                "id": "g2",
                "band": (5, 70, 2, [0, 1, 0, 0]),
                "bus": "c",
                "p_max": 80,
                "price": 40,
                "must_run": [0, 1, 1, 0],
                "owner": "o2",
                "ramp": 4,
                "ineligible": [3],
            },
        ],
        renewables=[
            {"id": "w1", "bus": "b", "forecast": [10, 20, 30, 20], "price": -5, "min": 1},
            {"id": "w2", "bus": "c", "forecast": 5},
        ],
        storage=[
            {
                "id": "s1",
                "bus": "c",
                "power": 10,
                "eta": 0.9,
                "energy": 40,
                "initial": 20,
                "discharge_price": 3,
                "cycles": 2,
                "charge_min": 1,
                "loss": 0.01,
            },
        ],
        ties=[{"id": "t1", "bus": "a", "mw": [5, -5, 0, 5]}],
        products=[
            {
                "id": "up",
                "requirement": 20,
                "minutes": 10,
                "max": 50,
                "serves": ["slow"],
                "kind": ProductKind.REGULATION,
                "speed": 3,
                "terms": (False, 1.5, 1.5, False),
                "carries": ["slow"],
                "curve": [(np.inf, 400)],
            },
            {
                "id": "slow",
                "requirement": 30,
                "minutes": 30,
                "max": 50,
                "curve": [(np.inf, 400)],
                "offers": {"g1": [(20, 1), (30, 2)]},
                "storage": {"s1": 5},
                "terms": (False, 0.5, 0.5, True),
            },
            {"id": "cold", "requirement": 5, "max": 0, "kind": ProductKind.NON_SPINNING, "off": {"g2": 30}},
        ],
        branches=[
            {"id": "ab", "ends": ("a", "b"), "limit": 100, "limits": [(1, 2, 90, 110)]},
            {"id": "bc", "ends": ("b", "c"), "limit": 100, "penalty": 800, "out": [(2, 3)]},
            {"id": "ac", "ends": ("a", "c")},
        ],
        weight={"a": 1.0, "b": 2.0},
        loss_factor={"a": 0.95},
        interfaces=[{"id": "north", "terms": {"ab": 1, "ac": 1}, "min": -300, "max": 300, "penalty": 900}],
        positive_min_mw=30,
        positive_max_mw=500,
        negative_min_mw=10,
        groups=[{"id": "G", "units": ["g1", "g2"], "min": 10, "max": 250, "min_on": 1, "max_on": 2}],
        windows=[{"unit": "g1", "first": 1, "min": 50, "max": 700}],
        bids=[{"id": "d1", "bus": "b", "min": 2, "max": 12, "blocks": [(5, 34), (5, 20)], "owner": "o2"}],
        virtual=[
            {"id": "v1", "max": 8, "price": 22, "baseline": 3, "ramp": 1, "factors": {"a": 0.25, "c": 0.75}},
            {"id": "v2", "load": True, "min": 1, "max": 6, "blocks": [(3, 33), (3, 15)], "factors": {"b": 1}},
        ],
        pumps=[
            {"id": "p1", "bus": "c", "pump": 8, "min": 2, "max": 8, "eta": 0.85, "changeover": 60, "changes": 4},
            {"id": "p2", "bus": "c", "pump": 8, "max": 8, "eta": 0.85, "share": -1, "pump_price": 1, "price": 5},
        ],
        reservoirs=[{"id": "lake", "energy": 60, "min": 5, "initial": 30, "final": 10, "inflow": 1}],
        hvdc=[
            {"id": "h1", "ends": ("a", "c"), "max": 5, "ramp": 1},
            {"id": "h2", "ends": ("b", "c"), "mw": 2, "loss": 0.03},
        ],
        linear=[
            {
                "id": "L",
                "units": {"g1": 0.5, "g2": -1},
                "storage": {"s1": 1},
                "renewables": {"w1": 2},
                "min": -500,
                "max": 500,
            },
            {"id": "M", "buses": {"c": 1}, "branches": {"ab": 0.5}, "max": 900, "penalty": 70},
        ],
        contingencies=[
            {"id": "N-bc", "branches": ["bc"], "exempt": ["ac"]},
            {"id": "N-g1", "units": ["g1"], "hvdc": ["h1"]},
        ],
        watch={"branches": ["ab", "bc", "ac"], "interfaces": ["north"]},
        entry=[
            *({"id": name} for name in ("g1", "g2", "w1", "w2", "p1", "p2")),
            {"id": "roof", "in": "v1", "bus": "a", "mw": 2.5},
            {"id": "mill", "in": "v1", "bus": "c", "mw": 7.5, "last": "2027-01-01"},
        ],
        plant_limits=[{"plant": "p1", "max_starts": 2, "start_spacing": 120, "switching": 540}],
        lead_reference=-360,
    )


def put(case: Case, path: str, value: Any, at: Any = None) -> Case:
    """The case with the field at `path` (`units.offers.width_mw`) replaced, or its cell `at` set to value."""
    return replace(case, **_changed(case, path.split("."), value, at))


def _changed(table: Any, names: list[str], value: Any, at: Any) -> dict[str, Any]:
    old = getattr(table, names[0])
    if len(names) > 1:
        return {names[0]: replace(old, **_changed(old, names[1:], value, at))}
    if at is None:
        return {names[0]: value}
    if isinstance(old, tuple):
        return {names[0]: (*old[:at], value, *old[at + 1 :])}
    new = np.array(old)
    new[at] = value
    return {names[0]: new}


def clear_of_clashes(case: Case, rules: Rules) -> bool:
    """Whether a case is valid and nothing of it gives way, so that what is cleared is the case itself."""
    return not [f for f in validate(case, rules) if f.severity is Severity.ERROR or f.code.endswith("_GIVES_WAY")]


def of(findings: list[Finding], code: str) -> list[Finding]:
    """The findings of one code."""
    return [f for f in findings if f.code == code]


def one(case: Case, code: str, **overrides: str) -> Finding:
    """The only finding of a code; overrides as `offers__max_segments="2"`."""
    (finding,) = of(validate(case, load(overrides={k.replace("__", "."): v for k, v in overrides.items()})), code)
    return finding
