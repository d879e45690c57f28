"""Stationarity of awards, of what requirements lack, and of flows beyond their limits."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.finding import Finding
from clearing.case.offers import Offers
from clearing.checks.award_terms import carried_to, lacking
from clearing.checks.certificate import price_tolerance
from clearing.checks.curve import reserve_blocks, slopes, widths
from clearing.checks.facts import Facts
from clearing.checks.finding import over, tolerance
from clearing.checks.kind_prices import award_terms, held_most, storage_award_terms
from clearing.checks.kinds import storage_cap
from clearing.checks.reserve_amounts import award_worth, covered_awards
from clearing.checks.soft import demand_curves, linear_prices, own_penalties, soft_limits
from clearing.checks.stationary import CODE, in_box


def awards(known: Facts, values: dict[str, Floats]) -> list[Finding]:
    """Value of an award = what its requirements pay + what it costs in the rows it shares; 0 strictly inside, or
    between the prices of the last block used and the next where the unit offers the product.

    A unit holds only products that cover its bus, also where a lesser product that it would serve covers it.
    Up: product + award_cap + headroom (+ ramp_up in form PGLIB); down: product + award_cap − footroom (+ ramp_down);
    other kinds: `kind_prices.award_terms`.
    """
    reserves, table, award = known.case.reserves, known.case.units, known.schedule.reserve_mw
    cap, blocks = held_most(known), reserve_blocks(known.case)
    worth, eligible = award_worth(known, values["product"]), reserves.covers_bus[:, table.bus]
    near = np.broadcast_to(tolerance(table.p_max_mw), table.p_max_mw.shape)
    found: list[Finding] = []
    for q, product in enumerate(reserves.product_id):
        terms = (worth[q], *award_terms(known, values, q))
        gain = np.sum(terms, axis=0)
        size = price_tolerance(known, np.sum(np.abs(terms), axis=0))
        free = eligible[q][:, None] & (cap[q] > near)
        if q in blocks:
            below, above, top = _offered(blocks[q], award[q], near)
            top, size = (
                np.minimum(cap[q], top),
                np.maximum(size, price_tolerance(known, _finite(below), _finite(above))),
            )
            low = np.where(free & (award[q] > near) & np.isfinite(below), below - gain, 0.0)
            high = np.where(free & (award[q] < top - near) & np.isfinite(above), gain - above, 0.0)
            text = "would gain by moving within its offers"
            found += over(CODE, f"award/{product}", table.id, np.maximum(low, high), size, text, gain, unit="per MWh")
            continue
        found += in_box(
            f"award/{product}", table.id, award[q], (np.zeros(cap[q].shape), cap[q]), near, gain, size, free
        )
    return found


def storage_awards(known: Facts, values: dict[str, Floats]) -> list[Finding]:
    """Value of an award of storage = what its requirements and its speed pay + what it costs in the rows it shares."""
    case, held = known.case, known.schedule.storage_reserve_mw
    if not len(case.reserve_kinds.storage):
        return []
    worth, cap = award_worth(known, values["product"], case.storage.bus), storage_cap(case)
    near = tolerance(case.storage.charge_max_mw, case.storage.discharge_max_mw)
    found: list[Finding] = []
    for q, product in enumerate(case.reserves.product_id):
        terms = (worth[q], *storage_award_terms(known, values, q))
        gain = np.sum(terms, axis=0)
        most = cap[q][:, None] + 0.0 * gain
        size = price_tolerance(known, np.sum(np.abs(terms), axis=0))
        limits = (0.0 * most, most)
        found += in_box(f"award/{product}", case.storage.id, held[q], limits, near, gain, size, most > near)
    return found


def _offered(blocks: Offers, award: Floats, near: Floats) -> tuple[Floats, Floats, Floats]:
    """Price of the last block used and of the next one (N, T), 0 for a unit without blocks; Σ of its blocks."""
    below, above = slopes(blocks, award, near)
    free = np.ones(len(award), dtype=np.bool_)
    free[blocks.resource] = False
    below[free], above[free] = 0.0, 0.0
    return below, above, widths(blocks, len(award))


def _finite(price: Floats) -> Floats:
    return np.where(np.isfinite(price), price, 0.0)


def shortfalls(known: Facts, values: dict[str, Floats]) -> list[Finding]:
    """Products with a demand curve: the step in use pays at most the reserve price, the next one at least.

    Where a shortfall counts as held in lesser products, it saves their prices too.
    """
    reserves, counted = known.case.reserves, covered_awards(known)
    lacks, found = lacking(known.case, reserves.requirement_mw - counted), list[Finding]()
    for q, steps in demand_curves(known):
        width, price = (np.array(column) for column in zip(*steps, strict=True))
        ends = np.cumsum(width)
        short, near = lacks[[q]], tolerance(reserves.requirement_mw[[q]])
        value = values["product"][[q, *carried_to(known.case, q)]].sum(axis=0, keepdims=True)
        below = price[np.searchsorted(ends, np.maximum(short - near, 0.0), side="right").clip(max=len(ends) - 1)]
        above = price[np.searchsorted(ends, short + near, side="right").clip(max=len(ends) - 1)]
        wrong = np.maximum(np.where(short > near, below - value, 0.0), value - above)
        text = "reserve price is not that of the demand curve at this shortfall"
        size = price_tolerance(known, np.maximum(above, np.abs(value)))
        found += over(CODE, "product", (reserves.product_id[q],), wrong, size, text, value, unit="per MWh")
    return found


def penalised_flows(known: Facts, values: dict[str, Floats]) -> list[Finding]:
    """Lines and linear limits with a penalty of their own: a multiplier is at most it, and it where they are broken."""
    found: list[Finding] = []
    own = {**own_penalties(known), "linear_limit": linear_prices(known)}
    for family in soft_limits(known) if any(own.values()) else ():
        if family.family not in own:
            continue
        for row, ((_, price),) in own[family.family]:
            value, broken = np.abs(values[family.family][[row]]), family.amount_mw[[row]] > 0
            wrong = np.maximum(np.where(broken, price - value, 0.0), value - price)
            text = "multiplier is not the penalty of the limit"
            size = price_tolerance(known, np.maximum(price, value))
            found += over(CODE, family.family, (family.ids[row],), wrong, size, text, value, unit="per MWh")
    return found
