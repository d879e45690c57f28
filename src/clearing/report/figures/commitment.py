"""Commitment map: units × periods, on, start and off, coloured by the share of the greatest output."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Ints
from clearing.case.case import Case
from clearing.case.schedule import Schedule
from clearing.case.units import Fuel
from clearing.report.balance import FUEL_NAMES, STACK_ORDER
from clearing.report.figures.plot import Plot, Section
from clearing.report.values import Json, matrix, plot_name, short, ticks

NAMED_ROWS_PX = 11


def commitment_section(case: Case, schedule: Schedule) -> Section:
    """One map of all units, grouped by fuel, those with most energy first."""
    if not case.units.id:
        return Section(note="The case has no unit to commit.")
    order = _order(case, schedule)
    ids = [plot_name(case.units.id[i]) for i in order.tolist()]
    row = min(16, max(3, 1000 // len(ids)))
    layout: Json = {
        "xaxis": ticks(case.horizon.labels()),
        "yaxis": _rows(case, order, ids, row),
        "hovermode": "closest",
    }
    plot = Plot(
        title="Commitment and output",
        traces=[_map(case, schedule, order, ids, row), _starts(case, schedule, order, ids, row)],
        layout=layout,
        height=44 + max(row * len(ids), 160),
        legend=False,
        note="Blank: off. Colour: output as a share of p_max in the period. Triangle: start.",
    )
    return Section([plot])


def _order(case: Case, schedule: Schedule) -> Ints:
    place = {int(f): j for j, f in enumerate(STACK_ORDER)}
    fuel = np.array([place[f] for f in case.units.fuel.tolist()], dtype=np.int64)
    return np.lexsort((np.arange(fuel.size), -schedule.dispatch_mw.sum(axis=1), fuel)).astype(np.int64)


def _map(case: Case, schedule: Schedule, order: Ints, ids: list[str], row_px: int) -> Json:
    on = schedule.on[order] > 0
    most = case.units.p_max_mw[order]
    output = schedule.dispatch_mw[order]
    share = np.where(most > 0, 100.0 * output / np.where(most > 0, most, 1.0), 100.0)
    gap = 1 if row_px >= NAMED_ROWS_PX else 0
    return {
        "type": "heatmap",
        "name": "Output",
        "x": list(case.horizon.labels()),
        "y": list(ids),
        "z": matrix(np.where(on, share, np.nan), 0),
        "customdata": matrix(np.where(on, output, np.nan), 1),
        "zmin": 0,
        "zmax": 100,
        "xgap": gap,
        "ygap": gap,
        "colorscale": "sequence",
        "showlegend": False,
        "hoverongaps": False,
        "colorbar": {"title": {"text": "% of p_max", "side": "right"}, "thickness": 12, "outlinewidth": 0},
        "hovertemplate": "%{y}, %{x}<br><b>%{customdata} MW</b>, %{z} % of p_max<extra></extra>",
    }


def _starts(case: Case, schedule: Schedule, order: Ints, ids: list[str], row_px: int) -> Json:
    unit, period = np.nonzero(schedule.start[order])
    labels = case.horizon.labels()
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "Start",
        "x": [labels[t] for t in period.tolist()],
        "y": [ids[i] for i in unit.tolist()],
        "marker": {
            "symbol": "triangle-right",
            "size": 9 if row_px >= NAMED_ROWS_PX else 5,
            "color": "start-mark",
            "line": {"width": 1 if row_px >= NAMED_ROWS_PX else 0, "color": "surface"},
        },
        "hovertemplate": "%{y} starts in %{x}<extra></extra>",
    }


def _rows(case: Case, order: Ints, ids: list[str], row_px: int) -> Json:
    """Unit names where rows can carry them, else one tick a fuel at the middle of its rows."""
    if row_px >= NAMED_ROWS_PX:
        values, told = list(ids), {"ticktext": [short(i) for i in ids]}
    else:
        fuel = case.units.fuel[order]
        firsts = np.concatenate(([0], np.flatnonzero(np.diff(fuel)) + 1))
        lasts = np.concatenate((firsts[1:], [fuel.size]))
        values = [ids[int(a + b - 1) // 2] for a, b in zip(firsts, lasts, strict=True)]
        told = {"tickwords": [FUEL_NAMES[Fuel(int(fuel[a]))] for a in firsts]}
    return {
        "type": "category",
        "range": [len(ids) - 0.5, -0.5],
        "categoryorder": "array",
        "categoryarray": list(ids),
        "tickmode": "array",
        "tickvals": list(values),
        **told,
        "showgrid": False,
    }
