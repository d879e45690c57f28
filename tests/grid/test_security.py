"""Contingencies by blocks, where their factors would not all fit, and their rows by rounds, against all at once."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.grid import security
from clearing.grid.monitored import AFTER, grid
from clearing.grid.pairs import Broken, Elements, Pairs
from clearing.solve.control import RunControl
from clearing.solve.dispatch import dispatch
from tests.oracle.test_contingencies import drawn


def ordered(found: Broken) -> list[tuple[float, ...]]:
    pairs = found.pairs
    return sorted(zip(pairs.interface, pairs.row, pairs.contingency, found.period, found.over_mw.round(9), strict=True))


@pytest.mark.parametrize("seed", range(6))
def test_blocks_find_what_all_at_once_finds(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    case, _ = drawn(seed)
    rng = np.random.default_rng(seed)
    flow = rng.normal(scale=90.0, size=(len(case.network.branch_id), case.horizon.periods))

    def looked() -> tuple[Broken, Pairs, Elements]:
        watch = grid(case).security
        found = watch.broken(flow, outputs)
        pairs = found.pairs.unique()
        return found, pairs, watch.elements(pairs)

    outputs = rng.normal(scale=60.0, size=(grid(case).security.lost_count, case.horizon.periods))
    whole, pairs, elements = looked()
    monkeypatch.setattr(security, "WHOLE_BYTES", 0)
    monkeypatch.setattr(security, "BLOCK", 3)
    parts, _, _ = looked()
    assert len(whole.period) > 3
    assert ordered(parts) == ordered(whole)
    again = grid(case).security.elements(pairs)
    assert again.id == elements.id
    for field in fields(elements):
        one, other = getattr(elements, field.name), getattr(again, field.name)
        if field.name in ("weight", "lost"):
            assert all(np.allclose(a.toarray(), b.toarray(), atol=1e-12) for a, b in zip(one, other, strict=True))
        elif field.name != "id":
            assert np.array_equal(one, other)


def test_an_answer_is_kept_for_flows_that_differ_by_rounding_only() -> None:
    case, _ = drawn(1)
    rng = np.random.default_rng(1)
    flow = rng.normal(scale=90.0, size=(len(case.network.branch_id), case.horizon.periods))
    outputs = rng.normal(scale=60.0, size=(grid(case).security.lost_count, case.horizon.periods))
    watch = grid(case).security
    first = watch.broken(flow, outputs)
    assert watch.broken(flow + 1e-11, outputs.copy()) is first
    for other in ((flow * 1.01, outputs), (flow + 1e-8, outputs), (flow, outputs + 1.0), (0.0 * flow, 0.0 * outputs)):
        assert ordered(watch.broken(*other)) == ordered(grid(case).security.broken(*other))


def everything(case: Case) -> Pairs:
    """Every branch and every watched interface after every contingency."""
    count, lost = len(case.network.branch_id), len(case.contingencies.id)
    gates = np.unique(case.contingencies.monitored_interface)
    row = np.concatenate([np.arange(count), gates])
    kind = np.concatenate([np.zeros(count, dtype=np.int64), np.ones(len(gates), dtype=np.int64)])
    return Pairs(np.tile(kind, lost), np.tile(row, lost), np.repeat(np.arange(lost), len(row)))


@pytest.mark.parametrize("seed", [0, 2, 5, 7, 9, 15])
def test_rows_after_contingencies_by_rounds_give_the_optimum_of_all_rows_at_once(seed: int) -> None:
    """Those that the rounds leave out are in the other problem from the start, and change nothing."""
    case, rules = drawn(seed)
    on = np.ones((len(case.units.id), case.horizon.periods), dtype=np.int8)
    lazy = dispatch(case, rules, grid(case), on, None, RunControl())
    whole_grid = grid(case).watching(everything(case))
    limited = np.isfinite(whole_grid.monitored.upper) | np.isfinite(whole_grid.monitored.lower)
    whole = dispatch(case, rules, whole_grid, on, None, RunControl(), active=limited)
    assert lazy is not None
    assert whole is not None
    assert (lazy.secured > 0, lazy.left, whole.secured) == (True, 0, 0)
    after = whole_grid.monitored.kind >= AFTER
    assert limited[after].sum() > 3 * lazy.active[lazy.grid.monitored.kind >= AFTER].sum() > 0
    assert lazy.lp_objective == pytest.approx(whole.lp_objective, rel=1e-7, abs=1e-6)
    assert lazy.costs.total == pytest.approx(whole.costs.total, rel=1e-7, abs=1e-6)
