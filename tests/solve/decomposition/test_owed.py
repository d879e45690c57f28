"""When the time is up: what the caller has heard of is dispatched, and some commitment is better than none."""

import time

import numpy as np

from clearing.solve.control import Progress, RunControl
from clearing.solve.decomposition.restricted import cost_of, tell
from clearing.solve.decomposition.stage import decomposed
from clearing.solve.quick_start import merit_order
from tests.solve.decomposition.plates import drawn
from tests.solve.decomposition.test_answers import formed


def test_a_told_commitment_is_kept_when_the_time_is_up() -> None:
    case, rules = drawn(3)
    search, model = formed(case, rules)
    search.try_commitment(np.ones(model.data.on_min.shape, dtype=np.int8) * model.data.on_max, None)
    assert search.best is not None
    first = search.best.costs.total
    better = merit_order(case, rules, model.data)
    search.dispatch_seconds = 0.4
    search.ends = time.monotonic() - 1.0
    assert search.over()
    assert search.try_commitment(better, search.best_mode) is None
    assert search.best.costs.total == first
    found = search.try_commitment(better, search.best_mode, told=True)
    assert found is not None
    assert search.best.costs.total <= first


def test_the_dispatch_of_what_was_told_fits_before_the_pricing_run() -> None:
    case, rules = drawn(3)
    search, model = formed(case, rules)
    search.control = RunControl(answer_by=time.monotonic() + 60.0)
    search.dispatch_seconds, search.ends = 10.0, None
    free = search.left()
    found = cost_of(search, model, merit_order(case, rules, model.data))
    assert found is not None
    tell(search, found)
    owing = search.left()
    assert free is not None
    assert owing is not None
    assert free - owing > 9.0
    search.try_commitment(found.on, None, told=True)
    assert not search.owed


def test_an_incumbent_once_told_stays_in_the_progress() -> None:
    case, rules = drawn(3)
    search, model = formed(case, rules)
    told: list[Progress] = []
    search.control = RunControl(on_progress=told.append)
    decomposed(search, model)
    known = [p.incumbent for p in told]
    first = next(k for k, value in enumerate(known) if value is not None)
    assert [value for value in known[first:] if value is None] == []
    since = [value for value in known[first:] if value is not None]
    assert since == sorted(since, reverse=True)
    assert len({p.bound for p in told[first:]}) > 1  # the bound has risen meanwhile


def test_a_search_without_time_answers_with_a_plain_commitment() -> None:
    case, rules = drawn(3)
    search, model = formed(case, rules)
    search.ends = time.monotonic() - 1.0
    decomposed(search, model)
    assert search.best is not None
    assert search.bound is None
