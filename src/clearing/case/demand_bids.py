"""Load that bids: served as far as the price allows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, Ids, Ints, freeze
from clearing.case.offers import Offers


@dataclass(frozen=True, slots=True)
class DemandBids:
    """B buyers, T periods.

    id, owner, bus (B)       as in Units
    min_mw, max_mw (B, T)    0 ≤ min ≤ max; min is firm load: served at any price, shed like other load of its bus
    bids                     blocks from min_mw, widths up to max_mw; prices do not rise along the blocks of a bid

    Value of a cleared quantity q: the area under the bids from min to q; the objective holds its negative.
    """

    id: Ids
    owner: Ints
    bus: Ints
    min_mw: Floats
    max_mw: Floats
    bids: Offers

    def __post_init__(self) -> None:
        freeze(self)


_INDEX, _SERIES = np.zeros(0, dtype=np.int64), np.zeros((0, 0))
NO_BIDS = DemandBids((), _INDEX, _INDEX, _SERIES, _SERIES, Offers(_INDEX, _SERIES, _SERIES))
"""No bid, whatever the number of periods."""
