"""Units that may not set the price in some periods only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Ints, freeze


@dataclass(frozen=True, slots=True)
class PriceIneligible:
    """E cells: unit (E), period (E), in which the pricing run holds the unit at its schedule."""

    unit: Ints
    period: Ints

    def __post_init__(self) -> None:
        freeze(self)


_NONE = np.zeros(0, dtype=np.int64)
NONE_INELIGIBLE = PriceIneligible(_NONE, _NONE)
