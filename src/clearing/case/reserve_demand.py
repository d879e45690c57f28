"""What a shortfall of a reserve product is worth: demand curves that replace the rule set's penalty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Bools, Floats, Ints, freeze

Steps = tuple[tuple[float, float], ...]
"""(MW of shortfall, money per MW and hour), rising prices; the last MW is +inf."""


@dataclass(frozen=True, slots=True)
class ReserveDemand:
    """B steps of demand curves, in the order of each product's steps.

    step_product (B)    product
    step_mw (B)         shortfall that the step covers, > 0; +inf for the last step of a product
    step_price (B)      money per MW and hour of shortfall, not falling over the steps of a product

    A product without steps has the penalties `product` of the rule set. A curve is what the buyer pays rather than be
    short, so it holds in clearing and in the pricing run alike, and a re-run does not move its requirement.
    """

    step_product: Ints
    step_mw: Floats
    step_price: Floats

    def __post_init__(self) -> None:
        freeze(self)


NO_DEMAND = ReserveDemand(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0))


def has_curve(demand: ReserveDemand, products: int) -> Bools:
    """Products (Q) with a demand curve of their own."""
    own = np.zeros(products, dtype=np.bool_)
    own[demand.step_product] = True
    return own


def shortfall_steps(demand: ReserveDemand, products: int, default: Steps) -> tuple[Steps, ...]:
    """Steps of every product (Q): its own curve, else the default."""
    own = has_curve(demand, products)
    rows = [np.flatnonzero(demand.step_product == q) for q in range(products)]
    curves = [tuple(zip(demand.step_mw[r].tolist(), demand.step_price[r].tolist(), strict=True)) for r in rows]
    return tuple(curve if own[q] else default for q, curve in enumerate(curves))
