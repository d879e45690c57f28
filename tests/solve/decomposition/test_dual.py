"""The bound: never above the optimum, at least what the relaxation gives, and as good as it is said to be."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from clearing.case.bound_proof import provable
from clearing.case.case import Case
from clearing.case.result import BoundKind
from clearing.formulation.model import Model
from clearing.formulation.scuc import scuc
from clearing.grid.monitored import grid
from clearing.milp.highs import Highs, Limits
from clearing.rules.rules import Rules
from clearing.solve.control import RunControl
from clearing.solve.decomposition.dual import Rounds, dual, rounds_of
from clearing.solve.decomposition.first_prices import first_prices
from clearing.solve.decomposition.lagrangian import Oracle, lagrangian
from clearing.solve.decomposition.result import Dual
from clearing.solve.decomposition.stage import decomposed
from clearing.solve.options import SolveOptions
from clearing.solve.search import Search
from tests.formulation import drawn as enumerated
from tests.oracle.cases import drawn
from tests.solve.decomposition.schedules import fleet


def loaded(seed: int, units: int, periods: int) -> tuple[Case, Rules]:
    """Units of `fleet` with a load and reserves that they can meet: every other unit may choose freely."""
    case, rules = fleet(seed, units, periods)
    rng = np.random.default_rng(seed)
    able = (case.units.p_max_mw * (case.units.on_max == 1)).sum(axis=0)
    load = np.round(able * (0.45 + 0.2 * np.sin(np.arange(periods) / 4.0)) * rng.uniform(0.9, 1.1, periods), 1)
    return replace(case, loads=replace(case.loads, mw=load[None, :])), rules


def searched(case: Case, rules: Rules, **options: object) -> tuple[Search, Model]:
    where = grid(case)
    search = Search(case, rules, where, SolveOptions(**options), RunControl())  # type: ignore[arg-type]
    return search, scuc(case, rules, where.islands)


def bound_of(case: Case, rules: Rules) -> tuple[Dual | None, Model, Search]:
    search, model = searched(case, rules, gap=1e-4)
    return dual(search, model), model, search


def optimum(model: Model) -> float | None:
    return Highs(model.problem, threads=1).run(Limits(relative_gap=0.0, absolute_gap=0.0)).bound


@pytest.mark.parametrize("seed", range(30))
def test_the_bound_is_below_the_optimum_whatever_families_there_are(seed: int) -> None:
    case, rules = drawn(seed, steered=bool(seed % 2)) if seed % 3 else enumerated.drawn(seed)
    found, model, search = bound_of(case, rules)
    best = optimum(model)
    if found is None or best is None:
        assert best is None
        return
    assert found.bound <= best + 1e-6 * max(1.0, abs(best))
    assert search.bound == pytest.approx(found.bound)


@pytest.mark.parametrize("seed", range(6))
def test_eight_units_on_a_day(seed: int) -> None:
    """Below the optimum, and at least the relaxation where every row is kept: that is what exact subproblems give."""
    case, rules = loaded(seed, 8, 24)
    found, model, search = bound_of(case, rules)
    assert found is not None
    outcome = Highs(model.problem, threads=1).run(Limits(relative_gap=1e-3, absolute_gap=0.0))
    assert outcome.objective is not None
    scale = max(1.0, abs(outcome.objective))
    assert found.bound <= outcome.objective + 1e-7 * scale
    proved = provable(case, rules)
    assert search.bound_kind is (BoundKind.LAGRANGIAN if proved else BoundKind.SOLVER_CLAIMED)
    assert (search.proof is not None) == proved
    relaxation = Highs(model.problem, threads=1, relaxed=True).run(Limits()).objective
    assert relaxation is not None
    if not found.relaxed:
        assert found.bound >= relaxation - 1e-4 * scale
    assert found.history.shape[1:] == found.share.shape == case.units.p_min_mw.shape
    assert ((found.share >= 0.0) & (found.share <= 1.0)).all()
    must, may = case.units.on_min == 1, case.units.on_max == 1
    assert (found.history <= may).all()
    assert found.exact.all()
    assert not must.all()


def test_its_multipliers_give_the_bound_again_and_begin_the_next_run() -> None:
    case, rules = loaded(0, 8, 24)
    found, model, _ = bound_of(case, rules)
    assert found is not None
    of = lagrangian(model)
    point = Oracle(of).at(found.row_dual[of.row])
    assert point is not None
    assert point.value == pytest.approx(found.bound, rel=1e-12)
    cold, model = searched(case, rules, gap=1e-4)
    warm, _ = searched(case, rules, gap=1e-4)
    rounds = [Rounds(cold, of, first_prices(of)), Rounds(warm, of, found.row_dual[of.row])]
    answers = [r.run() for r in rounds]
    assert all(answer is not None for answer in answers)
    assert len(rounds[1].history) < len(rounds[0].history)
    assert answers[1] is not None
    assert answers[1].bound >= found.bound


def test_equal_requests_get_equal_bits() -> None:
    case, rules = loaded(2, 8, 24)
    first, second = (dual(*searched(case, rules, reproducible=True)) for _ in range(2))
    assert first is not None
    assert second is not None
    assert first.bound == second.bound
    assert (first.row_dual == second.row_dual).all()
    assert (first.history == second.history).all()


def test_a_stop_leaves_the_bound_of_the_rounds_done() -> None:
    case, rules = loaded(1, 8, 24)
    search, model = searched(case, rules)
    calls: list[int] = []
    search.control = replace(search.control, stopped=lambda: len(calls) > 3 or bool(calls.append(1)))  # type: ignore[func-returns-value]
    found = dual(search, model)
    assert found is not None
    assert len(found.history) < 6
    late, model = searched(case, rules)
    late.ends = time.monotonic() - 1.0
    found = dual(late, model)
    assert found is not None
    assert len(found.history) == 1


def test_rounds_that_were_halted_go_on_where_they_were() -> None:
    case, rules = loaded(0, 8, 24)
    search, model = searched(case, rules, gap=1e-4)
    rounds = rounds_of(search, model)
    assert rounds is not None
    early = rounds.run(1e-2)
    assert early is not None
    before = len(rounds.history)
    late = rounds.run()
    assert late is not None
    assert len(rounds.history) > before
    assert late.bound > early.bound
    whole = dual(*searched(case, rules, gap=1e-4))
    assert whole is not None
    assert late.bound == pytest.approx(whole.bound, rel=3e-5)


def test_rounds_end_where_the_best_commitment_is_certified() -> None:
    case, rules = loaded(0, 8, 24)
    known, model = searched(case, rules, gap=1e-2)
    decomposed(known, model)
    assert known.best is not None
    search, _ = searched(case, rules, gap=0.2)
    search.try_commitment(known.best.schedule.on, None)
    rounds, whole = rounds_of(search, model), rounds_of(*searched(case, rules, gap=0.2))
    assert rounds is not None
    assert whole is not None
    assert rounds.run() is not None
    assert whole.run() is not None
    assert search.closed()
    assert len(rounds.history) < len(whole.history)
