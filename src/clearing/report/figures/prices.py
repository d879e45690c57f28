"""Prices: zones and system, parts by zone, and the heat map of buses."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.prices import Prices
from clearing.report.figures.plot import Plot, Section, bars, halo, steps, time_layout
from clearing.report.scale import scale
from clearing.report.topology import island_load_mwh
from clearing.report.values import FEW_TICKS, Json, amount, matrix, plot_name, short, ticks
from clearing.report.zones import ZonePrice, zone_prices

MOST_LINES = 8
MOST_PANELS = 12
MOST_BUSES = 300


def price_section(case: Case, prices: Prices) -> Section:
    """Zone and system prices, then the bus heat map, then one panel a zone with the parts."""
    zones = zone_prices(case, prices)
    largest = sorted(zones, key=lambda z: -z.load_mwh)
    wide = [_lines(case, prices, largest[:MOST_LINES])]
    heat = _heat_map(case, prices)
    if heat is not None:
        wide.append(heat)
    notes = []
    if len(zones) > MOST_LINES:
        notes.append(f"Lines: the {MOST_LINES} zones with most load of {len(zones)}.")
    if len(zones) > MOST_PANELS:
        notes.append(f"Parts: the {MOST_PANELS} zones with most load of {len(zones)}.")
    if len(case.network.bus_id) > MOST_BUSES:
        notes.append(f"No heat map: {len(case.network.bus_id)} buses are more than {MOST_BUSES}.")
    shown = {z.name for z in largest[:MOST_PANELS]}
    small = [_parts(case, z) for z in zones if z.name in shown]
    return Section(wide, small, " ".join(notes))


def _lines(case: Case, prices: Prices, zones: list[ZonePrice]) -> Plot:
    labels = case.horizon.labels()
    traces = [
        steps(labels, zone.price, zone.name, f"series-{j + 1}", dash="solid" if j < 4 else "dash")
        for j, zone in enumerate(zones)
    ]
    load = island_load_mwh(case)
    live = [i for i in np.argsort(-load, kind="stable").tolist() if load[i] > 0][:3] or [int(np.argmax(load))]
    for island in live:
        name = "System" if len(live) == 1 else f"System, island {island + 1}"
        traces.append(steps(labels, prices.system_price[island], name, "ink", dash="dot"))
    reach = scale(np.concatenate([zone.price for zone in zones] + [prices.system_price[i] for i in live]))
    return Plot("Prices by zone", traces, time_layout(labels, "per MWh", reach=reach), height=360, note=reach.note)


def _parts(case: Case, zone: ZonePrice) -> Plot:
    labels = case.horizon.labels()
    parts: list[tuple[str, Floats, str, str]] = [
        ("Energy", zone.energy, "part-energy", ""),
        ("Congestion", zone.congestion, "part-congestion", "/"),
        ("Loss", zone.loss, "part-loss", "."),
        ("Cap adjustment", zone.cap_adjustment, "part-cap", "x"),
    ]
    traces = [
        bars(labels, values, name, role, pattern)
        for name, values, role, pattern in parts
        if name == "Energy" or np.any(np.abs(values) > 1e-6)
    ]
    price = steps(labels, zone.price, "Price", "ink")
    traces += [halo(price), price]
    note = (
        f"mean {amount(float(zone.price.mean()), 2)}, from {amount(float(zone.price.min()), 2)} "
        f"to {amount(float(zone.price.max()), 2)} per MWh; load {amount(zone.load_mwh)} MWh"
    )
    reach = scale(np.concatenate([zone.price, zone.energy, zone.congestion, np.zeros(1)]))
    layout = time_layout(labels, "per MWh", FEW_TICKS, reach)
    return Plot(zone.name, traces, layout, height=240, note=note)


def _heat_map(case: Case, prices: Prices) -> Plot | None:
    buses = case.network.bus_id
    if not 1 < len(buses) <= MOST_BUSES:
        return None
    order = np.lexsort((np.arange(len(buses)), case.network.bus_zone))
    shown = prices.bus_price[order]
    colours = scale(shown)
    ids = [plot_name(buses[k]) for k in order.tolist()]
    row = min(16, max(3, 900 // len(ids)))
    trace: Json = {
        "type": "heatmap",
        "x": list(case.horizon.labels()),
        "y": list(ids),
        "z": matrix(shown, 2),
        "zmin": colours.low,
        "zmax": colours.high if colours.high > colours.low else colours.low + 1.0,
        "colorscale": "sequence",
        "colorbar": {"title": {"text": "per MWh", "side": "right"}, "thickness": 12, "outlinewidth": 0},
        "hovertemplate": "bus %{y}, %{x}<br><b>%{z:.2f}</b> per MWh<extra></extra>",
    }
    layout: Json = {"xaxis": ticks(case.horizon.labels()), "yaxis": bus_axis(ids, row)}
    note = f"Buses in order of their zones. {colours.note}".strip()
    return Plot("Prices by bus", [trace], layout, height=44 + max(row * len(ids), 160), note=note, legend=False)


def bus_axis(ids: list[str], row_px: int) -> Json:
    """Category axis from the top down; names where the rows are high enough to carry them, else every few rows."""
    step = max(1, -(-11 // row_px))
    return {
        "type": "category",
        "range": [len(ids) - 0.5, -0.5],
        "categoryorder": "array",
        "categoryarray": list(ids),
        "tickmode": "array",
        "tickvals": list(ids[::step]),
        "ticktext": [short(i) for i in ids[::step]],
        "showgrid": False,
    }
