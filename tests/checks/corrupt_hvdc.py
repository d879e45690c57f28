"""Corruptions of direct-current lines: flows, limits, ramps, rents, multipliers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.checks.hvdc import asked_for, change, greatest_change
from tests.checks.corrupt import Draw, changed, corruption, set_cell
from tests.checks.corrupt_prices import _added

Made = "tuple[str, ClearingResult] | None"


@corruption("value", "BALANCE")
def balance_hvdc(draw: Draw) -> Made:
    flow, scale = draw.schedule.hvdc_mw, float(draw.known.bus_load_mw.max(initial=1.0))
    lines = draw.case.hvdc_lines
    island = draw.known.grid.island
    apart = (island[lines.from_bus] != island[lines.to_bus]).reshape(flow.shape)
    between = (lines.loss_rate > 0.0)[:, None] | apart  # else the balance is kept
    return set_cell(draw, "hvdc_mw", between, lambda at: flow[at] + draw.sign() * draw.size(scale))


@corruption("value", "HVDC_LIMIT")
def hvdc_limit(draw: Draw) -> Made:
    least, most = asked_for(draw.case)
    low, high, size = np.minimum(least, 0.0), np.maximum(most, 0.0), draw.size(30.0)
    below = draw.rng.random() < 0.5
    return set_cell(draw, "hvdc_mw", most > -np.inf, lambda at: low[at] - size if below else high[at] + size)


@corruption("value", "HVDC_RAMP")
def hvdc_ramp(draw: Draw) -> Made:
    if not draw.case.hvdc_lines.id:
        return None
    most, flow = greatest_change(draw.case), draw.schedule.hvdc_mw
    return set_cell(draw, "hvdc_mw", np.isfinite(most), lambda at: flow[at[0], at[1] - 1] + most[at] + draw.size(30.0))


@corruption("value", "VIOLATION_NOT_LISTED|VIOLATION_AMOUNT")
def hvdc_schedule(draw: Draw) -> Made:
    """Less than what is asked for, unlisted."""
    least, most = asked_for(draw.case)
    flow = draw.schedule.hvdc_mw
    asked = (np.abs(flow) > 1e-3) & ((least > 0.0) | (most < 0.0))
    return set_cell(draw, "hvdc_mw", asked, lambda at: flow[at] * draw.rng.uniform(0.0, 0.9))


@corruption("price", "PAYMENTS")
def hvdc_rent(draw: Draw) -> Made:
    money = draw.result.payments
    if money is None:
        return None
    at = draw.cell(np.ones(money.hvdc_rent.shape))
    if at is None:
        return None
    value = money.hvdc_rent[at] + draw.sign() * draw.size(max(1e4, abs(float(money.hvdc_rent[at]))))
    return "rent", replace(draw.result, payments=replace(money, hvdc_rent=changed(money.hvdc_rent, at, value)))


@corruption("multiplier", "MULTIPLIER_SIGN|COMPLEMENTARITY|STATIONARITY")
def hvdc_ramp_multiplier(draw: Draw) -> Made:
    if draw.proof is None or not draw.proved or "hvdc_ramp" not in draw.proof.rows:
        return None
    value, room = draw.proof.values["hvdc_ramp"], greatest_change(draw.case)
    inside = np.abs(change(draw.schedule)) < room - 0.1
    at = draw.cell((value == 0) & inside)
    if at is None:
        return None
    ids = draw.proof.rows["hvdc_ramp"].ids
    return ids[at[0]], _added(draw, "hvdc_ramp", ids[at[0]], at[1], draw.sign() * draw.size(10.0))
