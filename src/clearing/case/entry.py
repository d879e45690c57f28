"""Entry into the market that a case may carry: who may offer, and how (Jiangsu market entry manual, part 2).

A direct unit offers alone. An aggregated unit is no resource of the case: its aggregate, a virtual plant of generation,
offers, and spreads its MW over the buses of the units that are in it on the operating day, by their capacity.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import IntEnum

import numpy as np

from clearing.case.arrays import Bools, Floats, Ids, Ints, freeze
from clearing.case.virtual_plants import VirtualPlants


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
    first_day, last_day (e)  ordinals of the calendar, both ends in; last 0 = open
    plant (e)                row of the virtual plant that an aggregated unit is in; −1 = none
    bus (e)                  row of its bus; −1 = none
    capacity_mw (e)          its capacity, ≥ 0
    """

    resource: Ids
    channel: Ints
    first_day: Ints
    last_day: Ints
    plant: Ints
    bus: Ints
    capacity_mw: Floats

    def __post_init__(self) -> None:
        freeze(self)

    def in_force(self, day: int) -> Bools:
        """(e) Spans that hold on a day."""
        return np.asarray((self.first_day <= day) & ((self.last_day == 0) | (self.last_day >= day)))

    def members(self, day: int) -> Bools:
        """(e) Units that are in an aggregate on a day."""
        placed = (self.channel == EntryChannel.AGGREGATED) & (self.plant >= 0) & (self.bus >= 0)
        return np.asarray(self.in_force(day) & placed)


_ROWS = np.zeros(0, dtype=np.int64)
NO_ENTRY = MarketEntry((), _ROWS, _ROWS, _ROWS, _ROWS, _ROWS, np.zeros(0))
"""No table: nothing is judged by entry."""


def capacity_by_bus(entry: MarketEntry, day: int, plants: int, buses: int) -> Floats:
    """(V, K) Capacity of the members of every virtual plant on a day, MW; what is no capacity counts 0."""
    found = np.zeros((plants, buses))
    rows = entry.members(day) & np.isfinite(entry.capacity_mw) & (entry.capacity_mw > 0)
    np.add.at(found, (entry.plant[rows], entry.bus[rows]), entry.capacity_mw[rows])
    return found


def with_factors(
    plants: VirtualPlants, entry: MarketEntry, day: int, buses: int
) -> tuple[VirtualPlants, tuple[str, ...]]:
    """Plants of which those that state no factor have them by their members' capacity; a note each."""
    capacity = capacity_by_bus(entry, day, len(plants.id), buses)
    total = capacity.sum(axis=1)
    bare = np.setdiff1d(np.flatnonzero(total > 0), plants.factor_plant)
    if not len(bare):
        return plants, ()
    plant, bus = np.nonzero(capacity[bare])
    more = bare[plant]
    members = np.bincount(entry.plant[entry.members(day)], minlength=len(plants.id))
    notes = tuple(
        f"virtual plant {plants.id[row]}: distribution factors by the capacity of the units in it ({members[row]})"
        for row in bare.tolist()
    )
    return replace(
        plants,
        factor_plant=np.concatenate([plants.factor_plant, more]),
        factor_bus=np.concatenate([plants.factor_bus, bus]),
        factor=np.concatenate([plants.factor, capacity[more, bus] / total[more]]),
    ), notes


def ordinal(text: str) -> int:
    """Ordinal of a day, YYYY-MM-DD, of the years 1900 to 8999; 0 where it is none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return 0
    return day.toordinal() if len(text) == 10 and 1900 <= day.year < 9000 else 0


def day_text(number: int) -> str:
    """Inverse of `ordinal`; '' of what is no day."""
    return str(date.fromordinal(number)) if 0 < number <= date.max.toordinal() else ""
