"""What the master leaves out costs nothing: columns that wait, schedules that have had no weight for long."""

from __future__ import annotations

import numpy as np
import pytest

from clearing.formulation.scuc import scuc
from clearing.milp.highs import Highs, Limits
from clearing.solve.decomposition import dual, master, waiting
from clearing.solve.decomposition.dual import Rounds, rounds_of
from clearing.solve.decomposition.joining import WITHOUT
from tests.oracle.cases import drawn
from tests.solve.decomposition.test_networked import extended, searched_plain

SEEDS = range(8)


def rounds_at(seed: int) -> Rounds:
    case, rules = drawn(seed, steered=bool(seed % 2))
    search = searched_plain(case, rules)
    rounds = rounds_of(search, scuc(case, rules, search.grid.islands), without=WITHOUT, by_store=True)
    assert rounds is not None
    return rounds


@pytest.mark.parametrize("seed", SEEDS)
def test_what_waits_enters_where_it_is_wanted(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for clear in (np.inf, -1.0):
        monkeypatch.setattr(waiting, "CLEAR", clear)
        rounds = rounds_at(seed)
        assert rounds.run(1e-6) is not None
        found.append(rounds)
    whole, parts = found
    assert whole.master is not None
    assert parts.master is not None
    assert (whole.master.waiting.column >= 0).all()
    # the first model is the same problem, so it promises the same; later ones may be met on another way
    assert parts.trace[0][1] == pytest.approx(whole.trace[0][1], rel=1e-6)
    assert parts.best is not None
    assert whole.best is not None
    assert parts.best.value == pytest.approx(whole.best.value, rel=1e-4, abs=1e-3)


def test_some_columns_wait_to_the_end() -> None:
    waits = 0
    for seed in SEEDS:
        rounds = rounds_at(seed)
        rounds.run(1e-6)
        assert rounds.master is not None
        waits += int((rounds.master.waiting.column < 0).sum())
    assert waits > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_what_waits_at_the_wrong_bound_is_found(seed: int) -> None:
    rounds = rounds_at(seed)
    rounds.run(1e-6)
    assert rounds.master is not None
    own, sides = rounds.master.waiting, rounds.master.sides
    y = np.random.default_rng(seed).normal(0.0, 500.0, sides.matrix.shape[1])
    reduced = sides.cost - sides.matrix @ y
    best = np.where(reduced > 0.0, sides.low, sides.high)
    wrong = (own.column < 0) & (np.abs(reduced) > 1e-6) & (own.rest != best)
    assert set(own.wrong(y, 1e-6).tolist()) == set(np.flatnonzero(wrong).tolist())


@pytest.mark.parametrize("seed", SEEDS)
def test_schedules_without_weight_are_taken_out_and_the_bound_is_the_same(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = rounds_at(seed)
    assert plain.run(1e-6) is not None
    monkeypatch.setattr(master, "AGED", 1)
    monkeypatch.setattr(master, "MANY", 0)
    pruned = rounds_at(seed)
    assert pruned.run(1e-6) is not None
    assert pruned.best is not None
    assert plain.best is not None
    assert pruned.best.value == pytest.approx(plain.best.value, rel=1e-4, abs=1e-3)
    best = Highs(pruned.of.model.problem, threads=1).run(Limits(relative_gap=0.0)).objective
    assert best is not None
    assert pruned.best.value <= best + 1e-6 * max(1.0, abs(best))
    x = pruned.relaxed()
    assert x is not None
    total = sum(weight for _, weight in pruned.master.weights())  # type: ignore[union-attr]
    assert np.allclose(total, 1.0, atol=1e-6)


def test_pruning_keeps_where_the_master_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(master, "AGED", 1)
    pruned = 0
    for seed in SEEDS:
        rounds = rounds_at(seed)
        rounds.run(1e-5)
        own = rounds.master
        assert own is not None
        assert rounds.best is not None
        before, values, count = (
            own.best(rounds.best.y, rounds.width, Limits(), dual.Watch()),
            own.side_values(),
            own._count,
        )
        monkeypatch.setattr(master, "MANY", 0)
        own.prune()
        monkeypatch.setattr(master, "MANY", 10**9)
        pruned += count - own._count
        after = own.best(rounds.best.y, rounds.width, Limits(), dual.Watch())
        assert before is not None
        assert after is not None
        assert after[1] == pytest.approx(before[1], rel=1e-9)
        assert np.allclose(own.side_values(), values)
        assert np.allclose(sum(weight for _, weight in own.weights()), 1.0, atol=1e-6)
    assert pruned > 0


def test_a_master_with_more_rows_needs_only_the_basis_to_promise_no_less(monkeypatch: pytest.MonkeyPatch) -> None:
    promised = []
    for latest in (10**6, 0):
        monkeypatch.setattr(dual, "LATEST", latest)
        rounds = extended(by_store=True)
        promised.append(rounds.promised)
        assert rounds.run(1e-5) is not None
        assert rounds.best is not None
        promised.append(rounds.best.value)
    assert promised[2] >= promised[0] - 1e-7 * abs(promised[0])
    assert promised[3] == pytest.approx(promised[1], rel=1e-4)


def test_the_master_of_a_problem_that_is_not_huge_keeps_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(master, "MANY", 0)
    monkeypatch.setattr(master, "AGED", 1)
    case, rules = drawn(0, steered=False)
    search = searched_plain(case, rules)
    rounds = rounds_of(search, scuc(case, rules, search.grid.islands), without=WITHOUT)
    assert rounds is not None
    rounds.run(1e-6)
    own = rounds.master
    assert own is not None
    assert (own.waiting.column >= 0).all()
    assert sum(len(cut.groups) for cut in own._cuts) == own.groups * len(rounds.history)
