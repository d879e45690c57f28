"""Rounds that are cut short: their bound holds, and they go on where they were."""

from __future__ import annotations

import time

import pytest

from clearing.formulation.scuc import scuc
from clearing.grid.monitored import grid
from clearing.milp.highs import Highs, Limits
from clearing.solve.control import RunControl
from clearing.solve.decomposition import networked
from clearing.solve.decomposition.dual import BESIDE, rounds_of
from clearing.solve.options import SolveOptions
from clearing.solve.search import Search
from tests.oracle.cases import drawn
from tests.solve.decomposition.test_networked import broken_case


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_rounds_that_end_by_the_clock_go_on_where_they_were(seed: int) -> None:
    case, rules = drawn(seed, steered=False)
    search = Search(case, rules, grid(case), SolveOptions(gap=1e-4), RunControl())
    model = scuc(case, rules, search.grid.islands)
    best = Highs(model.problem, threads=1).run(Limits(relative_gap=0.0)).objective
    assert best is not None
    rounds = rounds_of(search, model, without=networked.WITHOUT, beside=BESIDE)
    assert rounds is not None
    early = rounds.run(1e-6, time.monotonic())
    assert early is not None
    assert len(rounds.history) == 1
    assert rounds.relaxed() is not None
    late = rounds.run(1e-6, time.monotonic() + 1e6)
    assert late is not None
    assert len(rounds.history) > 1
    assert early.bound <= late.bound <= best + 1e-6 * max(1.0, abs(best))


def test_rows_join_rounds_that_were_cut_short() -> None:
    """The master that a larger one follows has a solution of all schedules that were met."""
    search, rules = broken_case()
    model = scuc(search.case, rules, search.grid.islands)
    rounds, rows = rounds_of(search, model, without=networked.WITHOUT, beside=BESIDE), networked.Grown(search, model)
    assert rounds is not None
    before = rounds.run(1e-6, time.monotonic())
    assert before is not None
    for _ in range(3):  # further rounds, each cut short, look beside the way
        rounds.run(1e-6, time.monotonic())
    x = rounds.relaxed()
    assert x is not None
    assert rows.rows.add_broken(x) > 0
    assert rounds.extend(rows.model())
    after = rounds.run(1e-6)
    assert after is not None
    assert after.bound >= before.bound
