"""Softness as a transformation: a block of rows becomes one that may be broken at a stepped price."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from clearing.milp.columns import Columns, Index, column_block
from clearing.milp.rows import RowBlock

SHORT = ".short"
"""Suffix of the columns by which a row stays below its lower side."""
OVER = ".over"
"""Suffix of the columns by which a row exceeds its upper side."""


def elastic(block: RowBlock, steps: Sequence[tuple[ArrayLike, ArrayLike]], weight: float, columns: Columns) -> RowBlock:
    """Add slack columns to `columns` and return the block that uses them.

    steps: (width, price) of the violation, prices rising, last width +inf; weight multiplies the prices (hours of
    a period). Width and price are numbers, or arrays by row (rows) where rows have steps of their own. A side that
    is open for all rows gets no slack. Slack columns are named `<block>.short` and
    `<block>.over`, shaped (steps, rows).
    """
    row, column, value = [block.row], [block.column], [block.value]
    here = np.arange(block.size, dtype=np.int64)
    for suffix, side, sign in ((SHORT, block.lower, 1.0), (OVER, block.upper, -1.0)):
        finite = np.isfinite(side)
        if not finite.any():
            continue
        slack = _slack(block.name + suffix, finite, steps, weight, columns)
        row.append(np.broadcast_to(here, slack.shape).ravel())
        column.append(slack.ravel())
        value.append(np.full(slack.size, sign))
    return RowBlock(
        block.name,
        block.shape,
        np.concatenate(row),
        np.concatenate(column),
        np.concatenate(value),
        block.lower,
        block.upper,
    )


def _slack(
    name: str, finite: np.ndarray, steps: Sequence[tuple[ArrayLike, ArrayLike]], weight: float, columns: Columns
) -> Index:
    width = np.array([np.broadcast_to(w, finite.shape) for w, _ in steps], dtype=np.float64)
    price = np.array([np.broadcast_to(p, finite.shape) for _, p in steps], dtype=np.float64) * weight
    upper = np.where(finite, width, 0.0)
    return columns.add(column_block(name, upper.shape, 0.0, upper, price))
