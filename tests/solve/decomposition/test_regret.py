"""Regrets add up to no more than the gap; putting units elsewhere ends at a commitment as good or better."""

import numpy as np
import pytest

from clearing.solve.decomposition.exchange import exchange
from clearing.solve.decomposition.regret import regrets, relieved
from clearing.solve.decomposition.restricted import cost_of
from clearing.solve.quick_start import nearest
from tests.solve.decomposition.test_exchange import SEEDS, SLACK, costs_what_it_says, settled
from tests.solve.decomposition.test_primal import optimum


@pytest.mark.parametrize("seed", SEEDS)
def test_regrets_are_parts_of_the_gap(seed: int) -> None:
    search, model, rounds, dual = settled(seed)
    found = cost_of(search, model, nearest(model.data, np.ones(model.data.on_min.shape)))
    assert found is not None
    regret, wish = regrets(rounds, found)
    close = SLACK * max(1.0, abs(found.objective))
    assert regret.min() >= -close
    assert regret.sum() <= found.objective - dual.bound + close
    for unit in range(len(wish)):
        assert np.array_equal(nearest(model.data, np.where(wish == 1, 1.0, -1.0))[unit], wish[unit])


@pytest.mark.parametrize("seed", SEEDS)
def test_units_put_elsewhere_never_cost_more_and_cost_what_they_say(seed: int) -> None:
    search, model, rounds, dual = settled(seed)
    begun = cost_of(search, model, nearest(model.data, np.ones(model.data.on_min.shape)))
    assert begun is not None
    found = relieved(search, model, rounds, begun, dual.bound, None)
    assert found.objective <= begun.objective
    costs_what_it_says(search, model, found)
    right, bound = optimum(seed, 8, 12)
    assert found.objective >= bound - SLACK * max(1.0, abs(right))


def test_they_get_further_than_exchanges_alone() -> None:
    gained = 0
    for seed in SEEDS:
        search, model, rounds, dual = settled(seed)
        begun = cost_of(search, model, nearest(model.data, np.ones(model.data.on_min.shape)))
        assert begun is not None
        stuck = exchange(search, model, rounds, begun, -np.inf, None)
        gained += relieved(search, model, rounds, stuck, dual.bound, None).objective < stuck.objective - SLACK
    assert gained >= 3
