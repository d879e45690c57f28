"""Side columns of the master that wait outside of its linear problem: most are at a bound at any prices near the best.

What waits adds a constant to the model, which then promises too much and never too little; where it promises most, the
columns that wait at the wrong bound enter and it is solved again, so that what it promises in the end is exact.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from clearing.case.arrays import Bools, Floats, Ints
from clearing.solve.decomposition.sides import Sides

CLEAR = 0.05
"""Reduced cost, in parts of the size of the multipliers, from which a column waits."""

KEPT = 1e-7
"""MW by which a row may miss its sides and be kept all the same."""


class Waiting:
    """Which kinds (m) of side columns stand in the linear problem, each as what it takes beyond its place of rest.

    rest (m): where a kind waits, its better bound where the master begins, 0 where nothing waits; upper (m): whether
    that is its upper bound; column (m): its column, −1 = it waits.
    """

    def __init__(
        self, sides: Sides, near: Floats | None, size: float, boxed: Ints, asked: tuple[Floats, Floats]
    ) -> None:
        """near (D'): multipliers where the master begins; None = nothing waits. size: of a multiplier; boxed: rows that
        anything may leave at a price; asked (D') each: the least and the most that the kinds may give a row."""
        self._sides = sides
        reduced = sides.cost - (0.0 if near is None else sides.matrix @ near)
        bound = np.where(reduced > 0.0, sides.low, sides.high)
        closed = np.isfinite(bound)
        self.upper: Bools = (reduced <= 0.0) & closed
        self.rest: Floats = np.zeros(len(bound))
        waits: Bools = np.zeros(len(bound), dtype=np.bool_)
        if near is not None:
            self.rest = np.where(closed, bound, np.clip(0.0, sides.low, sides.high))
            waits = closed & (np.abs(reduced) > CLEAR * size) & ~self._tied(boxed, asked)
        self.column: Ints = np.full(len(bound), -1, dtype=np.int64)
        self.first: Ints = np.flatnonzero(~waits)
        self.column[self.first] = np.arange(len(self.first))

    def _tied(self, boxed: Ints, asked: tuple[Floats, Floats]) -> Bools:
        """Kinds (m) that must not wait for there to be a solution: places of rest break a row that has no box, or one
        that shares kinds with such a row, directly or over others."""
        sides, (lower, upper) = self._sides, asked
        hard = np.ones(sides.matrix.shape[1], dtype=np.bool_)
        hard[boxed] = False
        taken = sides.matrix.T @ self.rest
        broken = hard & ((taken < lower - KEPT) | (taken > upper + KEPT))
        part = sp.csr_array(sides.matrix[:, hard])
        group = connected_components(sp.block_array([[None, part], [part.T, None]], format="csr"), directed=False)[1]
        of_kind, of_row = group[: len(self.rest)], group[len(self.rest) :]
        return np.asarray(np.isin(of_kind, of_row[broken[hard]]))

    def room(self, kinds: Ints) -> tuple[Floats, Floats]:
        """How far kinds may go below and above their place of rest."""
        rest = self.rest[kinds]
        return self._sides.low[kinds] - rest, self._sides.high[kinds] - rest

    def wrong(self, y: Floats, slack: float) -> Ints:
        """Kinds that wait though at multipliers y (D') another place is better by more than `slack` a unit."""
        sides, rest = self._sides, self.rest
        reduced = sides.cost - sides.matrix @ y
        better: Bools = ((reduced < -slack) & (rest < sides.high)) | ((reduced > slack) & (rest > sides.low))
        return np.flatnonzero(better & (self.column < 0))

    def values(self, x: Floats) -> Floats:
        """Values (m) of all kinds at a solution x of the linear problem."""
        out, stands = self.rest.copy(), (self.column >= 0) & (self.column < len(x))
        out[stands] += x[self.column[stands]]
        return out
