"""Where a search may begin: what an earlier result of a market like this one came to."""

from __future__ import annotations

from dataclasses import dataclass

from clearing.case.arrays import Flags, freeze
from clearing.case.prices import Multipliers


@dataclass(frozen=True, slots=True)
class Beginning:
    """Over the units (N) and periods (T) of the case that is to be cleared; nothing of it is a promise.

    on (N, T)                            1, 0, or −1 = not known
    multipliers                          of the rows that a bound prices: balance, product, shed_total, storage …
    limits                               the same of network limits that cost something: branch, contingency …
    """

    on: Flags
    multipliers: Multipliers
    limits: Multipliers

    def __post_init__(self) -> None:
        freeze(self)
