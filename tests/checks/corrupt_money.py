"""Corruptions of money and published prices: settlement, price setters, payments, uplift, parts of cost by family."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from clearing.case.prices import PriceSetter
from tests.checks.corrupt import Draw, changed, corruption

Made = "tuple[str, ClearingResult] | None"


def _published(draw: Draw, *names: str) -> Made:
    """A figure of the settlement table moved by at least one and a half of its last digit."""
    table = draw.result.settlement
    field = str(draw.rng.choice(names))
    values: Any = None if table is None else getattr(table, field)
    at = None if values is None else draw.cell(np.ones(values.shape))
    if table is None or at is None:
        return None
    size = draw.sign() * max(1.5 * 10.0**-table.decimals, draw.size(values[at]))
    moved = replace(table, **{field: changed(values, at, values[at] + size)})
    return f"{field}{list(at)}{size:+.4g}", replace(draw.result, settlement=moved)


@corruption("price", "SETTLEMENT_PRICE|SETTLEMENT_PARTS")
def settlement_price(draw: Draw) -> Made:
    return _published(draw, "bus_price", "bus_energy", "bus_loss", "bus_cap_adjustment", "zone_price", "system_price")


@corruption("price", "SETTLEMENT_PARTS")
def settlement_congestion(draw: Draw) -> Made:
    return _published(draw, "bus_congestion")


@corruption("price", "USER_PRICE")
def user_price(draw: Draw) -> Made:
    return _published(draw, "user_price", "user_hour_price")


@corruption("price", "SETTLEMENT_PRICE")
def settlement_hours(draw: Draw) -> Made:
    table = draw.result.settlement
    if table is None:
        return None
    labels = (*table.hour_label[:-1], "25:61")
    return "hours", replace(draw.result, settlement=replace(table, hour_label=labels))


def _setters(draw: Draw, *more: PriceSetter) -> Any:
    return replace(draw.result, price_setters=(*draw.result.price_setters, *more))


@corruption("price", "PRICE_SETTER")
def price_setter_idle(draw: Draw) -> Made:
    """A unit that is off sets no price."""
    if draw.result.prices is None:
        return None
    at = draw.cell(~draw.known.on)
    if at is None:
        return None
    units, bus = draw.case.units, draw.case.network.bus_id
    return units.id[at[0]], _setters(draw, PriceSetter("unit", units.id[at[0]], at[1], bus[units.bus[at[0]]]))


@corruption("price", "PRICE_SETTER")
def price_setter_elsewhere(draw: Draw) -> Made:
    """A setter at a bus, in a period or of a name that are not its own."""
    named = draw.result.price_setters
    if not named:
        return None
    one = named[int(draw.rng.integers(len(named)))]
    others = [b for b in draw.case.network.bus_id if b != one.bus]
    changes: list[dict[str, Any]] = [
        {"subject": "nobody"},
        {"period": draw.case.horizon.periods + 2},
        {"family": "tie"},
    ]
    changes += [{"bus": others[0]}] if others else []
    change = changes[int(draw.rng.integers(len(changes)))]
    return str(change), _setters(draw, replace(one, **change))


def _part(draw: Draw, name: str) -> Made:
    costs = draw.result.costs
    old = 0.0 if costs is None else float(getattr(costs, name))
    if costs is None or old == 0.0:
        return None
    return name, replace(draw.result, costs=replace(costs, **{name: old + draw.sign() * draw.size(costs.total)}))


@corruption("objective", "COST")
def cost_of_starts(draw: Draw) -> Made:
    return _part(draw, "start")


@corruption("objective", "COST")
def cost_of_reserve(draw: Draw) -> Made:
    return _part(draw, "reserve")


@corruption("objective", "COST")
def value_of_demand(draw: Draw) -> Made:
    return _part(draw, "demand")


@corruption("objective", "COST")
def cost_of_storage(draw: Draw) -> Made:
    return _part(draw, "storage")


@corruption("objective", "COST|OBJECTIVE")
def cost_of_what_is_broken(draw: Draw) -> Made:
    """The penalty forgotten in the costs and in the objective."""
    costs, end = draw.result.costs, draw.result.termination
    if costs is None or end.objective is None or costs.penalty <= 1e-2 * max(1.0, abs(end.objective)):
        return None
    lower = replace(end, objective=end.objective - costs.penalty)
    return "penalty", replace(draw.result, costs=replace(costs, penalty=0.0), termination=lower)


@corruption("objective", "VIOLATION_PENALTY")
def shortfall_at_the_rule_sets_price(draw: Draw) -> Made:
    """A product with a demand curve charged with the penalty of the rule set."""
    reserves, own = draw.case.reserves, set(draw.case.reserve_demand.step_product.tolist())
    price = draw.rules.clearing_penalties.product[0][1]
    for j, entry in enumerate(draw.result.violations):
        if entry.family == "product" and reserves.product_id.index(entry.subject) in own:
            due = price * entry.amount_mw * draw.case.horizon.hours
            if abs(due - entry.penalty) > 1e-3 * max(1.0, entry.penalty):
                listed = list(draw.result.violations)
                listed[j] = replace(entry, penalty=due)
                return entry.subject, replace(draw.result, violations=tuple(listed))
    return None


@corruption("price", "UPLIFT")
def uplift_of_losers(draw: Draw) -> Made:
    """A make-whole payment for a unit that earns its cost."""
    table = draw.result.uplift
    at = None if table is None else draw.cell(table.revenue > table.cost + 1.0)
    if table is None or at is None:
        return None
    more = changed(table.make_whole, at, draw.size(table.revenue[at]))
    return draw.case.units.id[at[0]], replace(draw.result, uplift=replace(table, make_whole=more))


@corruption("price", "UPLIFT")
def uplift_withheld(draw: Draw) -> Made:
    table = draw.result.uplift
    at = None if table is None else draw.cell(table.make_whole > 1e-2 * np.maximum(1.0, np.abs(table.cost)))
    if table is None or at is None:
        return None
    none = changed(table.make_whole, at, 0.0)
    return draw.case.units.id[at[0]], replace(draw.result, uplift=replace(table, make_whole=none))
