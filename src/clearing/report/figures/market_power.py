"""Market power in pictures: concentration, indices of the groups nearest to failing, effect of replaced offers."""

from __future__ import annotations

from typing import Any

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.report.figures.plot import Plot, Section, bars, steps, time_layout
from clearing.report.figures.prices import bus_axis
from clearing.report.scale import scale
from clearing.report.values import Json, amount, matrix, plot_name, ticks

MOST_GROUPS = 8
MOST_BUSES = 60
MOST_INDEX = 5.0
"""Indices above this are drawn as it: a group that nobody needs says nothing."""


def power_plots(case: Case, tree: dict[str, Any]) -> Section:
    """Plots of a reply of CheckMarketPower; none where nothing was tested."""
    if "structure" not in tree:
        return Section()
    wide = [*_indices(case, tree), *_fall(case, tree)]
    return Section(wide, [_margin(case, tree), _concentration(case, tree)])


def _margin(case: Case, tree: dict[str, Any]) -> Plot:
    labels, of = case.horizon.labels(), tree["structure"]
    supply, demand = (np.asarray(of[name], dtype=np.float64) for name in ("supply_mw", "demand_mw"))
    traces = [
        steps(labels, supply, "Supply MW", "series-1"),
        steps(labels, demand, "Demand MW", "series-2", dash="dash"),
    ]
    return Plot("Supply against demand", traces, time_layout(labels, "MW"), height=260)


def _concentration(case: Case, tree: dict[str, Any]) -> Plot:
    labels, of = case.horizon.labels(), tree["structure"]
    level = np.asarray(of["hhi"], dtype=np.float64)
    concentrated = np.asarray(of.get("concentrated") or np.zeros(len(level)), dtype=bool)
    traces = [
        bars(labels, np.where(shown, level, 0.0), name, role, pattern, 0)
        for name, role, pattern, shown in (
            ("HHI", "part-energy", "", ~concentrated),
            ("HHI, too concentrated", "fuel-shed", "/", concentrated),
        )
        if shown.any()
    ]
    share = 100.0 * float(np.max(of["top_share"], initial=0.0))
    note = f"Greatest share of the largest groups: {amount(share, 1)} %."
    return Plot("Concentration", traces, time_layout(labels, "HHI"), height=260, note=note)


def _indices(case: Case, tree: dict[str, Any]) -> list[Plot]:
    """Residual supply of the groups with the least of it; below 1 demand cannot do without the group."""
    labels = case.horizon.labels()
    index = {
        group["group_id"]: np.asarray([float(v) for v in group["residual_supply_index"]], dtype=np.float64)
        for group in tree.get("groups", [])
        if group.get("residual_supply_index")
    }
    if not index:
        return []
    nearest = sorted(index, key=lambda name: float(index[name].min()))[:MOST_GROUPS]
    traces = [
        steps(labels, np.minimum(index[name], MOST_INDEX), name, f"series-{k + 1}", 3, "solid" if k < 4 else "dash")
        for k, name in enumerate(nearest)
    ]
    traces.append(steps(labels, np.ones(len(labels)), "Cannot do without", "ink", dash="dot"))
    note = "Supply of all others over demand; below 1 demand cannot do without the group."
    if len(index) > MOST_GROUPS:
        note += f" The {MOST_GROUPS} groups with the least index of {len(index)}."
    return [Plot("Residual supply index", traces, time_layout(labels, "index"), height=320, note=note)]


def _fall(case: Case, tree: dict[str, Any]) -> list[Plot]:
    """By how much prices fall with the replaced offers, at the buses where they fall most."""
    of, labels = tree.get("impact", {}), case.horizon.labels()
    names, values = of.get("bus_id", []), of.get("price_fall_per_mwh", [])
    if not names or len(values) % len(names):
        return []
    fall: Floats = np.broadcast_to(
        np.asarray(values, dtype=np.float64).reshape(len(names), -1), (len(names), len(labels))
    )
    rows = np.argsort(-fall.max(axis=1), kind="stable")[:MOST_BUSES]
    shown, ids = fall[rows], [plot_name(names[k]) for k in rows.tolist()]
    colours, height = scale(shown), max(min(16, max(3, 900 // len(ids))) * len(ids), 160)
    trace: Json = {
        "type": "heatmap", "x": list(labels), "y": list(ids), "z": matrix(shown, 2),
        "zmin": colours.low, "zmax": max(colours.high, colours.low + 1e-6), "colorscale": "sequence",
        "colorbar": {"title": {"text": "per MWh", "side": "right"}, "thickness": 12, "outlinewidth": 0},
    }  # fmt: skip
    note = f"The {len(ids)} buses where prices fall most of {len(names)}." if len(names) > len(ids) else ""
    layout: Json = {"xaxis": ticks(labels), "yaxis": bus_axis(ids, 16)}
    return [Plot("Fall of prices with the replaced offers", [trace], layout, 44 + height, note, False)]
