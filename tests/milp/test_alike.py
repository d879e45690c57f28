"""Columns that are one: the optimum stays, every column keeps its bounds, whole numbers stay by themselves."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from clearing.milp.alike import kinds, together
from clearing.milp.columns import Columns
from clearing.milp.highs import Highs, Limits
from clearing.milp.problem import Problem
from clearing.milp.reduced import reduced


def repeated(seed: int) -> Problem:
    """A random problem in which every column stands several times, with bounds of its own; some are whole numbers."""
    rng = np.random.default_rng(seed)
    rows, columns = 6, 8
    one = np.where(rng.random((rows, columns)) < 0.6, rng.integers(-3, 6, (rows, columns)), 0.0)
    of = np.concatenate([np.arange(columns), rng.integers(0, columns, 20)])
    matrix, cost = one[:, of], rng.integers(1, 9, columns).astype(float)[of]
    low = rng.integers(0, 2, len(of)).astype(float)
    high = low + rng.integers(1, 4, len(of)).astype(float)
    inside = matrix @ (low + rng.random(len(of)) * (high - low))
    return Problem(
        cost, low, high, np.arange(len(of)) % 7 == 3, sp.csr_array(matrix), inside - 2.0, np.full(rows, np.inf),
        Columns(), {},
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_the_optimum_stays_and_a_solution_of_the_kinds_is_one_of_the_columns(seed: int) -> None:
    problem = repeated(seed)
    part = reduced(problem, problem.lower, problem.upper)
    assert part is not None
    joined = together(part)
    assert len(joined.columns) < len(part.columns)
    assert joined.problem.integer.sum() == part.problem.integer.sum()
    limits = Limits(relative_gap=0.0)
    whole, fewer = (Highs(p.problem, threads=1).run(limits) for p in (part, joined))
    assert whole.objective == pytest.approx(fewer.objective, abs=1e-6)
    if fewer.x is None:
        assert whole.x is None
        return
    x = joined.whole(fewer.x)
    assert ((x >= problem.lower - 1e-7) & (x <= problem.upper + 1e-7)).all()
    assert (problem.matrix @ x >= problem.row_lower - 1e-6).all()
    assert x[problem.integer] == pytest.approx(np.rint(x[problem.integer]), abs=1e-6)
    assert float(problem.cost @ x) == pytest.approx((fewer.objective or 0.0) + joined.offset, abs=1e-6)


def test_a_coincidence_of_weights_joins_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns of equal weight that differ are kept apart."""

    class Flat:
        def random(self, count: int) -> np.ndarray:
            return np.ones(count)

    a = sp.csr_array(np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]))
    monkeypatch.setattr(np.random, "default_rng", lambda seed: Flat())
    first, kind = kinds(a, np.zeros(3), np.arange(3), np.ones(3, dtype=np.bool_))
    assert kind[0] == kind[2] != kind[1]
    assert len(first) == 2
