"""Corruptions of load that bids and of virtual plants: cleared MW, ramps, payments, multipliers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.checks.payments import virtual_change
from tests.checks.corrupt import Draw, changed, corruption, set_cell, with_schedule
from tests.checks.corrupt_prices import _added

Made = "tuple[str, ClearingResult] | None"


def _moved(draw: Draw, field: str) -> Made:
    mw = getattr(draw.schedule, field)
    scale = float(draw.known.bus_load_mw.max(initial=1.0))
    return set_cell(draw, field, mw > -1, lambda at: mw[at] + draw.sign() * draw.size(scale))


@corruption("value", "BALANCE")
def balance_demand(draw: Draw) -> Made:
    return _moved(draw, "demand_mw")


@corruption("value", "BALANCE")
def balance_virtual(draw: Draw) -> Made:
    return _moved(draw, "virtual_mw")


@corruption("value", "DEMAND_LIMIT")
def demand_limit(draw: Draw) -> Made:
    bids, size = draw.case.demand_bids, draw.size(30.0)
    low = draw.rng.random() < 0.5
    return set_cell(
        draw,
        "demand_mw",
        draw.schedule.demand_mw > -1,
        lambda at: bids.min_mw[at] - size if low else bids.max_mw[at] + size,
    )


@corruption("value", "VIRTUAL_LIMIT")
def virtual_limit(draw: Draw) -> Made:
    plants, size = draw.case.virtual_plants, draw.size(30.0)
    low = draw.rng.random() < 0.5
    return set_cell(
        draw,
        "virtual_mw",
        draw.schedule.virtual_mw > -1,
        lambda at: plants.min_mw[at] - size if low else plants.max_mw[at] + size,
    )


@corruption("value", "VIRTUAL_RAMP")
def virtual_ramp(draw: Draw) -> Made:
    plants = draw.case.virtual_plants
    if not plants.id:
        return None
    most = plants.ramp_mw_per_minute[:, None] * draw.case.horizon.period_minutes
    change = virtual_change(draw.known)
    mask = np.isfinite(np.broadcast_to(most, change.shape)).copy()
    mask[:, :1] = False
    mw = draw.schedule.virtual_mw
    return set_cell(draw, "virtual_mw", mask, lambda at: mw[at[0], at[1] - 1] + most[at[0], 0] + draw.size(30.0))


@corruption("value", "SHAPE")
def demand_missing(draw: Draw) -> Made:
    if not draw.case.demand_bids.id:
        return None
    return "left out", with_schedule(draw, demand_mw=np.zeros((0, draw.case.horizon.periods)))


@corruption("price", "PAYMENTS")
def payments(draw: Draw) -> Made:
    money = draw.result.payments
    if money is None:
        return None
    fields = ("demand_payment", "demand_value", "virtual_price", "virtual_revenue")
    there = [field for field in fields if getattr(money, field).size]
    if not there:
        return None
    field = str(draw.rng.choice(there))
    table = getattr(money, field)
    at = draw.cell(np.ones(table.shape))
    if at is None:
        return None
    new = changed(table, at, table[at] + draw.sign() * draw.size(max(1e4, abs(float(table[at])))))
    return field, replace(draw.result, payments=replace(money, **{field: new}))


@corruption("multiplier", "MULTIPLIER_SIGN|COMPLEMENTARITY|STATIONARITY")
def virtual_ramp_multiplier(draw: Draw) -> Made:
    if draw.proof is None or not draw.proved or "virtual_ramp" not in draw.proof.rows:
        return None
    rows, value = draw.proof.rows["virtual_ramp"], draw.proof.values["virtual_ramp"]
    inside = (rows.activity < rows.upper - 0.1) & (rows.activity > rows.lower + 0.1)
    at = draw.cell((value == 0) & inside)
    if at is None:
        return None
    return rows.ids[at[0]], _added(draw, "virtual_ramp", rows.ids[at[0]], at[1], draw.sign() * draw.size(10.0))
