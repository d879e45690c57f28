"""What multipliers of reserve products are worth in a bound, and blocks of capacity that are paid for being held."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.reserves import Direction
from clearing.checks.bound_sides import boxes, soft_each
from clearing.rules.rules import Rules, Steps


def products(case: Case, rules: Rules, value: Floats) -> float:
    """Requirements at multipliers (Q, T); what is short costs the penalty, or what a demand curve says."""
    steps: list[Steps] = [rules.clearing_penalties.product] * len(case.reserves.product_id)
    curves: dict[int, list[tuple[float, float]]] = {}
    table = case.reserve_demand
    for q, width, price in zip(table.step_product.tolist(), table.step_mw, table.step_price, strict=True):
        curves.setdefault(q, []).append((float(width), float(price)))
    for q, curve in curves.items():
        steps[q] = tuple(curve)
    return soft_each(value, case.reserves.requirement_mw, np.inf, steps, case.horizon.hours)


def offers_least(case: Case) -> float:
    """Blocks of capacity whose price is below 0: nothing joins them to awards here, so that they are held whole."""
    table, reserves, units = case.reserve_offers, case.reserves, case.units
    total = 0.0
    for m, (q, u) in enumerate(zip(table.product.tolist(), table.unit.tolist(), strict=True)):
        up = reserves.direction[q] == Direction.UP
        rate = float((units.ramp_up_mw_per_minute if up else units.ramp_down_mw_per_minute)[u])
        if reserves.covers_bus[q, units.bus[u]] and reserves.unit_max_mw[q, u] > 0.0 and rate > 0.0:
            total += boxes(np.minimum(table.price_per_mw_hour[m], 0.0) * case.horizon.hours, 0.0, table.width_mw[m])
    return total
