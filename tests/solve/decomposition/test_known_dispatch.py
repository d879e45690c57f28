"""What saves a dispatch its time changes nothing of it: a basis to begin with, an optimum that is known already."""

import numpy as np
import pytest

from clearing.formulation.model import Model
from clearing.milp.highs import Highs, Limits
from clearing.milp.reduced import reduced
from clearing.solve.decomposition.merit_basis import merit_basis
from clearing.solve.decomposition.plate import paths, plate
from clearing.solve.decomposition.primal import UNSEEN, confirm, rising
from clearing.solve.decomposition.restricted import cost_of, held
from clearing.solve.quick_start import nearest
from clearing.solve.search import Search
from tests.solve.decomposition.plates import drawn
from tests.solve.decomposition.test_answers import formed


def committed(seed: int) -> tuple[Search, Model, np.ndarray]:
    case, rules = drawn(seed, 12, 24)
    search, model = formed(case, rules)
    wish = np.random.default_rng(seed).normal(size=model.data.on_min.shape)
    none = np.zeros((2, case.horizon.periods))
    return search, model, rising(plate(model), paths(model), nearest(model.data, wish), 30.0, none)


@pytest.mark.parametrize("seed", range(12))
def test_from_the_merit_order_the_dispatch_is_the_same(seed: int) -> None:
    _, model, on = committed(seed)
    part = reduced(model.problem, *held(model, on, np.zeros(on.shape, dtype=np.bool_)))
    assert part is not None
    if part.problem.integer.any():
        return
    basis = merit_basis(model, part)
    assert basis is not None
    warm, cold = Highs(part.problem, threads=1), Highs(part.problem, threads=1)
    warm.stand(basis, near=True)
    found, right = warm.run(Limits()), cold.run(Limits())
    assert found.condition is right.condition
    assert found.objective == pytest.approx(right.objective, rel=1e-9, abs=1e-6)


def test_a_known_optimum_is_the_dispatch_and_what_a_dispatch_does_not_see_is_dispatched() -> None:
    known = 0
    for seed in range(16):
        search, model, on = committed(seed)
        found = cost_of(search, model, on)
        assert found is not None
        confirm(search, model, found)
        other, _, _ = committed(seed)
        right = other.try_commitment(found.on, found.mode)
        assert search.best is not None
        assert right is not None
        unseen = any(model.problem.rows[name].size for name in UNSEEN if name in model.problem.rows)
        assert bool(np.isnan(search.best.row_dual).any()) == (found.seconds is not None and not unseen)
        known += not unseen
        assert search.best.costs.total == pytest.approx(right.costs.total, rel=1e-7, abs=1e-3)
        mine, theirs = (sum(v.penalty for v in d.violations) for d in (search.best, right))
        assert mine == pytest.approx(theirs, rel=1e-6, abs=1e-2)
    assert 3 <= known < 16
