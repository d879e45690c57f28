"""Small random cases with every family at once, valid by the project's own validation, and rules to clear them by."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.reserves import Direction
from clearing.case.resources import Storage
from clearing.rules.rules import HeldIn, Rules
from tests.case.cases import clear_of_clashes
from tests.factory import Row, market
from tests.formulation.drawn import rules_for
from tests.oracle.further import finer_rules, further
from tests.oracle.terms import with_terms

INF = np.inf
Rng = np.random.Generator


@cache
def drawn(seed: int, *, steered: bool = False, terms: bool = False) -> tuple[Case, Rules]:
    """Case and rules of a seed, at most 4 units and 6 periods.

    steered: also system reserves whose shortfall depends on the dispatch. SCED does not hold those rows, so that the
    cost of a clearing may be above the optimum of the SCUC; without them the two are the same. Not steered, the rules
    of some seeds hold SCED to the greatest reserve or the least, which then may be asked for.
    terms: also linear limits, terms of reserve products and bands of regulation (tests/oracle/terms.py).
    """
    rng = np.random.default_rng([seed, int(steered)])
    joins = np.random.default_rng([seed, int(steered), 8])
    rules, kept = finer_rules(joins, rules_for(rng)), np.random.default_rng([seed, int(steered), 64])
    held = not steered and kept.random() < 0.3
    if held:
        rules = replace(rules, reserves=replace(rules.reserves, positive_max_in=HeldIn.DISPATCH))
    stored = np.random.default_rng([seed, int(steered), 128])
    counted = not steered and stored.random() < 0.3
    if counted:
        rules = replace(rules, reserves=replace(rules.reserves, positive_min_in=HeldIn.DISPATCH))
    own = np.random.default_rng([seed, int(steered), 32]) if terms else None
    modes = np.random.default_rng([seed, int(steered), 16])
    for _ in range(300):
        case = _with_modes(modes, _case(rng, joins, steered, own))
        if held:
            most = np.full(case.horizon.periods, float(kept.choice([5.0, 10.0, 20.0, 30.0])))
            case = replace(case, reserves=replace(case.reserves, positive_max_mw=most))
        if counted:
            least = np.full(case.horizon.periods, float(stored.choice([2.0, 5.0, 15.0, 30.0])))
            least = least if case.reserves.positive_max_mw is None else np.minimum(least, case.reserves.positive_max_mw)
            case = replace(case, reserves=replace(case.reserves, positive_min_mw=least))
        if clear_of_clashes(case, rules):
            return case, rules
    raise AssertionError(f"seed {seed} draws no valid case")


def _case(rng: Rng, joins: Rng, steered: bool, own: Rng | None) -> Case:
    units, periods = int(rng.integers(1, 5)), int(rng.integers(2, 7))
    minutes = int(rng.choice([15, 30, 60]))
    buses, branches, interfaces = _network(rng, periods)
    weight = _windows(joins, buses, branches, periods)
    rows = [_unit(rng, i, periods, minutes, buses) for i in range(units)]
    capacity = sum(float(np.max(row["p_max"])) for row in rows)
    total = np.round(capacity * rng.uniform(0.2, 1.0, periods), 1)
    share = rng.dirichlet(np.ones(len(buses)))
    share[rng.random(len(buses)) < 0.1] = 0.0
    loads = {bus: np.round(total * part, 1) for bus, part in zip(buses, share, strict=True) if part > 0 or bus == "a"}
    stores = [_storage(rng, g, minutes, buses) for g in range(int(rng.choice([0, 0, 1, 2])))]
    products = _products(rng, buses, units, minutes) if rng.random() < 0.6 else []
    sites = [_site(rng, r, periods, buses) for r in range(int(rng.integers(0, 3)))]
    ties = [{"id": "tie", "bus": buses[0], "mw": np.round(rng.uniform(-5, 12, periods))}] * (rng.random() < 0.3)
    wanted, more = _system(rng, steered), further(joins, rows, stores, products, buses, periods, minutes)
    if own is not None:
        more |= with_terms(own, rows, sites, stores, products, buses, branches, periods, minutes)
    case = market(
        loads,
        rows,
        renewables=sites,
        storage=stores,
        ties=ties,
        products=products,
        buses=buses,
        zones={bus: f"zone{k % 2}" for k, bus in enumerate(buses)},
        branches=branches,
        interfaces=interfaces,
        period_minutes=minutes,
        weight=weight,
        **wanted,
        **more,
    )
    return _finer(rng, case)


def _finer(rng: Rng, case: Case) -> Case:
    """What short rows cannot say: boundaries of start states, two efficiencies, a negative load."""
    starts, storage, loads = case.units.start_costs, case.storage, np.array(case.loads.mw)
    inclusive = (starts.after_minutes == 0) | (rng.random(len(starts.unit)) < 0.5)
    if rng.random() < 0.2:
        loads[-1, 0] = -3.0
    return replace(
        case,
        units=replace(case.units, start_costs=replace(starts, inclusive=inclusive)),
        storage=replace(
            storage,
            discharge_efficiency=storage.charge_efficiency * rng.choice([1.0, 0.95]),
            energy_min_mwh=0.1 * storage.initial_energy_mwh,
        ),
        loads=replace(case.loads, mw=loads),
    )


def _with_modes(rng: Rng, case: Case) -> Case:
    """Least MW, self-discharge and given modes for some storage, drawn from a stream of their own."""
    table = case.storage
    if not table.id or rng.random() < 0.3:
        return case
    shape, first = table.charge_max_mw.shape, (np.arange(len(table.id)) == 0)[:, None]
    given = np.where(rng.random(shape) < 0.1, rng.integers(1, 4, shape), 0)
    return replace(
        case,
        storage=replace(
            table,
            charge_min_mw=np.where(first, float(rng.choice([0.0, 4.0])), 0.0) * np.ones(shape),
            discharge_min_mw=np.where(first, float(rng.choice([0.0, 3.0])), 0.0) * np.ones(shape),
            self_discharge_per_hour=np.full(shape[0], float(rng.choice([0.0, 0.02]))),
            given_mode=given.astype(np.int64),
            **_by_period(rng, table),
        ),
    )


def _by_period(rng: Rng, table: Storage) -> dict[str, Floats]:
    """Energy bounds and efficiencies that differ by period, for half of the cases."""
    if rng.random() < 0.5:
        return {}
    shape = table.charge_max_mw.shape
    return {
        "energy_max_mwh": table.energy_max_mwh * rng.uniform(0.9, 1.0, shape),
        "energy_min_mwh": table.energy_min_mwh * rng.uniform(0.8, 1.0, shape),
        "charge_efficiency": table.charge_efficiency * rng.uniform(0.9, 1.0, shape),
        "discharge_efficiency": table.discharge_efficiency * rng.uniform(0.9, 1.0, shape),
    }


def _network(rng: Rng, periods: int) -> tuple[list[str], list[Row], list[Row]]:
    buses = list("abcd")[: int(rng.integers(1, 5))]
    pairs = [(a, b) for k, b in enumerate(buses) for a in buses[:k]]
    branches = [
        {
            "id": f"{a}{b}", "ends": (a, b) if rng.random() < 0.7 else (b, a), "x": float(rng.uniform(0.05, 0.4)),
            "limit": float(rng.choice([8.0, 20.0, INF])), "tap": float(rng.choice([1.0, 1.0, 0.9])),
            "shift": float(rng.choice([0.0, 0.0, 1.5, -2.0])), "on": bool(rng.random() < 0.85),
        }
        for a, b in pairs if rng.random() < 0.75
    ]  # fmt: skip
    interfaces: list[Row] = []
    if len(branches) > 1 and rng.random() < 0.6:
        chosen = [branch["id"] for branch in branches[:3]]
        terms = {name: float(rng.choice([1.0, -1.0, 0.5])) for name in chosen}
        most = rng.choice([6.0, 15.0, INF], periods)
        interfaces = [{"id": "cut", "terms": terms, "min": -rng.choice([6.0, 15.0, INF], periods), "max": most}]
    return buses, branches, interfaces


def _windows(rng: Rng, buses: list[str], branches: list[Row], periods: int) -> dict[str, float] | None:
    """Outages and other limits of some branches for a while, in place; now and then a given reference."""
    own = np.random.default_rng(rng.bit_generator.seed_seq.spawn(1)[0])  # type: ignore[attr-defined]
    for row in branches if own.random() < 0.5 else ():
        first, last = np.sort(own.integers(0, periods, 2)).tolist()
        if own.random() < 0.4:
            row["out"] = [(first, last)]
        if own.random() < 0.4:
            row["limits"] = [(first, last, float(own.choice([4.0, 30.0, INF])), INF)]
    return {bus: float(own.integers(0, 3)) for bus in buses} if own.random() < 0.3 else None


def _unit(rng: Rng, i: int, periods: int, minutes: int, buses: list[str]) -> Row:
    low, room = float(rng.choice([0.0, 8.0, 20.0])), float(rng.choice([12.0, 30.0, 50.0]))
    p_min, p_max = np.full(periods, low), np.full(periods, low + room)
    if rng.random() < 0.3:
        p_min[rng.integers(periods)] += 4.0
        p_max[rng.integers(periods)] -= 4.0
    count = int(rng.integers(1, 4))
    prices = np.sort(np.round(rng.uniform(-20 if rng.random() < 0.3 else 5, 60, count), 1))
    row: Row = {
        "id": f"u{i}", "bus": str(rng.choice(buses)), "p_min": p_min, "p_max": p_max,
        "blocks": [((low + room) / count, float(price)) for price in prices],
        "no_load": float(rng.choice([0.0, 60.0, -20.0])), "stop_cost": float(rng.choice([0.0, 30.0])),
        "min_up": max(0, int(rng.choice([0, 1, 2, 4])) * minutes - int(rng.integers(0, 2)) * 5),
        "min_down": int(rng.choice([0, 1, 2, 3])) * minutes + int(rng.integers(0, 2)) * 5,
        "start": _starts(rng, minutes), "price_eligible": bool(rng.random() < 0.8), "on": bool(rng.random() < 0.5),
        "minutes": int(rng.choice([1, 2, 3, 5])) * minutes + int(rng.choice([0, 0, 5])),
    }  # fmt: skip
    row["mw"] = float(np.round(rng.uniform(0.7 * low, low + room), 1)) if row["on"] else 0.0
    for name in ("ramp_up", "ramp_down"):
        if rng.random() < 0.5:
            row[name] = float(rng.choice([6.0, 12.0, 25.0])) / minutes
    for name in ("startup_limit", "shutdown_limit"):
        if rng.random() < 0.5:
            row[name] = float(p_min.max() + rng.choice([0.0, 5.0, 20.0]))
    if i == 2:
        row["ineligible"] = [periods - 1]
    return row | _window(rng, periods, p_min, p_max)


def _window(rng: Rng, periods: int, p_min: np.ndarray, p_max: np.ndarray) -> Row:
    kind, t = rng.random(), int(rng.integers(periods))
    later = (np.arange(periods) >= t).astype(int)
    if kind < 0.15:
        return {"must_run": later}
    if kind < 0.25:
        return {"must_off": later}
    if kind < 0.4:
        return {"fixed": {t: float(rng.choice([0.0, p_min[t], 0.5 * (p_min[t] + p_max[t])]))}}
    return {}


def _starts(rng: Rng, minutes: int) -> list[tuple[int, float]]:
    """Up to three states; now and then a colder start costs less, which validation only warns of."""
    costs = np.round(rng.uniform(0, 500, 3))
    if rng.random() < 0.8:
        costs = np.sort(costs)
    after = [0, *(np.sort(rng.choice(np.arange(1, 7), 2, replace=False)) * minutes).tolist()]
    return list(zip(after, costs.tolist(), strict=True))[: int(rng.integers(1, 4))]


def _site(rng: Rng, r: int, periods: int, buses: list[str]) -> Row:
    forecast = np.round(rng.uniform(0, 25, periods), 1)
    return {
        "id": f"wind{r}", "bus": str(rng.choice(buses)), "forecast": forecast,
        "min": np.round(forecast * float(rng.choice([0.0, 0.2])), 1),
        "blocks": [(10.0, float(rng.choice([-15.0, 0.0]))), (15.0, float(rng.choice([0.0, 30.0])))],
    }  # fmt: skip


def _storage(rng: Rng, g: int, minutes: int, buses: list[str]) -> Row:
    hours = minutes / 60
    return {
        "id": f"store{g}", "bus": str(rng.choice(buses)), "charge": 10.0, "discharge": float(rng.choice([8.0, 12.0])),
        "eta": float(rng.choice([0.8, 0.9, 1.0])), "energy": 22.0 * hours, "initial": 9.0 * hours,
        "final": float(rng.choice([0.0, 5.0, 9.0])) * hours, "final_max": float(rng.choice([12.0, 22.0])) * hours,
        "discharge_price": float(rng.choice([0.0, 4.0])), "charge_price": float(rng.choice([0.0, 2.0])),
    }  # fmt: skip


def _products(rng: Rng, buses: list[str], units: int, minutes: int) -> list[Row]:
    def product(name: str, direction: Direction) -> Row:
        return {
            "id": name, "direction": direction, "requirement": float(rng.choice([0.0, 4.0, 10.0])),
            "minutes": float(rng.choice([minutes / 2, minutes, INF])),
            "max": np.where(rng.random(units) < 0.8, rng.choice([5.0, INF], units), 0.0),
            "buses": buses if rng.random() < 0.7 else buses[:1],
        }  # fmt: skip

    rows = [product("up", Direction.UP), product("fast", Direction.UP), product("down", Direction.DOWN)]
    return [row for row in rows if rng.random() < 0.7]


def _system(rng: Rng, steered: bool) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    if steered and rng.random() < 0.5:
        wanted["positive_min_mw"] = float(rng.choice([5.0, 20.0]))
    if steered and rng.random() < 0.5:
        wanted["positive_max_mw"] = float(rng.choice([10.0, 30.0]))
    if rng.random() < 0.3:
        wanted["negative_min_mw"] = float(rng.choice([0.0, 5.0]))
    return wanted
