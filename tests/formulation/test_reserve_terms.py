"""Terms of reserve products: rows by hand, prices by hand, and the optimum against enumeration."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.finding import Severity
from clearing.case.reserves import Direction
from clearing.case.result import ClearingResult
from clearing.checks.audit import audit
from clearing.day_ahead import clear
from clearing.rules.load import load
from clearing.rules.rules import Rules
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.factory import Row, market
from tests.formulation.drawn import rules_for
from tests.formulation.enumeration import brute_force
from tests.formulation.reading import column, row
from tests.formulation.test_rows import GENERIC, problem

INF = np.inf


def cleared(case: Case, rules: Rules = GENERIC) -> ClearingResult:
    """The answer, without an error of the audit."""
    found = clear(case, rules, SolveOptions(time_limit_seconds=30.0, gap=0.0), RunControl())
    assert [f for f in found.audit if f.severity is Severity.ERROR] == []
    assert found.prices is not None
    assert found.multipliers is not None
    return found


def on(name: str, price: float, **more: Any) -> Row:
    """A unit of 0–100 MW that is on."""
    return {"id": name, "p_max": 100.0, "price": price, "on": True, "mw": 50.0, "must_run": 1, **more}


def two_areas(**better: Any) -> Case:
    """Fast reserve over both buses serves slow reserve of the south; unit n in the north, s in the south."""
    fast = {"id": "fast", "requirement": 10.0, "serves": ["slow"], **better}
    slow = {"id": "slow", "requirement": 25.0, "buses": ["south"]}
    units = [on("n", 10.0, bus="north"), on("s", 20.0, bus="south")]
    return market({"north": [60.0], "south": [0.0]}, units, products=[fast, slow],
                  branches=[{"id": "l", "ends": ("north", "south")}])  # fmt: skip


def test_awards_of_a_better_product_stand_in_the_row_of_the_lesser_where_it_covers_the_bus() -> None:
    p = problem(two_areas())  # pairs: fast|n, fast|s, slow|s
    fast, slow = row(p, "product", 0, 0), row(p, "product", 1, 0)
    assert {k: v for k, v in fast[0].items() if k.startswith("award")} == {"award[0,0]": 1.0, "award[1,0]": 1.0}
    assert {k: v for k, v in slow[0].items() if k.startswith("award")} == {"award[1,0]": 1.0, "award[2,0]": 1.0}


def test_an_award_earns_the_price_of_every_requirement_it_serves() -> None:
    """30 MW of load, one unit of 40 MW at 10 and one of 100 MW at 50 that holds nothing: fast 5 and slow 10 take 10.

    The 40 MW unit is full: 30 + 10. One MW more of slow costs 40 (a MW of energy moves to the dear unit), one more of
    fast nothing while slow is longer. Its awards earn 40 each, whatever they are called.
    """
    units = [on("a", 10.0, p_max=40.0), on("b", 50.0)]
    products = [
        {"id": "fast", "requirement": 5.0, "max": [INF, 0.0], "serves": ["slow"]},
        {"id": "slow", "requirement": 12.0, "max": [INF, 0.0]},
    ]
    found = cleared(market([30.0], units, products=products))
    assert found.costs is not None
    assert found.costs.total == pytest.approx(28 * 10 + 2 * 50)
    assert found.prices is not None
    assert found.prices.reserve_price[:, 0] == pytest.approx([0.0, 40.0])
    assert found.uplift is not None
    assert found.uplift.revenue == pytest.approx([28 * 50 + 12 * 40, 2 * 50])


def test_a_demand_curve_stands_in_for_the_penalty_of_its_product() -> None:
    case = market([30.0] * 2, [on("a", 10.0)], period_minutes=30, products=[
        {"id": "x", "requirement": 10.0, "curve": [(3.0, 20.0), (4.0, 30.0), (INF, 90.0)]}, {"id": "y"},
    ])  # fmt: skip
    p = problem(case)  # penalties of the rules: 4 MW at 300, then 600
    x = [column(p, "product.short", k, 0) for k in range(3)]
    assert x == [(0.0, 3.0, 10.0, False), (0.0, 4.0, 15.0, False), (0.0, INF, 45.0, False)]
    y = [column(p, "product.short", k, 2) for k in range(3)]
    assert y == [(0.0, 4.0, 150.0, False), (0.0, INF, 300.0, False), (0.0, 0.0, 300.0, False)]


@pytest.mark.parametrize("pricing", ["penalty", "relax_and_rerun"])
def test_a_product_goes_short_along_its_curve_and_is_priced_by_it(pricing: str) -> None:
    """30 MW of load; a: 40 MW at 10, b: 100 MW at 50 that holds nothing. A MW of reserve in a costs 40 beyond 10 MW.

    Of 20 MW wanted, a holds 10 for nothing; the next costs 40. The curve pays 35 for the last 6 MW and 60 before:
    14 are held, 6 short at 35 an hour, so the price is 40, between the steps. At 10 MW short of 25 it is on a step.
    """
    units = [on("a", 10.0, p_max=40.0), on("b", 50.0)]
    rules = load("generic", overrides={"prices.violation_pricing": pricing})

    def answer(need: float, curve: list[tuple[float, float]]) -> ClearingResult:
        product = {"id": "x", "requirement": need, "max": [INF, 0.0], "curve": curve}
        return cleared(market([30.0], units, products=[product]), rules)

    between = answer(20.0, [(6.0, 35.0), (INF, 60.0)])
    assert between.prices is not None
    assert between.schedule is not None
    assert between.costs is not None
    assert between.schedule.reserve_mw[0, 0, 0] == pytest.approx(14.0)
    assert between.prices.reserve_price[0, 0] == pytest.approx(40.0)
    assert between.costs.penalty == pytest.approx(6 * 35.0)
    assert [(v.family, v.subject, v.amount_mw, v.penalty) for v in between.violations] == [
        ("product", "x", pytest.approx(6.0), pytest.approx(210.0))
    ]
    on_a_step = answer(25.0, [(5.0, 20.0), (INF, 39.0)])
    assert on_a_step.prices is not None
    assert on_a_step.costs is not None
    assert on_a_step.prices.reserve_price[0, 0] == pytest.approx(39.0)
    assert on_a_step.costs.penalty == pytest.approx(5 * 20.0 + 10 * 39.0)
    assert "PRICES_OF_RELAXED_RUN" not in {f.code for f in on_a_step.audit}


def test_a_price_off_the_curve_is_found() -> None:
    case = market(
        [30.0], [on("a", 10.0, p_max=40.0)], products=[{"id": "x", "requirement": 25.0, "curve": [(INF, 39.0)]}]
    )
    found = cleared(case)
    assert found.prices is not None
    assert found.multipliers is not None
    value = np.where([f == "product" for f in found.multipliers.family], 38.0, found.multipliers.value)
    value = np.where([f == "headroom" for f in found.multipliers.family], -38.0, value)
    wrong = replace(
        found,
        multipliers=replace(found.multipliers, value=value),
        prices=replace(found.prices, reserve_price=np.full((1, 1), 38.0)),
    )
    codes = {f.path: f.code for f in audit(case, GENERIC, wrong).findings if f.code == "STATIONARITY"}
    assert codes.get("product/x") == "STATIONARITY"


def test_an_award_with_offers_is_the_sum_of_its_blocks_and_pays_for_them() -> None:
    product = {"id": "x", "requirement": 10.0, "offers": {"a": [(4.0, 6.0), ([9.0, 8.0], 7.0)]}}
    p = problem(market([30.0] * 2, [on("a", 10.0), on("b", 10.0)], products=[product], period_minutes=30))
    assert [column(p, "award_block", m, 1) for m in range(2)] == [(0.0, 4.0, 3.0, False), (0.0, 8.0, 3.5, False)]
    terms = {"award[0,1]": -1.0, "award_block[0,1]": 1.0, "award_block[1,1]": 1.0}
    assert row(p, "award_offer", 0, 1) == (terms, 0.0, 0.0)
    assert p.rows["award_offer"].shape == (1, 2)  # b is free


def test_offers_are_paid_the_dearest_one_that_is_needed() -> None:
    """20 MW of reserve: a offers 5 at 2 and 10 at 6, b 8 at 4 and 9 at 9: 5·2 + 8·4 + 7·6 an hour, the price is 6."""
    offers = {"a": [(5.0, 2.0), (10.0, 6.0)], "b": [(8.0, 4.0), (9.0, 9.0)]}
    units = [on("a", 10.0), on("b", 20.0, no_load=30.0)]
    case = market([60.0] * 2, units, products=[{"id": "x", "requirement": 20.0, "offers": offers}], period_minutes=30)
    found = cleared(case)
    assert found.costs is not None
    assert found.uplift is not None
    assert found.prices is not None
    assert found.schedule is not None
    assert found.costs.reserve == pytest.approx(84.0)
    assert found.costs.total == pytest.approx(84.0 + 600.0 + 30.0)
    assert found.termination.objective == pytest.approx(714.0)
    assert found.schedule.reserve_mw[0, :, 0] == pytest.approx([12.0, 8.0])
    assert found.prices.reserve_price == pytest.approx(np.full((1, 2), 6.0))
    assert found.uplift.cost == pytest.approx([600.0 + 52.0, 32.0 + 30.0])
    assert found.uplift.make_whole == pytest.approx([0.0, 32.0 + 30.0 - 48.0])


def test_a_schedule_that_awards_more_than_is_offered_or_takes_a_dear_block_first_is_found() -> None:
    offers = {"a": [(5.0, 2.0)], "b": [(8.0, 4.0), (9.0, 9.0)]}
    case = market([60.0], [on("a", 10.0), on("b", 20.0)], products=[{"id": "x", "requirement": 10.0, "offers": offers}])
    found = cleared(case)
    assert found.schedule is not None

    def judged(*award: float) -> set[str]:
        reserve = np.array(award).reshape(1, 2, 1)
        report = audit(case, GENERIC, replace(found, schedule=replace(found.schedule, reserve_mw=reserve)))
        return {f.code for f in report.findings}

    assert {"AWARD_NOT_OFFERED", "UPLIFT"} <= judged(6.0, 5.0)
    assert {"STATIONARITY", "COST", "OBJECTIVE"} <= judged(2.0, 8.0)
    assert judged(5.0, 5.0) == set()


def random_terms(seed: int) -> tuple[Case, Rules]:
    """Two units, two buses, three products that serve one another, scarce now and then."""
    rng = np.random.default_rng(seed)
    periods = 3
    units = [
        {
            "id": f"u{i}", "bus": "ab"[i], "p_min": 10.0, "p_max": float(rng.choice([40.0, 60.0])),
            "price": float(rng.integers(5, 40)), "no_load": float(rng.choice([0.0, 100.0])), "on": bool(i),
            "mw": 20.0 * i, "start_cost": 60.0, "ramp": float(rng.choice([0.5, 1.0])),
        }
        for i in range(2)
    ]  # fmt: skip

    def product(name: str, direction: Direction, serves: list[str]) -> Row:
        return {
            "id": name, "direction": direction, "requirement": float(rng.choice([8.0, 20.0, 45.0])),
            "minutes": float(rng.choice([10.0, 30.0, INF])), "max": rng.choice([12.0, INF], 2),
            "buses": ["a", "b"] if rng.random() < 0.6 else [str(rng.choice(["a", "b"]))], "serves": serves,
            "curve": [(3.0, 20.0), (4.0, 45.0), (INF, 250.0)] if rng.random() < 0.5 else [],
            "offers": {"u0": [(4.0, 2.0), (9.0, rng.uniform(3, 30, periods))], "u1": [(30.0, 11.0)]}
            if rng.random() < 0.5 else {},
        }  # fmt: skip

    products = [
        product("best", Direction.UP, ["good", "last"]),
        product("good", Direction.UP, ["last"] if rng.random() < 0.7 else []),
        product("last", Direction.UP, []),
        product("down", Direction.DOWN, []),
    ]
    load = {"a": rng.uniform(10, 40, periods), "b": rng.uniform(5, 30, periods)}
    case = market(load, units, products=products, branches=[{"id": "l", "ends": ("a", "b"), "limit": 30.0}],
                  period_minutes=int(rng.choice([15, 60])))  # fmt: skip
    return case, rules_for(rng)


@pytest.mark.parametrize("seed", range(12))
def test_the_optimum_is_that_of_every_commitment(seed: int) -> None:
    case, rules = random_terms(seed)
    right = brute_force(case, rules)
    assert right is not None
    found = cleared(case, rules)
    assert found.termination.objective == pytest.approx(right.objective, rel=1e-6, abs=1e-6)
