"""Load that bids (price-sensitive load)."""

from __future__ import annotations

import numpy as np

from clearing.case.case import Case
from clearing.formulation.curves import Curve, cut_at
from clearing.formulation.injections import Injection
from clearing.milp.columns import Columns, column_block
from clearing.milp.rows import RowBlock, row_block


def bid_curve(case: Case) -> Curve:
    """Blocks of the bids between min and max, MW counted from min."""
    bids = case.demand_bids
    room = bids.max_mw - bids.min_mw
    return cut_at(bids.bids, 0.0 * room, room)


def add_demand(columns: Columns, case: Case) -> None:
    """demand (B, T): load served over the least; demand_segment (M, T): by block of the bids, at minus its price."""
    curve, room = bid_curve(case), case.demand_bids.max_mw - case.demand_bids.min_mw
    columns.add(column_block("demand", room.shape, 0.0, room))
    value = -curve.price_per_mwh * case.horizon.hours
    columns.add(column_block("demand_segment", curve.width_mw.shape, 0.0, curve.width_mw, value))


def demand_output(case: Case, columns: Columns) -> RowBlock:
    """demand_bt = Σ_{m of b} demand_segment_mt. Shape (B, T). Falling prices fill the blocks in their order.

    The least quantity is firm load of the bus (grid.islands.bus_load_mw), so it is shed with it.
    """
    demand, segment = columns["demand"], columns["demand_segment"]
    row = bid_curve(case).resource[:, None] * demand.shape[1] + np.arange(demand.shape[1])
    return row_block("demand_output", demand.shape, 0.0, 0.0, [(demand, -1.0)], [(row, segment, 1.0)])


def demand_injection(case: Case, columns: Columns) -> Injection:
    """What is served over the least leaves at the bus of the bid."""
    demand = columns["demand"]
    return Injection(case.demand_bids.bus, demand, -np.ones(demand.shape))
