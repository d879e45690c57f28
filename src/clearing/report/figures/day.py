"""Day-ahead against real time: prices, dispatch, and what made the two part."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats, Ints
from clearing.market_day.causes import CAUSES
from clearing.market_day.day import MarketDay
from clearing.report.balance import Layer, supply
from clearing.report.figures.dispatch import dispatch_section
from clearing.report.figures.plot import Plot, Section, bars, steps, time_layout
from clearing.report.scale import scale
from clearing.report.topology import bus_load_mw
from clearing.report.values import FEW_TICKS, Json, amount

AHEAD, REAL = "Day-ahead", "Real time"
CAUSE_LOOKS = {
    "load_forecast": ("Load forecast", "series-7", ""),
    "renewable_forecast": ("Renewable forecast", "series-6", ""),
    "tie_schedule": ("Ties", "fuel-import", "|"),
    "outage": ("Outages", "series-2", ""),
    "reliability": ("Units added by the RUC", "series-4", ""),
    "commitment": ("Other changes of commitment", "series-5", ""),
    "curtailment": ("Curtailment", "series-3", "/"),
    "redispatch": ("Redispatch", "series-1", ""),
    "not_served": ("Load not served", "fuel-shed", "+"),
}
MOST_PANELS = 12
NEAR_MW = 0.005


def price_plots(day: MarketDay) -> Section:
    """Mean prices and their difference; below, a panel a zone."""
    if not np.isfinite(day.ahead_price).any() and not np.isfinite(day.real_price).any():
        return Section(note="Neither market was priced.")
    spread = day.real_price - day.ahead_price
    note = "Mean by load. The difference is real time less day-ahead."
    wide = [
        _pair(day, "Prices", "per MWh", day.ahead_price, day.real_price, 340, note),
        _difference(day, spread),
    ]
    return Section(wide, _zone_panels(day))


def dispatch_plots(day: MarketDay) -> Section:
    """What real time dispatches, as a report of a clearing shows it; below, a panel a kind of supply with both."""
    stack = dispatch_section(day.day, day.schedule).wide
    ahead = {layer.name: layer for layer in supply(day.ahead, day.first)}
    real = {layer.name: layer for layer in supply(day.day, day.schedule)}
    small, alike = [_load_panel(day)], []
    for name in dict.fromkeys([*real, *ahead]):
        before, now = _mw(ahead.get(name), len(day.ahead_price), day.at), _mw(real.get(name), len(day.ahead_price))
        if np.abs(now - before).max() < NEAR_MW:
            alike.append(name.lower())
            continue
        change = f"{amount(float((now - before).sum() * day.hours))} MWh against the day-ahead"
        small.append(_pair(day, name, "MW", before, now, 230, change, FEW_TICKS))
    return Section(stack, small, f"As in the day-ahead: {', '.join(alike)}." if alike else "")


def cause_plot(day: MarketDay) -> Section:
    """Injection that real time has more or less than the day-ahead, by cause; without losses bars add up to 0."""
    periods = len(day.labels)
    traces: list[Json] = []
    for cause in CAUSES:
        mw = day.deviations.mw(cause, periods)
        if np.abs(mw).max(initial=0.0) > NEAR_MW:
            name, role, pattern = CAUSE_LOOKS[cause]
            traces.append(bars(day.labels, mw, name, role, pattern))
    if not traces:
        return Section(note="Real time is what was bought day-ahead.")
    note = "Injection of real time less day-ahead; load more than bought is below zero. What disturbs and what answers."
    return Section([Plot("Deviations by cause", traces, time_layout(day.labels, "MW"), height=420, note=note)])


def _pair(
    day: MarketDay, title: str, unit: str, ahead: Floats, real: Floats, height: int, note: str = "", ticks: int = 12
) -> Plot:
    traces = [steps(day.labels, ahead, AHEAD, "series-2", dash="dash"), steps(day.labels, real, REAL, "series-1")]
    reach = scale(np.concatenate([ahead, real])) if unit == "per MWh" else None
    note = f"{note} {reach.note}".strip() if reach else note
    return Plot(title, traces, time_layout(day.labels, unit, ticks, reach), height=height, note=note)


def _difference(day: MarketDay, spread: Floats) -> Plot:
    reach = scale(spread)
    layout = time_layout(day.labels, "per MWh", reach=reach)
    traces = [bars(day.labels, spread, "Difference", "part-energy")]
    return Plot("Real time less day-ahead", traces, layout, height=200, note=reach.note, legend=False)


def _zone_panels(day: MarketDay) -> list[Plot]:
    """A panel a zone, those with most load first; none where there is one zone."""
    load, zone = np.maximum(bus_load_mw(day.day), 0.0), day.day.network.bus_zone
    named = [z for z in range(len(day.day.network.zone_id)) if np.any(zone == z)]
    if len(named) < 2:
        return []
    found = []
    for z in sorted(named, key=lambda z: -float(load[zone == z].sum()))[:MOST_PANELS]:
        own = zone == z
        weight = np.where(load[own].sum(axis=0) > 0.0, load[own], 1.0)
        ahead, real = (
            np.asarray((price[own] * weight).sum(axis=0) / weight.sum(axis=0))
            for price in (day.ahead_bus_price, day.bus_price)
        )
        if np.isfinite(ahead).any() or np.isfinite(real).any():
            name = f"Zone {day.day.network.zone_id[z]}"
            note = f"mean {amount(float(ahead.mean()), 2)} day-ahead, {amount(float(real.mean()), 2)} in real time."
            found.append(_pair(day, name, "per MWh", ahead, real, 230, note, FEW_TICKS))
    return found


def _load_panel(day: MarketDay) -> Plot:
    ahead, real = (bus_load_mw(case).sum(axis=0) for case in (day.ahead, day.day))
    note = f"{amount(float((real - ahead[day.at]).sum() * day.hours))} MWh against the day-ahead"
    return _pair(day, "Load", "MW", ahead[day.at], real, 230, note, FEW_TICKS)


def _mw(layer: Layer | None, periods: int, at: Ints | None = None) -> Floats:
    if layer is None:
        return np.zeros(periods)
    return layer.mw if at is None else layer.mw[at]
