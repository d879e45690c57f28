"""Corruptions of what kinds of reserve products add: flexible ramping, awards off line and of storage, speed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from clearing.case.reserve_kinds import ProductKind
from clearing.case.reserves import Direction
from clearing.case.result import Violation
from clearing.checks.award_terms import offline_stated
from clearing.checks.kind_limits import free_to_start, kind_limits, later, off_cap, start_reach
from clearing.checks.kind_prices import held_most
from clearing.checks.kinds import of_kind, storage_cap
from tests.checks.corrupt import Draw, changed, corruption, set_cell, with_prices, with_schedule
from tests.checks.corrupt_prices import _added, _change

Made = "tuple[str, ClearingResult] | None"


def _limit(draw: Draw, family: str) -> Any:
    return next((limit for limit in kind_limits(draw.known) if limit.family == family), None)


def _flexible(draw: Draw) -> np.ndarray:
    return of_kind(draw.case, ProductKind.FLEXIBLE_RAMPING)[:, None, None]


@corruption("value", "AWARD_MAX|FLEXIBLE_RAMP")
def flexible_beyond_its_ramp(draw: Draw) -> Made:
    most, top = held_most(draw.known), draw.case.units.p_max_mw
    return set_cell(draw, "reserve_mw", _flexible(draw) & draw.known.on, lambda at: most[at] + draw.size(top[at[1:]]))


@corruption("value", "FLEXIBLE_RAMP")
def flexible_of_a_unit_that_goes_off(draw: Draw) -> Made:
    """A MW of it in the last period before a stop."""
    mask = _flexible(draw) & draw.known.on & (later(draw.known.on) == 0)
    return set_cell(draw, "reserve_mw", mask, lambda at: draw.size())


@corruption("value", "FLEXIBLE_RAMP|AWARD_MAX")
def flexible_beyond_the_next_limit(draw: Draw) -> Made:
    limit = _limit(draw, "flexible_up")
    if limit is None:
        return None
    up = _flexible(draw) & (draw.case.reserves.direction == Direction.UP)[:, None, None]
    room = np.maximum(limit.upper - limit.activity, 0.0)
    mask = up & draw.known.on & np.isfinite(limit.upper)
    award = draw.schedule.reserve_mw
    return set_cell(draw, "reserve_mw", mask, lambda at: award[at] + room[at[1:]] + draw.size(100.0))


@corruption("value", "AWARD_MAX|OFFLINE_AWARD")
def offline_beyond_its_start(draw: Draw) -> Made:
    reach = start_reach(draw.known)
    mask = off_cap(draw.known) > 0
    return set_cell(draw, "reserve_mw", mask, lambda at: reach[at[1:]] + draw.size(reach[at[1:]]))


@corruption("value", "AWARD_MAX")
def offline_without_rest(draw: Draw) -> Made:
    """Non-spinning reserve of a unit that may not start yet, or is not quick."""
    asked = of_kind(draw.case, ProductKind.NON_SPINNING)[:, None, None]
    unsaid = np.isnan(offline_stated(draw.case))[:, :, None]  # what is stated holds without rest
    mask = asked & ~draw.known.on & ((~free_to_start(draw.known) & unsaid) | (off_cap(draw.known) == 0))
    return set_cell(draw, "reserve_mw", mask, lambda at: draw.size())


def _storage(draw: Draw, direction: Direction, family: str) -> Made:
    limit = _limit(draw, family)
    if limit is None:
        return None
    mask = (draw.case.reserves.direction == direction)[:, None, None] & (storage_cap(draw.case) > 0)[:, :, None]
    held, room = draw.schedule.storage_reserve_mw, np.maximum(limit.upper - limit.activity, 0.0)
    mask = mask & np.ones(held.shape, dtype=bool)
    return set_cell(draw, "storage_reserve_mw", mask, lambda at: held[at] + room[at[1:]] + draw.size(20.0))


@corruption("value", "STORAGE_AWARD|AWARD_MAX")
def storage_beyond_its_power(draw: Draw) -> Made:
    return _storage(draw, Direction.UP, "storage_up")


@corruption("value", "STORAGE_AWARD|AWARD_MAX")
def storage_beyond_its_energy(draw: Draw) -> Made:
    return _storage(draw, Direction.UP, "storage_up_energy")


@corruption("value", "STORAGE_AWARD|AWARD_MAX")
def storage_beyond_its_room(draw: Draw) -> Made:
    return _storage(draw, Direction.DOWN, "storage_down_energy")


@corruption("value", "AWARD_NEGATIVE")
def storage_award_negative(draw: Draw) -> Made:
    held = draw.schedule.storage_reserve_mw
    return set_cell(draw, "storage_reserve_mw", held > -1.0, lambda at: -draw.size(20.0))


@corruption("value", "VIOLATION_NOT_LISTED|VIOLATION_AMOUNT")
def speed_short(draw: Draw) -> Made:
    """Awards of a regulation product scaled down until its speed is missing."""
    limit = _limit(draw, "regulation_speed")
    if limit is None:
        return None
    at = draw.cell((limit.lower > 2e-2) & (limit.activity > 1e-2))
    if at is None:
        return None
    q, t = at
    share = max(0.0, min(limit.lower[at], limit.activity[at]) - draw.size(0.0)) / float(limit.activity[at])
    award, held = draw.schedule.reserve_mw, draw.schedule.storage_reserve_mw
    place = (q, slice(None), t)
    return f"{at}x{share:.3g}", with_schedule(
        draw,
        reserve_mw=changed(award, place, award[place] * share),
        storage_reserve_mw=changed(held, place, held[place] * share),
    )


@corruption("report", "VIOLATION_AMOUNT|VIOLATION_UNKNOWN")
def speed_violation_invented(draw: Draw) -> Made:
    limit = _limit(draw, "regulation_speed")
    at: Any = None if limit is None else draw.cell(limit.lower > 0)
    if at is None:
        return None
    new = Violation("regulation_speed", limit.ids[at[0]], at[1], 1.0, 1.0)
    return "regulation_speed", replace(draw.result, violations=(*draw.result.violations, new))


@corruption("price", "RESERVE_PRICE")
def speed_price(draw: Draw) -> Made:
    prices = draw.result.prices
    if prices is None or draw.proof is None or _limit(draw, "regulation_speed") is None:
        return None
    at = draw.cell(np.ones(prices.reserve_speed_price.shape))
    assert at is not None
    new = float(prices.reserve_speed_price[at]) + draw.sign() * draw.size(prices.reserve_speed_price[at])
    return f"{at}", with_prices(draw, reserve_speed_price=changed(prices.reserve_speed_price, at, new))


@corruption("price", "PRICE_CAP")
def product_cap_adjustment(draw: Draw) -> Made:
    prices = draw.result.prices
    at: Any = None if prices is None else draw.cell(np.ones(prices.reserve_cap_adjustment.shape))
    if prices is None or at is None:
        return None
    more = draw.sign() * draw.size(prices.reserve_price[at])
    adjusted = changed(prices.reserve_cap_adjustment, at, float(prices.reserve_cap_adjustment[at]) + more)
    moved = changed(prices.reserve_price, at, float(prices.reserve_price[at]) + more)
    return f"{at}", with_prices(draw, reserve_cap_adjustment=adjusted, reserve_price=moved)


@corruption("price", "PAYMENTS")
def storage_reserve_revenue(draw: Draw) -> Made:
    payments = draw.result.payments
    if payments is None or not len(draw.case.reserve_kinds.storage):
        return None
    g = int(draw.rng.integers(len(draw.case.storage.id)))
    earned = payments.storage_reserve_revenue
    new = changed(earned, g, float(earned[g]) + draw.sign() * 10.0 * draw.size(earned[g]))
    return draw.case.storage.id[g], replace(draw.result, payments=replace(payments, storage_reserve_revenue=new))


FAMILIES = (
    *("flexible_next", "flexible_up", "flexible_down", "flexible_ramp_up", "flexible_ramp_down", "offline"),
    *("storage_up", "storage_down", "storage_up_energy", "storage_down_energy", "regulation_speed"),
)


@corruption("multiplier", "MULTIPLIER_SIGN")
def kind_multiplier_of_the_wrong_sign(draw: Draw) -> Made:
    table = draw.result.multipliers
    cells = [] if table is None else [j for j, family in enumerate(table.family) if family in FAMILIES]
    if table is None or not cells:
        return None
    j = cells[int(draw.rng.integers(len(cells)))]
    value = changed(table.value, j, -table.value[j] - np.sign(table.value[j]) * draw.size())
    return table.family[j], replace(draw.result, multipliers=replace(table, value=value))


@corruption("multiplier", "RESERVE_PRICE")
def speed_multiplier(draw: Draw) -> Made:
    table = draw.result.multipliers
    return _change(draw, "regulation_speed") if table is not None and "regulation_speed" in table.family else None


@corruption("multiplier", "COMPLEMENTARITY|MULTIPLIER_SIGN")
def kind_multiplier_where_nothing_binds(draw: Draw) -> Made:
    if draw.proof is None or not draw.proved:
        return None
    for name in draw.rng.permutation([n for n in FAMILIES if n in draw.proof.rows and n != "regulation_speed"]):
        rows = draw.proof.rows[name]
        upper = np.isfinite(rows.upper)
        slack = np.where(upper, rows.upper - rows.activity, 0.0)
        at = draw.cell(upper & (slack > 100 * rows.near) & (draw.proof.values[name] == 0))
        if at is not None:
            return str(name), _added(draw, str(name), rows.ids[at[0]], at[1], -draw.size(10.0))
    return None
