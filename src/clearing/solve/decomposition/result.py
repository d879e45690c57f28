"""What the dual side hands to the primal side."""

from __future__ import annotations

from dataclasses import dataclass

from clearing.case.arrays import Bools, Flags, Floats, freeze


@dataclass(frozen=True, slots=True)
class Dual:
    """A Lagrangian bound and the commitments that made it.

    bound                Lagrangian bound on the optimum, constants included; comparable with `Search.bound`
    row_dual (rows)      multiplier of every row of `model.problem`, ≥ 0 leans on the lower side; 0 where dropped
    history (R, N, T)    commitments of the last rounds, newest last
    share (N, T)         the master's convex combination of commitments, 0 … 1
    exact (N)            units whose subproblem was solved with its ramps
    relaxed              names of the row blocks that no subproblem kept: the bound holds, and may be the lower for it
    """

    bound: float
    row_dual: Floats
    history: Flags
    share: Floats
    exact: Bools
    relaxed: tuple[str, ...]

    def __post_init__(self) -> None:
        freeze(self)
