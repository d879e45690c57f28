"""Stationarity of the pricing problem: at the marginal value of a resource, its output is where it wants to be."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.finding import Finding
from clearing.case.prices import Prices
from clearing.checks.bids import as_costs, virtual_price, way
from clearing.checks.certificate import frozen, price_tolerance
from clearing.checks.contingency_prices import Weighted, weighted
from clearing.checks.facts import Facts
from clearing.checks.finding import tolerance
from clearing.checks.hvdc import asked_for, line_worth
from clearing.checks.joint import linear_worth, unit_worth
from clearing.checks.prices import unclipped
from clearing.checks.stationarity_awards import awards, penalised_flows, shortfalls, storage_awards
from clearing.checks.stationarity_storage import pumped, storage
from clearing.checks.stationary import in_box, next_period, on_curve


def stationarity(known: Facts, prices: Prices, values: dict[str, Floats]) -> list[Finding]:
    """No output, award or storage level would gain at these prices by moving within its limits."""
    return [
        *units(known, prices, values),
        *renewables(known, prices, values),
        *awards(known, values),
        *storage_awards(known, values),
        *shortfalls(known, values),
        *penalised_flows(known, values),
        *storage(known, prices, values),
        *pumped(known, prices, values),
        *demand(known, prices),
        *virtual(known, prices, values),
        *hvdc(known, prices, values),
    ]


def units(known: Facts, prices: Prices, values: dict[str, Floats]) -> list[Finding]:
    """Committed units that the pricing run did not freeze.

    π_t = LMP_t + headroom_t + footroom_t + (ramp_up_t − ramp_up_{t+1}) − (ramp_down_t − ramp_down_{t+1}):
    the block below the output costs at most π, the block above it at least π, within p_min and the least of
    p_max, start-up and shut-down limit. π has output_limit too where the form HEADROOM holds SU and SD alone, and
    the multipliers of the unit's groups and energy windows, and of the limits of t + 1 that flexible ramping leans on.
    """
    table, output = known.case.units, known.schedule.dispatch_mw
    near = np.broadcast_to(tolerance(table.p_max_mw), output.shape)
    price = unclipped(prices)[table.bus]
    up, down = values["ramp_up"], values["ramp_down"]
    # a limit after the loss of the unit does not feel it, though its bus has a price for it
    unfelt = -_after(known, values).unit
    own = (values["headroom"], values["output_limit"], values["footroom"], unit_worth(known, values), unfelt)
    flexible = (values.get("flexible_up", 0.0 * output), values.get("flexible_down", 0.0 * output))
    terms = (price, *own, *flexible, up, -next_period(up), -down, next_period(down))
    value = np.sum(terms, axis=0)
    size = price_tolerance(known, np.sum(np.abs(terms), axis=0))
    top = np.where(known.started, np.minimum(table.p_max_mw, known.start_mw), table.p_max_mw)
    top = np.where(known.last, np.minimum(top, known.stop_mw), top)
    free = known.on & ~frozen(known.case, known.rules.prices, output, near)
    return on_curve("units", table.id, table.offers, output, (table.p_min_mw, top), near, value, size, free)


def renewables(known: Facts, prices: Prices, values: dict[str, Floats]) -> list[Finding]:
    """π = LMP and what linear limits add, output between its minimum and its forecast."""
    table, output = known.case.renewables, known.schedule.renewable_mw
    near = np.broadcast_to(tolerance(table.forecast_mw), output.shape)
    price, limited = unclipped(prices)[table.bus], linear_worth(known, values, "renewable", len(table.id))
    value, size = price + limited, price_tolerance(known, np.abs(price) + np.abs(limited))
    free = np.ones(output.shape, dtype=np.bool_)
    limits = (table.min_mw, table.forecast_mw)
    return on_curve("renewables", table.id, table.offers, output, limits, near, value, size, free)


def demand(known: Facts, prices: Prices) -> list[Finding]:
    """Bids read as costs of −bid price: the value of one more MW is −LMP, counted from the least quantity."""
    table = known.case.demand_bids
    if not table.id:
        return []
    over_least, room = known.schedule.demand_mw - table.min_mw, table.max_mw - table.min_mw
    near = np.broadcast_to(tolerance(table.max_mw), over_least.shape)
    value = -unclipped(prices)[table.bus]
    free, size = np.ones(over_least.shape, dtype=np.bool_), price_tolerance(known, value)
    costs = as_costs(table.bids, np.full(len(table.id), -1.0))
    return on_curve("demand", table.id, costs, over_least, (0.0 * room, room), near, value, size, free)


def virtual(known: Facts, prices: Prices, values: dict[str, Floats]) -> list[Finding]:
    """π = ±Σ share·LMP (load: −) + virtual_ramp_t − virtual_ramp_{t+1}; bids of load are costs of −bid price."""
    table, mw = known.case.virtual_plants, known.schedule.virtual_mw
    if not table.id:
        return []
    near = np.broadcast_to(tolerance(table.max_mw), mw.shape)
    ramp = values["virtual_ramp"]
    terms = (way(known.case)[:, None] * virtual_price(known.case, unclipped(prices)), ramp, -next_period(ramp))
    free, size = np.ones(mw.shape, dtype=np.bool_), price_tolerance(known, np.sum(np.abs(terms), axis=0))
    costs = as_costs(table.offers, way(known.case))
    limits = (table.min_mw, table.max_mw)
    return on_curve("virtual", table.id, costs, mw, limits, near, np.sum(terms, axis=0), size, free)


def hvdc(known: Facts, prices: Prices, values: dict[str, Floats]) -> list[Finding]:
    """π = LMP at to_bus · what arrives − LMP at from_bus + hvdc_schedule + hvdc_ramp_t − hvdc_ramp_{t+1}."""
    table, flow = known.case.hvdc_lines, known.schedule.hvdc_mw
    if not table.id:
        return []
    least, most = asked_for(known.case)
    near = np.maximum(tolerance(least), tolerance(most))
    ramp = values["hvdc_ramp"]
    unfelt = -_after(known, values).line
    terms = (line_worth(known.case, unclipped(prices)), values["hvdc_schedule"], ramp, -next_period(ramp), unfelt)
    size = price_tolerance(known, np.sum(np.abs(terms), axis=0), unclipped(prices)[table.from_bus])
    limits = (np.minimum(least, 0.0), np.maximum(most, 0.0))
    free = np.ones(flow.shape, dtype=np.bool_)
    return in_box("hvdc", table.id, flow, limits, near, np.sum(terms, axis=0), size, free)


def _after(known: Facts, values: dict[str, Floats]) -> Weighted:
    return weighted(known.case, known.grid, known.contingent, known.interface_terms, values)
