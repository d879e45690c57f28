"""Branches and interfaces whose limits have a penalty of their own instead of the rule set's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Bools, Floats, Ints, freeze

Steps = Sequence[tuple[float, float]]
"""(MW of violation, money per MWh), rising prices; the last MW is +inf."""


@dataclass(frozen=True, slots=True)
class FlowPenalties:
    """n branches, m interfaces; a row stands once.

    branch (n), branch_price_per_mwh (n)          index of the branch, and what a MWh over its limit costs, ≥ 0
    interface (m), interface_price_per_mwh (m)    the same of interfaces, on both of their sides

    A stated price is what its owner pays rather than keep the limit: it holds in clearing and in the pricing run alike,
    and a re-run does not move its limit. A branch or interface without a row has the penalties of the rule set.
    """

    branch: Ints
    branch_price_per_mwh: Floats
    interface: Ints
    interface_price_per_mwh: Floats

    def __post_init__(self) -> None:
        freeze(self)


_NONE = np.zeros(0, dtype=np.int64)
NO_FLOW_PENALTIES = FlowPenalties(_NONE, np.zeros(0), _NONE, np.zeros(0))


def own_price(rows: Ints, price: Floats, count: int) -> Floats:
    """Price of each of `count` rows, NaN where it has none of its own."""
    own = np.full(count, np.nan)
    own[rows] = price
    return own


def own_steps(price: Floats, default: Steps) -> list[tuple[Floats, Floats]]:
    """Width and price of every step by row (n): one endless step at the row's own price (NaN: none), else the default.

    Rows with a price of their own have no width in further steps.
    """
    own = np.isfinite(price)
    return [
        (np.where(own, np.inf if k == 0 else 0.0, width), np.where(own, price, cost))
        for k, (width, cost) in enumerate(default)
    ]


def has_own(price: Floats) -> Bools:
    """Rows with a price of their own."""
    return np.asarray(np.isfinite(price))
