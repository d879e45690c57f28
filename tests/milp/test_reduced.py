"""Problems with some columns held: the optimum and every solution stay those of the whole problem."""

import numpy as np
import pytest
import scipy.sparse as sp

from clearing.milp.columns import Columns
from clearing.milp.highs import Highs, Limits
from clearing.milp.outcome import Condition
from clearing.milp.problem import Problem
from clearing.milp.reduced import reduced

EXACT = Limits(relative_gap=0.0, absolute_gap=1e-9)


def drawn(seed: int) -> tuple[Problem, np.ndarray, np.ndarray]:
    """A random problem with equalities, open sides and unbounded columns, and bounds that hold some of its columns."""
    rng = np.random.default_rng(seed)
    count, rows = int(rng.integers(4, 14)), int(rng.integers(3, 12))
    matrix = np.where(rng.random((rows, count)) < 0.4, rng.integers(-3, 4, (rows, count)), 0).astype(float)
    integer = rng.random(count) < 0.5
    upper = np.where(rng.random(count) < 0.2, np.inf, rng.integers(1, 5, count).astype(float))
    inside = np.round(rng.uniform(0.0, np.where(np.isfinite(upper), upper, 4.0)))
    side = matrix @ inside
    low = np.where(rng.random(rows) < 0.4, -np.inf, side - rng.integers(0, 3, rows))
    high = np.where(
        rng.random(rows) < 0.4, np.inf, np.where(rng.random(rows) < 0.2, low, side + rng.integers(0, 3, rows))
    )
    high = np.where(np.isfinite(high), np.maximum(high, low), np.inf)
    cost = np.round(rng.normal(2.0, 3.0, count), 2)
    whole = Problem(
        np.where(np.isfinite(upper), cost, np.abs(cost)), np.zeros(count),
        np.where(integer, np.minimum(upper, 6.0), upper),
        integer, sp.csr_array(matrix), low, high, Columns(), {},
    )  # fmt: skip
    held = rng.random(count) < rng.choice([0.2, 0.6, 1.0])
    value = np.where(rng.random(count) < 0.8, inside, np.zeros(count))
    return whole, np.where(held, value, whole.lower), np.where(held, value, whole.upper)


@pytest.mark.parametrize("block", range(10))
def test_the_optimum_and_its_solution_are_those_of_the_whole_problem(block: int) -> None:
    settled, empty = 0, 0
    for seed in range(40 * block, 40 * block + 40):
        whole, low, high = drawn(seed)
        right = Highs(whole, threads=1)
        right.set_bounds(np.arange(len(low)), low, high)
        wanted = right.run(EXACT)
        part = reduced(whole, low, high)
        if part is None:
            assert wanted.condition is Condition.INFEASIBLE
            empty += 1
            continue
        settled += len(low) - len(part.columns)
        if part.settled:
            assert part.offset == pytest.approx(wanted.objective, abs=1e-6)
            continue
        found = Highs(part.problem, threads=1).run(EXACT)
        assert found.condition is wanted.condition
        if found.x is None or wanted.objective is None or found.objective is None:
            continue
        assert found.objective + part.offset == pytest.approx(wanted.objective, abs=1e-6)
        x = part.whole(found.x)
        assert whole.cost @ x == pytest.approx(wanted.objective, abs=1e-6)
        assert (x >= low - 1e-6).all()
        assert (x <= high + 1e-6).all()
        activity = whole.matrix @ x
        assert (activity >= whole.row_lower - 1e-6).all()
        assert (activity <= whole.row_upper + 1e-6).all()
    assert settled > 0
    assert empty > 0


def test_what_follows_from_a_held_column_is_settled() -> None:
    """on held at 0 in 0 ≤ output ≤ 5·on settles the output; the second row, then kept whatever comes, is gone."""
    matrix = sp.csr_array(np.array([[-5.0, 1.0, 0.0], [0.0, 1.0, 1.0]]))
    none, inf = np.zeros(3), np.full(3, np.inf)
    whole = Problem(
        np.array([1.0, 2.0, 3.0]), none, np.array([1.0, 5.0, 4.0]), np.array([True, False, False]), matrix,
        np.array([-np.inf, -np.inf]), np.array([0.0, 9.0]), Columns(), {},
    )  # fmt: skip
    part = reduced(whole, none, np.array([0.0, 5.0, 4.0]))
    assert part is not None
    assert part.columns.tolist() == [2]
    assert part.problem.matrix.shape == (0, 1)
    assert reduced(whole, np.array([0.0, 1.0, 0.0]), np.minimum(inf, [0.0, 5.0, 4.0])) is None
