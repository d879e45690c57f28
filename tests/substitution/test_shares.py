"""Sharing whole numbers under caps, by rows, and with both margins; the midpoint of the marginal price."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor
from random import Random

import numpy as np
import pytest

from clearing.case.arrays import Ints
from clearing.rules.substitution_round import LowestPrice
from clearing.substitution.quantities import fill
from clearing.substitution.round_pairs import Side, pair, prices
from clearing.substitution.round_tables import Method
from clearing.substitution.shares import both_margins, fill_capped, fill_rows


def whole(*values: int) -> Ints:
    """Int64."""
    return np.array(values, dtype=np.int64)


def test_what_a_cap_holds_back_goes_to_the_others_in_proportion() -> None:
    """100 over 3 : 2 : 1: the first is held at 20, the other 80 are 53⅓ and 26⅔."""
    assert fill_capped(100, whole(3, 2, 1), whole(20, 90, 90), whole(0, 1, 2)).tolist() == [20, 53, 27]


def test_no_more_than_the_caps_of_what_has_weight() -> None:
    assert fill_capped(100, whole(3, 0, 1), whole(20, 90, 30), whole(0, 1, 2)).tolist() == [20, 0, 30]
    assert fill_capped(5, whole(0, 0), whole(9, 9), whole(0, 1)).tolist() == [0, 0]


def test_equal_remainders_go_by_order() -> None:
    assert fill_capped(1, whole(1, 1, 1), whole(9, 9, 9), whole(2, 0, 1)).tolist() == [0, 1, 0]


@pytest.mark.parametrize("scale", [1, 10**11])
def test_shares_of_random_numbers_also_where_products_do_not_fit(scale: int) -> None:
    rng = Random(5)
    for _ in range(200):
        n, width = rng.randint(1, 6), rng.randint(1, 5)
        weights, caps = (whole(*(rng.randint(0, 9) * scale + rng.randint(0, 2) for _ in range(n))) for _ in range(2))
        total = rng.randint(0, 40) * scale
        found = fill_capped(total, weights, caps, np.arange(n))
        assert (found <= caps).all()
        assert found.sum() == min(total, caps[weights > 0].sum())
        table = np.array([[rng.randint(1, 9) * scale for _ in range(width)] for _ in range(n)])
        totals = whole(*(rng.randint(0, int(row.sum())) for row in table))
        rows = fill_rows(totals, table)
        assert all((rows[k] == fill(int(totals[k]), table[k])).all() for k in range(n))


def test_both_margins_hold_and_every_cell_is_rounded() -> None:
    rng = Random(6)
    for _ in range(300):
        rows = whole(*(rng.randint(0, 30) for _ in range(rng.randint(1, 6))))
        total = int(rows.sum())
        ends = sorted(rng.randint(0, total) for _ in range(rng.randint(0, 4)))
        columns = np.diff([0, *ends, total])
        found = both_margins(rows, columns)
        assert (found.sum(axis=1) == rows).all()
        assert (found.sum(axis=0) == columns).all()
        for (i, t), cell in np.ndenumerate(found):
            exact = Fraction(int(rows[i]) * int(columns[t]), max(total, 1))
            assert floor(exact) <= cell <= ceil(exact)


def marginal(sells: list[tuple[int, int]], buys: list[tuple[int, int]], behind: tuple[int | None, int | None]) -> int:
    """Price of two sides of (variation, energy)."""
    sides = [
        Side(whole(*(v for v, _ in side)), whole(*(e for _, e in side)), np.arange(len(side))) for side in (sells, buys)
    ]
    pairs = pair(*sides, Method.MARGINAL)
    found = prices(pairs, *sides, Method.MARGINAL, LowestPrice.FORMULA, 0, behind)
    assert len(set(found.tolist())) == 1
    return int(found[0])


def test_the_marginal_price_is_the_midpoint_of_what_both_sides_leave() -> None:
    assert marginal([(0, 10), (400, 10)], [(900, 10), (600, 10)], (None, None)) == 500  # [400, 600]
    assert marginal([(0, 10), (400, 10)], [(900, 10), (600, 10)], (500, None)) == 450  # the next seller asks 500
    assert marginal([(0, 10), (400, 10)], [(900, 10), (600, 10)], (None, 500)) == 550  # the next buyer bids 500
    assert marginal([(0, 10), (700, 10)], [(900, 10), (600, 10)], (None, None)) == 650  # [max(0, 600), min(900, 700)]
    assert marginal([(800, 10)], [(200, 10)], (None, None)) == 500  # none crosses
