"""Entry into the market that a case may carry: who may offer, and how."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from clearing.case.arrays import Floats, Ids, Ints, freeze


class EntryChannel(IntEnum):
    """Way into the market; numbers equal those of the proto enum."""

    UNSPECIFIED = 0
    DIRECT = 1
    AGGREGATED = 2


@dataclass(frozen=True, slots=True)
class MarketEntry:
    """e spans of resources; a resource may have several, one behind the other.

    resource (e)             id of a unit, site, pumped hydro unit or virtual plant; it need not be in the case
    channel (e)              EntryChannel
    first_day, last_day (e)  YYYY-MM-DD, both ends in; last '' = open
    plant (e)                row of the virtual plant that an aggregated unit is in; −1 = none
    bus (e)                  row of its bus; −1 = none
    capacity_mw (e)          its capacity, ≥ 0
    """

    resource: Ids
    channel: Ints
    first_day: Ids
    last_day: Ids
    plant: Ints
    bus: Ints
    capacity_mw: Floats

    def __post_init__(self) -> None:
        freeze(self)


_ROWS = np.zeros(0, dtype=np.int64)
NO_ENTRY = MarketEntry((), _ROWS, (), (), _ROWS, _ROWS, np.zeros(0))
"""No table: nothing is judged by entry."""
