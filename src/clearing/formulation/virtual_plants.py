"""Virtual power plants: MW spread over buses by fixed factors (family 18)."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.virtual_plants import VirtualPlantKind
from clearing.formulation.commitment import shifted
from clearing.formulation.curves import Curve, cut_at
from clearing.formulation.injections import Injection
from clearing.milp.columns import Columns, column_block
from clearing.milp.rows import RowBlock, row_block


def sign(case: Case) -> Floats:
    """+1 for generation, −1 for load (V)."""
    return np.where(case.virtual_plants.kind == VirtualPlantKind.LOAD, -1.0, 1.0)


def virtual_curve(case: Case) -> Curve:
    """Blocks of offers and bids between min and max."""
    plants = case.virtual_plants
    return cut_at(plants.offers, plants.min_mw, plants.max_mw)


def add_virtual(columns: Columns, case: Case) -> None:
    """virtual (V, T): MW over the least; virtual_segment (M, T): by block, at the price (load: minus it);
    virtual_floor (V, T): 1, at the cost of the least MW, so that the objective is the whole cost."""
    curve, plants, hours = virtual_curve(case), case.virtual_plants, case.horizon.hours
    room, way = plants.max_mw - plants.min_mw, sign(case)
    columns.add(column_block("virtual", room.shape, 0.0, room))
    cost = way[curve.resource, None] * curve.price_per_mwh * hours
    columns.add(column_block("virtual_segment", curve.width_mw.shape, 0.0, curve.width_mw, cost))
    columns.add(column_block("virtual_floor", room.shape, 1.0, 1.0, way[:, None] * curve.floor_cost_per_hour * hours))


def virtual_output(case: Case, columns: Columns) -> RowBlock:
    """virtual_vt = Σ_{m of v} virtual_segment_mt. Shape (V, T)."""
    virtual, segment = columns["virtual"], columns["virtual_segment"]
    row = virtual_curve(case).resource[:, None] * virtual.shape[1] + np.arange(virtual.shape[1])
    return row_block("virtual_output", virtual.shape, 0.0, 0.0, [(virtual, -1.0)], [(row, segment, 1.0)])


def virtual_ramp(case: Case, columns: Columns) -> RowBlock:
    """−R_v ≤ v_t − v_{t−1} ≤ R_v, v = min + virtual, R = rate · period_minutes; period 1 is free. Shape (V, T)."""
    plants, virtual = case.virtual_plants, columns["virtual"]
    step = np.diff(plants.min_mw, axis=1, prepend=plants.min_mw[:, :1])
    most = (plants.ramp_mw_per_minute * case.horizon.period_minutes)[:, None]
    lower, upper = -most - step, most - step
    lower[:, :1], upper[:, :1] = -np.inf, np.inf
    terms = [(virtual, 1.0), (shifted(virtual, 1), -1.0)]
    return row_block("virtual_ramp", virtual.shape, lower, upper, terms)


def virtual_injection(case: Case, columns: Columns) -> Injection:
    """MW over the least at the buses of the factors: into the bus for generation, out of it for load."""
    plants, virtual = case.virtual_plants, columns["virtual"][case.virtual_plants.factor_plant]
    share = (sign(case)[plants.factor_plant] * plants.factor)[:, None]
    return Injection(plants.factor_bus, virtual, np.broadcast_to(share, virtual.shape))


def least_injection(case: Case) -> tuple[np.ndarray, Floats]:
    """Bus (M) and MW (M, T) of the least output of virtual generation; the least of load is firm load."""
    plants = case.virtual_plants
    own = plants.kind[plants.factor_plant] == VirtualPlantKind.GENERATION
    mw = plants.factor[own, None] * plants.min_mw[plants.factor_plant[own]]
    return plants.factor_bus[own], mw
