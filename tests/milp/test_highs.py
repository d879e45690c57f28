"""The solver behind its one door: LPs with duals, MIPs with bounds, growth, limits, refusals."""

import itertools
import time

import highspy
import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from clearing.milp.columns import Columns, column_block
from clearing.milp.highs import Highs, Limits, SolverError, Watch
from clearing.milp.outcome import Condition
from clearing.milp.problem import Problem, dual_bound, stack
from clearing.milp.rows import row_block
from clearing.milp.standing import BASIC, LOWER, UPPER

INF = np.inf
EXACT = Limits(relative_gap=0.0, absolute_gap=0.0)


def lp(cost: list[float], rows: list[list[float]], low: list[float], high: list[float], **bounds: object) -> Problem:
    """min cost·x, low ≤ rows·x ≤ high, x ≥ 0 unless bounds say otherwise."""
    columns = Columns()
    x = columns.add(column_block("x", (len(cost),), cost=cost, **bounds))  # type: ignore[arg-type]
    size = len(rows)
    row = np.repeat(np.arange(size), len(cost))
    block = row_block("r", (size,), low, high, (), [(row, np.tile(x, size), np.ravel(rows))])
    return stack(columns, [block])


def solved(problem: Problem, **more: bool) -> Highs:
    return Highs(problem, threads=1, **more)


def knapsack(items: int, seed: int = 1) -> Problem:
    """Binary, several capacities: large ones take long."""
    rng = np.random.default_rng(seed)
    weights = rng.integers(10, 100, (8, items)).astype(float)
    value = weights.mean(axis=0) + rng.integers(0, 10, items)
    return lp(
        (-value).tolist(), weights.tolist(), [-INF] * 8, (weights.sum(axis=1) / 2).tolist(), upper=1.0, integer=True
    )


def test_an_lp_comes_with_its_duals_signed_as_the_change_of_cost_by_the_side() -> None:
    """min 2x + 3y, x + y ≥ 10, x ≤ 4: x 4, y 6; a MW more of the first costs 3, of the second saves 1."""
    outcome = solved(lp([2.0, 3.0], [[1.0, 1.0], [1.0, 0.0]], [10.0, -INF], [INF, 4.0])).run(Limits())
    assert outcome.condition is Condition.OPTIMAL
    assert outcome.x == pytest.approx([4.0, 6.0])
    assert outcome.objective == outcome.bound == pytest.approx(26.0)
    assert outcome.row_dual == pytest.approx([3.0, -1.0])


def test_a_mip_comes_with_a_bound_and_without_duals() -> None:
    problem = knapsack(10)
    outcome = solved(problem).run(EXACT)
    best = min(
        float(problem.cost @ x)
        for x in map(np.array, itertools.product((0.0, 1.0), repeat=10))
        if (problem.matrix @ x <= problem.row_upper + 1e-9).all()
    )
    assert outcome.condition is Condition.OPTIMAL
    assert outcome.objective == pytest.approx(best)
    assert outcome.bound == pytest.approx(best)
    assert outcome.row_dual is None


def test_relaxed_drops_integrality() -> None:
    problem = lp([-1.0], [[2.0]], [-INF], [3.0], integer=True)
    assert solved(problem).run(EXACT).objective == pytest.approx(-1.0)
    relaxed = solved(problem, relaxed=True).run(EXACT)
    assert relaxed.objective == pytest.approx(-1.5)
    assert relaxed.row_dual == pytest.approx([-0.5])


@pytest.mark.parametrize(
    ("problem", "condition"),
    [
        (lp([1.0], [[1.0]], [5.0], [4.0]), Condition.INFEASIBLE),
        (lp([1.0], [[1.0], [1.0]], [5.0, -INF], [INF, 4.0], integer=True), Condition.INFEASIBLE),
        (lp([-1.0], [[1.0]], [0.0], [INF]), Condition.UNBOUNDED),
    ],
)
def test_no_optimum_is_said_to_be_none(problem: Problem, condition: Condition) -> None:
    outcome = solved(problem).run(Limits())
    assert outcome.condition is condition
    assert outcome.bound is None
    assert outcome.row_dual is None or condition is Condition.UNBOUNDED
    assert outcome.detail


@pytest.mark.parametrize("bad", [np.nan, INF, -INF])
def test_costs_and_coefficients_that_are_not_finite_are_refused(bad: float) -> None:
    with pytest.raises(SolverError, match=r"not finite|NaN"):
        solved(lp([bad], [[1.0]], [0.0], [1.0]))
    with pytest.raises(SolverError, match="not finite"):
        solved(lp([1.0], [[bad]], [0.0], [1.0]))


@pytest.mark.parametrize("name", ["lower", "upper", "row_lower", "row_upper"])
def test_nan_in_a_bound_or_side_is_refused_by_name(name: str) -> None:
    sides = {"lower": 0.0, "upper": 1.0, "row_lower": 0.0, "row_upper": 1.0} | {name: np.nan}
    problem = lp([1.0], [[1.0]], [sides["row_lower"]], [sides["row_upper"]], lower=sides["lower"], upper=sides["upper"])
    with pytest.raises(SolverError, match=name):
        solved(problem)


def test_an_unknown_option_is_an_error() -> None:
    with pytest.raises(SolverError, match="no_such"):
        solved(knapsack(4)).option("no_such", 1.0)


def test_rows_and_columns_can_be_added_and_bounds_and_costs_changed() -> None:
    highs = solved(lp([2.0, 3.0], [[1.0, 1.0]], [10.0], [INF]))
    assert highs.run(Limits()).objective == pytest.approx(20.0)
    # a third column at 1 that may reach 5, and a row x + z ≤ 7 over old and new
    highs.add_columns(np.array([1.0]), np.array([0.0]), np.array([5.0]))
    highs.add_rows(
        sp.csr_array(np.array([[1.0, 0.0, 1.0], [-1.0, 0.0, 1.0]])), np.array([-INF, 0.0]), np.array([7.0, 0.0])
    )
    outcome = highs.run(Limits())
    assert outcome.x == pytest.approx([3.5, 6.5, 3.5])
    assert outcome.row_dual is not None
    assert len(outcome.row_dual) == 3
    highs.set_bounds(np.array([1]), np.array([8.0]), np.array([9.0]))
    assert highs.run(Limits()).x == pytest.approx([2.0, 8.0, 2.0])
    highs.set_costs(np.array([0, 2]), np.array([50.0, 50.0]))
    assert highs.run(Limits()).x == pytest.approx([1.0, 9.0, 1.0])
    highs.add_columns(np.zeros(0), np.zeros(0), np.zeros(0))
    highs.add_rows(sp.csr_array((0, 3)), np.zeros(0), np.zeros(0))
    assert highs.run(Limits()).x == pytest.approx([1.0, 9.0, 1.0])


def test_added_columns_can_be_taken_out_and_those_behind_them_move_up() -> None:
    highs = solved(lp([3.0, 5.0], [[1.0, 1.0]], [10.0], [INF]))
    highs.add_columns(np.array([1.0, 2.0]), np.zeros(2), np.array([2.0, 4.0]), sp.csc_array([[1.0, 1.0]]))
    assert highs.run(EXACT).objective == pytest.approx(2.0 * 1.0 + 4.0 * 2.0 + 4.0 * 3.0)
    was = highs.standing()
    assert was is not None
    highs.drop_columns(np.array([2]))
    outcome = highs.run(EXACT)
    assert outcome.objective == pytest.approx(4.0 * 2.0 + 6.0 * 3.0)
    assert outcome.x == pytest.approx([6.0, 0.0, 4.0])
    highs.set_bounds(np.array([2]), np.array([0.0]), np.array([1.0]))
    assert highs.run(EXACT).objective == pytest.approx(2.0 + 9.0 * 3.0)
    stands = highs.standing()
    assert stands is not None
    assert len(stands.column) == len(was.column) - 1
    assert stands.column.tolist() == [BASIC, LOWER, UPPER]


def test_integrality_can_be_turned_on_and_off() -> None:
    highs = solved(lp([-1.0], [[2.0]], [-INF], [3.0]))
    highs.set_integer(np.array([0]), integer=True)
    assert highs.run(EXACT).objective == pytest.approx(-1.0)
    highs.set_integer(np.array([0]), integer=False)
    assert highs.run(EXACT).objective == pytest.approx(-1.5)


def test_a_start_is_completed_to_a_first_incumbent() -> None:
    problem = knapsack(30)
    best = solved(problem).run(EXACT)
    assert best.x is not None
    highs = solved(problem)
    highs.option("mip_heuristic_effort", 0.0)
    highs.start_from(np.arange(30), np.rint(best.x))
    outcome = highs.run(Limits(relative_gap=1e9, nodes=0))  # anything will do: what comes back is the start
    assert outcome.x is not None
    assert outcome.objective == pytest.approx(best.objective)


def test_a_time_limit_ends_a_search_with_what_it_has_and_counts_anew_for_every_run() -> None:
    highs = solved(knapsack(120))
    for _ in range(2):
        began = time.monotonic()
        outcome = highs.run(Limits(seconds=0.4, relative_gap=0.0, absolute_gap=0.0))
        assert outcome.condition is Condition.TIME_LIMIT
        assert outcome.x is not None
        assert outcome.objective is not None
        assert outcome.bound is not None
        assert outcome.bound <= outcome.objective
        assert 0.2 < time.monotonic() - began < 3.0


def test_a_node_limit_is_a_work_limit() -> None:
    outcome = solved(knapsack(120)).run(Limits(relative_gap=0.0, absolute_gap=0.0, nodes=1))
    assert outcome.condition is Condition.WORK_LIMIT
    assert outcome.bound is not None
    assert outcome.objective is not None
    assert outcome.bound < outcome.objective


def test_a_watch_hears_solutions_and_bounds_and_can_stop() -> None:
    found: list[float] = []
    bounds: list[tuple[float | None, float | None]] = []
    problem = knapsack(120)

    def solution(x: np.ndarray, objective: float, _bound: float | None) -> None:
        assert float(problem.cost @ x) == pytest.approx(objective)
        found.append(objective)

    watch = Watch(lambda: bool(found), lambda objective, bound: bounds.append((objective, bound)), solution)
    began = time.monotonic()
    outcome = solved(problem).run(Limits(relative_gap=0.0, absolute_gap=0.0), watch)
    assert outcome.condition is Condition.INTERRUPTED
    assert time.monotonic() - began < 5.0
    assert found == sorted(found, reverse=True)
    assert outcome.objective == pytest.approx(min(found))
    assert any(bound is not None for _, bound in bounds)


def test_an_lp_can_be_stopped_too() -> None:
    rng = np.random.default_rng(0)
    size = 150
    problem = lp(rng.random(size).tolist(), rng.random((size, size)).tolist(), [1.0] * size, [INF] * size)
    outcome = solved(problem).run(Limits(), Watch(stopped=lambda: True))
    assert outcome.condition is Condition.INTERRUPTED
    assert outcome.objective is None


def test_what_a_watch_raises_ends_the_search_and_reaches_the_caller() -> None:
    def fails(_x: np.ndarray, _objective: float, _bound: float | None) -> None:
        raise ValueError("the listener failed")

    began = time.monotonic()
    with pytest.raises(ValueError, match="the listener failed"):
        solved(knapsack(120)).run(Limits(seconds=20.0, relative_gap=0.0, absolute_gap=0.0), Watch(on_solution=fails))
    assert time.monotonic() - began < 10.0


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1))
def test_the_bound_recomputed_from_duals_meets_the_optimum_and_never_exceeds_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = 6, 4
    problem = lp(
        rng.uniform(-5, 10, n).tolist(), rng.uniform(-1, 2, (m, n)).tolist(), (-rng.uniform(0, 9, m)).tolist(),
        rng.choice([3.0, 8.0, INF], m).tolist(), upper=rng.uniform(1, 5, n).tolist(),
    )  # fmt: skip
    highs = solved(problem)
    highs.add_columns(np.array([1.0]), np.array([0.0]), np.array([2.0]))
    highs.add_rows(sp.csr_array(rng.uniform(-1, 2, (1, n + 1))), np.array([-1.0]), np.array([4.0]))
    outcome = highs.run(Limits())
    assert outcome.objective is not None
    assert outcome.row_dual is not None
    assert dual_bound(highs.whole(), outcome.row_dual) == pytest.approx(outcome.objective, abs=1e-6)
    for _ in range(5):
        assert dual_bound(highs.whole(), outcome.row_dual + rng.normal(0, 1, m + 1)) <= outcome.objective + 1e-6


def test_runs_of_one_process_may_differ_in_threads() -> None:
    """The library's pool of threads has one size: with another one every run after the first was an error."""
    problem = knapsack(12)
    for threads in (1, 2, 1):
        assert Highs(problem, threads=threads).run(Limits()).condition is Condition.OPTIMAL
    first, second = Highs(problem, threads=2), Highs(problem, threads=1)
    assert [of.run(Limits()).condition for of in (second, first, second)] == [Condition.OPTIMAL] * 3


def random_lp(seed: int, *, changed: int = 0) -> Problem:
    """A feasible, bounded LP; problems of one seed differ in data, and in `changed` coefficients, not in shape."""
    rng, own = np.random.default_rng(seed), np.random.default_rng([seed, changed])
    rows = rng.uniform(-1.0, 1.0, (4, 6)) * (rng.random((4, 6)) < 0.7)
    for _ in range(changed):
        rows[own.integers(4), own.integers(6)] = own.choice([0.0, 2.5])
    x = own.uniform(0.0, 5.0, 6)
    side = rows @ x
    return lp(
        own.uniform(-3.0, 3.0, 6).tolist(), rows.tolist(), (side - 1.0).tolist(), (side + 1.0).tolist(), upper=9.0
    )


@pytest.mark.parametrize("theirs", [1, 2])
def test_who_calls_the_library_beside_us_may_have_other_threads(theirs: int) -> None:
    other = highspy.Highs()
    highspy.Highs.resetGlobalScheduler(True)
    other.setOptionValue("output_flag", False)
    other.setOptionValue("threads", theirs)
    other.minimize(other.addVariable(0.0, 1.0))
    found = Highs(lp([1.0], [[1.0]], [2.0], [3.0]), threads=3 - theirs).run(EXACT)
    assert (found.condition, found.objective) == (Condition.OPTIMAL, 2.0)


def test_an_instance_turned_into_another_problem_solves_that_one() -> None:
    """Also after rows, columns, integers and costs were changed in between: nothing of them stays."""
    for seed in range(20):
        highs = solved(random_lp(seed), relaxed=True)
        highs.run(EXACT)
        for changed in (1, 0, 3, 2):
            highs.set_integer(np.array([0, 1]), integer=True)
            highs.add_columns(np.ones(1), np.zeros(1), np.full(1, INF))
            highs.add_rows(sp.csr_array(np.ones((1, 7))), np.full(1, 1.0), np.full(1, INF))
            highs.run(EXACT)
            highs.hold_optimal_face()
            highs.set_costs(np.arange(7), np.ones(7))
            highs.set_bounds(np.array([1, 6]), np.zeros(2), np.ones(2))
            problem = random_lp(seed, changed=changed)
            assert highs.become(problem, 1)
            outcome, fresh = highs.run(EXACT), solved(problem, relaxed=True).run(EXACT)
            assert outcome.objective == pytest.approx(fresh.objective, abs=1e-7)
            assert outcome.row_dual is not None
            assert fresh.row_dual is not None
            assert dual_bound(highs.whole(), outcome.row_dual) == pytest.approx(fresh.objective, abs=1e-6)


def test_an_instance_is_not_turned_into_a_problem_of_another_shape() -> None:
    highs = solved(random_lp(1), relaxed=True)
    before = highs.run(EXACT).objective
    assert not highs.become(lp([1.0], [[1.0]], [1.0], [INF]), 1)
    assert not highs.become(random_lp(2), 2)  # other threads
    assert highs.run(EXACT).objective == before
    assert not solved(random_lp(1)).become(random_lp(1), 1)  # not relaxed


def test_a_basis_stood_on_again_is_optimal_at_once() -> None:
    for seed in range(10):
        problem = random_lp(seed)
        first = solved(problem, relaxed=True)
        right = first.run(EXACT).objective
        standing = first.standing()
        assert standing is not None
        second = solved(problem, relaxed=True)
        second.stand(standing)
        assert second.run(EXACT).objective == pytest.approx(right)
        assert second._highs.getInfo().simplex_iteration_count == 0


def test_a_basis_names_the_bounds_that_hold_now() -> None:
    """Also of columns and rows that came or moved since the problem was handed over."""
    highs = solved(lp([1.0, -1.0], [[1.0, 1.0]], [-INF], [50.0], upper=9.0), relaxed=True)
    highs.set_bounds(np.array([1]), np.array([2.0]), np.array([4.0]))
    highs.add_columns(np.array([-1.0]), np.array([1.0]), np.array([3.0]))
    highs.add_rows(sp.csr_array([[0.0, 1.0, 1.0]]), np.array([-INF]), np.array([100.0]))
    assert highs.run(EXACT).objective == pytest.approx(-7.0)
    standing = highs.standing()
    assert standing is not None
    assert standing.column.tolist() == [LOWER, UPPER, UPPER]
    assert standing.row.tolist() == [BASIC, BASIC]
