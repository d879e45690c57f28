"""Exact quantities of substitution trading: whole kWh (0.001 MWh), prices and money in whole thousandths.

Everything that is shared or multiplied is rounded here and nowhere else: products once, half up; shares of a whole by
largest remainder, so that parts add up to the whole. Arrays are int64; products that would not fit are formed in
Python's whole numbers.
"""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Ids, Ints

MILLION = 1_000_000
KWH_OF_MWH = 1000
_MOST = 2**62


def half_up(numerator: Ints, denominator: int) -> Ints:
    """Quotient to the nearest whole number, halves up. |numerator| below 2⁶¹, denominator > 0."""
    return np.asarray((2 * numerator + denominator) // (2 * denominator))


def money(energy_kwh: Ints, price_milli: Ints) -> Ints:
    """Energy at a price in thousandths of money per MWh: thousandths of money."""
    return half_up(energy_kwh * price_milli, KWH_OF_MWH)


def millionths(share: float) -> int:
    """A share of the rules as whole millionths."""
    return round(share * MILLION)


def part(energy_kwh: Ints, share: float) -> Ints:
    """A share of energy, kWh, half up. energy up to 10¹¹ kWh."""
    return half_up(energy_kwh * millionths(share), MILLION)


def rank(ids: Ids) -> Ints:
    """Place of every id among the ids in order: ties of `fill` go by it, so that the order of a table changes
    nothing."""
    order = np.array(sorted(range(len(ids)), key=ids.__getitem__), dtype=np.int64)
    found = np.empty(len(ids), dtype=np.int64)
    found[order] = np.arange(len(ids))
    return found


def fill(total: int, weights: Ints, order: Ints | None = None) -> Ints:
    """`total` ≥ 0 in proportion to weights (n) ≥ 0 by largest remainder; the sum is `total` exactly.

    Equal remainders: the lower `order` (n) first, without one the earlier row. Raises ValueError where all weights
    are 0 and the total is not.
    """
    whole = sum(weights.tolist())
    if not whole:
        if total:
            raise ValueError("there is nothing to share by")
        return np.zeros(len(weights), dtype=np.int64)
    if total * int(weights.max()) < _MOST:
        parts, remainder = np.divmod(total * weights, whole)
    else:
        pairs = [divmod(total * weight, whole) for weight in weights.tolist()]
        parts = np.array([pair[0] for pair in pairs], dtype=np.int64)
        remainder = np.array([pair[1] for pair in pairs], dtype=np.int64)
    ties = np.arange(len(weights)) if order is None else order
    first = np.lexsort((ties, -remainder))[: total - int(parts.sum())]
    parts[first] += 1
    return np.asarray(parts, dtype=np.int64)
