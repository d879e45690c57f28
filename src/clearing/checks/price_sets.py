"""Prices by several schemes: what each unit earns, costs and could earn at most, by the audit's own recursion."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clearing.case.bound_proof import only_units
from clearing.case.finding import Finding
from clearing.case.price_schemes import PriceScheme, PriceSet
from clearing.checks.facts import Facts
from clearing.checks.finding import RELATIVE, note, over, single
from clearing.checks.objective import unit_costs
from clearing.checks.reserve_amounts import award_worth
from clearing.checks.unit_costs import units_least
from clearing.rules.rules import Rules


def price_sets(known: Facts, rules: Rules, sets: Sequence[PriceSet]) -> list[Finding]:
    """Every set by itself, and all together: one cost of the schedule, least uplift under convex hull prices.

    Units are judged where the bound of a case could be: only there do prices of energy and reserve say all that they
    are paid for, and are their schedules bounded whole.
    """
    if not sets:
        return []
    found = _together(sets)
    if not only_units(known.case, rules):
        text = "Families of the case are none whose best schedules the audit finds: only totals are judged."
        return [*found, note("PRICE_SETS_NOT_RECHECKED", "price_set", text)]
    for one in sets:
        found += _units(known, rules, one)
    return found


def _together(sets: Sequence[PriceSet]) -> list[Finding]:
    found: list[Finding] = []
    costs = np.array([one.dual_value + one.total_uplift for one in sets])
    near = RELATIVE * max(1.0, float(np.abs(costs).max()), *(abs(one.dual_value) for one in sets))
    if not float(np.ptp(costs)) <= near:
        text = "Dual value and total uplift add up to different costs of one schedule."
        found.append(single("PRICE_SET", "price_set", text, float(costs.max()), float(costs.min())))
    least = min(one.total_uplift for one in sets)
    for one in sets:
        if not one.total_uplift >= float(one.lost_opportunity.sum()) - near:
            text = f"{one.scheme.name}: the units lose more than the total uplift."
            right = float(one.lost_opportunity.sum())
            found.append(single("PRICE_SET", "price_set", text, one.total_uplift, right))
        if one.scheme is PriceScheme.CONVEX_HULL and not one.total_uplift <= least + near:
            text = "Convex hull prices leave more uplift than another set."
            found.append(single("PRICE_SET", "price_set", text, one.total_uplift, least))
    return found


def _units(known: Facts, rules: Rules, one: PriceSet) -> list[Finding]:
    case, schedule = known.case, known.schedule
    energy = one.bus_price[case.units.bus] * known.hours
    award = award_worth(known, one.reserve_price) * known.hours
    earned, held = energy * schedule.dispatch_mw, award * schedule.reserve_mw
    revenue, cost = earned.sum(axis=1) + held.sum(axis=(0, 2)), unit_costs(known).total
    best = -units_least(case, rules, energy, award)
    moved = np.abs(earned).sum(axis=1) + np.abs(held).sum(axis=(0, 2)) + np.abs(cost)
    size = RELATIVE * np.maximum(1.0, np.maximum(moved, np.abs(best)))
    found: list[Finding] = []
    for name, claim, right in (
        ("revenue", one.revenue, revenue),
        ("cost", one.cost, cost),
        ("best profit", one.best_profit, best),
        ("lost opportunity", one.lost_opportunity, best - (revenue - cost)),
        ("make-whole payment", one.make_whole, np.maximum(0.0, cost - revenue)),
    ):
        text = f"{name} under {one.scheme.name} is not the one that follows from schedule and prices"
        far = np.abs(claim - right)
        found += over("PRICE_SET", "price_set", case.units.id, far, size, text, claim, right, "money")
    return found
