"""A dive ends at a commitment of the problem; what a part of a huge problem leaves out is what it says."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from clearing.case.arrays import Bools, Floats
from clearing.formulation.model import Model
from clearing.formulation.scuc import scuc
from clearing.grid.monitored import grid
from clearing.milp.highs import Highs, Limits
from clearing.milp.reduced import Reduced, reduced
from clearing.solve.control import RunControl
from clearing.solve.decomposition import networked
from clearing.solve.decomposition.joining import Grown
from clearing.solve.decomposition.part import FELT, felt_by_limits, hold_shed
from clearing.solve.decomposition.plunge import plunge
from clearing.solve.decomposition.restricted import found_at, held
from clearing.solve.network_rows import GROWN
from clearing.solve.options import SolveOptions
from clearing.solve.search import Search
from tests.factory import market
from tests.oracle.cases import drawn
from tests.solve.decomposition.test_networked import broken_case


def whole(seed: int) -> tuple[Search, Model, Reduced]:
    """A drawn problem with every unit-period open."""
    case, rules = drawn(seed, steered=False)
    search = Search(case, rules, grid(case), SolveOptions(), RunControl())
    model = scuc(case, rules, search.grid.islands)
    everywhere: Bools = np.ones(case.units.p_min_mw.shape, dtype=np.bool_)
    part = reduced(model.problem, *held(model, everywhere.astype(np.int8), everywhere))
    assert part is not None
    return search, model, part


@pytest.mark.parametrize("seed", range(12))
def test_a_dive_ends_at_a_commitment_that_costs_no_less_than_the_best(seed: int) -> None:
    search, model, part = whole(seed)
    best = Highs(model.problem, threads=1).run(Limits(relative_gap=0.0)).objective
    relaxed = Highs(model.problem, threads=1, relaxed=True).run(Limits()).objective
    assert best is not None
    assert relaxed is not None
    found = plunge(search, model, part, None)
    assert found is not None
    on = model.problem.columns["on"]
    assert found.x[on] == pytest.approx(np.rint(found.x[on]), abs=1e-6)
    assert (found.on == np.rint(found.x[on])).all()
    assert relaxed - 1e-6 * max(1.0, abs(relaxed)) <= found.objective
    low, high = held(model, found.on, np.zeros(found.on.shape, dtype=np.bool_))
    again = reduced(model.problem, low, high)  # its commitment keeps min up and down times and all the rest
    assert again is not None
    dearest = Highs(again.problem, threads=1).run(Limits(relative_gap=0.0)).objective if not again.settled else 0.0
    assert dearest is not None
    assert dearest + again.offset >= best - 1e-6 * max(1.0, abs(best))


def test_a_dive_that_is_cut_short_finds_nothing() -> None:
    search, model, part = whole(0)
    assert plunge(search, model, part, 0.0) is None


def test_load_that_nobody_sheds_is_held_but_at_the_largest_bus() -> None:
    case = market({"a": [10.0, 50.0], "b": [30.0, 20.0], "c": [5.0, 5.0]}, [{"id": "u", "bus": "a", "p_max": 100.0}],
                  branches=[{"id": "ab", "ends": ("a", "b")}, {"id": "bc", "ends": ("b", "c")}])  # fmt: skip
    _, rules = drawn(0)
    model = scuc(case, rules, grid(case).islands)
    shed = model.problem.columns["shed"]
    x: Floats = np.zeros(len(model.problem.cost))
    x[shed[2, 1]] = 2.0
    low, high = model.problem.lower.copy(), model.problem.upper.copy()
    hold_shed(model, x, low, high)
    assert high[shed].tolist() == [[0.0, 50.0], [30.0, 0.0], [0.0, 5.0]]
    assert (low == model.problem.lower).all()


def test_what_a_limit_that_joined_feels_is_found_by_its_shift_factor() -> None:
    search, rules = broken_case()
    base = scuc(search.case, rules, search.grid.islands)
    assert not felt_by_limits(base).any()
    grown, x = Grown(search, base), Highs(base.problem, threads=1, relaxed=True).run(Limits()).x
    assert x is not None
    assert grown.rows.add_broken(x)
    model = grown.model()
    rows = model.problem.matrix.toarray()[model.problem.rows[GROWN].ravel()]
    felt = felt_by_limits(model)
    assert felt.any()
    assert (felt == (np.abs(rows) >= FELT).any(axis=0)).all()


@pytest.mark.parametrize(("left", "late"), [(9.0, True), (11.0, False), (None, False)])
def test_a_search_that_has_an_answer_is_late_where_two_dispatches_do_not_fit(left: float | None, late: bool) -> None:
    search = SimpleNamespace(best=object(), dispatch_seconds=5.0, left=lambda: left)
    assert networked._late(cast(Search, search)) is late
    search.best = None
    assert not networked._late(cast(Search, search))


@pytest.mark.parametrize(("best", "kept"), [(None, True), (11.0, True), (10.0, False)])
def test_a_dive_is_dispatched_where_it_promises_less_than_the_best_costs(best: float | None, kept: bool) -> None:
    search, model, _ = whole(0)
    found = replace(found_at(model, np.zeros(len(model.problem.cost))), objective=10.0)
    search.best = None if best is None else cast(Any, SimpleNamespace(costs=SimpleNamespace(total=best), violations=()))
    assert (networked._better(search, found) is found) is kept
    assert networked._better(search, None) is None
