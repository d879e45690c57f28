"""Random copper plates: units with every feature, renewables, reserve upward; at most 8 units and 24 periods."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.case.case import Case
from clearing.case.validate import has_errors, validate
from clearing.rules.rules import RampSharing, Rules
from tests.case.cases import clear_of_clashes
from tests.factory import Row, market
from tests.formulation.drawn import CLEARING, GENERIC, exact

Rng = np.random.Generator


def drawn(seed: int, most_units: int = 8, most_periods: int = 24) -> tuple[Case, Rules]:
    """A valid case and its rules, the same for the same seed."""
    rng = np.random.default_rng(seed)
    sharing = RampSharing.PGLIB if rng.random() < 0.7 else RampSharing.HEADROOM
    rules = exact(GENERIC)
    rules = replace(rules, clearing_penalties=CLEARING, reserves=replace(rules.reserves, ramp_sharing=sharing))
    for _ in range(200):
        case = _case(rng, most_units, most_periods)
        if clear_of_clashes(case, rules) and not has_errors(validate(case, rules)):
            return case, rules
    raise AssertionError(f"seed {seed} draws no valid case")


def _case(rng: Rng, most_units: int, most_periods: int) -> Case:
    units, periods = int(rng.integers(2, most_units + 1)), int(rng.integers(4, most_periods + 1))
    minutes = int(rng.choice([30, 60]))
    rows = [_unit(rng, i, periods, minutes) for i in range(units)]
    capacity = sum(float(np.max(row["p_max"])) for row in rows)
    load = np.round(capacity * (0.5 + rng.uniform(0.1, 0.35) * np.sin(np.arange(periods) / 3 + rng.uniform(0, 6))), 1)
    sites: list[Row] = []
    if rng.random() < 0.5:
        forecast = np.round(0.25 * capacity * rng.random(periods), 1)
        sites = [
            {"id": "w", "forecast": forecast, "min": 0.3 * forecast, "price": float(rng.choice([0.0, -5.0, 12.0]))}
        ]
    products: list[Row] = []
    if rng.random() < 0.8:
        most = {"max": 15.0} if rng.random() < 0.3 else {}
        products = [
            {"id": "spin", "requirement": np.round(0.08 * load, 1), "minutes": int(rng.choice([10, 60])), **most}
        ]
    system = {"positive_min_mw": 5.0} if rng.random() < 0.2 else {}
    ties = [{"id": "t", "mw": np.round(rng.uniform(-5, 12, periods))}] if rng.random() < 0.2 else []
    return market(load, rows, renewables=sites, products=products, ties=ties, period_minutes=minutes, **system)


def _unit(rng: Rng, i: int, periods: int, minutes: int) -> Row:
    least, room = float(rng.integers(0, 30)), float(rng.integers(10, 80))
    price = np.sort(rng.integers(5, 60, 3)).astype(float)
    on = bool(rng.random() < 0.5)
    cost = rng.integers(0, 500, 2).astype(float)
    row: Row = {
        "id": f"u{i}", "p_min": least, "p_max": least + room, "no_load": float(rng.integers(0, 300)),
        "blocks": [(least, price[0]), (room / 2, price[1]), (room / 2, price[2])],
        "start": [(0, cost[0]), (int(rng.integers(1, 5)) * 60, cost.sum() + 1.0)],
        "stop_cost": float(rng.choice([0.0, 40.0])), "min_up": minutes * int(rng.integers(1, 6)),
        "min_down": minutes * int(rng.integers(1, 6)), "on": on, "mw": least + (0.5 * room if on else 0.0),
        "minutes": minutes * int(rng.integers(1, 9)),
    }  # fmt: skip
    if not on:
        row["mw"] = 0.0
    if rng.random() < 0.5:
        row["ramp_up"], row["ramp_down"] = (float(rng.uniform(0.15, 0.6) * room / minutes) for _ in range(2))
    if rng.random() < 0.4:
        row["startup_limit"], row["shutdown_limit"] = (least + float(rng.uniform(0.0, 0.6) * room) for _ in range(2))
    if rng.random() < 0.15:
        row["must_run"] = (rng.random(periods) < 0.2).astype(int)
    elif rng.random() < 0.15:
        row["must_off"] = (rng.random(periods) < 0.2).astype(int)
    if rng.random() < 0.15:
        row["p_max"] = row["p_max"] - np.round(0.3 * room * (rng.random(periods) < 0.3), 1)
    return row
