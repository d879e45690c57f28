"""Exact money: products summed first and rounded once an item and day, half up; shares by largest remainder."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Ints
from clearing.substitution.quantities import fill, half_up

UNITS_OF_MWH = 10_000
"""Tenths of a kWh in an MWh: energy · price / UNITS_OF_MWH = money."""

_MOST = 2**61


def money(products: Ints) -> Ints:
    """Sums of energy · price → money, half up."""
    return half_up(products, UNITS_OF_MWH)


def priced(amounts: Ints, rate: int, of: int = UNITS_OF_MWH) -> Ints:
    """Amounts (n) at one rate, divided by `of`, half up; products of any size."""
    if not len(amounts) or int(np.abs(amounts).max()) * rate < _MOST:
        return half_up(amounts * rate, of)
    return np.array([whole_money(amount * rate, of) for amount in amounts.tolist()], dtype=np.int64)


def whole_money(products: int, of: int = UNITS_OF_MWH) -> int:
    """The same of one number of any size."""
    return (2 * products + of) // (2 * of)


def shared(total: int, weights: Ints, order: Ints) -> Ints:
    """A total of either sign in proportion to weights (n) ≥ 0 by largest remainder, equal remainders by order (n); the
    sum is the total exactly. Weights must not all be 0 unless the total is."""
    return fill(total, weights, order) if total >= 0 else -fill(-total, weights, order)


def total(values: Ints) -> int:
    """Sum of any size."""
    return sum(np.ravel(values).tolist())
