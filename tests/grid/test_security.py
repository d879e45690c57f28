"""Contingencies by blocks, where their factors would not all fit, against all at once."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from clearing.grid import security
from clearing.grid.monitored import grid
from clearing.grid.pairs import Broken, Elements, Pairs
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
