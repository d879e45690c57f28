"""Load that bids."""

from __future__ import annotations

import pyomo.environ as pyo

from models.data import Data, blocks_of, bound


def demand(m: pyo.ConcreteModel, d: Data) -> None:
    """MW that a bid takes, from its least (firm load, see Data.load_mw) to its most, and what they are worth.

    Blocks count from the least quantity and their prices fall, so that the first are taken first.
    """
    table, offers = d.case.demand_bids, d.case.demand_bids.bids
    m.demand = pyo.Var(d.bids, d.periods, bounds=lambda _, b, t: (float(table.min_mw[b, t]), float(table.max_mw[b, t])))
    blocks = blocks_of(offers, d.bids)
    pairs = [(b, k) for b in d.bids for k in blocks[b]]
    m.demand_segment = pyo.Var(
        pairs, d.periods, domain=pyo.NonNegativeReals, bounds=lambda _, b, k, t: (0, bound(offers.width_mw[k, t]))
    )
    m.demand_value = pyo.Expression(
        expr=sum(
            d.hours * float(offers.price_per_mwh[k, t]) * m.demand_segment[b, k, t] for b, k in pairs for t in d.periods
        )
    )

    @m.Constraint(d.bids, d.periods)
    def demand_output(m, b, t):
        """x_bt − min_bt = Σ_m segment_bmt."""
        return m.demand[b, t] - float(table.min_mw[b, t]) == sum(m.demand_segment[b, k, t] for k in blocks[b])
