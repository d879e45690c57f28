"""Terms of reserve products: what serves what, what a shortfall is worth."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools
from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.case.offer_rules import named
from clearing.case.predicates import TOLERANCE, Field, flag
from clearing.case.product_limits import product_bound, product_keys
from clearing.rules.rules import Rules


def sharing(case: Case, rules: Rules) -> list[Finding]:
    """A better product serves a lesser one of the same direction, each pair once, and no product serves itself."""
    table, reserves = case.reserve_sharing, case.reserves
    names = tuple(reserves.product_id[q] for q in table.shared_from.tolist())
    source, target = Field("case.reserve_sharing.shared_from", names), Field("case.reserve_sharing.shared_to", names)
    itself: Bools = table.shared_from == table.shared_to
    pair = table.shared_from * len(reserves.product_id) + table.shared_to
    again = np.ones(len(pair), dtype=np.bool_)
    again[np.unique(pair, return_index=True)[1]] = False
    other = reserves.direction[table.shared_from] != reserves.direction[table.shared_to]
    return [
        *flag("SHARING_DUPLICATE", source, again, "an earlier row has this pair"),
        *flag("SHARING_ACROSS_DIRECTIONS", target, other, "the product holds room in the other direction"),
        *flag("SHARING_CYCLE", target, itself | _back(case), "the product serves, in turn, the one that serves it"),
    ]


def _back(case: Case) -> Bools:
    """Pairs (P) whose lesser product leads back to the better one."""
    table, count = case.reserve_sharing, len(case.reserves.product_id)
    reach = np.zeros((count, count), dtype=np.bool_)
    reach[table.shared_from, table.shared_to] = True
    for _ in range(count):
        reach = reach | (reach @ reach)
    back: Bools = reach[table.shared_to, table.shared_from]
    return back


def demand(case: Case, rules: Rules) -> list[Finding]:
    """Prices do not fall along a curve, its last step has no end and no other has none; dear steps shed load first."""
    table = case.reserve_demand
    names = tuple(case.reserves.product_id[q] for q in table.step_product.tolist())
    width, price = Field("case.reserve_demand.step_mw", names), Field("case.reserve_demand.step_price", names)
    order = np.argsort(table.step_product, kind="stable")
    same = np.diff(table.step_product[order]) == 0
    falls, last = np.zeros(len(order), dtype=np.bool_), np.ones(len(order), dtype=np.bool_)
    falls[order[1:]] = same & (np.diff(table.step_price[order]) < 0)
    last[order[:-1]] = ~same
    shed = rules.clearing_penalties.shortage[0][1]
    return [
        *flag("DEMAND_CURVE_FALLS", price, falls, "costs less than the step before", table.step_price),
        *flag(
            "DEMAND_CURVE_END",
            width,
            last != np.isinf(table.step_mw),
            "the last step, and no other, has no end",
            table.step_mw,
            "+inf for the last step of a product",
        ),
        *flag(
            "DEMAND_ABOVE_SHORTAGE",
            price,
            table.step_price >= shed,
            "load is shed before the product goes short",
            table.step_price,
            f"< {shed:g}",
            Severity.WARNING,
        ),
    ]


def offers(case: Case, rules: Rules) -> list[Finding]:
    """Blocks of a pair stand together and do not fall; the unit may hold the product."""
    table, reserves, units = case.reserve_offers, case.reserves, case.units
    names = tuple(reserves.product_id[q] for q in table.product.tolist())
    pair = table.product * len(units.id) + table.unit
    ungrouped: Bools = np.diff(pair, prepend=0) < 0
    where = Field("case.reserve_offers.product", names)
    if ungrouped.any():
        return flag("RESERVE_OFFERS_NOT_GROUPED", where, ungrouped, "blocks stand by product, then unit")
    used = table.width_mw > 0
    highest, falls = np.full(table.width_mw.shape[1], -np.inf), np.zeros(used.shape, dtype=np.bool_)
    for m in range(len(pair)):
        if m == 0 or pair[m] != pair[m - 1]:
            highest[:] = -np.inf
        falls[m] = used[m] & (table.price_per_mw_hour[m] < highest - TOLERANCE)
        highest = np.where(used[m], np.maximum(highest, table.price_per_mw_hour[m]), highest)
    may = (reserves.unit_max_mw > 0) & reserves.covers_bus[:, units.bus]
    idle = ~may[table.product, table.unit]
    price, unit = Field("case.reserve_offers.price_per_mw_hour", names), Field("case.reserve_offers.unit", names)
    return [
        *flag("RESERVE_OFFER_FALLS", price, falls, "the price falls along the blocks", table.price_per_mw_hour),
        *_within_limits(case, rules, price, used),
        *flag("RESERVE_OFFER_IDLE", unit, idle, "the unit may not hold the product", severity=Severity.WARNING),
    ]


def _within_limits(case: Case, rules: Rules, field: Field, used: Bools) -> list[Finding]:
    """Offers within the limits of their kind of product, each with the clause of its setting."""
    table, found = case.reserve_offers, []
    price = table.price_per_mw_hour
    for code, side, sign in (("OFFER_ABOVE_CAP", "cap", "≤"), ("OFFER_BELOW_FLOOR", "floor", "≥")):
        name = f"offer_{side}_per_mw_hour"
        limit, keys = product_bound(case, rules, name)[table.product], product_keys(case, name)
        beyond = price > limit[:, None] if side == "cap" else price < limit[:, None]
        for q in np.unique(table.product[(used & beyond).any(axis=1)]).tolist():
            bad = used & beyond & (table.product == q)[:, None]
            most = limit[table.product == q][0]
            text = f"{'above the cap' if side == 'cap' else 'below the floor'} of its product ({keys[q]})"
            found += named(rules, keys[q], flag(code, field, bad, text, price, f"{sign} {most:g}"))
    return found
