"""Rounding and sharing of whole quantities."""

from __future__ import annotations

import numpy as np
import pytest

from clearing.substitution.quantities import fill, half_up, money, part, rank


def test_halves_go_up_whatever_the_sign() -> None:
    assert half_up(np.array([5, 15, 14, -5, -15, -16]), 10).tolist() == [1, 2, 1, 0, -1, -2]
    assert money(np.array([1_500, 1]), np.array([212_345, 500])).tolist() == [
        318_518,
        1,
    ]  # 318.5175, 0.5 of a thousandth
    assert part(np.array([100_003]), 0.05).tolist() == [5_000]


def test_shares_add_up_and_ties_go_by_rank() -> None:
    weights = np.array([1, 1, 1])
    assert fill(100, weights).tolist() == [34, 33, 33]
    assert fill(100, weights, rank(("b", "c", "a"))).tolist() == [33, 33, 34]
    assert fill(0, np.zeros(2, dtype=np.int64)).tolist() == [0, 0]
    with pytest.raises(ValueError, match="nothing to share by"):
        fill(1, np.zeros(2, dtype=np.int64))


def test_products_beyond_64_bits_are_exact() -> None:
    """10¹¹ · 10¹¹ does not fit: the same shares as with Python's whole numbers, within one of the exact quotient."""
    draw = np.random.default_rng(2)
    for total in (10**11, 987_654_321_987):
        weights = draw.integers(0, 10**11, 50)
        found = fill(total, weights)
        whole = int(weights.sum())
        assert int(found.sum()) == total
        assert all(abs(f * whole - total * w) < whole for f, w in zip(found.tolist(), weights.tolist(), strict=True))
