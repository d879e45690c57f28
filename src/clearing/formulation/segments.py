"""Output by block of the offer curve."""

from __future__ import annotations

import numpy as np

from clearing.formulation.commitment import shifted
from clearing.formulation.curves import Curve
from clearing.formulation.unit_data import UnitData
from clearing.milp.columns import Columns
from clearing.milp.rows import RowBlock, row_block


def output(curve: Curve, columns: Columns) -> RowBlock:
    """above_it = Σ_m segment_mt over the blocks of the unit. Shape (N, T)."""
    above = columns["above"]
    periods = above.shape[1]
    row = curve.resource[:, None] * periods + np.arange(periods)
    return row_block("output", above.shape, 0.0, 0.0, [(above, -1.0)], [(row, columns["segment"], 1.0)])


def segment_limits(curve: Curve, data: UnitData, columns: Columns) -> list[RowBlock]:
    """segment_mt ≤ w·on_it − a·start_it − b·stop_{i,t+1}, shape (M, T); implied when the commitment is 0/1.

    w width of the block; a (b) the part of it that lies above the start-up (shut-down) limit. Where the unit may
    run for a single period both cannot be subtracted at once, so two rows stand instead of one.
    Knueven, Ostrowski & Watson 2020, on piecewise production costs.
    """
    unit = curve.resource
    width = curve.width_mw
    end = curve.from_mw + width
    after_start = np.clip(end - np.maximum(data.startup_mw[unit], curve.from_mw), 0.0, width)
    before_stop = np.clip(end - np.maximum(data.shutdown_mw[unit], curve.from_mw), 0.0, width)
    long = data.min_up[unit] >= 2
    blocks = [_limit("segment_limit", curve, columns, long, after_start, before_stop)]
    short = ~long
    rest = np.maximum(before_stop - after_start, 0.0), np.maximum(after_start - before_stop, 0.0)
    blocks.append(_limit("segment_limit_start", curve, columns, short, after_start, rest[0]))
    blocks.append(_limit("segment_limit_stop", curve, columns, short, rest[1], before_stop))
    return blocks


def _limit(
    name: str, curve: Curve, columns: Columns, kept: np.ndarray, after_start: np.ndarray, before_stop: np.ndarray
) -> RowBlock:
    unit = curve.resource[kept]
    return row_block(
        name,
        (len(unit), curve.width_mw.shape[1]),
        -np.inf,
        0.0,
        [
            (columns["segment"][kept], 1.0),
            (columns["on"][unit], -curve.width_mw[kept]),
            (columns["start"][unit], after_start[kept]),
            (shifted(columns["stop"], -1)[unit], before_stop[kept]),
        ],
    )
