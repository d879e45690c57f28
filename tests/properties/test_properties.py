"""What must hold of any clearing: it does not care for order, currency, size and clock, and serving more costs more."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.finding import Severity
from clearing.case.result import ClearingResult
from clearing.checks.audit import audit
from clearing.day_ahead import clear
from clearing.rules.rules import Rules
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.factory import market
from tests.formulation.drawn import drawn
from tests.properties.changed import (
    branches_in_order,
    buses_in_order,
    in_shorter_periods,
    megawatts_times,
    money_times,
    units_in_order,
    without_ramps,
)

SEEDS = range(200, 260)


def cleared(case: Case, rules: Rules) -> ClearingResult:
    """A result at gap 0 that passes the audit, made by itself and made again."""
    result = clear(case, rules, SolveOptions(time_limit_seconds=60.0, gap=0.0), RunControl())
    verdict = audit(case, rules, result)
    assert [f for f in verdict.findings if f.severity is Severity.ERROR] == []
    assert result.audit_passed
    assert result.termination.objective is not None
    assert verdict.objective == pytest.approx(result.termination.objective, rel=1e-6, abs=1e-6)
    return result


def objective(case: Case, rules: Rules) -> float:
    found = cleared(case, rules).termination.objective
    assert found is not None
    return found


def close(value: float) -> object:
    return pytest.approx(value, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("seed", SEEDS[:16])
def test_the_order_of_units_buses_and_branches_does_not_matter(seed: int) -> None:
    case, rules = drawn(seed)
    rng, right = np.random.default_rng(seed), objective(case, rules)
    moved = units_in_order(case, rng.permutation(len(case.units.id)))
    moved = buses_in_order(moved, rng.permutation(len(case.network.bus_id)))
    moved = branches_in_order(moved, rng.permutation(len(case.network.branch_id)))
    assert objective(moved, rules) == close(right)


@pytest.mark.parametrize("seed", SEEDS[16:30])
def test_money_in_another_currency(seed: int) -> None:
    case, rules = drawn(seed)
    assert objective(*money_times(case, rules, 7.1)) == close(7.1 * objective(case, rules))


@pytest.mark.parametrize("seed", SEEDS[30:44])
def test_a_market_twice_and_a_half_as_large(seed: int) -> None:
    case, rules = drawn(seed)
    assert objective(*megawatts_times(case, rules, 2.5)) == close(2.5 * objective(case, rules))


def congested() -> tuple[Case, Rules]:
    """A case with one optimum and one set of prices: a congested pair, a reserve, two hours."""
    units = [
        {"id": "u", "bus": "a", "p_min": 10.0, "p_max": 100.0, "blocks": [(60.0, 10.0), (40.0, 18.0)], "no_load": 30.0},
        {"id": "v", "bus": "b", "p_max": 80.0, "blocks": [(30.0, 25.0), (50.0, 42.0)], "start_cost": 120.0},
    ]
    case = market(
        {"a": [15.0, 30.0], "b": [75.0, 85.0]}, units, products=[{"id": "q", "requirement": 15.0, "max": [0.0, 20.0]}],
        branches=[{"id": "ab", "ends": ("a", "b"), "limit": 40.0}],
    )  # fmt: skip
    return case, drawn(0)[1]


@pytest.mark.parametrize("k", [0.25, 7.1, 1000.0])
def test_prices_scale_with_money_and_not_with_size(k: float) -> None:
    case, rules = congested()
    base, dear, large = (
        cleared(case, rules),
        cleared(*money_times(case, rules, k)),
        cleared(*megawatts_times(case, rules, k)),
    )
    assert base.prices is not None
    assert dear.prices is not None
    assert large.prices is not None
    assert base.prices.bus_price == pytest.approx(np.array([[10.0, 18.0], [42.0, 42.0]]))
    for name in ("bus_price", "bus_energy", "bus_congestion", "reserve_price", "system_price"):
        assert getattr(dear.prices, name) == pytest.approx(k * getattr(base.prices, name), abs=1e-6 * k)
        assert getattr(large.prices, name) == pytest.approx(getattr(base.prices, name), abs=1e-6)


HOURLY = [
    s for s in range(300, 420)
    if drawn(s)[0].horizon.period_minutes == 60
    and not drawn(s)[0].storage.id
    and not len(drawn(s)[0].units.fixed_unit)
][:8]  # fmt: skip


@pytest.mark.parametrize("seed", HOURLY)
def test_quarters_of_an_hour_cost_what_the_hour_costs_at_one_commitment(seed: int) -> None:
    case, rules = drawn(seed)
    case = without_ramps(case)
    hourly = cleared(case, rules)
    assert hourly.schedule is not None
    on = np.repeat(hourly.schedule.on, 4, axis=1)
    quarterly = replace(in_shorter_periods(case, 4), commitment=CommitmentInput(CommitmentUse.FIXED, on))
    found = cleared(quarterly, rules)
    assert found.termination.objective == close(hourly.termination.objective or 0.0)
    assert found.prices is not None
    assert found.costs is not None
    assert hourly.costs is not None
    for part in ("energy", "no_load", "start", "stop", "penalty"):
        assert getattr(found.costs, part) == pytest.approx(getattr(hourly.costs, part), rel=1e-6, abs=1e-5)


@pytest.mark.parametrize("seed", HOURLY[:4])
def test_free_to_switch_every_quarter_is_never_dearer(seed: int) -> None:
    case, rules = drawn(seed)
    case = without_ramps(case)
    right = objective(case, rules)
    assert objective(in_shorter_periods(case, 4), rules) <= right + 1e-6 * max(1.0, abs(right))


def test_quarters_have_the_prices_of_their_hour_where_prices_are_unique() -> None:
    case, rules = congested()
    hourly, quarterly = cleared(case, rules), cleared(in_shorter_periods(case, 4), rules)
    assert hourly.prices is not None
    assert quarterly.prices is not None
    assert quarterly.termination.objective == close(hourly.termination.objective or 0.0)
    for name in ("bus_price", "bus_energy", "bus_congestion", "reserve_price"):
        assert getattr(quarterly.prices, name) == pytest.approx(np.repeat(getattr(hourly.prices, name), 4, axis=1))


@pytest.mark.parametrize("seed", range(10))
def test_more_demand_is_never_cheaper(seed: int) -> None:
    """Offers ≥ 0, p_min 0, no ramps: whoever serves more can serve less with the same units."""
    rng = np.random.default_rng(seed)
    _, rules = drawn(seed)
    units = [
        {
            "id": f"u{i}", "p_max": float(rng.integers(20, 60)),
            "blocks": [(30.0, p := float(rng.integers(0, 40))), (30.0, p + 8)],
            "no_load": 30.0, "start_cost": float(rng.integers(0, 300)), "min_up": int(rng.integers(0, 3)) * 60,
            "min_down": int(rng.integers(0, 3)) * 60, "on": bool(rng.integers(2)), "minutes": 60,
        }
        for i in range(3)
    ]  # fmt: skip
    load = rng.uniform(10, 120, 5)
    costs = []
    for _ in range(4):
        costs.append(objective(market(load, units), rules))
        load = load + rng.uniform(0, 20, 5) * (rng.random(5) < 0.6)
    assert all(later >= earlier - 1e-5 for earlier, later in pairwise(costs))


@pytest.mark.parametrize("seed", range(6))
def test_a_wider_limit_is_never_dearer(seed: int) -> None:
    case, rules = drawn([s for s in SEEDS if np.isfinite(drawn(s)[0].network.branch_limit_mw).any()][seed])
    costs = [
        objective(replace(case, network=replace(case.network, branch_limit_mw=case.network.branch_limit_mw * k)), rules)
        for k in (1.0, 1.5, 10.0)
    ]
    assert costs[0] >= costs[1] - 1e-5
    assert costs[1] >= costs[2] - 1e-5
