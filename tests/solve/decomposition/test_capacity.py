"""Rows of capacity on line: no solution of the relaxation breaks one, and with them the optimum is the same."""

from dataclasses import replace

import numpy as np
import pytest

from clearing.formulation.scuc import scuc
from clearing.grid.monitored import grid
from clearing.milp.highs import Highs, Limits
from clearing.milp.outcome import Condition
from clearing.solve.commit import commit
from clearing.solve.control import RunControl
from clearing.solve.decomposition import stage
from clearing.solve.decomposition.capacity import capacity_rows
from clearing.solve.options import SolveOptions
from tests.solve.decomposition.test_dual import loaded
from tests.solve.decomposition.test_primal import GAP


def test_no_solution_of_the_relaxation_breaks_a_row() -> None:
    held = 0
    for seed in range(10):
        case, rules = loaded(seed, 6, 8)
        model = scuc(case, rules, grid(case).islands)
        found = capacity_rows(model)
        if found is None:  # awards that are in no headroom
            continue
        rows, lower = found
        assert len(lower) == case.horizon.periods
        for t in range(len(lower)):
            cost = rows[[t]].toarray().ravel()
            outcome = Highs(replace(model.problem, cost=cost), threads=1, relaxed=True).run(Limits())
            if outcome.condition is Condition.INFEASIBLE:
                break
            assert outcome.objective is not None
            assert outcome.objective >= lower[t] - 1e-6 * max(1.0, abs(lower[t]))
            held += 1
    assert held > 20


@pytest.mark.parametrize("seed", range(4))
def test_with_the_rows_few_units_are_committed_to_the_optimum(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    case, rules = loaded(2 * seed, 6, 12)
    monkeypatch.setattr(stage, "LARGE", 0)
    network = grid(case)
    right = Highs(scuc(case, rules, network.islands).problem, threads=1).run(Limits(relative_gap=0.0))
    if right.condition is Condition.INFEASIBLE:
        return
    search, _ = commit(case, rules, network, SolveOptions(gap=GAP), RunControl())
    assert search.best is not None
    assert search.closed()
    assert right.objective is not None
    assert np.isclose(search.best.costs.total, right.objective, rtol=GAP, atol=1e-6)
