"""Virtual power plants: MW spread over buses by fixed factors (family 18)."""

from __future__ import annotations

import pyomo.environ as pyo

from clearing.case.virtual_plants import VirtualPlantKind
from models.data import Data, blocks_of, bound
from models.soft import within


def plants(m: pyo.ConcreteModel, d: Data) -> None:
    """MW of a plant, output or load, from its least to its most; its cost, or minus what its load is worth."""
    table, offers = d.case.virtual_plants, d.case.virtual_plants.offers
    m.virtual = pyo.Var(
        d.virtual, d.periods, bounds=lambda _, v, t: (float(table.min_mw[v, t]), float(table.max_mw[v, t]))
    )
    blocks = blocks_of(offers, d.virtual)
    pairs = [(v, k) for v in d.virtual for k in blocks[v]]
    m.virtual_segment = pyo.Var(
        pairs, d.periods, domain=pyo.NonNegativeReals, bounds=lambda _, v, k, t: (0, bound(offers.width_mw[k, t]))
    )
    m.virtual_cost = pyo.Expression(
        expr=sum(
            d.hours * (-1 if is_load(d, v) else 1) * float(offers.price_per_mwh[k, t]) * m.virtual_segment[v, k, t]
            for v, k in pairs
            for t in d.periods
        )
    )

    @m.Constraint(d.virtual, d.periods)
    def virtual_blocks(m, v, t):
        """V_vt = Σ_m segment_vmt, blocks from 0 MW."""
        return m.virtual[v, t] == sum(m.virtual_segment[v, k, t] for k in blocks[v])

    @m.Constraint(d.virtual, d.periods)
    def virtual_ramp(m, v, t):
        """−R_v ≤ V_vt − V_v,t−1 ≤ R_v, R = rate per minute · minutes of the period; the first period is free."""
        if t == 0:
            return pyo.Constraint.Skip
        most = float(table.ramp_mw_per_minute[v]) * d.case.horizon.period_minutes
        return within(-most, m.virtual[v, t] - m.virtual[v, t - 1], most)


def is_load(d: Data, v: int) -> bool:
    """Whether the MW of a plant are load."""
    return bool(d.case.virtual_plants.kind[v] == VirtualPlantKind.LOAD)
