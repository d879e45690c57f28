"""Limits and payments of load that bids and of virtual plants."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.finding import Finding
from clearing.case.prices import Prices
from clearing.case.result import ClearingResult
from clearing.checks.bids import demand_value, virtual_price, way
from clearing.checks.facts import Facts
from clearing.checks.finding import RELATIVE, note, over, tolerance
from clearing.checks.hvdc import line_money
from clearing.checks.kinds import storage_speed
from clearing.checks.reserve_amounts import award_worth
from clearing.checks.shapes import Shapes, wrong_arrays


def bids(known: Facts) -> list[Finding]:
    """min ≤ cleared ≤ max of demand bids and virtual plants; ramps of virtual plants within the horizon."""
    found: list[Finding] = []
    for code, table, mw in (
        ("DEMAND_LIMIT", known.case.demand_bids, known.schedule.demand_mw),
        ("VIRTUAL_LIMIT", known.case.virtual_plants, known.schedule.virtual_mw),
    ):
        if table.id:
            near = tolerance(table.max_mw)
            off, low, high = np.maximum(table.min_mw - mw, mw - table.max_mw), table.min_mw, table.max_mw
            text = "cleared MW are out of bounds"
            found += over(code, "bids", table.id, off, near, text, mw, np.clip(mw, low, high))
    plants = known.case.virtual_plants
    if plants.id:
        change = virtual_change(known)
        most = plants.ramp_mw_per_minute[:, None] * known.case.horizon.period_minutes
        text = "changes faster than its ramp"
        near = tolerance(plants.max_mw)
        found += over("VIRTUAL_RAMP", "bids", plants.id, np.abs(change) - most, near, text, change)
    return found


def _storage_awards(known: Facts, prices: Prices) -> Floats:
    """What awards of storage earn, money an hour (G, T): requirements they count towards, and speed."""
    paid = award_worth(known, prices.reserve_price, known.case.storage.bus)
    speed = (storage_speed(known.case) * prices.reserve_speed_price)[:, None]
    return np.asarray(((paid + speed) * known.schedule.storage_reserve_mw).sum(axis=0))


def virtual_change(known: Facts) -> Floats:
    """Change of a virtual plant from the period before, MW (V, T); 0 in the first."""
    mw = known.schedule.virtual_mw
    return np.diff(mw, axis=1, prepend=mw[:, :1])


def payments(known: Facts, result: ClearingResult) -> list[Finding]:
    """Payments follow from bus prices and cleared MW."""
    claimed, prices, case, hours = result.payments, result.prices, known.case, known.hours
    if claimed is None or prices is None:
        traded = bool(case.demand_bids.id or case.virtual_plants.id or case.hvdc_lines.id)
        missing = prices is not None and (traded or len(case.reserve_kinds.storage) > 0)
        text = "Payments of bids, of virtual plants, of direct-current lines and of storage awards are not stated."
        return [note("NO_PAYMENTS", "payments", text)] if missing else []
    periods = case.horizon.periods
    of_bids, of_plants = (len(case.demand_bids.id),), (len(case.virtual_plants.id),)
    shapes: Shapes = {"demand_payment": of_bids, "demand_value": of_bids}
    shapes |= {"virtual_price": (*of_plants, periods), "virtual_revenue": of_plants}
    shapes |= {"hvdc_rent": (len(case.hvdc_lines.id),)}
    earns = bool(len(case.reserve_kinds.storage))
    stores = case.storage.id if earns else ()
    if earns:
        shapes |= {"storage_reserve_revenue": (len(stores),)}
    unreadable = wrong_arrays(claimed, shapes, "payments")
    if unreadable:
        return unreadable
    paid = prices.bus_price[case.demand_bids.bus] * known.schedule.demand_mw * hours
    worth = demand_value(case, known.schedule) * hours
    mean = virtual_price(case, prices.bus_price)
    got = way(case)[:, None] * mean * known.schedule.virtual_mw * hours
    bids_, plants = case.demand_bids.id, case.virtual_plants.id
    moved_over = line_money(case, known.schedule, prices.bus_price)
    earned = moved_over.sum(axis=(0, 2))
    passed = np.abs(moved_over).sum(axis=(0, 2))
    held = _storage_awards(known, prices) * hours if earns else np.zeros((0, periods))
    claimed_held = claimed.storage_reserve_revenue if earns else np.zeros(0)
    found: list[Finding] = []
    for ids, claim, right, moved, text in (
        (bids_, claimed.demand_payment, paid.sum(axis=1), np.abs(paid).sum(axis=1), "payment is not price times MW"),
        (bids_, claimed.demand_value, worth.sum(axis=1), np.abs(worth).sum(axis=1), "value is not that of the bids"),
        (plants, claimed.virtual_price, mean, np.abs(mean), "price is not the weighted mean of its buses"),
        (case.hvdc_lines.id, claimed.hvdc_rent, earned, passed, "rent is not what the flow gains"),
        (stores, claimed_held, held.sum(axis=1), np.abs(held).sum(axis=1), "revenue is not price times award"),
        (plants, claimed.virtual_revenue, got.sum(axis=1), np.abs(got).sum(axis=1), "revenue is not price times MW"),
    ):
        allowed = RELATIVE * np.maximum(1.0, moved)
        found += over("PAYMENTS", "payments", ids, np.abs(claim - right), allowed, text, claim, right, "money")
    return found
