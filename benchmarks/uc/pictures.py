"""Pictures of the page: seconds and gaps of every instance, a colour a peer."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl

from benchmarks.uc.registry import FAMILIES, PEERS, instances
from benchmarks.uc.runners import Run, reached

mpl.use("svg")
mpl.rcParams["svg.hashsalt"] = "clearing"  # equal data, equal file

from matplotlib import pyplot as plt  # noqa: E402  after the choice of the canvas

COLOURS = {"clearing": "#0a7d4f", "highs": "#c25e00", "scip": "#6a51a3", "egret-highs": "#3b6fb6"}
Runs = dict[str, dict[str, Run]]


def times(runs: Runs, file: Path) -> None:
    """Seconds of the search on a logarithmic axis; hollow where the gap asked was not reached."""
    _picture(runs, "search_s", "seconds to the gap asked (hollow: not reached)", file)


def gaps(runs: Runs, file: Path) -> None:
    """Gaps at the end of the search."""
    _picture(runs, "gap", "gap at the end", file)


def _picture(runs: Runs, figure: str, title: str, file: Path) -> None:
    place, at = {}, 0
    fig, axes = plt.subplots(figsize=(10, 3.6), layout="constrained")
    for family in FAMILIES:
        for name in instances(family):
            place[f"{family.name}/{name}"] = at
            at += 1
        axes.axvline(at - 0.5, color="#cccccc", linewidth=0.8)
        axes.text(at - 0.7, 1.0, family.name, transform=axes.get_xaxis_transform(), ha="right", va="bottom")
    for peer in PEERS:
        points = [(place[k], r[figure], reached(r)) for k, r in runs[peer.name].items() if r.get(figure)]
        for within, face in ((True, COLOURS[peer.name]), (False, "none")):
            own = [(x, y) for x, y, w in points if w == within]
            label = peer.name if within else None
            axes.scatter(*zip(*own, strict=True) if own else ([], []), s=18, c=face, edgecolors=COLOURS[peer.name],
                         label=label)  # fmt: skip
    axes.set_yscale("log")
    axes.set_xticks([])
    axes.set_title(title, loc="left", fontsize=10, pad=16)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    fig.savefig(file, metadata={"Date": None})
    plt.close(fig)
