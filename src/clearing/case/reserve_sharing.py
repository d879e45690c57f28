"""Reserve products that serve lesser ones: awards of a better product count towards both requirements."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, Ints, freeze
from clearing.case.reserves import Reserves


@dataclass(frozen=True, slots=True)
class ReserveSharing:
    """P pairs of products, Q products.

    shared_from (P)    product whose awards …
    shared_to (P)      … also count towards this product, where the unit stands at a bus that this product covers

    Both hold room in the same direction. Pairs are taken as listed and not chained: a → b and b → c let no award of a
    count towards c. Σ_i (award_b + Σ_{a → b} award_a) ≥ requirement_b.
    """

    shared_from: Ints
    shared_to: Ints

    def __post_init__(self) -> None:
        freeze(self)


NO_SHARING = ReserveSharing(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))


def serves(reserves: Reserves, sharing: ReserveSharing, unit_bus: Ints) -> Floats:
    """1 where an award of product p from unit i counts towards the requirement of q, else 0: (q, p, i)."""
    count = len(reserves.product_id)
    served = np.eye(count, dtype=np.bool_)
    served[sharing.shared_to, sharing.shared_from] = True
    return np.asarray(served[:, :, None] & reserves.covers_bus[:, None, unit_bus], dtype=np.float64)
