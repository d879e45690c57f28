"""Production against every commitment of small cases, each dispatched by an independent LP; the audit beside it."""

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.finding import Severity
from clearing.case.result import Reason
from clearing.day_ahead import clear
from clearing.grid.monitored import grid
from clearing.rules.rules import Rules
from clearing.solve.control import RunControl
from clearing.solve.dispatch import dispatch
from clearing.solve.options import SolveOptions
from tests.factory import market
from tests.formulation.drawn import GENERIC, drawn, exact
from tests.formulation.enumeration import brute_force, commitments
from tests.formulation.reference import Reference
from tests.oracle.steering import steering_penalty

SEEDS = range(70)
MORE_SEEDS = range(1000, 1320)
EVERY_PART = range(24)


def check(case: Case, rules: Rules) -> None:
    """Same optimum as the enumeration, proved, and no error of the audit."""
    right = brute_force(case, rules)
    found = clear(case, rules, SolveOptions(time_limit_seconds=60.0, gap=0.0), RunControl())
    assert right is not None, "a valid case has a dispatch"
    assert found.termination.bound == pytest.approx(right.objective, rel=1e-6, abs=1e-5)
    if case.reserves.positive_max_mw is None or found.termination.reason is Reason.OPTIMAL_WITHIN_GAP:
        assert found.termination.objective == pytest.approx(right.objective, rel=1e-6, abs=1e-6)
        assert found.termination.reason is Reason.OPTIMAL_WITHIN_GAP
    else:  # the greatest reserve counts output, which SCED chooses without it: the search cannot close, and says so
        assert found.termination.objective is not None
        assert found.termination.objective > right.objective
    assert found.prices is not None
    assert [f for f in found.audit if f.severity is Severity.ERROR] == []
    assert found.audit_passed


@pytest.mark.parametrize("seed", SEEDS)
def test_the_cheapest_of_all_commitments_is_found_and_proved(seed: int) -> None:
    check(*drawn(seed))


@pytest.mark.oracle
@pytest.mark.parametrize("seed", MORE_SEEDS)
def test_the_cheapest_of_all_commitments_at_length(seed: int) -> None:
    check(*drawn(seed, most=1500))


@pytest.mark.parametrize("seed", EVERY_PART)
def test_dispatch_costs_the_same_at_any_commitment(seed: int) -> None:
    """SCED at up to 12 drawn commitments, infeasible ones included."""
    case, rules = drawn(seed)
    reference = Reference(case, rules, rules.clearing_penalties, system=False)
    network, rng = grid(case), np.random.default_rng(seed)
    everything = list(commitments(case))
    for k in rng.permutation(len(everything))[:12]:
        on, mode = everything[k]
        right = reference.solve(on, mode)
        found = dispatch(case, rules, network, on, mode, RunControl())
        if right is None:
            assert found is None
            continue
        assert found is not None
        system = steering_penalty(found.violations, rules)
        cost = found.costs.energy + found.costs.storage + found.costs.penalty + found.costs.reserve - system
        assert cost == pytest.approx(right, rel=1e-6, abs=1e-6)


def test_the_seeds_reach_every_family() -> None:
    """What the drawn cases hold, so that a change of the drawing cannot quietly empty this file."""
    cases = [drawn(seed) for seed in SEEDS]
    has = {
        "storage": lambda c, r: bool(c.storage.id),
        "renewables": lambda c, r: bool(c.renewables.id),
        "interface": lambda c, r: bool(c.network.interface_id),
        "outage": lambda c, r: not c.network.branch_in_service.all(),
        "products": lambda c, r: len(c.reserves.product_id) == 3,
        "positive": lambda c, r: c.reserves.positive_min_mw is not None,
        "greatest": lambda c, r: c.reserves.positive_max_mw is not None,
        "negative": lambda c, r: c.reserves.negative_min_mw is not None,
        "fixed": lambda c, r: bool(len(c.units.fixed_mw)),
        "must run": lambda c, r: bool(c.units.on_min.any()),
        "must off": lambda c, r: not c.units.on_max.all(),
        "negative price": lambda c, r: bool((c.units.offers.price_per_mwh < 0).any()),
        "15 min": lambda c, r: c.horizon.period_minutes == 15,
        "60 min": lambda c, r: c.horizon.period_minutes == 60,
        "exclusive threshold": lambda c, r: not c.units.start_costs.inclusive.all(),
        "ramps": lambda c, r: bool(np.isfinite(c.units.ramp_up_mw_per_minute).any()),
        "cheaper when cold": lambda c, r: bool(
            ((np.diff(c.units.start_costs.cost) < 0) & (np.diff(c.units.start_costs.unit) == 0)).any()
        ),
        "export": lambda c, r: bool((c.ties.import_mw < 0).any()),
        "pglib": lambda c, r: r.reserves.ramp_sharing.value == "pglib",
        "headroom": lambda c, r: r.reserves.ramp_sharing.value == "headroom",
    }
    reached = {name: sum(test(c, r) for c, r in cases) for name, test in has.items()}
    assert min(reached.values()) >= 3, reached


def test_the_enumeration_itself_on_figures_worked_by_hand() -> None:
    """One unit of 20–50 MW at 10, no load 100 an hour, off for 1 h; hot (0 h) 50, warm (from 2 h) 80; load 30, 0, 30.

    Off in the middle: starts 50 (1 h off) + 50 (1 h off), 2 h of no load 200, energy 600, stop 7: 907.
    On throughout: start 50, no load 300, energy 600 + 20 MW at 10 = 800, 20 MW surplus at 5e4.
    """
    unit = {"id": "u", "p_min": 20.0, "p_max": 50.0, "price": 10.0, "no_load": 100.0, "stop_cost": 7.0,
            "start": [(0, 50.0), (120, 80.0)], "on": False, "minutes": 60}  # fmt: skip
    answer = brute_force(market([30.0, 0.0, 30.0], [unit]), exact(GENERIC))
    assert answer is not None
    assert answer.on.tolist() == [[1, 0, 1]]
    assert answer.objective == pytest.approx(907.0)
    assert (answer.tried, answer.feasible) == (8, 8)
