"""Reserves against their limits: products by unit, and the system reserves of the capacity form."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.awarded import counted_mw
from clearing.case.case import Case
from clearing.case.prices import Prices
from clearing.case.reserves import Direction
from clearing.case.schedule import Schedule
from clearing.report.about import SystemReserveRule
from clearing.report.figures.plot import Plot, Section, bars, steps, time_layout
from clearing.report.scale import scale
from clearing.report.topology import bus_load_mw
from clearing.report.values import FEW_TICKS, amount


def reserve_section(case: Case, schedule: Schedule, prices: Prices | None, rule: SystemReserveRule) -> Section:
    """One panel a product, then the prices of the products, then one panel a system reserve."""
    small = [_product(case, schedule, q) for q in range(len(case.reserves.product_id))]
    if prices is not None and np.any(np.abs(prices.reserve_price) > 1e-6):
        small.append(_product_prices(case, prices))
    small += _system(case, schedule, rule)
    return Section([], small)


def _product(case: Case, schedule: Schedule, product: int) -> Plot:
    reserves = case.reserves
    labels = case.horizon.labels()
    awarded = counted_mw(case, schedule)[product]
    required = reserves.requirement_mw[product]
    short_mw = np.maximum(required - awarded, 0.0)
    traces = [bars(labels, awarded, "Awarded", "reserve-held")]
    if np.any(short_mw > 1e-4):
        traces.append(bars(labels, short_mw, "Short", "fuel-shed", "+"))
    traces.append(steps(labels, required, "Required", "ink"))
    way = "down" if reserves.direction[product] == Direction.DOWN else "up"
    minutes = reserves.response_minutes[product]
    within = f", within {minutes:g} min" if np.isfinite(minutes) else ""
    note = f"{way}{within}; short in {int(np.sum(short_mw > 1e-4))} of {len(labels)} periods"
    return Plot(reserves.product_id[product], traces, time_layout(labels, "MW", FEW_TICKS), height=240, note=note)


def _product_prices(case: Case, prices: Prices) -> Plot:
    labels = case.horizon.labels()
    names = case.reserves.product_id[:8]
    traces = [steps(labels, prices.reserve_price[q], name, f"series-{q + 1}") for q, name in enumerate(names)]
    reach = scale(prices.reserve_price)
    layout = time_layout(labels, "per MW and hour", FEW_TICKS, reach)
    return Plot("Reserve prices", traces, layout, height=240, note=reach.note)


def storage_help(case: Case, schedule: Schedule, minutes: float) -> Floats:
    """MW (T) that storage can hold ready for `minutes`: bounded by power and by the energy above its floor."""
    storage = case.storage
    spare = np.maximum(schedule.energy_mwh - storage.energy_min_mwh, 0.0)
    by_energy = spare * storage.discharge_efficiency / (minutes / 60.0)
    return np.asarray(np.minimum(storage.discharge_max_mw, by_energy).sum(axis=0))


def _system(case: Case, schedule: Schedule, rule: SystemReserveRule) -> list[Plot]:
    reserves, units, on = case.reserves, case.units, schedule.on
    net_load = bus_load_mw(case).sum(axis=0) - case.ties.import_mw.sum(axis=0)
    capacity = (on * units.p_max_mw).sum(axis=0) + rule.renewable_share * case.renewables.forecast_mw.sum(axis=0)
    held = capacity + storage_help(case, schedule, rule.storage_minutes) - net_load
    spinning = (on * units.p_max_mw - schedule.dispatch_mw).sum(axis=0)
    lowest = (on * units.p_min_mw).sum(axis=0) + case.renewables.min_mw.sum(axis=0)
    rows = [
        ("System positive reserve", held, "least", _limit(reserves.positive_min_mw, rule.positive_min_mw)),
        ("System headroom on line", spinning, "greatest", _limit(reserves.positive_max_mw, rule.positive_max_mw)),
        ("System negative reserve", net_load - lowest, "least", _limit(reserves.negative_min_mw, rule.negative_min_mw)),
    ]
    return [_system_panel(case, *row) for row in rows]


def _limit(of_case: Floats | None, of_rules: float | None) -> Floats | float | None:
    return of_rules if of_case is None else of_case


def _system_panel(case: Case, title: str, held: Floats, side: str, limit: Floats | float | None) -> Plot:
    labels = case.horizon.labels()
    traces = [bars(labels, held, "Held", "reserve-held")]
    note = "no limit in the case or the rule set"
    if limit is not None:
        bound = np.broadcast_to(np.asarray(limit, dtype=np.float64), held.shape)
        margin = held - bound if side == "least" else bound - held
        traces.append(steps(labels, bound, "Greatest" if side == "greatest" else "Least", "ink"))
        note = f"tightest margin {amount(float(margin.min()), 1)} MW in {labels[int(np.argmin(margin))]}"
    return Plot(title, traces, time_layout(labels, "MW", FEW_TICKS), height=240, note=note)
