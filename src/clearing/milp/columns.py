"""Blocks of columns and the layout that gives them their places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

ABSENT = -1
"""Column index that stands for 'no such column': its term is left out of the row."""

Index = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ColumnBlock:
    """Columns of one kind. lower, upper, cost share the block's shape; integer holds for the whole block."""

    name: str
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    cost: NDArray[np.float64]
    integer: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the block."""
        return self.lower.shape


def column_block(
    name: str,
    shape: tuple[int, ...],
    lower: ArrayLike = 0.0,
    upper: ArrayLike = np.inf,
    cost: ArrayLike = 0.0,
    *,
    integer: bool = False,
) -> ColumnBlock:
    """A block with bounds and costs broadcast to its shape."""
    return ColumnBlock(
        name,
        np.broadcast_to(np.asarray(lower, dtype=np.float64), shape),
        np.broadcast_to(np.asarray(upper, dtype=np.float64), shape),
        np.broadcast_to(np.asarray(cost, dtype=np.float64), shape),
        integer,
    )


class Columns:
    """Blocks in the order they were added; `columns[name]` is the block's array of column indices.

    first: index of the first column, for columns that are added behind those of a problem.
    """

    def __init__(self, first: int = 0) -> None:
        self.blocks: list[ColumnBlock] = []
        self._index: dict[str, Index] = {}
        self.count = first

    def add(self, block: ColumnBlock) -> Index:
        """Place a block behind the others; returns its column indices, in the block's shape."""
        if block.name in self._index:
            raise ValueError(f"column block {block.name!r} exists already")
        size = int(np.prod(block.shape))
        index = np.arange(self.count, self.count + size, dtype=np.int64).reshape(block.shape)
        self.blocks.append(block)
        self._index[block.name] = index
        self.count += size
        return index

    def __getitem__(self, name: str) -> Index:
        return self._index[name]

    def __contains__(self, name: str) -> bool:
        return name in self._index

    def lower(self, name: str) -> np.ndarray:
        """Lower bounds of a block, in its shape."""
        return next(block.lower for block in self.blocks if block.name == name)

    def upper(self, name: str) -> np.ndarray:
        """Upper bounds of a block, in its shape."""
        return next(block.upper for block in self.blocks if block.name == name)

    def names(self) -> tuple[str, ...]:
        """Names of the blocks, in order."""
        return tuple(self._index)
