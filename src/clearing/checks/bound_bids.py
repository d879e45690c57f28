"""The least reduced cost of load that bids, of virtual plants and of direct-current lines, every MW by itself."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.checks.bids import virtual_price, way
from clearing.checks.bound_sides import boxes, cut, sides, soft
from clearing.checks.hvdc import asked_for, greatest_change, line_worth
from clearing.rules.rules import Rules

Values = dict[str, Floats]


def bids_least(case: Case, at_bus: Floats, values: Values) -> float:
    """Bids at the worth of a MW at their bus (K, T) and multipliers (B, T) of demand_output: Σ blocks − demand = 0."""
    bids, hours = case.demand_bids, case.horizon.hours
    if not bids.id:
        return 0.0
    value, room = values["demand_output"], bids.max_mw - bids.min_mw
    _, blocks = cut(bids.bids.resource, bids.bids.width_mw, 0.0 * room, room)
    of_block = -bids.bids.price_per_mwh * hours - value[bids.bids.resource]
    return boxes(at_bus[bids.bus] + value, 0.0, room) + boxes(of_block, 0.0, blocks)


def virtual_least(case: Case, at_bus: Floats, values: Values) -> float:
    """Virtual plants at multipliers (V, T) of virtual_output, Σ blocks − MW over the least = 0, and of virtual_ramp.

    The least MW of a plant of generation are worth what they bring at its buses.
    """
    plants, hours = case.virtual_plants, case.horizon.hours
    if not plants.id:
        return 0.0
    value, ramp, sign = values["virtual_output"], values["virtual_ramp"], way(case)[:, None]
    worth, offers = sign * virtual_price(case, at_bus), plants.offers
    price = sign[offers.resource] * offers.price_per_mwh * hours
    below, blocks = cut(offers.resource, offers.width_mw, plants.min_mw, plants.max_mw)
    total = float((price * below).sum()) - float((np.where(sign > 0.0, worth, 0.0) * plants.min_mw).sum())
    total += boxes(-worth + value - _change(ramp), 0.0, plants.max_mw - plants.min_mw)
    total += boxes(price - value[offers.resource], 0.0, blocks)
    step = np.diff(plants.min_mw, axis=1, prepend=plants.min_mw[:, :1])
    most = np.repeat(plants.ramp_mw_per_minute[:, None] * case.horizon.period_minutes, step.shape[1], axis=1)
    most[:, :1] = np.inf
    return total + sides(ramp, -most - step, most - step)


def lines_least(case: Case, rules: Rules, at_bus: Floats, lost: Floats, values: Values) -> float:
    """Direct-current lines at multipliers (H, T) of hvdc_ramp and hvdc_schedule; lost (H, T): what of the worth of a
    MW a line does not feel, because a contingency loses it."""
    if not case.hvdc_lines.id:
        return 0.0
    ramp, schedule, (least, most) = values["hvdc_ramp"], values["hvdc_schedule"], asked_for(case)
    reduced = lost - line_worth(case, at_bus) - _change(ramp) - schedule
    change = greatest_change(case)
    low, high = np.where(least > 0.0, least, -np.inf), np.where(most < 0.0, most, np.inf)
    total = soft(schedule, low, high, rules.clearing_penalties.joint_limit, case.horizon.hours)
    total += sides(ramp, -change, change)
    return total + boxes(reduced, np.minimum(least, 0.0), np.maximum(most, 0.0))


def _change(value: Floats) -> Floats:
    """What multipliers (n, T) of x_t − x_(t−1) bring for x (n, T)."""
    return np.asarray(value - np.concatenate([value[:, 1:], 0.0 * value[:, :1]], axis=1))
