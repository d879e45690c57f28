"""Where one dispatch ended, for a dispatch of the same layout to begin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clearing.case.arrays import Bools
from clearing.milp.highs import Basis, Highs
from clearing.solve.network_rows import NetworkRows

LARGE = 20_000
"""Columns from which a warm start pays. Smaller problems start cold, so that their prices do not depend on a path."""


@dataclass(frozen=True, slots=True)
class WarmStart:
    """layout: names and sizes of the problem's blocks; rounds: network pairs (E, T) in the order they got rows; the
    optimal basis of both together."""

    layout: tuple[tuple[str, int], ...]
    rounds: tuple[Bools, ...]
    basis: Basis

    @staticmethod
    def of(highs: Highs, rows: NetworkRows) -> WarmStart:
        """The optimal basis of an LP just solved."""
        return WarmStart(_layout(highs), tuple(rows.rounds), highs.basis())


def begin(highs: Highs, rows: NetworkRows, start: WarmStart | None, held: NDArray[np.int64]) -> None:
    """Give a fresh instance the rows and the basis of a start, where it fits and pays.

    held: columns fixed since. They leave the basis: a basic one would keep the multiplier that it set while free.
    """
    if start is None or len(highs.problem.cost) <= LARGE or start.layout != _layout(highs):
        return
    for pairs in start.rounds:
        rows.add(pairs)
    highs.set_basis(start.basis, held)


def _layout(highs: Highs) -> tuple[tuple[str, int], ...]:
    columns, rows = highs.problem.columns, highs.problem.rows
    return (*((n, columns[n].size) for n in columns.names()), *((n, index.size) for n, index in rows.items()))
