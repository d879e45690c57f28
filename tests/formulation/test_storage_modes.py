"""Storage with least MW, losses and given modes against every mode tried by an independent LP."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.finding import Severity
from clearing.case.result import Reason
from clearing.case.validate import has_errors, validate
from clearing.day_ahead import clear
from clearing.grid.monitored import grid
from clearing.rules.rules import Rules
from clearing.solve.control import RunControl
from clearing.solve.dispatch import dispatch
from clearing.solve.options import SolveOptions
from clearing.solve.quick_modes import quick_modes
from tests.case.cases import clear_of_clashes
from tests.factory import Row, market
from tests.formulation.drawn import rules_for
from tests.formulation.enumeration import brute_force, commitments, count
from tests.formulation.reference import Reference, table

SEEDS = range(24)
MOST = 800


def drawn(seed: int) -> tuple[Case, Rules]:
    """One unit or two, one store with modes; valid, and few enough modes to try them all."""
    rng = np.random.default_rng([seed, 16])
    rules = rules_for(rng)
    for _ in range(400):
        case = _case(rng)
        if 2 <= count(case) <= MOST and clear_of_clashes(case, rules):
            return case, rules
    raise AssertionError(f"seed {seed} draws no valid case")


def _case(rng: np.random.Generator) -> Case:
    periods, minutes = int(rng.integers(3, 6)), int(rng.choice([15, 30, 60]))
    hours = minutes / 60
    store: Row = {
        "id": "store", "charge": 10.0, "discharge": 12.0, "eta": float(rng.choice([0.8, 0.9, 1.0])),
        "energy": 22.0 * hours, "initial": 9.0 * hours, "final": float(rng.choice([0.0, 5.0, 9.0])) * hours,
        "charge_min": float(rng.choice([0.0, 4.0, 10.0])), "discharge_min": float(rng.choice([0.0, 6.0, 12.0])),
        "loss": float(rng.choice([0.0, 0.05, 0.2])), "discharge_price": float(rng.choice([0.0, 3.0])),
        "mode": np.where(rng.random(periods) < 0.25, rng.integers(1, 4, periods), 0),
    }  # fmt: skip
    units: list[Row] = [
        {"id": "base", "p_max": 30.0, "blocks": [(15.0, 10.0), (15.0, 25.0)], "must_run": 1, "on": True, "mw": 20.0},
        {"id": "peak", "p_min": 8.0, "p_max": 25.0, "price": 60.0, "start_cost": 100.0, "must_run": 1, "on": True,
         "mw": 10.0},
    ]  # fmt: skip
    return market(np.round(rng.uniform(10, 50, periods), 1).tolist(), units, storage=[store], period_minutes=minutes)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_cheapest_of_all_modes_is_found_and_proved(seed: int) -> None:
    case, rules = drawn(seed)
    right = brute_force(case, rules)
    found = clear(case, rules, SolveOptions(gap=0.0), RunControl())
    if right is None:
        assert found.schedule is None
        return
    assert found.termination.reason is Reason.OPTIMAL_WITHIN_GAP
    assert found.termination.objective == pytest.approx(right.objective, rel=1e-6, abs=1e-6)
    assert [f for f in found.audit if f.severity is Severity.ERROR] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_dispatch_costs_the_same_in_any_modes(seed: int) -> None:
    """Infeasible ones included; and at a given commitment the best modes are found."""
    case, rules = drawn(seed)
    reference = Reference(case, rules, rules.clearing_penalties, system=False)
    network, rng = grid(case), np.random.default_rng(seed)
    everything = list(commitments(case))
    costs = [reference.solve(on, mode) for on, mode in everything]
    for k in rng.permutation(len(everything))[:8]:
        on, mode = everything[k]
        found = dispatch(case, rules, network, on, table(case, mode), RunControl())
        assert (found is None) == (costs[k] is None)
        if found is not None:
            assert found.costs.energy + found.costs.storage + found.costs.penalty == pytest.approx(costs[k], rel=1e-6)
    best = min((c for c in costs if c is not None), default=None)
    found = dispatch(case, rules, network, everything[0][0], None, RunControl())
    assert (found is None) == (best is None)
    if found is not None:
        assert found.costs.energy + found.costs.storage + found.costs.penalty == pytest.approx(best, rel=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_quick_start_finds_modes_with_a_dispatch_where_there_are_any(seed: int) -> None:
    case, rules = drawn(seed)
    on = np.ones((2, case.horizon.periods), dtype=np.int8)
    found = dispatch(case, rules, grid(case), on, quick_modes(case, rules, RunControl()), RunControl())
    assert (found is None) == (brute_force(case, rules) is None)


def test_the_seeds_reach_every_kind() -> None:
    stores = [drawn(seed)[0].storage for seed in SEEDS]
    least = [(s.charge_min_mw > 0).any() or (s.discharge_min_mw > 0).any() for s in stores]
    given = [(s.given_mode == k).any() for s in stores for k in (1, 2, 3)]
    assert (
        min(sum(least), len(least) - sum(least), sum(given), sum(s.self_discharge_per_hour[0, 0] > 0 for s in stores))
        > 3
    )


def test_a_case_whose_energy_has_no_way_is_named() -> None:
    """5 MWh lose a tenth an hour: 4.5 after an hour in which nothing may be charged, below the least of 4.8."""
    store = {"id": "s", "power": 10.0, "energy": 10.0, "initial": 5.0, "final": 0.0, "loss": 0.1, "mode": [1, 0]}
    case = market([10.0, 10.0], [{"id": "u", "p_max": 20.0}], storage=[store])
    case = replace(case, storage=replace(case.storage, energy_min_mwh=np.array([4.8])))
    (found,) = [f for f in validate(case, rules_for(np.random.default_rng(0))) if f.code == "STORAGE_HAS_NO_WAY"]
    assert (found.path, found.subject, found.period) == ("case.storage.energy_min_mwh[0]", "s", 0)
    looser = replace(case, storage=replace(case.storage, energy_min_mwh=np.array([4.4])))
    assert not has_errors(validate(looser, rules_for(np.random.default_rng(0))))
