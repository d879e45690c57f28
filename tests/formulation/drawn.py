"""Small random cases over every family, each valid by the project's own validation, and rules to clear them by."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from clearing.case.case import Case
from clearing.case.reserves import Direction
from clearing.rules.load import load
from clearing.rules.rules import HeldIn, Penalties, RampSharing, Rules, ViolationPricing
from tests.case.cases import clear_of_clashes
from tests.factory import Row, market
from tests.formulation.enumeration import count

INF = np.inf
GENERIC = load("generic")
CLEARING = Penalties(
    shortage=((15.0, 900.0), (INF, 1200.0)),
    surplus=((20.0, 800.0), (INF, 1000.0)),
    branch=((5.0, 1500.0), (INF, 2500.0)),
    interface=((INF, 2600.0),),
    product=((4.0, 300.0), (INF, 600.0)),
    system_reserve=((10.0, 150.0), (INF, 250.0)),
)
"""Small enough that a solver's tolerance times a penalty stays below what the tests compare."""
PRICING = Penalties(*(((INF, price),) for price in (400.0, 400.0, 500.0, 500.0, 200.0, 100.0)))


def exact(rules: Rules) -> Rules:
    """The same rules, searched to the end: no gap is left over."""
    return replace(rules, solve=replace(rules.solve, gap=0.0, absolute_gap=1e-5))


def rules_for(rng: np.random.Generator) -> Rules:
    """Rules with stepped penalties and a drawn form of ramp sharing and of violation pricing."""
    sharing = RampSharing.PGLIB if rng.random() < 0.5 else RampSharing.HEADROOM
    violation = ViolationPricing.PENALTY if rng.random() < 0.5 else ViolationPricing.RELAX_AND_RERUN
    rules = exact(GENERIC)
    return replace(
        rules,
        clearing_penalties=CLEARING,
        pricing_penalties=PRICING,
        reserves=replace(rules.reserves, ramp_sharing=sharing, renewable_share=float(rng.choice([0.5, 1.0]))),
        prices=replace(rules.prices, violation_pricing=violation),
    )


def drawn(seed: int, most: int = 300) -> tuple[Case, Rules]:
    """A valid case whose commitments number at most `most`, and its rules; the same for the same seed."""
    rng = np.random.default_rng(seed)
    rules = rules_for(rng)
    for _ in range(200):
        case = _case(rng)
        if 2 <= count(case) <= most and clear_of_clashes(case, rules):
            return _held(np.random.default_rng([seed, 1]), case, rules)
    raise AssertionError(f"seed {seed} draws no valid case")


def _held(rng: np.random.Generator, case: Case, rules: Rules) -> tuple[Case, Rules]:
    """Half of the seeds hold SCED to a greatest positive reserve, a third to a least."""
    reserves, held = case.reserves, rules.reserves
    if rng.random() >= 0.5:
        most = np.full(case.horizon.periods, float(rng.choice([5.0, 15.0, 25.0, 60.0])))
        reserves, held = replace(reserves, positive_max_mw=most), replace(held, positive_max_in=HeldIn.DISPATCH)
    if rng.random() < 1 / 3:
        least = np.full(case.horizon.periods, float(rng.choice([2.0, 5.0, 15.0, 30.0])))
        if reserves.positive_max_mw is not None:  # a greatest one of the case is held as well: SCED may break it else
            least, held = np.minimum(least, reserves.positive_max_mw), replace(held, positive_max_in=HeldIn.DISPATCH)
        reserves, held = replace(reserves, positive_min_mw=least), replace(held, positive_min_in=HeldIn.DISPATCH)
    return replace(case, reserves=reserves), replace(rules, reserves=held)


def _case(rng: np.random.Generator) -> Case:
    units, periods = [(1, 5), (1, 4), (2, 4), (2, 3), (2, 5), (3, 3)][rng.integers(6)]
    minutes = int(rng.choice([15, 30, 60]))
    shape = str(rng.choice(["plate", "pair", "triangle", "islands"], p=[0.35, 0.2, 0.3, 0.15]))
    shape = "pair" if shape == "islands" and units == 1 else shape
    buses, branches, interfaces = _network(rng, shape)
    rows = [_unit(rng, i, periods, minutes, buses) for i in range(units)]
    if shape == "islands":
        rows[0]["bus"], rows[1]["bus"] = "a", "c"
    capacity = sum(float(np.max(r["p_max"])) for r in rows)
    stores = _storage(rng, minutes, buses) if units * periods <= 6 and rng.random() < 0.4 else []
    sites = _sites(rng, periods, buses) if rng.random() < 0.4 else []
    scarce = rng.random() < 0.3
    total = np.round(capacity * rng.uniform(*((0.25, 1.05) if scarce else (0.3, 0.6)), periods))
    share = rng.dirichlet(4 * np.ones(len(buses)))
    case = market(
        {b: np.round(total * s, 1) for b, s in zip(buses, share, strict=True)},
        rows,
        renewables=sites,
        storage=stores,
        ties=[{"id": "t", "bus": buses[-1], "mw": np.round(rng.uniform(-10, 15, periods))}][: int(rng.random() < 0.2)],
        products=_products(rng, buses, units, minutes) if rng.random() < 0.5 else [],
        buses=buses,
        zones={b: "east" if k else "west" for k, b in enumerate(buses)},
        branches=branches,
        interfaces=interfaces,
        period_minutes=minutes,
        **_system(rng, with_dispatch=bool(sites or stores)),
    )  # fmt: skip
    starts = case.units.start_costs
    inclusive = (starts.after_minutes == 0) | (rng.random(len(starts.unit)) < 0.5)
    return replace(case, units=replace(case.units, start_costs=replace(starts, inclusive=inclusive)))


def _network(rng: np.random.Generator, shape: str) -> tuple[list[str], list[Row], list[Row]]:
    def line(name: str, a: str, b: str) -> Row:
        limit = float(rng.choice([15.0, 30.0, INF]))
        tap = float(rng.choice([1.0, 1.0, 0.95]))
        shift = float(rng.choice([0.0, 0.0, 1.0, -2.0]))
        return {
            "id": name,
            "ends": (a, b),
            "x": float(rng.uniform(0.05, 0.3)),
            "limit": limit,
            "tap": tap,
            "shift": shift,
        }

    if shape == "plate":
        return ["a"], [], []
    if shape == "pair":
        branches = [line("ab", "a", "b"), line("ab2", "a", "b")]
        return ["a", "b"], branches, []
    if shape == "islands":
        return ["a", "b", "c"], [line("ab", "a", "b"), {**line("bc", "b", "c"), "on": False}], []
    branches = [line("ab", "a", "b"), line("bc", "b", "c"), line("ac", "a", "c")]
    top = float(rng.choice([10.0, 30.0, INF]))
    interfaces: list[Row] = [
        {"id": "cut", "terms": {"ab": 1.0, "ac": 1.0}, "min": -top, "max": float(rng.choice([15.0, INF]))}
    ]
    return ["a", "b", "c"], branches, interfaces if rng.random() < 0.6 else []


def _unit(rng: np.random.Generator, i: int, periods: int, minutes: int, buses: list[str]) -> Row:
    low = float(rng.choice([0.0, 10.0, 20.0]))
    p_min = np.full(periods, low)
    p_max = low + np.full(periods, float(rng.choice([15.0, 30.0, 50.0])))
    if rng.random() < 0.2:
        p_min[rng.integers(periods)] += 5.0
    if rng.random() < 0.2:
        p_max[rng.integers(periods)] -= 5.0
    reach = float(p_max.max())
    prices = np.sort(np.round(rng.uniform(-20 if rng.random() < 0.3 else 5, 60, int(rng.integers(1, 4))), 1))
    widths = np.full(len(prices), reach / len(prices))
    row: Row = {
        "id": f"u{i}", "bus": str(rng.choice(buses)), "p_min": p_min, "p_max": p_max,
        "blocks": list(zip(widths.tolist(), prices.tolist(), strict=True)),
        "no_load": float(rng.choice([0.0, 40.0, 150.0])), "stop_cost": float(rng.choice([0.0, 25.0])),
        "min_up": int(rng.choice([0, 1, 2, 3])) * minutes - int(rng.integers(0, 2)) * 5,
        "min_down": int(rng.choice([0, 1, 2, 3])) * minutes + int(rng.integers(0, 2)) * 5,
        "start": _starts(rng, minutes), "price_eligible": bool(rng.random() < 0.85),
    }  # fmt: skip
    row["min_up"] = max(0, row["min_up"])
    if rng.random() < 0.5:
        row["ramp_up"] = float(rng.choice([12.0, 20.0, 30.0])) / minutes
        row["ramp_down"] = float(rng.choice([8.0, 15.0, 25.0])) / minutes
    if rng.random() < 0.5:
        row["startup_limit"] = float(p_min.max() + rng.choice([0.0, 6.0, 20.0]))
        row["shutdown_limit"] = float(p_min.max() + rng.choice([0.0, 6.0, 20.0]))
    row["on"] = bool(rng.random() < 0.5)
    row["minutes"] = int(rng.choice([minutes, 2 * minutes, 4 * minutes, 6 * minutes, 7 * minutes + 5]))
    row["mw"] = float(np.round(rng.uniform(low * rng.choice([0.5, 1.0]), reach), 1)) if row["on"] else 0.0
    kind = rng.random()
    window = np.zeros(periods, dtype=int)
    window[rng.integers(periods) :] = 1
    if kind < 0.15:
        row["must_run"] = window
    elif kind < 0.3:
        row["must_off"] = window
    elif kind < 0.4:
        t = int(rng.integers(periods))
        row["fixed"] = {t: float(rng.choice([0.0, p_min[t], 0.5 * (p_min[t] + p_max[t])]))}
    return row


def _starts(rng: np.random.Generator, minutes: int) -> list[tuple[int, float]]:
    costs = np.round(rng.uniform(0, 500, 3))
    if rng.random() < 0.8:  # else a colder start may cost less
        costs = np.sort(costs)
    thresholds = np.sort(rng.choice(np.arange(1, 8), 2, replace=False)) * minutes
    states = [(0, costs[0]), (int(thresholds[0]), costs[1]), (int(thresholds[1]), costs[2])]
    return [(after, float(cost)) for after, cost in states[: int(rng.integers(1, 4))]]


def _sites(rng: np.random.Generator, periods: int, buses: list[str]) -> list[Row]:
    forecast = np.round(rng.uniform(5, 25, periods), 1)
    return [
        {
            "id": "wind", "bus": str(rng.choice(buses)), "forecast": forecast,
            "min": forecast * float(rng.choice([0.0, 0.3])),
            "blocks": [(15.0, float(rng.choice([-10.0, 0.0]))), (15.0, float(rng.choice([0.0, 25.0])))],
        }
    ]  # fmt: skip


def _storage(rng: np.random.Generator, minutes: int, buses: list[str]) -> list[Row]:
    hours = minutes / 60
    return [
        {
            "id": "store", "bus": str(rng.choice(buses)), "power": 10.0, "eta": float(rng.choice([0.8, 0.9, 1.0])),
            "energy": 20.0 * hours, "initial": 8.0 * hours, "final": float(rng.choice([0.0, 8.0])) * hours,
            "discharge_price": float(rng.choice([0.0, 3.0])), "charge_price": float(rng.choice([0.0, 1.0])),
        }
    ]  # fmt: skip


def _products(rng: np.random.Generator, buses: list[str], units: int, minutes: int) -> list[Row]:
    def product(name: str, direction: Direction) -> Row:
        return {
            "id": name, "direction": direction, "requirement": float(rng.choice([3.0, 8.0])),
            "minutes": float(rng.choice([minutes / 2, minutes, INF])),
            "max": np.where(rng.random(units) < 0.8, rng.choice([8.0, INF]), 0.0),
            "buses": buses if rng.random() < 0.7 else buses[:1],
        }  # fmt: skip

    return [product("spin", Direction.UP), product("spin2", Direction.UP), product("down", Direction.DOWN)][
        : int(rng.integers(1, 4))
    ][:: int(rng.choice([1, -1]))]


def _system(rng: np.random.Generator, *, with_dispatch: bool) -> dict[str, Any]:
    """System reserves; those whose shortfall depends on the dispatch only where the dispatch cannot move it."""
    wanted: dict[str, Any] = {}
    if rng.random() < 0.3 and not with_dispatch:
        wanted["positive_min_mw"] = float(rng.choice([5.0, 20.0]))
    if rng.random() < 0.15 and not with_dispatch:
        wanted["positive_max_mw"] = 25.0
    if rng.random() < 0.2:
        wanted["negative_min_mw"] = float(rng.choice([0.0, 5.0]))
    return wanted
