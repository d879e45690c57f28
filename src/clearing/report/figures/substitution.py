"""A round of substitution trading in pictures: offers of both sides, months by boundary, areas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from clearing.report.figures.plot import Plot, Section, bars
from clearing.report.values import Json, amount, numbers, plot_name

THOUSAND = 1000.0
"""kWh of a MWh, thousandths of one."""

LOWEST_FIRST = ("SUBSTITUTION_METHOD_LOWEST_PRICE", "SUBSTITUTION_METHOD_LISTING")
BOUNDARIES = (("Boundary 1", "series-1", ""), ("Boundary 2", "series-6", "/"), ("Boundary 3", "series-5", "x"))
MOST_AREAS = 40
CORNERS = 2
"""Corners of a curve per offer."""


def round_plots(asked: Mapping[str, Any], reply: Mapping[str, Any]) -> Section:
    """Plots of the round `asked` and what became of it, as `wire.plain.tree` gives both."""
    return Section([offer_plot(asked, reply)], [month_plot(asked, reply), area_plot(reply)])


def offer_plot(asked: Mapping[str, Any], reply: Mapping[str, Any]) -> Plot:
    """Variations over energy: what captive enterprises have pre-cleared, what sites offer, and what was traded."""
    left_out = {f["subject"] for f in reply["findings"] if f["code"] == "OFFER_LEFT_OUT"}
    buys, sells = asked["captive_offers"], asked["site_offers"]
    pre = dict(pair for own in reply["captives"] for pair in zip(own["offer"], own["pre_kwh"], strict=True))
    bought = [pre.get(offer, 0) for offer in buys["offer"]]
    sold = [0 if o in left_out else e for o, e in zip(sells["offer"], sells["energy_kwh"], strict=True)]
    sign = 1 if asked["method"] in LOWEST_FIRST else -1
    totals = reply["totals"]
    cleared, mean = totals["energy_kwh"] / THOUSAND, totals["mean_variation_milli"] / THOUSAND
    traces = [
        _curve("Captive enterprises, pre-cleared", "series-2", buys["variation_milli"], bought, sign),
        _curve("Sites, offered", "series-1", sells["variation_milli"], sold, 1, "dash"),
    ]
    lines = [_line("x", cleared), _line("y", mean)] if cleared else []
    layout: Json = {
        "xaxis": {"title": {"text": "MWh"}, "rangemode": "tozero", "separatethousands": True},
        "yaxis": {"title": {"text": "Variation, per MWh"}},
        "shapes": lines,
    }
    order = "lowest" if sign == 1 else "highest"
    note = (
        f"Captive offers from the {order}, offers of sites from the lowest. Lines: {amount(cleared, 3)} MWh cleared, "
        f"mean variation {amount(mean, 3)} per MWh. "
        "Limits and areas hold offers back, so the curves need not meet there."
    )
    return Plot("Offers of both sides", traces, layout, height=340, note=note)


def month_plot(asked: Mapping[str, Any], reply: Mapping[str, Any]) -> Plot:
    """Energy of every month by boundary, stacked."""
    months = int(asked["months"])
    cells = [np.reshape(own["boundary_month_kwh"], (3, months)) for own in reply["captives"]]
    energy = np.sum(cells, axis=0) / THOUSAND if cells else np.zeros((3, months))
    labels = tuple(month_names(asked))
    traces = [
        bars(labels, energy[k], name, role, pattern, 3)
        for k, (name, role, pattern) in enumerate(BOUNDARIES)
        if energy[k].any()
    ]
    layout: Json = {"xaxis": {"type": "category"}, "yaxis": {"title": {"text": "MWh"}}, "barmode": "stack"}
    return Plot("Energy by month and boundary", traces, layout, height=280)


def area_plot(reply: Mapping[str, Any]) -> Plot:
    """Pre-cleared, most that the area may have, and cleared energy of every area, side by side."""
    totals = reply["totals"]
    order = np.argsort(-np.asarray(totals["area_kwh"], dtype=np.int64), kind="stable")[:MOST_AREAS].tolist()
    names = tuple(plot_name(totals["area"][a]) for a in order)
    columns = (
        ("Pre-cleared", "pre_area_kwh", "part-energy", ""),
        ("Most", "area_most_kwh", "series-7", "/"),
        ("Cleared", "area_kwh", "series-3", ""),
    )
    traces = [
        bars(names, np.asarray([totals[field][a] / THOUSAND for a in order]), name, role, pattern, 3)
        for name, field, role, pattern in columns
    ]
    cut = len(totals["area"]) > MOST_AREAS
    note = f"The {MOST_AREAS} areas with most energy of {len(totals['area'])}." if cut else ""
    layout: Json = {"xaxis": {"type": "category"}, "yaxis": {"title": {"text": "MWh"}}, "barmode": "group"}
    return Plot("Energy by area", traces, layout, height=280, note=note)


def month_names(asked: Mapping[str, Any]) -> list[str]:
    """Months of the round as YYYY-MM."""
    year, month = (int(part) for part in asked["first_month"].split("-"))
    return [f"{year + (month - 1 + k) // 12}-{(month - 1 + k) % 12 + 1:02d}" for k in range(int(asked["months"]))]


def _curve(
    name: str, role: str, variation_milli: Sequence[int], energy_kwh: Sequence[int], sign: int, dash: str = "solid"
) -> Json:
    """Steps of one side in order of its variations: a level line over the energy of each offer."""
    variation, energy = np.asarray(variation_milli, dtype=np.float64), np.asarray(energy_kwh, dtype=np.float64)
    rows = np.flatnonzero(energy > 0)
    rows = rows[np.argsort(sign * variation[rows], kind="stable")]
    ends = np.cumsum(energy[rows]) / THOUSAND
    starts = np.concatenate([[0.0], ends[:-1]]) if rows.size else ends
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": numbers(np.column_stack([starts, ends]).ravel()),
        "y": numbers(np.repeat(variation[rows] / THOUSAND, CORNERS)),
        "line": {"color": role, "width": 2, "dash": dash},
    }


def _line(axis: str, at: float) -> Json:
    """A dotted line over the whole plot, at a place of one axis."""
    ends: Json = {"x0": at, "x1": at, "yref": "paper", "y0": 0, "y1": 1}
    if axis == "y":
        ends = {"y0": at, "y1": at, "xref": "paper", "x0": 0, "x1": 1}
    return {"type": "line", "line": {"color": "ink", "width": 1, "dash": "dot"}, **ends}
