"""Proposals of the dual and exchanges unit by unit: what they say they cost is the optimum at that commitment."""

from dataclasses import replace

import numpy as np
import pytest

from clearing.formulation.model import Model
from clearing.solve.decomposition import stage
from clearing.solve.decomposition.dual import Rounds, rounds_of
from clearing.solve.decomposition.exchange import answers, exchange
from clearing.solve.decomposition.proposals import filled, proposed, torn
from clearing.solve.decomposition.restricted import Found, cost_of
from clearing.solve.decomposition.result import Dual
from clearing.solve.quick_start import nearest
from clearing.solve.search import Search
from tests.solve.decomposition.plates import drawn
from tests.solve.decomposition.test_answers import formed
from tests.solve.decomposition.test_primal import optimum, within_the_gap

SEEDS = range(24)
SLACK = 1e-6


@pytest.mark.parametrize("seed", SEEDS)
def test_an_exchange_never_costs_more_and_costs_what_it_says(seed: int) -> None:
    search, model, rounds, dual = settled(seed)
    begun = cost_of(search, model, nearest(model.data, np.ones(model.data.on_min.shape)))
    assert begun is not None
    found = exchange(search, model, rounds, begun, -np.inf, None)
    assert found.objective <= begun.objective
    right, bound = optimum(seed, 8, 12)
    assert found.objective >= bound - SLACK * max(1.0, abs(right))
    costs_what_it_says(search, model, found)
    assert dual.bound <= right + SLACK * max(1.0, abs(right))


def test_a_target_missed_by_rounding_ends_the_exchange() -> None:
    """The problem it tries in says that the target is met, the commitment's own cost that it is not."""
    search, model, rounds, _ = settled(4)
    begun = cost_of(search, model, nearest(model.data, np.ones(model.data.on_min.shape)))
    assert begun is not None
    said = replace(begun, objective=begun.objective + 1e-6)
    assert exchange(search, model, rounds, said, begun.objective + 1e-7, None) is said


def test_exchanges_find_the_optimum_of_most_small_plates() -> None:
    """From all units on: a search that moved nothing, or moved wrongly, would find few of them."""
    right, moved = 0, 0
    for seed in SEEDS:
        search, model, rounds, dual = settled(seed)
        begun = cost_of(search, model, nearest(model.data, np.ones(model.data.on_min.shape)))
        assert begun is not None
        found = exchange(search, model, rounds, begun, -np.inf, None)
        best = proposed(search, model, dual, found, -np.inf)
        assert best is not None
        moved += found.objective < begun.objective - SLACK
        right += best.objective <= optimum(seed, 8, 12)[0] * (1.0 + 1e-3) + 1.0
    assert moved >= 15
    assert right >= 12


@pytest.mark.parametrize("seed", SEEDS)
def test_proposals_keep_every_limit_and_cost_what_they_say(seed: int) -> None:
    search, model, _, dual = settled(seed)
    best = proposed(search, model, dual, None, -np.inf)
    assert best is not None
    costs_what_it_says(search, model, best)
    better = filled(search, model, dual, best, 30.0)
    assert better is not None
    assert better.objective <= best.objective
    costs_what_it_says(search, model, better)
    share = np.abs(dual.share - np.rint(dual.share)) > 1e-3
    assert not (torn(dual) & ~share).any()


def test_answers_are_schedules_that_units_may_keep_and_do_not_have() -> None:
    search, model, rounds, dual = settled(4)
    best = proposed(search, model, dual, None, -np.inf)
    assert best is not None
    found = answers(rounds, best)
    assert len(set(found)) == len(found)
    for unit, schedule in found:
        on = best.on.copy()
        on[unit] = np.frombuffer(schedule, dtype=np.int8)
        assert (on != best.on).any()
        assert np.array_equal(nearest(model.data, np.where(on == 1, 1.0, -1.0)), on)


@pytest.mark.parametrize("seed", [12, 14, 15, 17, 18])
def test_the_way_of_many_units_ends_at_the_optimum_too(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "MANY", 0)
    within_the_gap(seed, 6, 12)


def settled(seed: int) -> tuple[Search, Model, Rounds, Dual]:
    """A search without a time limit, its model, and rounds that have settled."""
    case, rules = drawn(seed, 8, 12)
    search, model = formed(case, rules)
    rounds = rounds_of(search, model)
    assert rounds is not None
    dual = rounds.run()
    assert dual is not None
    return search, model, rounds, dual


def costs_what_it_says(search: Search, model: Model, found: Found) -> None:
    again = cost_of(search, model, found.on)
    assert again is not None
    assert found.objective == pytest.approx(again.objective, rel=1e-9, abs=1e-6)
