"""One-line view: zones (or buses) in the colour of their price, what flows between them, and what is congested.

A case holds no coordinates, so nodes stand where the number of branches between them puts them (classical scaling of
hop distances): neighbours are close, nothing else is meant by a place.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import shortest_path

from clearing.case.arrays import Floats, Ints
from clearing.case.case import Case
from clearing.case.result import ClearingResult
from clearing.report.figures.plot import Plot, Section
from clearing.report.scale import scale
from clearing.report.topology import bus_load_mw
from clearing.report.values import Json, JsonValue, amount, numbers, plot_name, short

MOST_NODES = 60
MOST_WIDTH, LEAST_WIDTH = 9.0, 1.5
MOST_SIZE, LEAST_SIZE = 46.0, 16.0


@dataclass(frozen=True, slots=True)
class Corridor:
    """All branches between two nodes: mean flow from a to b and greatest flow either way, MW; greatest loading of one
    branch, share of its limit; names of those that bind."""

    a: int
    b: int
    mean_mw: float
    most_mw: float
    loading: float
    binding: tuple[str, ...]


def network_section(case: Case, result: ClearingResult) -> Section | None:
    """The view; None where there is one node only, too many, or no flows."""
    node, names = nodes(case)
    if result.flows is None or not 1 < len(names) <= MOST_NODES:
        return None
    found = corridors(case, result, node)
    if not found:
        return None
    place = places(len(names), found)
    traces = [_line(place, names, c, max(c.most_mw for c in found)) for c in found]
    traces += [_middles(place, names, found), _dots(case, result, node, names, place)]
    hidden: Json = {"visible": False}
    layout: Json = {"xaxis": hidden, "yaxis": {**hidden, "scaleanchor": "x"}, "hovermode": "closest"}
    note = "Colour of a node: mean price. Width: greatest flow; red: a branch or interface of it at its limit."
    return Section([Plot("Zones and the flows between them", traces, layout, height=460, note=note, legend=False)])


def nodes(case: Case) -> tuple[Ints, tuple[str, ...]]:
    """Node of every bus (−1 = in none), and names: zones where there are two at least, else the buses themselves."""
    network = case.network
    live = sorted({int(z) for z in network.bus_zone if z >= 0})
    if len(live) < 2:
        return np.arange(len(network.bus_id)), network.bus_id
    row = {z: k for k, z in enumerate(live)}
    return np.array([row.get(int(z), -1) for z in network.bus_zone]), tuple(network.zone_id[z] for z in live)


def corridors(case: Case, result: ClearingResult, node: Ints) -> list[Corridor]:
    """What runs between nodes, in the order of their numbers."""
    network, flows = case.network, result.flows
    assert flows is not None
    bound = _bound(case, result)
    groups: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for k in range(len(network.branch_id)):
        a, b = int(node[network.branch_from[k]]), int(node[network.branch_to[k]])
        if a != b and min(a, b) >= 0 and network.branch_in_service[k]:
            groups[min(a, b), max(a, b)].append((k, 1 if a < b else -1))
    found = []
    for (a, b), members in sorted(groups.items()):
        own = np.array([k for k, _ in members])
        flow = np.array([sign for _, sign in members]) @ flows.branch_mw[own]
        limit = np.broadcast_to(network.branch_limit_mw[own].reshape(len(own), -1), flows.branch_mw[own].shape)
        share = np.abs(flows.branch_mw[own]) / np.where(limit > 0.0, limit, np.inf)
        binding = tuple(network.branch_id[k] for k in own.tolist() if network.branch_id[k] in bound)
        found.append(Corridor(a, b, float(flow.mean()), float(np.abs(flow).max()), float(share.max()), binding))
    return found


def _bound(case: Case, result: ClearingResult) -> set[str]:
    """Branches at a limit of their own, and those of interfaces at theirs."""
    network = case.network
    own = {b.subject for b in result.bindings if b.family == "branch"}
    across = {b.subject for b in result.bindings if b.family == "interface"}
    terms = zip(network.term_interface.tolist(), network.term_branch.tolist(), strict=True)
    return own | {network.branch_id[k] for i, k in terms if network.interface_id[i] in across}


def places(count: int, found: list[Corridor]) -> Floats:
    """(n, 2) coordinates; nodes that nothing connects stand as far off as the farthest."""
    a, b = (np.array([getattr(c, end) for c in found], dtype=np.int64) for end in ("a", "b"))
    hops = shortest_path(coo_array((np.ones(len(found)), (a, b)), shape=(count, count)).tocsr(), directed=False)
    hops = np.where(np.isfinite(hops), hops, hops[np.isfinite(hops)].max() + 1.0)
    # Nodes that are alike to the hops would stand on one another: the number of a node moves them a little.
    hops = hops + 0.15 * np.abs(np.subtract.outer(np.arange(count), np.arange(count))) / count
    centre = np.eye(count) - 1.0 / count
    values, vectors = np.linalg.eigh(-0.5 * centre @ hops**2 @ centre)
    axes = vectors[:, [-1, -2]] * np.sqrt(np.maximum(values[[-1, -2]], 1e-9))
    turned = np.where(axes[np.abs(axes).argmax(axis=0), [0, 1]] < 0.0, -1.0, 1.0)
    return np.asarray(axes * turned)


def _line(place: Floats, names: tuple[str, ...], c: Corridor, most: float) -> Json:
    width = LEAST_WIDTH + (MOST_WIDTH - LEAST_WIDTH) * c.most_mw / max(most, 1e-9)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": numbers(place[[c.a, c.b], 0]),
        "y": numbers(place[[c.a, c.b], 1]),
        "line": {"color": "fuel-shed" if c.binding else "reserve-held", "width": round(width, 1)},
        "hoverinfo": "skip",
    }


def _middles(place: Floats, names: tuple[str, ...], found: list[Corridor]) -> Json:
    """Where a line says what it is."""
    middle = np.array([(place[c.a] + place[c.b]) / 2.0 for c in found])
    return {
        "type": "scatter",
        "mode": "markers",
        "x": numbers(middle[:, 0]),
        "y": numbers(middle[:, 1]),
        "marker": {"color": "surface", "size": 8, "line": {"color": "muted", "width": 1}},
        "customdata": [_told(names, c) for c in found],
        "hovertemplate": "<br>".join(f"%{{customdata[{k}]}}" for k in range(4)) + "<extra></extra>",
    }


def _told(names: tuple[str, ...], c: Corridor) -> list[JsonValue]:
    """Lines of the label."""
    a, b = (names[c.a], names[c.b]) if c.mean_mw >= 0.0 else (names[c.b], names[c.a])
    bound = f"at its limit: {plot_name(', '.join(map(short, c.binding[:4])))}" if c.binding else ""
    flow = f"mean {amount(abs(c.mean_mw))} MW, greatest {amount(c.most_mw)} MW"
    return [f"{plot_name(a)} → {plot_name(b)}", flow, f"greatest loading of a branch {100 * c.loading:.0f} %", bound]


def _dots(case: Case, result: ClearingResult, node: Ints, names: tuple[str, ...], place: Floats) -> Json:
    load = bus_load_mw(case)
    energy = np.array([load[node == k].sum() * case.horizon.hours for k in range(len(names))])
    size = LEAST_SIZE + (MOST_SIZE - LEAST_SIZE) * np.sqrt(np.maximum(energy, 0.0) / max(float(energy.max()), 1e-9))
    marker: Json = {
        "size": numbers(size, 1),
        "color": "reserve-held",
        "opacity": 1,
        "line": {"color": "ink", "width": 1},
    }
    prices = result.prices
    said: list[JsonValue] = [["", f"load {amount(float(mwh))} MWh"] for mwh in energy]
    if prices is not None:
        mean = np.array([prices.bus_price[node == k].mean() for k in range(len(names))])
        reach = scale(mean)
        marker |= {
            "color": numbers(mean, 2),
            "cmin": reach.low,
            "cmax": reach.high if reach.high > reach.low else reach.low + 1.0,
            "colorscale": "sequence",
            "showscale": True,
            "colorbar": {"title": {"text": "per MWh", "side": "right"}, "thickness": 12, "outlinewidth": 0},
        }
        said = [
            [f"mean price {amount(float(p), 2)} per MWh", f"load {amount(float(mwh))} MWh"]
            for p, mwh in zip(mean, energy, strict=True)
        ]
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": numbers(place[:, 0]),
        "y": numbers(place[:, 1]),
        "text": [plot_name(short(name)) for name in names],
        "textposition": "top center",
        "textfont": {"color": "ink", "size": 12},
        "marker": marker,
        "customdata": said,
        "hovertemplate": "<b>%{text}</b><br>%{customdata[0]}<br>%{customdata[1]}<extra></extra>",
    }
