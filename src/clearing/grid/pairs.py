"""Elements after contingencies, as tables: pairs, what flows break of them, and how they follow from flows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from clearing.case.arrays import Bools, Floats, Ids, Ints, freeze


@dataclass(frozen=True, slots=True)
class Pairs:
    """n elements, each after a contingency: interface (n) 0 = branch, 1 = interface; its row (n); contingency (n)."""

    interface: Ints
    row: Ints
    contingency: Ints

    def __post_init__(self) -> None:
        freeze(self)

    def chosen(self, which: Bools | Ints) -> Pairs:
        """Some of them."""
        return Pairs(self.interface[which], self.row[which], self.contingency[which])

    def keys(self) -> Ints:
        """One number for each of them (n), equal for equal pairs only."""
        return np.asarray((self.contingency << 32) | (self.row << 1) | self.interface)

    def unique(self) -> Pairs:
        """Each of them once, in the order in which they stand first."""
        return self.chosen(np.sort(np.unique(self.keys(), return_index=True)[1]))


@dataclass(frozen=True, slots=True)
class Broken:
    """n limits broken after contingencies: the pairs, period (n) and by how much, MW (n)."""

    pairs: Pairs
    period: Ints
    over_mw: Floats

    def __post_init__(self) -> None:
        freeze(self)

    def chosen(self, which: Bools | Ints) -> Broken:
        """Some of them."""
        return Broken(self.pairs.chosen(which), self.period[which], self.over_mw[which])


@dataclass(frozen=True, slots=True)
class Elements:
    """n pairs as `grid.monitored.Monitored` holds them."""

    id: Ids
    weight: tuple[sp.csr_array, ...]
    lost: tuple[sp.csr_array, ...]
    lower: Floats
    upper: Floats
