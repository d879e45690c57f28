"""Commitments from a dual on small plates: the answer is the optimum within its gap, the bound never above it."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from clearing.case.result import BoundKind
from clearing.formulation.scuc import scuc
from clearing.grid.monitored import grid
from clearing.milp.highs import Highs, Limits
from clearing.milp.outcome import Condition
from clearing.solve.commit import branch
from clearing.solve.control import Incumbent, RunControl
from clearing.solve.decomposition import primal
from clearing.solve.decomposition.plate import paths, plate
from clearing.solve.decomposition.restricted import cost_of
from clearing.solve.decomposition.result import Dual
from clearing.solve.decomposition.stage import decomposed
from clearing.solve.options import SolveOptions
from clearing.solve.quick_start import nearest
from tests.solve.decomposition.plates import drawn
from tests.solve.decomposition.test_answers import formed

SEEDS = range(12)
MORE_SEEDS = range(1000, 1200)
GAP = 1e-3


def optimum(seed: int, units: int, periods: int) -> tuple[float, float]:
    """Optimum and bound of the whole problem by branch and bound at no gap, without any stage of the search."""
    case, rules = drawn(seed, units, periods)
    model = scuc(case, rules, grid(case).islands)
    outcome = Highs(model.problem, threads=1).run(Limits(relative_gap=0.0, absolute_gap=1e-6))
    assert outcome.condition is Condition.OPTIMAL
    assert outcome.objective is not None
    assert outcome.bound is not None
    return outcome.objective, outcome.bound


def within_the_gap(seed: int, units: int, periods: int) -> None:
    """By prices, and by branch and bound of the whole where that leaves a gap, as `commit` does."""
    case, rules = drawn(seed, units, periods)
    right, _ = optimum(seed, units, periods)
    slack = 1e-6 * max(1.0, abs(right))
    search, model = formed(case, rules)
    search.options = SolveOptions(gap=GAP)
    decomposed(search, model)
    assert search.best is not None
    assert search.bound is not None
    assert search.bound <= right + slack
    assert search.best.costs.total >= right - slack
    if not search.closed():
        assert branch(search, model) is Condition.OPTIMAL
        assert search.bound <= right + slack
    assert search.closed()
    assert search.best.costs.total <= right + GAP * max(abs(right), abs(search.best.costs.total), 1.0) + slack


@pytest.mark.parametrize("seed", SEEDS)
def test_the_answer_is_the_optimum_within_its_gap(seed: int) -> None:
    within_the_gap(seed, 6, 12)


@pytest.mark.oracle
@pytest.mark.parametrize("seed", MORE_SEEDS)
def test_the_answer_is_the_optimum_within_its_gap_on_many_cases(seed: int) -> None:
    within_the_gap(seed, 8, 24)


def told_nothing(shape: tuple[int, int], rows: int, bound: float) -> Dual:
    """A dual that agrees on nothing."""
    return Dual(bound, np.zeros(rows), np.zeros((0, *shape), np.int8), np.full(shape, 0.5), np.ones(shape[0], bool), ())


@pytest.mark.parametrize("seed", range(20, 26))
def test_from_a_dual_that_knows_nothing_but_the_bound_the_optimum_is_found(seed: int) -> None:
    """Everything is open then, so that the rounds are the full branch and bound."""
    case, rules = drawn(seed, 5, 10)
    right, bound = optimum(seed, 5, 10)
    kept: list[Incumbent] = []
    search, model = formed(case, rules)
    search.control = RunControl(on_incumbent=kept.append)
    search.options = SolveOptions(gap=1e-6)
    search.raise_bound(bound, BoundKind.LAGRANGIAN)
    primal.primal(search, model, told_nothing(model.data.on_min.shape, len(model.problem.row_lower), bound))
    assert search.best is not None
    assert search.best.costs.total == pytest.approx(right, rel=2e-6, abs=0.02)
    assert search.closed()
    told_in_order = [i.objective for i in kept]  # one solution may be told twice, off by rounding
    assert all(b <= a * (1.0 + 1e-12) for a, b in itertools.pairwise(told_in_order))
    for told in kept:
        own = cost_of(search, model, told.on)
        assert own is not None
        assert own.objective <= told.objective + 1e-4


@pytest.mark.parametrize("seed", range(6))
def test_rising_penalties_keep_every_limit_of_the_units_schedules(seed: int) -> None:
    case, rules = drawn(seed)
    _, model = formed(case, rules)
    wish = np.random.default_rng(seed).normal(size=model.data.on_min.shape)
    on = primal.rising(plate(model), paths(model), nearest(model.data, wish), 30.0, np.zeros((2, case.horizon.periods)))
    assert np.array_equal(nearest(model.data, np.where(on == 1, 1.0, -1.0)), on)


def test_a_stopped_search_still_answers_for_what_it_told() -> None:
    case, rules = drawn(3)
    kept: list[Incumbent] = []
    search, model = formed(case, rules)
    search.control = RunControl(on_incumbent=kept.append, stopped=lambda: bool(kept))
    primal.primal(search, model, told_nothing(model.data.on_min.shape, len(model.problem.row_lower), -1e9))
    assert kept
    assert search.best is not None


def test_two_reproducible_runs_find_the_same() -> None:
    case, rules = drawn(5)
    found = []
    for _ in range(2):
        search, model = formed(case, rules)
        search.options = replace(search.options, reproducible=True, work_limit_nodes=5)
        primal.primal(search, model, told_nothing(model.data.on_min.shape, len(model.problem.row_lower), -1e9))
        assert search.best is not None
        found.append((search.best.costs, search.best.schedule.on.tobytes(), search.best.schedule.dispatch_mw.tobytes()))
    assert found[0] == found[1]
