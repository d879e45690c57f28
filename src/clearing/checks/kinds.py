"""What the kinds of reserve products ask, as the auditor derives it from the case alone."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Floats
from clearing.case.case import Case
from clearing.case.reserve_kinds import ProductKind
from clearing.case.reserves import Direction
from clearing.case.units import Fuel, StartState
from clearing.rules.rules import Rules


def has_kinds(case: Case) -> bool:
    """Whether anything beside spinning reserve of units is asked."""
    table = case.reserve_kinds
    return bool(len(table.product) or len(table.storage))


def of_kind(case: Case, kind: ProductKind) -> Bools:
    """Products (Q) of a kind."""
    found = np.zeros(len(case.reserves.product_id), dtype=np.bool_)
    found[case.reserve_kinds.product[case.reserve_kinds.kind == kind]] = True
    return found


def ramp_rate(case: Case) -> Floats:
    """MW/min in the direction of each product (Q, N)."""
    up = case.reserves.direction == Direction.UP
    return (
        np.stack([case.units.ramp_up_mw_per_minute if u else case.units.ramp_down_mw_per_minute for u in up])
        if len(up)
        else np.zeros((0, len(case.units.id)))
    )


def online_cap(case: Case) -> Floats:
    """Most a unit on line may hold (Q, N): least of its own limit and ramp rate · response; flexible ramping has a
    period at most to respond, and no more than the greatest p_max."""
    reserves, units = case.reserves, case.units
    cap = np.array(reserves.unit_max_mw, dtype=np.float64)
    rate = ramp_rate(case)
    for q, flexible in enumerate(of_kind(case, ProductKind.FLEXIBLE_RAMPING)):
        minutes = float(reserves.response_minutes[q])
        minutes = min(minutes, case.horizon.period_minutes) if flexible else minutes
        reach = np.full(len(units.id), np.inf)
        if np.isfinite(minutes):
            reach = np.where(np.isfinite(rate[q]), rate[q] * minutes, np.inf)
        cap[q] = np.minimum(cap[q], reach)
        if flexible:
            cap[q] = np.minimum(cap[q], units.p_max_mw.max(axis=1, initial=0.0))
    return cap


def quick(case: Case, rules: Rules) -> Bools:
    """(Q, N): non-spinning products up that a unit can serve from standstill: all lead times known, within response."""
    asked = of_kind(case, ProductKind.NON_SPINNING) & (case.reserves.direction == Direction.UP)
    if not asked.any():
        return np.zeros((len(asked), len(case.units.id)), dtype=np.bool_)
    costs, stated, starts = case.units.start_costs, case.start_leads.minutes, rules.starts
    by_rule = {
        int(StartState.HOT): starts.lead_hot_minutes,
        int(StartState.WARM): starts.lead_warm_minutes,
        int(StartState.COLD): starts.lead_cold_minutes,
    }
    longest: dict[int, float] = {}
    for row, unit in enumerate(costs.unit.tolist()):
        lead: float | None = float(stated[row]) if len(stated) and stated[row] >= 0 else None
        if lead is None and case.units.fuel[unit] not in (Fuel.NUCLEAR, Fuel.HYDRO):
            lead = by_rule.get(int(costs.state[row]))
        longest[unit] = max(longest.get(unit, 0.0), np.inf if lead is None else lead)
    lead_of = np.array([longest.get(i, np.inf) for i in range(len(case.units.id))])
    for curves in (case.startup_curves, case.shutdown_curves):
        lead_of[curves.unit] = np.inf  # such a unit holds nothing below p_min
    return np.asarray(asked[:, None] & (lead_of[None, :] <= case.reserves.response_minutes[:, None]))


def unit_speed(case: Case) -> Floats:
    """MW/min a MW awarded to a unit brings (Q, N): its speed over its cap, 0 where one is not limited."""
    rate, cap = ramp_rate(case), online_cap(case)
    rate[:, case.reserve_kinds.speed_unit] = case.reserve_kinds.speed_mw_per_minute
    speed = np.zeros(cap.shape)
    known = np.isfinite(rate) & np.isfinite(cap) & (cap > 0)
    speed[known] = rate[known] / cap[known]
    return speed


def storage_speed(case: Case) -> Floats:
    """MW/min a MW awarded to storage brings (Q, 1)."""
    return 1.0 / case.reserves.response_minutes[:, None]


def storage_cap(case: Case) -> Floats:
    """Most a storage may hold (Q, G), MW; 0 where it may not or the product does not cover its bus."""
    table, reserves = case.reserve_kinds, case.reserves
    cap = np.zeros((len(reserves.product_id), len(case.storage.id)))
    np.add.at(cap, (table.storage_product, table.storage), table.storage_max_mw)
    return np.where(reserves.covers_bus[:, case.storage.bus], cap, 0.0)


def speed_required(case: Case) -> Floats:
    """MW/min (Q, T)."""
    required = np.zeros(case.reserves.requirement_mw.shape)
    table = case.reserve_kinds
    if len(table.product):
        required[table.product] += table.speed_requirement_mw_per_minute
    return required
