"""A plot as the page takes it: plotly traces and layout, free of theme.

Colours are named by role ("fuel-coal"); the page's script looks each role up in the style sheet, so one figure serves
light, dark and print. Lines and bars stand on period-END labels.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from clearing.case.arrays import Floats, Ids
from clearing.report.scale import Scale
from clearing.report.values import MOST_TICKS, Json, JsonValue, numbers, plot_name, ticks


@dataclass(frozen=True, slots=True)
class Plot:
    """title and note stand above the figure as HTML text; height in CSS pixels; traces, layout as plotly knows them."""

    title: str
    traces: list[Json]
    layout: Json
    height: int = 300
    note: str = ""
    legend: bool = True

    def figure(self) -> Json:
        """What the page embeds as JSON."""
        return {"data": list(self.traces), "layout": {**self.layout, "showlegend": self.legend}}


@dataclass(frozen=True, slots=True)
class Section:
    """Plots that stand together: wide ones below each other, small ones in a grid."""

    wide: list[Plot] = field(default_factory=list)
    small: list[Plot] = field(default_factory=list)
    note: str = ""


# Categories outside the visible range, so that level lines reach the edges of the first and the last period.
BEFORE, AFTER = "before", "after"


def steps(labels: Ids, values: Floats, name: str, role: str, digits: int = 2, dash: str = "solid") -> Json:
    """A line that is level within each period."""
    line: dict[str, JsonValue] = {"color": role, "width": 2, "shape": "hvh", "dash": dash}
    level = numbers(values, digits)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": plot_name(name),
        "x": [BEFORE, *labels, AFTER],
        "y": [level[0], *level, level[-1]],
        "line": line,
    }


def halo(line: Json) -> Json:
    """A wider line in the colour of the paper, to stand below a line that crosses coloured areas."""
    return {**line, "line": {"color": "surface", "width": 5, "shape": "hvh"}, "showlegend": False, "hoverinfo": "skip"}


def bars(labels: Ids, values: Floats, name: str, role: str, pattern: str = "", digits: int = 2) -> Json:
    """Bars without gaps; pattern is a plotly shape ('/', 'x', '.' …) that tells alike colours apart."""
    marker: dict[str, JsonValue] = {"color": role, "line": {"width": 0}}
    if pattern:
        marker["pattern"] = {
            "shape": pattern,
            "size": 6,
            "solidity": 0.25,
            "fgcolor": "pattern-ink",
            "fillmode": "overlay",
        }
    return {
        "type": "bar",
        "name": plot_name(name),
        "x": list(labels),
        "y": numbers(values, digits),
        "marker": marker,
    }


def time_layout(labels: Ids, unit: str, most_ticks: int = MOST_TICKS, reach: Scale | None = None) -> Json:
    """Layout over the periods with one value axis; stacked bars run up for sources and down for sinks.

    reach: cuts the value axis where it leaves out extremes; a double click shows all.
    """
    cut: Json = {"range": reach.axis} if reach is not None and reach.cut else {}
    return {
        "xaxis": {
            **ticks(labels, most_ticks),
            "categoryarray": [BEFORE, *labels, AFTER],
            "range": [0.5, len(labels) + 0.5],
        },
        "yaxis": {"title": {"text": unit}, "separatethousands": True, **cut},
        "barmode": "relative",
        "bargap": 0,
        "hovermode": "x unified",
    }
