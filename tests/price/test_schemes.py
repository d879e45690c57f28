"""LMP, ELMP and convex hull prices: worked figures, the primal of the hull, and the order of their uplifts."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pyomo.environ as pyo
import pytest

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.price_schemes import PriceScheme, PriceSet
from clearing.case.result import ClearingResult
from clearing.checks.audit import audit
from clearing.day_ahead import clear
from clearing.rules.load import load
from clearing.rules.rules import Rules
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from models.convex_hull import convex_hull
from models.solve import solve
from tests.checks.random_market import random_market
from tests.factory import Row, market

LMP, ELMP, HULL = PriceScheme.LMP, PriceScheme.ELMP, PriceScheme.CONVEX_HULL


def cleared(case: Case, rules: Rules | None = None, gap: float = 0.0) -> ClearingResult:
    options = SolveOptions(gap=gap, price_schemes=True)
    answer: ClearingResult = clear(case, rules or load("generic"), options, RunControl())
    return answer


def sets(answer: ClearingResult) -> dict[PriceScheme, PriceSet]:
    return {s.scheme: s for s in answer.price_sets}


def scarf(demand: float) -> Case:
    """Six smokestacks (16 MW, 53 to start, 3 a MWh), five high-tech units (7, 30, 2), five med-tech (2 … 6, 0, 7)."""
    rows: list[Row] = [{"id": f"smoke{k}", "p_max": 16.0, "price": 3.0, "start_cost": 53.0} for k in range(6)]
    rows += [{"id": f"high{k}", "p_max": 7.0, "price": 2.0, "start_cost": 30.0} for k in range(5)]
    rows += [{"id": f"med{k}", "p_min": 2.0, "p_max": 6.0, "price": 7.0, "start_cost": 0.0} for k in range(5)]
    return market([demand], units=[{**row, "lead": [0]} for row in rows])


HIGH, SMOKE = 2.0 + 30.0 / 7.0, 3.0 + 53.0 / 16.0
"""Average cost of a high-tech unit and of a smokestack at full output: 6.2857, 6.3125."""


@pytest.mark.parametrize(
    ("demand", "cost", "hull", "uplift"),
    [
        (10.0, 65.0, HIGH, 65.0 - 10.0 * HIGH),
        (55.0, 347.0, SMOKE, 0.75),
        (86.0, 544.0, SMOKE, 544.0 - (35.0 * HIGH + 51.0 * SMOKE)),
        (100.0, 634.0, SMOKE, 634.0 - (35.0 * HIGH + 65.0 * SMOKE)),
        (140.0, 889.0, 7.0, 0.0),
    ],
)
def test_scarf(demand: float, cost: float, hull: float, uplift: float) -> None:
    """The hull of the total cost follows average costs in merit order: 35 MW at 6.2857, 96 at 6.3125, 30 at 7."""
    answer = cleared(scarf(demand))
    assert answer.costs is not None
    assert answer.costs.total == pytest.approx(cost, abs=1e-6)
    found = sets(answer)[HULL]
    assert found.bus_price[0, 0] == pytest.approx(hull, abs=1e-6)
    assert found.total_uplift == pytest.approx(uplift, abs=2e-4)
    assert not found.approximate
    assert found.gap is not None
    assert found.gap <= 1e-6
    assert found.other_uplift == pytest.approx(0.0, abs=1e-6)


def test_hua_and_baldick_example_1() -> None:
    """Tables 1 and 2 of Hua & Baldick (2017): LMP 50 with uplift 100 and 1,900, hull price 12 with 1,430 and 0."""
    one: Row = {"id": "1", "p_min": 10.0, "p_max": 50.0, "price": 50.0, "start_cost": 100.0}
    answer = cleared(market([35.0], units=[one, {**one, "id": "2", "p_min": 50.0, "price": 10.0}]))
    assert answer.costs is not None
    assert answer.costs.total == pytest.approx(1850.0, abs=1e-6)
    found = sets(answer)
    assert [found[s].bus_price[0, 0] for s in (LMP, HULL)] == pytest.approx([50.0, 12.0], abs=1e-6)
    assert found[LMP].lost_opportunity == pytest.approx([100.0, 1900.0], abs=1e-3)
    assert found[HULL].lost_opportunity == pytest.approx([1430.0, 0.0], abs=1e-3)
    assert found[HULL].total_uplift == pytest.approx(1430.0, abs=1e-3)
    assert not found[HULL].approximate


def test_hua_and_baldick_example_2() -> None:
    """Tables 3 to 5: three hours, ramps of 120 and of 60 MW, also from and to standstill; hull prices 60, 60, 65.6."""
    units: list[Row] = [
        {"id": "1", "p_max": 100.0, "price": 60.0, "ramp": 2.0},
        {"id": "2", "p_max": 100.0, "price": 56.0, "no_load": 600.0, "ramp": 1.0, "startup_limit": 60.0,
         "shutdown_limit": 60.0},
    ]  # fmt: skip
    answer = cleared(market([70.0, 100.0, 170.0], units=units))
    assert answer.schedule is not None
    np.testing.assert_allclose(answer.schedule.dispatch_mw, [[70, 40, 70], [0, 60, 100]], atol=1e-6)
    found = sets(answer)
    assert found[LMP].bus_price[0] == pytest.approx([60.0, 60.0, 60.0], abs=1e-6)
    assert found[HULL].bus_price[0] == pytest.approx([60.0, 60.0, 65.6], abs=1e-5)
    assert found[LMP].lost_opportunity == pytest.approx([0.0, 560.0], abs=1e-3)
    assert found[HULL].lost_opportunity == pytest.approx([168.0, 0.0], abs=1e-2)
    assert not found[HULL].approximate


def test_chen_oneill_and_whitman() -> None:
    """Their talk of 2020 at FERC, slide 13, as a public model quotes it: a start that pays in the third hour alone.

    LMP 10, 10, 90; unit 2 earns −1,830, −1,030 and 1,170, so 1,690 are paid to it. Of the hull they give no figure.
    """
    units: list[Row] = [
        {"id": "1", "p_max": 100.0, "price": 10.0},
        {"id": "2", "p_min": 20.0, "p_max": 35.0, "price": 50.0, "no_load": 30.0, "start_cost": 1000.0,
         "ramp": 5.0 / 60.0, "startup_limit": 22.5, "shutdown_limit": 35.0},
    ]  # fmt: skip
    answer = cleared(market([95.0, 100.0, 130.0], units=units))
    assert answer.schedule is not None
    output = answer.schedule.dispatch_mw
    np.testing.assert_allclose(output, [[75, 75, 100], [20, 25, 30]], atol=1e-6)
    found = sets(answer)
    assert found[LMP].bus_price[0] == pytest.approx([10.0, 10.0, 90.0], abs=1e-6)
    earned = (found[LMP].bus_price[0] - 50.0) * output[1] - 30.0 - np.array([1000.0, 0.0, 0.0])
    assert earned == pytest.approx([-1830.0, -1030.0, 1170.0], abs=1e-3)
    assert found[LMP].make_whole == pytest.approx([0.0, 1690.0], abs=1e-3)
    assert found[LMP].total_uplift == pytest.approx(1690.0, abs=1e-3)
    assert not found[HULL].approximate
    assert found[HULL].total_uplift < 1690.0


def test_schemes_by_hand() -> None:
    """One bus, an hour. A 0 … 100 MW at 10, 0 to start; B 20 … 50 MW at 20, 300 to start, fast; load 110.

    B must run at its 20 MW at least, so A makes 90: cost 900 + 400 + 300 = 1600, LMP 10, B gets 200 of 700: 500 short.
    ELMP: B at 20 + 300/50 = 26 a MWh when relaxed, 10 MW of it: price 26, so is the hull's (B's average at 50 MW, the
    least it can have). A then earns 1440 on 90 MW and could have 1600 on 100: lost 160; B gets 520 of 700: 180 short,
    which is what it loses against staying off. In total 340 = 1600 − (1000 + 10·26).
    """
    fast: Row = {"id": "B", "p_min": 20.0, "p_max": 50.0, "price": 20.0, "start_cost": 300.0, "lead": [0]}
    answer = cleared(market([110.0], units=[{"id": "A", "p_max": 100.0, "price": 10.0}, fast]))
    found = sets(answer)
    assert [found[s].bus_price[0, 0] for s in (LMP, ELMP, HULL)] == pytest.approx([10.0, 26.0, 26.0], abs=1e-6)
    assert found[LMP].lost_opportunity == pytest.approx([0.0, 500.0], abs=1e-6)
    assert found[LMP].make_whole == pytest.approx([0.0, 500.0], abs=1e-6)
    for scheme in (ELMP, HULL):
        assert found[scheme].lost_opportunity == pytest.approx([160.0, 180.0], abs=1e-3)
        assert found[scheme].make_whole == pytest.approx([0.0, 180.0], abs=1e-3)
        assert found[scheme].total_uplift == pytest.approx(340.0, abs=1e-3)
    assert answer.prices is not None
    assert answer.prices.bus_price[0, 0] == pytest.approx(10.0, abs=1e-6)


def test_a_unit_that_says_nothing_of_its_lead_is_not_fast() -> None:
    slow: Row = {"id": "B", "p_min": 20.0, "p_max": 50.0, "price": 20.0, "start_cost": 300.0}
    found = sets(cleared(market([110.0], units=[{"id": "A", "p_max": 100.0, "price": 10.0}, slow])))
    assert found[ELMP].bus_price[0, 0] == pytest.approx(10.0, abs=1e-6)


def test_nothing_is_compared_unasked() -> None:
    answer: ClearingResult = clear(scarf(10.0), load("generic"), SolveOptions(), RunControl())
    assert answer.price_sets == ()


def test_a_line_parts_the_hull_prices() -> None:
    """West: A 0 … 100 at 10. East: B 0 … 50 at 20, 300 to start, load 70; the line carries 40.

    30 MW must come from B, at 26 on average at best; A has room, so west stays at 10. Rent 16·40; total uplift
    30·20 + 300 − 30·26 = 120, all of it B's.
    """
    units: list[Row] = [
        {"id": "A", "bus": "west", "p_max": 100.0, "price": 10.0},
        {"id": "B", "bus": "east", "p_max": 50.0, "price": 20.0, "start_cost": 300.0},
    ]
    line = {"id": "line", "ends": ("west", "east"), "limit": 40.0}
    found = sets(cleared(market({"west": [0.0], "east": [70.0]}, units=units, branches=[line])))
    assert found[HULL].bus_price[:, 0] == pytest.approx([10.0, 26.0], abs=1e-6)
    assert found[HULL].lost_opportunity == pytest.approx([0.0, 120.0], abs=1e-3)
    assert found[HULL].other_uplift == pytest.approx(0.0, abs=1e-3)
    assert not found[HULL].approximate


def small(seed: int, *, leads: bool = True) -> Case:
    """Two to four units over three to five periods: ramps, least times, starts by time off; one bus."""
    rng = np.random.default_rng([seed, 9])
    periods, minutes = int(rng.integers(3, 6)), int(rng.choice([15, 30, 60]))
    rows = [_unit(rng, k, minutes) for k in range(int(rng.integers(2, 5)))]
    for row in rows if not leads else ():
        del row["lead"]
    able = sum(row["p_max"] for row in rows)
    demand = np.round(able * rng.uniform(0.2, 0.9, periods), 1)
    sites = [{"id": "wind", "forecast": np.round(rng.uniform(0, 15, periods), 1), "price": 0.0}]
    return market(demand, units=rows, renewables=sites * int(rng.integers(0, 2)), period_minutes=minutes)


def _unit(rng: np.random.Generator, k: int, minutes: int) -> Row:
    most = float(rng.integers(20, 100))
    least = float(np.round(most * rng.uniform(0.0, 0.6), 1))
    on = bool(rng.integers(0, 2))
    price = float(rng.integers(10, 40))
    row: Row = {
        "id": f"u{k}", "p_min": least, "p_max": most, "on": on, "minutes": 600, "mw": least if on else 0.0,
        "blocks": [(least + 5.0, price), (most - least - 5.0, price + 8.0)] if most - least > 10.0 else [(most, price)],
        "no_load": float(rng.integers(0, 200)), "start": [(0, 100.0), (2 * minutes, 300.0)],
        "stop_cost": float(rng.integers(0, 30)), "min_up": int(rng.choice([0, 2])) * minutes,
        "min_down": int(rng.choice([0, 2])) * minutes, "lead": [0, 0],
    }  # fmt: skip
    if rng.random() < 0.5:
        row["ramp"] = float(rng.uniform(0.1, 0.6)) * most / minutes
        row["startup_limit"] = row["shutdown_limit"] = max(least, 0.6 * most)
    return row


@pytest.mark.parametrize("seed", range(10))
def test_the_dual_is_the_primal_of_mixed_commitments(seed: int) -> None:
    """The greatest Lagrangian is the optimum of the specification, and its price one of that optimum's multipliers."""
    case, rules = small(seed), load("generic")
    found = sets(cleared(case))[HULL]
    m = convex_hull(case, rules)
    right = solve(m).objective
    assert found.dual_value == pytest.approx(right, rel=1e-6, abs=1e-4)
    assert not found.approximate
    # A multiplier is a slope of the optimum: moving the load along it costs no less than the price says.
    for t, step in itertools.product(range(case.horizon.periods), (-0.5, 0.5)):
        m = convex_hull(_moved(case, t, step), rules)
        gain = found.bus_price[0, t] * step * case.horizon.hours
        assert solve(m).objective >= right + gain - 1e-5 * max(1.0, abs(right))


def _moved(case: Case, t: int, step: float) -> Case:
    mw = case.loads.mw.copy()
    mw[0, t] += step
    return replace(case, loads=replace(case.loads, mw=mw))


@pytest.mark.parametrize("seed", range(5))
def test_best_profit_is_that_of_a_unit_alone(seed: int) -> None:
    """Every unit by itself, its commitments tried by the specification, against what it could earn."""
    case, rules = small(seed), load("generic")
    for found in cleared(case).price_sets:
        for i in range(len(case.units.id)):
            assert found.best_profit[i] == pytest.approx(alone(case, rules, i, found.bus_price[0]), abs=1e-4)
        assert (found.lost_opportunity >= -1e-6).all()
        paid = np.maximum(0.0, found.cost - found.revenue)
        assert found.make_whole == pytest.approx(paid)
        assert found.total_uplift >= float(found.lost_opportunity.sum()) - 1e-6


def alone(case: Case, rules: Rules, i: int, price: Floats) -> float:
    """The most that a unit can earn: the mixture of its commitments when everything beside it is worth the price."""
    m = convex_hull(case, rules)
    m.balance.deactivate()
    own = [k for k in m.weight if k[0] == i]
    hours = case.horizon.hours
    income = sum(hours * float(price[t]) * m.output[(*k, t)] for k in own for t in range(case.horizon.periods))
    m.cost.set_value(m.own_cost[i] - income)
    return -solve(m).objective


@pytest.mark.parametrize("seed", range(12))
def test_the_hull_leaves_the_least_uplift(seed: int) -> None:
    """Every family: the whole form is `python -m benchmarks.price_schemes`."""
    answer = cleared(*random_market(seed), gap=1e-4)
    found = sets(answer)
    assert set(found) == {LMP, ELMP, HULL}
    assert answer.costs is not None
    near = 1e-9 * max(1.0, abs(answer.costs.total))
    for other in (LMP, ELMP):
        assert found[HULL].total_uplift <= found[other].total_uplift + near
    for one in found.values():
        assert (one.lost_opportunity >= -1e-6 * max(1.0, abs(answer.costs.total))).all()
        assert one.other_uplift >= -1e-6 * max(1.0, abs(answer.costs.total))


def test_the_specification_gives_prices() -> None:
    m = convex_hull(scarf_small(), load("generic"))
    solve(m)
    assert m.dual[m.balance[0]] == pytest.approx(SMOKE, abs=1e-6)
    assert pyo.value(m.cost) == pytest.approx(7.0 * HIGH + 10.0 * SMOKE, abs=1e-6)


def scarf_small() -> Case:
    """One high-tech unit and one smokestack."""
    rows: list[Row] = [
        {"id": "smoke", "p_max": 16.0, "price": 3.0, "start_cost": 53.0},
        {"id": "high", "p_max": 7.0, "price": 2.0, "start_cost": 30.0},
    ]
    return market([17.0], units=rows)


@pytest.mark.parametrize("field", ["best_profit", "lost_opportunity", "make_whole", "revenue", "cost"])
def test_the_audit_finds_another_amount(field: str) -> None:
    case, rules = small(1, leads=False), load("generic")
    answer = cleared(case)
    assert answer.audit_passed, answer.audit
    assert not any(f.code == "PRICE_SETS_NOT_RECHECKED" for f in answer.audit)
    for k, one in enumerate(answer.price_sets):
        amounts = getattr(one, field).copy()
        amounts[0] += 0.1
        wrong = (*answer.price_sets[:k], replace(one, **{field: amounts}), *answer.price_sets[k + 1 :])
        report = audit(case, rules, replace(answer, price_sets=wrong))
        assert any(f.code == "PRICE_SET" for f in report.findings)


def test_the_audit_knows_who_leaves_least() -> None:
    case, rules = small(1, leads=False), load("generic")
    answer = cleared(case)
    lmp, elmp, hull = answer.price_sets
    worse = replace(hull, total_uplift=hull.total_uplift + 1e3, dual_value=hull.dual_value - 1e3)
    report = audit(case, rules, replace(answer, price_sets=(lmp, elmp, worse)))
    assert [f.code for f in report.findings if f.code == "PRICE_SET"] == ["PRICE_SET"]
