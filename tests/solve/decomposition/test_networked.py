"""Large systems with a network by prices, on small ones: the optimum is found, the bound never above it, rows join."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from clearing.case.case import Case
from clearing.day_ahead import clear
from clearing.formulation.scuc import scuc
from clearing.grid.monitored import grid
from clearing.milp.highs import Highs, Limits
from clearing.rules.rules import Rules
from clearing.solve import commit, kept_solver, relax, warm_start
from clearing.solve.control import Progress, RunControl
from clearing.solve.decomposition import networked
from clearing.solve.decomposition.dual import BESIDE, Rounds, rounds_of
from clearing.solve.decomposition.joining import WITHOUT, Grown
from clearing.solve.decomposition.lagrangian import lagrangian
from clearing.solve.decomposition.master import Master
from clearing.solve.decomposition.sides import sides
from clearing.solve.network_rows import NetworkRows
from clearing.solve.options import SolveOptions
from clearing.solve.relax import deferred
from clearing.solve.search import Search
from tests.formulation import drawn as enumerated
from tests.formulation.test_against_enumeration import check
from tests.oracle.cases import drawn
from tests.oracle.examples import EXAMPLES

ONE_ISLAND = sorted(set(range(26)) - {5, 9, 10, 11, 13, 18})
"""Seeds of drawn cases on one island and without losses."""


@pytest.fixture(params=["huge", "large"])
def all_large(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every problem takes this way, as a huge one or as one whose relaxation is solved as well."""
    huge = (relax, "HUGE"), (kept_solver, "LARGE"), (warm_start, "LARGE"), (commit, "HUGE_SECONDS"), (networked, "MANY")
    for where, name in ((networked, "LARGE"), *(huge if request.param == "huge" else ())):
        monkeypatch.setattr(where, name, 0)


def searched(case: Case, rules: Rules) -> Search:
    search = Search(case, rules, grid(case), SolveOptions(gap=1e-4), RunControl())
    search.deferred = deferred(scuc(case, rules, search.grid.islands))
    return search


@pytest.mark.usefixtures("all_large")
@pytest.mark.parametrize("seed", range(24))
def test_the_cheapest_commitment_is_found_and_proved(seed: int) -> None:
    check(*enumerated.drawn(seed))


@pytest.mark.usefixtures("all_large")
@pytest.mark.parametrize("seed", ONE_ISLAND)
def test_the_bound_with_rows_of_the_network_is_below_the_optimum(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    case, rules = drawn(seed, steered=bool(seed % 2))
    search = searched(case, rules)
    model = scuc(case, rules, search.grid.islands)
    assert networked.applies(search, model)
    networked.by_prices(search, model)
    monkeypatch.undo()
    best = clear(case, rules, SolveOptions(gap=0.0), RunControl()).termination
    assert best.objective is not None
    if search.bound is not None:
        assert search.bound <= best.objective + 1e-6 * max(1.0, abs(best.objective))
    if search.best is not None:
        assert search.best.costs.total >= best.objective - 1e-6 * max(1.0, abs(best.objective))


@pytest.mark.parametrize("seed", ONE_ISLAND[:8])
def test_the_bound_goes_on_beside_what_is_tried(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for where, name in ((networked, "LARGE"), (relax, "HUGE"), (kept_solver, "LARGE"), (networked, "MANY")):
        monkeypatch.setattr(where, name, 0)
    case, rules = drawn(seed, steered=bool(seed % 2))
    search = replace(searched(case, rules), control=RunControl(threads=2))
    begun: list[object] = []
    beside = networked.alongside
    monkeypatch.setattr(networked, "alongside", lambda work: (begun.append(work), beside(work))[1])
    networked.by_prices(search, scuc(case, rules, search.grid.islands))
    assert begun or search.closed()
    monkeypatch.undo()
    best = clear(case, rules, SolveOptions(gap=0.0), RunControl()).termination.objective
    assert best is not None
    assert search.bound is not None
    assert search.bound <= best + 1e-6 * max(1.0, abs(best))
    if search.proof is not None:
        assert search.proof.bound <= best + 1e-6 * max(1.0, abs(best))


def test_a_run_that_is_to_be_repeatable_has_nothing_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networked, "alongside", lambda _: pytest.fail("a thread"))
    monkeypatch.setattr(relax, "HUGE", 0)
    case, rules = drawn(ONE_ISLAND[0], steered=False)
    search = searched(case, rules)
    assert networked._meanwhile(replace(search, control=RunControl(threads=2)))
    for threads, options in ((1, search.options), (2, replace(search.options, reproducible=True))):
        rounds = rounds_of(
            replace(search, control=RunControl(threads=threads), options=options),
            scuc(case, rules, search.grid.islands),
        )
        assert rounds is not None
        with networked._bettered(rounds):
            pass


@pytest.mark.parametrize("seed", [0, 2, 3, 8, 12, 14, 24])
def test_no_incumbent_is_told_below_the_optimum_where_rows_of_the_network_are_missing(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(networked, "LARGE", 0)
    case, rules = drawn(seed, steered=False)
    told: list[Progress] = []
    result = clear(case, rules, SolveOptions(gap=1e-4), RunControl(on_progress=told.append))
    known = [p.incumbent for p in told if p.incumbent is not None]
    bound = result.termination.bound
    assert bound is not None
    assert min(known, default=np.inf) >= bound - 1e-6 * max(1.0, abs(bound))


def broken_case() -> tuple[Search, Rules]:
    """A drawn case whose relaxation without network rows breaks some."""
    for seed in range(40):
        case, rules = drawn(seed, steered=False)
        search = searched_plain(case, rules)
        model = scuc(case, rules, search.grid.islands)
        highs = Highs(model.problem, threads=1, relaxed=True)
        x = highs.run(Limits()).x
        if (
            model.islands.count == 1
            and x is not None
            and NetworkRows(model, search.grid, highs, rules.solve).broken(x).any()
        ):
            return search, rules
    raise AssertionError("no drawn case breaks a limit")


def searched_plain(case: Case, rules: Rules) -> Search:
    return Search(case, rules, grid(case), SolveOptions(gap=1e-4), RunControl())


def extended(*, by_store: bool = False) -> Rounds:
    """Rounds that rows of the network have joined which their relaxed solution broke."""
    search, rules = broken_case()
    model = scuc(search.case, rules, search.grid.islands)
    rounds, grown = rounds_of(search, model, without=WITHOUT, by_store=by_store), Grown(search, model)
    assert rounds is not None
    rounds.run(1e-5)
    x = rounds.relaxed()
    assert x is not None
    assert grown.rows.add_broken(x) > 0
    assert rounds.extend(grown.model())
    return rounds


def test_a_grown_problem_is_the_one_that_a_solver_grows() -> None:
    search, rules = broken_case()
    model = scuc(search.case, rules, search.grid.islands)
    highs = Highs(model.problem, threads=1, relaxed=True)
    rows, grown = NetworkRows(model, search.grid, highs, rules.solve), Grown(search, model)
    for _ in range(10):
        outcome = highs.run(Limits())
        assert outcome.x is not None
        alone = Highs(grown.model().problem, threads=1, relaxed=True).run(Limits())
        assert alone.objective == pytest.approx(outcome.objective, rel=1e-9)
        if not rows.add_broken(outcome.x):
            break
        grown.rows.follow(rows.grid)
        grown.rows.add(rows.active)
    assert len(rows.element) > 0
    assert len(grown.model().problem.rows["network"]) == len(rows.element)


def test_rounds_go_on_with_more_rows_and_their_bound_does_not_fall() -> None:
    search, rules = broken_case()
    model = scuc(search.case, rules, search.grid.islands)
    rounds, grown = rounds_of(search, model, without=WITHOUT), Grown(search, model)
    assert rounds is not None
    before = rounds.run(1e-5)
    x = rounds.relaxed()
    assert before is not None
    assert x is not None
    assert grown.rows.add_broken(x) > 0
    assert rounds.extend(grown.model())
    after = rounds.run(1e-5)
    assert after is not None
    assert after.bound >= before.bound
    assert len(rounds.of.row) > len(rounds_of(search, model, without=WITHOUT).of.row)  # type: ignore[union-attr]


def test_a_master_with_more_rows_promises_the_same_from_where_the_one_before_stood(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    promised, begun = [], []
    plain = Master.follow
    for follow in (plain, lambda *_: None):
        monkeypatch.setattr(Master, "follow", lambda own, *was, follow=follow: begun.append(follow(own, *was)))
        promised.append(extended().promised)
    assert len(begun) == 2
    assert promised[0] == pytest.approx(promised[1], rel=1e-7)


@pytest.mark.parametrize("seed", range(6))
def test_points_beside_the_way_raise_no_bound_above_the_optimum_and_save_solves(seed: int) -> None:
    case, rules = drawn(seed, steered=False)
    search = searched_plain(case, rules)
    model = scuc(case, rules, search.grid.islands)
    best = Highs(model.problem, threads=1).run(Limits(relative_gap=0.0)).objective
    bounds, solves = [], []
    for beside in ((), BESIDE):
        rounds = rounds_of(search, model, without=WITHOUT, beside=beside)
        assert rounds is not None
        found = rounds.run(1e-6)
        assert found is not None
        assert best is not None
        assert found.bound <= best + 1e-6 * max(1.0, abs(best))
        bounds.append(found.bound)
        solves.append(len(rounds.trace))
    assert bounds[1] == pytest.approx(bounds[0], rel=1e-4, abs=1e-3)
    assert solves[1] <= solves[0]


@pytest.mark.parametrize("seed", range(6))
def test_a_relaxed_solution_keeps_the_priced_rows_and_costs_what_is_promised(seed: int) -> None:
    case, rules = drawn(seed, steered=False)
    search = searched_plain(case, rules)
    model = scuc(case, rules, search.grid.islands)
    rounds = rounds_of(search, model)
    if rounds is None or rounds.run(1e-6) is None:
        pytest.skip("a unit has no schedule")
    x, of = rounds.relaxed(), rounds.of
    assert x is not None
    activity, scale = of.matrix @ x, 1e-5 * (1.0 + np.abs(of.matrix) @ np.abs(x))
    inside = (activity >= of.lower - scale) & (activity <= of.upper + scale)
    free = np.ones(len(of.row), dtype=np.bool_)
    free[rounds.master.boxed] = False  # type: ignore[union-attr]  # what leaves the others at the ends of the box is paid for
    assert inside[free].all()


@pytest.mark.parametrize("seed", range(6))
def test_columns_that_are_one_are_alike_and_give_the_same(seed: int) -> None:
    case, rules = drawn(seed, steered=False)
    of = lagrangian(scuc(case, rules, grid(case).islands))
    found, j = sides(of, sp.eye_array(len(of.row), format="csr")), of.side
    own = of.by_column[j[found.joined]]
    assert abs(own - found.matrix[found.kind]).max() == 0.0
    assert (of.model.problem.cost[j[found.joined]] == found.cost[found.kind]).all()
    rng = np.random.default_rng(seed)
    high = np.minimum(found.high, found.low + 10.0)
    value = found.low + rng.random(len(found.low)) * (high - found.low)
    x = found.spread(value)
    assert of.by_column[j].T @ x == pytest.approx(found.matrix.T @ value + found.given)
    assert float(of.model.problem.cost[j] @ x) == pytest.approx(float(found.cost @ value) + found.constant)
    assert (x <= of.model.problem.upper[j] + 1e-9).all()


def test_switches_that_clash_at_a_plant_are_opened_around() -> None:
    """Two units of a plant start in hours 2 and 3 where starts must be two hours apart: both are opened around."""
    case, rules = EXAMPLES["spacing and switching"].case(), EXAMPLES["spacing and switching"].rules()
    search = searched_plain(case, rules)
    grown = Grown(search, scuc(case, rules, search.grid.islands))
    apart = np.zeros(case.units.p_min_mw.shape, dtype=np.int8)
    apart[[0, 3]] = 1
    apart[1, 1:] = 1
    close = apart.copy()
    apart[2, 4:], close[2, 2:] = 1, 1
    assert not grown.clashing(apart, 0).any()
    opened = grown.clashing(close, 0)
    assert opened[1:3, 0:3].all()
    assert not opened[[0, 3, 4]].any()
    assert not opened[:, 3:].any()
