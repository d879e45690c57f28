"""A picture of a bench: seconds of forming and solving, and how far objective and bound lie from the best known.

Text stays text in the file, so that the reader's fonts show it, whatever its script.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from clearing.bench.rows import Row, medians, spread

FORM, SOLVE, FOUND, PROVED = "#9db4c0", "#2f6690", "#0a7d4f", "#c25e00"
NEAREST = 1e-9


def can_draw() -> bool:
    """Whether matplotlib (extra `bench`) is installed."""
    return importlib.util.find_spec("matplotlib") is not None


SECONDS = "seconds (median run; line: least to greatest)"
SHARE = "share off the best objective: > objective, < bound, | LP relaxation (1e-9: none)"
FORMING, SOLVING, NOTHING = "forming", "solving", "no run has a schedule"
WORDS = (SECONDS, SHARE, FORMING, SOLVING, NOTHING)
"""What the picture says; names and statuses are those of solvers."""


def draw(path: Path, rows: Sequence[Row], title: str, say: Callable[[str], str] = str) -> None:
    """SVG of the run of median seconds of every solver and formulation; equal rows, equal file.

    say: a text of `WORDS` in the language of the picture.
    """
    from matplotlib import rc_context  # noqa: PLC0415  # an extra
    from matplotlib.backends.backend_svg import FigureCanvasSVG  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    shown = medians(rows)
    names = [row.solver if row.variant == "default" else f"{row.solver}\n{row.variant}" for row in shown]
    with rc_context({"svg.hashsalt": "clearing", "svg.fonttype": "none"}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # it measures by a font that lacks them
        figure = Figure(figsize=(10, 1.6 + 0.45 * len(shown)), layout="constrained")
        FigureCanvasSVG(figure)
        figure.suptitle(title, x=0.01, ha="left", fontsize=11)
        seconds, gaps = figure.subplots(1, 2, sharey=True)
        _seconds(seconds, rows, shown, say)
        _gaps(gaps, shown, say)
        seconds.set_yticks(range(len(shown)), names, fontsize=8)
        seconds.invert_yaxis()
        for axes in (seconds, gaps):
            axes.spines[["top", "right"]].set_visible(False)
        figure.savefig(path, metadata={"Date": None})


def _seconds(axes: Any, rows: Sequence[Row], shown: Sequence[Row], say: Callable[[str], str]) -> None:
    for place, row in enumerate(shown):
        form, reach = row.form_seconds or 0.0, spread(rows, row)
        axes.barh(place, form, color=FORM, label=say(FORMING) if place == 0 else None)
        if reach is None:
            axes.text(form, place, f" {row.status}", va="center", fontsize=8)
            continue
        least, middle, most = reach
        axes.barh(place, middle, left=form, color=SOLVE, label=say(SOLVING) if place == 0 else None)
        if most > least:
            axes.plot([form + least, form + most], [place, place], color="black", linewidth=1)
    axes.set_xlabel(say(SECONDS), fontsize=8)
    axes.legend(frameon=False, fontsize=8)


def _gaps(axes: Any, shown: Sequence[Row], say: Callable[[str], str]) -> None:
    best = min((row.objective for row in shown if row.objective is not None), default=None)
    if best is None:
        axes.text(0.5, 0.5, say(NOTHING), transform=axes.transAxes, ha="center")
        return
    size = max(abs(best), 1.0)
    for place, row in enumerate(shown):
        above = None if row.objective is None else max((row.objective - best) / size, NEAREST)
        below = None if row.bound is None else max((best - row.bound) / size, NEAREST)
        relaxed = None if row.lp_bound is None else max((best - row.lp_bound) / size, NEAREST)
        for value, colour, mark in ((above, FOUND, ">"), (below, PROVED, "<"), (relaxed, "black", "|")):
            if value is not None:
                axes.plot(value, place, mark, color=colour, markersize=8 if mark == "|" else 6)
    axes.set_xscale("log")
    axes.set_xlabel(say(SHARE), fontsize=8)
