"""The clearing against the specification solved through Pyomo; the two forms of the SCUC by optimum and LP bound."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyomo.environ as pyo
import pytest

from clearing.case.case import Case
from clearing.case.linear_limits import TERMS
from clearing.case.result import Reason
from clearing.case.validate import validate
from clearing.day_ahead import clear
from clearing.rules.rules import Rules
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from models.scuc import scuc
from models.solve import NoSolutionError, solve
from tests.factory import market
from tests.formulation.drawn import GENERIC, exact
from tests.oracle.cases import drawn
from tests.oracle.compiled import Solver, compiled
from tests.oracle.production import production, whole

SEEDS = range(30)
MORE_SEEDS = range(1000, 1300)
STEERED = range(30)
BY_SCIP = range(8)
WITH_TERMS = range(20)


def specified(case: Case, rules: Rules, solver: str) -> float | None:
    """Optimum of the specification; None where it has no feasible point."""
    m = scuc(case, rules)
    try:
        return solve(m, solver).objective
    except NoSolutionError:
        plain = compiled(m)
        assert Solver(plain, offset=plain.offset).optimum() is None, f"{solver} finds no solution where there is one"
        return None


def agree(case: Case, rules: Rules, solver: str = "appsi_highs") -> None:
    right = specified(case, rules, solver)
    found = clear(case, rules, SolveOptions(time_limit_seconds=60.0, gap=0.0), RunControl())
    if right is None:
        assert found.termination.reason is Reason.NUMERICAL_FAILURE
        return
    assert found.termination.objective == pytest.approx(right, rel=1e-6, abs=1e-6)
    assert found.termination.bound == pytest.approx(right, rel=1e-6, abs=1e-5)
    assert found.audit_passed


@pytest.mark.parametrize("seed", SEEDS)
def test_the_clearing_finds_the_optimum_of_the_specification(seed: int) -> None:
    agree(*drawn(seed))


@pytest.mark.oracle
@pytest.mark.parametrize("seed", MORE_SEEDS)
def test_the_clearing_finds_the_optimum_of_the_specification_at_length(seed: int) -> None:
    agree(*drawn(seed))


@pytest.mark.parametrize(
    "seed", [*WITH_TERMS[:10], *(pytest.param(s, marks=pytest.mark.slow) for s in WITH_TERMS[10:])]
)
def test_linear_limits_terms_of_awards_and_bands(seed: int) -> None:
    agree(*drawn(seed, terms=True))


@pytest.mark.oracle
@pytest.mark.parametrize("seed", MORE_SEEDS)
def test_linear_limits_terms_of_awards_and_bands_at_length(seed: int) -> None:
    agree(*drawn(seed, terms=True))


def test_the_seeds_reach_every_term() -> None:
    cases = [drawn(seed, terms=True)[0] for seed in WITH_TERMS]
    has = {
        "own price": lambda c: bool((c.linear_limits.price_per_mwh >= 0).any()),
        "price of the rule set": lambda c: bool((c.linear_limits.price_per_mwh < 0).any()),
        **{term: (lambda c, term=term: bool(len(getattr(c.linear_limits, term)))) for term in TERMS},
        "ramp before": lambda c: bool((c.award_terms.ramp_before > 0).any()),
        "joint cap": lambda c: bool(c.award_terms.joint_cap.any()),
        "off line": lambda c: bool(len(c.award_terms.offline_unit)),
        "bands": lambda c: bool(len(c.regulation_bands.unit)),
        "given": lambda c: bool((c.regulation_bands.given > 0).any()),
    }
    reached = {name: sum(test(c) for c in cases) for name, test in has.items()}
    assert min(reached.values()) >= 2, reached


@pytest.mark.parametrize("seed", [2, 9, 10, 12, 13, 26])
def test_where_sced_spoils_a_system_reserve_the_bound_is_still_the_optimum(seed: int) -> None:
    """Families 2 and 3 are not in SCED, so the day may cost more than the optimum of the SCUC; the gap says so."""
    case, rules = drawn(seed, steered=True)
    found = clear(case, rules, SolveOptions(time_limit_seconds=60.0, gap=0.0), RunControl())
    right = specified(case, rules, "appsi_highs")
    assert right is not None
    assert found.termination.objective is not None
    assert found.termination.bound == pytest.approx(right, rel=1e-6)
    assert found.termination.objective > right * (1 + 1e-6)


@pytest.mark.parametrize("seed", BY_SCIP)
def test_a_second_solver_finds_the_same_optimum(seed: int) -> None:
    agree(*drawn(seed), solver="scip_direct")


@cache
def by_both_forms(seed: int) -> tuple[float | None, float | None, float | None, float | None]:
    """Optimum and LP bound of the specification, then of production with every network row; all system reserves."""
    case, rules = drawn(seed, steered=True)
    plain, problem = compiled(scuc(case, rules)), whole(*production(case, rules))
    found = [
        Solver(form, relaxed=relaxed, offset=offset).optimum()
        for form, offset in ((plain, plain.offset), (problem, 0.0))
        for relaxed in (False, True)
    ]
    return found[0], found[1], found[2], found[3]


@pytest.mark.parametrize("seed", STEERED)
def test_production_tightens_the_relaxation_and_leaves_the_optimum(seed: int) -> None:
    """Of output blocks, start states, output limits, ramps and segment limits."""
    optimum, relaxed, own, own_relaxed = by_both_forms(seed)
    if optimum is None or relaxed is None or own is None or own_relaxed is None:
        assert (optimum, own) == (None, None)
        return
    assert own == pytest.approx(optimum, rel=1e-7, abs=1e-6)
    assert own_relaxed >= relaxed - 1e-7 * max(1.0, abs(relaxed))
    assert own_relaxed <= own + 1e-7 * max(1.0, abs(own))


def test_the_tightening_is_seen_in_the_seeds() -> None:
    better = 0
    for seed in STEERED:
        _, relaxed, _, own = by_both_forms(seed)
        better += relaxed is not None and own is not None and own > relaxed + 1e-4 * abs(relaxed)
    assert better > len(STEERED) // 3


def test_the_seeds_reach_every_family() -> None:
    cases = [drawn(seed) for seed in SEEDS] + [drawn(seed, steered=True) for seed in STEERED]
    has = {
        "storage": lambda c, r: bool(c.storage.id),
        "renewables": lambda c, r: bool(c.renewables.id),
        "least renewable": lambda c, r: bool((c.renewables.min_mw > 0).any()),
        "interface": lambda c, r: bool(c.network.interface_id),
        "outage": lambda c, r: not c.network.branch_in_service.all(),
        "products": lambda c, r: len(c.reserves.product_id) >= 2,
        "positive": lambda c, r: c.reserves.positive_min_mw is not None,
        "greatest": lambda c, r: c.reserves.positive_max_mw is not None,
        "negative": lambda c, r: c.reserves.negative_min_mw is not None,
        "tie": lambda c, r: bool(c.ties.id),
        "fixed": lambda c, r: bool(len(c.units.fixed_mw)),
        "must run": lambda c, r: bool(c.units.on_min.any()),
        "must off": lambda c, r: not c.units.on_max.all(),
        "falling start cost": lambda c, r: "START_COST_FALLS" in {f.code for f in validate(c, r)},
        "exclusive threshold": lambda c, r: not c.units.start_costs.inclusive.all(),
        "ramps": lambda c, r: bool(np.isfinite(c.units.ramp_up_mw_per_minute).any()),
        "limits that vary": lambda c, r: bool((np.ptp(c.units.p_min_mw, axis=1) > 0).any()),
        "negative load": lambda c, r: bool((c.loads.mw < 0).any()),
        "pglib": lambda c, r: r.reserves.ramp_sharing.value == "pglib",
        "headroom": lambda c, r: r.reserves.ramp_sharing.value == "headroom",
        "15 min": lambda c, r: c.horizon.period_minutes == 15,
        "30 min": lambda c, r: c.horizon.period_minutes == 30,
    }
    reached = {name: sum(test(c, r) for c, r in cases) for name, test in has.items()}
    assert min(reached.values()) >= 3, reached


def test_a_colder_start_that_costs_less_is_still_paid_by_its_state() -> None:
    """Off in the second hour only, so the second start is hot: 500, not the 100 of a start after two hours off.

    On at 20 MW at 10 throughout: 3·200 + one start (cold, 100) and 20 MW of surplus at 5 in hour 2: 100. Sum 800.
    Off in hour 2: 2·200 + cold start 100 + hot start 500 = 1000. At 100 a start it would be 600.
    """
    unit = {"id": "u", "p_min": 20.0, "p_max": 20.0, "price": 10.0, "start": [(0, 500.0), (120, 100.0)], "minutes": 300}
    case = market([20.0, 0.0, 20.0], [unit])
    rules = exact(GENERIC)
    cheap = type(rules.clearing_penalties)(**{
        name: ((np.inf, 5.0 if name == "surplus" else 1e4),) for name in rules.clearing_penalties.__slots__
    })  # fmt: skip
    rules = type(rules)(**{name: getattr(rules, name) for name in rules.__slots__} | {"clearing_penalties": cheap})
    assert specified(case, rules, "appsi_highs") == pytest.approx(800.0)
    found = clear(case, rules, SolveOptions(gap=0.0), RunControl())
    assert found.termination.objective == pytest.approx(800.0)
    assert found.termination.bound == pytest.approx(800.0)


def test_the_specification_is_linear_and_its_rows_carry_their_families() -> None:
    case, rules = drawn(3, steered=True)
    m = scuc(case, rules)
    named = {row.local_name for row in m.component_objects(pyo.Constraint)}
    assert {"commitment", "min_up", "min_down", "headroom", "footroom", "ramp_up", "ramp_down", "balance"} <= named
    assert all(row.body.polynomial_degree() in (0, 1) for row in m.component_data_objects(pyo.Constraint))
