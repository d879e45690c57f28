"""Stores by themselves: best schedules and multipliers against the solver, bounds of the whole, rows that are one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from clearing.case.case import Case
from clearing.formulation.scuc import scuc
from clearing.grid.monitored import grid
from clearing.milp.columns import Columns
from clearing.milp.highs import Highs, Limits
from clearing.milp.outcome import Condition
from clearing.milp.problem import Problem
from clearing.rules.rules import Rules
from clearing.solve.control import RunControl
from clearing.solve.decomposition.dual import rounds_of
from clearing.solve.decomposition.joining import WITHOUT
from clearing.solve.decomposition.lagrangian import Lagrangian, Oracle, lagrangian
from clearing.solve.decomposition.store_walk import walk
from clearing.solve.options import SolveOptions
from clearing.solve.search import Search
from tests.oracle.cases import drawn

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray]


def store(rng: np.random.Generator) -> Arrays:
    """Prices, limits and terms of a random store, as `walk` reads them."""
    periods = int(rng.integers(1, 20))
    scale = rng.choice([1.0, 10.0])  # round prices have many ties

    def price(mean: float, spread: float) -> np.ndarray:
        return np.asarray(np.round(rng.normal(mean, spread, periods) / scale) * scale)

    often = [rng.random() < share for share in (0.5, 0.6, 0.7, 0.7)]
    held, gain = price(0.0, 3.0) * often[0], np.maximum(price(0.0, 20.0), 0.0) * often[1]
    prices = np.stack([price(30.0, 30.0), price(-30.0, 30.0), held, gain])
    into, out, size = 10.0 * rng.integers(0, 5), 10.0 * rng.integers(0, 5), rng.choice([20.0, 40.0, 100.0])
    whole, none = np.ones(periods), np.zeros(periods)
    open_ = [rng.random(periods) > 0.1 for _ in range(2)]
    limits = np.stack(
        [none, into * open_[0], none, out * open_[1], 0.05 * size * whole, 0.95 * size * whole, out * whole]
    )
    hours, share = rng.choice([0.25, 1.0]), rng.choice([1.0, 0.99])
    deliverable = 0.9 / rng.choice([1.0, 2.0]) * often[2]
    terms = np.stack([share * whole, hours * 0.9 * whole, hours / 0.9 * whole, none, deliverable * whole, limits[4]])
    begin = rng.uniform(0.05, 0.95) * size
    terms[3, 0] = share * begin
    if often[3]:
        limits[4, -1] = max(limits[4, -1], min(begin, 0.9 * size))
    return prices, limits, terms


def as_problem(prices: np.ndarray, limits: np.ndarray, terms: np.ndarray) -> Problem:
    """The store as a linear problem: charged, discharged, energy, deliverable; energy rows, then those of the last."""
    periods = prices.shape[1]
    eye, none = sp.eye_array(periods), sp.csr_array((periods, periods))
    chain = eye - sp.diags_array(terms[0, 1:], offsets=-1, shape=(periods, periods))
    energy = [-sp.diags_array(terms[1]), sp.diags_array(terms[2]), chain, none]
    within = [none, none, -sp.diags_array(terms[4]), eye]
    top = np.where(terms[4] > 0.0, limits[6], 0.0)
    return Problem(
        np.concatenate([prices[0], prices[1], prices[2], -prices[3]]),
        np.concatenate([limits[0], limits[2], limits[4], np.zeros(periods)]),
        np.concatenate([limits[1], limits[3], limits[5], top]),
        np.zeros(4 * periods, dtype=np.bool_),
        sp.csr_array(sp.vstack([sp.hstack(energy), sp.hstack(within)])),
        np.concatenate([terms[3], np.full(periods, -np.inf)]),
        np.concatenate([terms[3], -terms[4] * terms[5]]),
        Columns(), {},
    )  # fmt: skip


def walked(prices: np.ndarray, limits: np.ndarray, terms: np.ndarray) -> np.ndarray | None:
    periods = prices.shape[1]
    memory = np.zeros((periods, 3 * periods + 3)), np.zeros((periods, 3 * periods + 3)), np.zeros((periods, 2))
    out = np.zeros((6, periods))
    return out if walk(prices, limits, terms, out, *memory) else None


@pytest.mark.parametrize("seed", range(8))
def test_a_walk_is_the_optimum_and_its_multipliers_prove_it(seed: int) -> None:
    rng, solved, without = np.random.default_rng(seed), 0, 0
    for _ in range(50):
        data = store(rng)
        problem, out = as_problem(*data), walked(*data)
        best = Highs(problem, threads=1).run(Limits())
        if best.condition is not Condition.OPTIMAL or best.objective is None:
            assert out is None
            without += 1
            continue
        assert out is not None
        solved += 1
        near = 1e-6 * max(1.0, abs(best.objective))
        x, y = out[:4].ravel(), -np.concatenate([out[4], out[5]])
        assert ((x >= problem.lower - 1e-7) & (x <= problem.upper + 1e-7)).all()
        activity = problem.matrix @ x
        assert ((activity >= problem.row_lower - 1e-7) & (activity <= problem.row_upper + 1e-7)).all()
        assert float(problem.cost @ x) == pytest.approx(best.objective, abs=near)
        reduced, side = problem.cost - problem.matrix.T @ y, np.where(y > 0.0, problem.row_lower, problem.row_upper)
        assert (y[len(y) // 2 :] <= 0.0).all()
        proved = float((y * side)[y != 0.0].sum() + np.minimum(reduced * problem.lower, reduced * problem.upper).sum())
        assert proved == pytest.approx(best.objective, abs=near)
    assert solved > 25
    assert without < 25


def test_a_store_that_cannot_reach_its_last_level_has_no_schedule() -> None:
    prices, limits, terms = np.zeros((4, 2)), np.zeros((7, 2)), np.zeros((6, 2))
    limits[1], limits[5], terms[:3], terms[3, 0] = 1.0, 10.0, 1.0, 2.0
    assert walked(prices, limits, terms) is not None
    limits[4, 1] = 4.5  # 2 MWh and at most 1 MWh in each of two hours
    assert walked(prices, limits, terms) is None


def with_stores(count: int) -> list[tuple[Case, Rules]]:
    """Drawn cases on one island that have stores, by the same seeds as those of the full problems."""
    found = []
    for seed in range(60):
        case, rules = drawn(seed, steered=bool(seed % 2))
        if case.storage.id and scuc(case, rules, grid(case).islands).islands.count == 1:
            found.append((case, rules))
        if len(found) == count:
            return found
    raise AssertionError("too few drawn cases have stores")


CASES = with_stores(8)


def split(case: Case, rules: Rules, *, by_store: bool) -> Lagrangian:
    return lagrangian(scuc(case, rules, grid(case).islands), WITHOUT, by_store=by_store)


@pytest.mark.parametrize("place", range(len(CASES)))
def test_own_multipliers_are_the_best_for_those_of_the_others(place: int) -> None:
    case, rules = CASES[place]
    plain, by_store = (split(case, rules, by_store=which) for which in (False, True))
    assert by_store.stores is not None
    rng, oracle, other = np.random.default_rng(place), Oracle(plain), Oracle(by_store)
    own = np.zeros(len(plain.row), dtype=np.bool_)
    own[by_store.stores.row[by_store.stores.row >= 0]] = True
    low, high = np.where(np.isfinite(plain.upper), -np.inf, 0.0), np.where(np.isfinite(plain.lower), np.inf, 0.0)
    for _ in range(10):
        y = np.clip(rng.normal(0.0, 50.0, len(plain.row)), low, high)
        one, best = oracle.at(y), other.at(y)
        if one is None or best is None:
            continue
        again = oracle.at(best.y)
        assert again is not None
        assert again.value == pytest.approx(best.value, rel=1e-12)
        assert (best.y[~own] == y[~own]).all()
        assert ((best.y >= low) & (best.y <= high)).all()
        assert best.value >= one.value - 1e-7 * max(1.0, abs(one.value))


@pytest.mark.parametrize("place", range(len(CASES)))
def test_rounds_with_stores_by_themselves_reach_the_same_bound(place: int) -> None:
    case, rules = CASES[place]
    bounds = []
    for by_store in (False, True):
        search = Search(case, rules, grid(case), SolveOptions(gap=1e-4), RunControl())
        model = scuc(case, rules, search.grid.islands)
        rounds = rounds_of(search, model, without=WITHOUT, by_store=by_store)
        assert rounds is not None
        found = rounds.run(1e-6)
        if found is None:
            pytest.skip("a unit has no schedule")
        bounds.append(found.bound)
    assert bounds[1] == pytest.approx(bounds[0], rel=1e-4, abs=1e-2)


def test_rows_of_alike_stores_are_one_and_others_stay() -> None:
    case, rules = CASES[0]
    storage = case.storage
    first = np.zeros(3, dtype=np.int64)
    fields: dict[str, Any] = {
        name: tuple(f"S{k}" for k in range(3)) if name == "id" else np.asarray(getattr(storage, name))[first]
        for name in storage.__dataclass_fields__
    }
    fields["charge_efficiency"] = fields["charge_efficiency"] * np.array([1.0, 1.0, 0.9])[:, None]
    three = replace(case, storage=replace(storage, **fields))
    of = split(three, rules, by_store=True)
    assert of.stores is not None
    added = of.stores.alike(len(of.row))
    assert (added.sum(axis=0) == 1.0).all()
    energy = of.stores.row[0]
    place = np.asarray(added.argmax(axis=0)).ravel()
    assert (place[energy[0]] != place[energy[2]]).all()
    # four parts by cost: two stores of one kind are two parts
    assert (place[energy[0]] != place[energy[1]]).all()
    many = replace(of.stores, cost=np.zeros(3))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("clearing.solve.decomposition.stores.PARTS", 1)
        fewer = np.asarray(many.alike(len(of.row)).argmax(axis=0)).ravel()
    assert (fewer[energy[0]] == fewer[energy[1]]).all()
    assert (fewer[energy[0]] != fewer[energy[2]]).all()
